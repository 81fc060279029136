import { createHash } from 'node:crypto';
import { ApiGatewayDeployment } from '@cdktf/provider-aws/lib/api-gateway-deployment';
import { ApiGatewayIntegration } from '@cdktf/provider-aws/lib/api-gateway-integration';
import { ApiGatewayMethod } from '@cdktf/provider-aws/lib/api-gateway-method';
import { ApiGatewayMethodSettings } from '@cdktf/provider-aws/lib/api-gateway-method-settings';
import { ApiGatewayResource } from '@cdktf/provider-aws/lib/api-gateway-resource';
import { ApiGatewayRestApi } from '@cdktf/provider-aws/lib/api-gateway-rest-api';
import type { ApiGatewayRestApiConfig } from '@cdktf/provider-aws/lib/api-gateway-rest-api';
import { ApiGatewayStage } from '@cdktf/provider-aws/lib/api-gateway-stage';
import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import { Lazy } from 'cdktf';
import { Construct } from 'constructs';
import { ApiGatewayLogging } from './api-gateway-logging';
import { dependOn } from './depend-on';
import type { EncryptionKey } from './encryption-key';
import type { LambdaFunction } from './function';
import type { Throttle } from './http-api';
import { routeId } from './http-api-rules';
import { createLogGroup } from './log-group';
import { authorizeMethod } from './rest-api-authorizers';
import type { RestAuthorization } from './rest-api-authorizers';
import { accessLogFormat, validateRestApi, validateRestRoute } from './rest-api-rules';

export interface RestRouteOptions {
  readonly authorization: RestAuthorization;
  /** Whether callers have to send an API key, for usage plans that are made elsewhere. @default false */
  readonly apiKeyRequired?: boolean;
}

export interface RestApiProps {
  readonly name: string;
  /** @default none */
  readonly description?: string;
  /** The first part of each path at the API's own address. @default 'live' */
  readonly stageName?: string;
  /** What each route gets. @default 2000 requests a second, bursts of 5000 */
  readonly throttle?: Throttle;
  /** Types whose bodies reach functions in base64: `image/png`. @default none */
  readonly binaryMediaTypes?: readonly string[];
  /**
   * Who sets the account's role by which API Gateway writes logs: there is one an account and region. `exists` leaves it to whoever
   * set it. @default 'create'
   */
  readonly accountLogRole?: 'create' | 'exists';
  /** @default 30 */
  readonly logRetentionDays?: number;
  /** Encrypts the access log. @default CloudWatch's own encryption */
  readonly encryptionKey?: EncryptionKey;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<ApiGatewayRestApiConfig>;
}

/**
 * An API Gateway REST API, for what HTTP APIs lack: API keys, WAF, X-Ray, validation. Every route says who may call it; functions get
 * requests in payload format 1.0. Access logs, traces, throttling; a change of routes makes a new deployment by itself.
 *
 * Emits aws_api_gateway_rest_api, _deployment, _stage, _method_settings, aws_cloudwatch_log_group, and for routes aws_api_gateway_resource,
 * _method, _integration, _authorizer (one a function that authorizes) and aws_lambda_permission; once a stack what `ApiGatewayLogging` emits.
 * 3.50 USD a million requests, traces 5 USD a million.
 *
 * @example
 * const shop = new RestApi(scope, 'shop', { name: 'shop' });
 * shop.route('GET /orders/{orderId}', fn, { authorization: 'iam' });
 * shop.route('POST /orders', fn, { authorization: lambdaAuthorizer(fn, { identitySources: ['$request.header.X-Token'] }) });
 */
export class RestApi extends Construct {
  readonly api: ApiGatewayRestApi;
  readonly logGroup: CloudwatchLogGroup;
  readonly deployment: ApiGatewayDeployment;
  readonly stage: ApiGatewayStage;
  readonly routes = new Map<string, ApiGatewayMethod>();
  /** Why each public route is public, by route key. */
  readonly publicRoutes = new Map<string, string>();
  private readonly deployed: unknown[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RestApiProps,
  ) {
    super(scope, id);
    validateRestApi(this, props);
    this.api = this.createApi();
    this.logGroup = createLogGroup(this, 'access-log', {
      name: `/aws/vendedlogs/apis/${props.name}`,
      retentionDays: props.logRetentionDays ?? 30,
      encryptionKey: props.encryptionKey,
    });
    this.deployment = this.createDeployment();
    this.stage = this.createStage();
    this.throttle();
  }

  /** Where the API answers, the stage included, without a slash at the end. */
  get url(): string {
    return this.stage.invokeUrl;
  }

  /**
   * Sends requests to a function, which gets them in payload format 1.0.
   * @param routeKey method and path: `GET /orders/{orderId}`
   */
  route(routeKey: string, fn: LambdaFunction, options: RestRouteOptions): ApiGatewayMethod {
    validateRestRoute(this, routeKey, options);
    const [httpMethod = '', path = ''] = routeKey.split(' ');
    const { authorization, apiKeyRequired = false } = options;
    const { settings, dependsOn } = authorizeMethod(this, authorization);
    const resourceId = this.resourceOf(path);
    const id = routeId(routeKey);
    const method = new ApiGatewayMethod(this, id, {
      restApiId: this.api.id,
      resourceId,
      httpMethod,
      apiKeyRequired,
      ...settings,
      dependsOn: [this.allowInvoke(id, httpMethod, path, fn), ...dependsOn],
    });
    const integration = this.integrate(id, method, resourceId, fn);
    dependOn(this.deployment, method, integration);
    this.deployed.push({ routeKey, fn: fn.name, apiKeyRequired, authorization: described(authorization) });
    this.routes.set(routeKey, method);
    if (authorization !== 'iam' && 'publicBecause' in authorization) {
      this.publicRoutes.set(routeKey, authorization.publicBecause);
    }
    return method;
  }

  private createApi(): ApiGatewayRestApi {
    const { name, description, binaryMediaTypes, overrides } = this.props;
    return new ApiGatewayRestApi(this, 'api', {
      name,
      description,
      endpointConfiguration: { types: ['REGIONAL'] },
      ...(binaryMediaTypes && { binaryMediaTypes: [...binaryMediaTypes] }),
      ...overrides,
    });
  }

  /** What is deployed stays as it is: other routes need another deployment, hence the hash. */
  private createDeployment(): ApiGatewayDeployment {
    return new ApiGatewayDeployment(this, 'deployment', {
      restApiId: this.api.id,
      triggers: { routes: Lazy.stringValue({ produce: () => this.fingerprint() }) },
      // A stage cannot be without one.
      lifecycle: { createBeforeDestroy: true },
    });
  }

  private fingerprint(): string {
    const { binaryMediaTypes = [] } = this.props;
    const content = JSON.stringify({ routes: this.deployed, binaryMediaTypes });
    return createHash('sha256').update(content).digest('hex');
  }

  private createStage(): ApiGatewayStage {
    const logging = this.props.accountLogRole === 'exists' ? [] : ApiGatewayLogging.of(this).dependencies;
    return new ApiGatewayStage(this, 'stage', {
      restApiId: this.api.id,
      deploymentId: this.deployment.id,
      stageName: this.props.stageName ?? 'live',
      accessLogSettings: { destinationArn: this.logGroup.arn, format: accessLogFormat() },
      xrayTracingEnabled: true,
      dependsOn: [...logging],
    });
  }

  private throttle(): void {
    const { ratePerSecond, burst } = this.props.throttle ?? { ratePerSecond: 2000, burst: 5000 };
    new ApiGatewayMethodSettings(this, 'method-settings', {
      restApiId: this.api.id,
      stageName: this.stage.stageName,
      methodPath: '*/*',
      settings: {
        throttlingRateLimit: ratePerSecond,
        throttlingBurstLimit: burst,
        // Metrics by method cost as custom ones; traces of whole requests would have their bodies in the log.
        metricsEnabled: false,
        dataTraceEnabled: false,
        loggingLevel: 'OFF',
      },
    });
  }

  /** The id of a path's resource, with those above it. */
  private resourceOf(path: string): string {
    if (path === '/') return this.api.rootResourceId;
    const id = `path${path.replaceAll(/[^a-zA-Z0-9]+/g, '-')}`.replace(/-$/, '');
    const known = this.node.tryFindChild(id) as ApiGatewayResource | undefined;
    if (known) return known.id;
    const end = path.lastIndexOf('/');
    const parentId = this.resourceOf(path.slice(0, end) || '/');
    const pathPart = path.slice(end + 1);
    return new ApiGatewayResource(this, id, { restApiId: this.api.id, parentId, pathPart }).id;
  }

  private integrate(id: string, method: ApiGatewayMethod, resourceId: string, fn: LambdaFunction) {
    return new ApiGatewayIntegration(this, `integration-${id}`, {
      restApiId: this.api.id,
      resourceId,
      httpMethod: method.httpMethod,
      type: 'AWS_PROXY',
      // Of the call to Lambda, whatever the request's is.
      integrationHttpMethod: 'POST',
      uri: fn.function.invokeArn,
    });
  }

  private allowInvoke(id: string, method: string, path: string, fn: LambdaFunction): LambdaPermission {
    const anyMethod = method === 'ANY' ? '*' : method;
    return new LambdaPermission(this, `allow-${id}`, {
      functionName: fn.function.functionName,
      action: 'lambda:InvokeFunction',
      principal: 'apigateway.amazonaws.com',
      sourceArn: `${this.api.executionArn}/*/${anyMethod}${path.replaceAll(/\{[^}]+\}/g, '*')}`,
    });
  }
}

/** What a deployment is made anew for. */
function described(authorization: RestAuthorization): unknown {
  if (authorization === 'iam') return 'iam';
  if ('publicBecause' in authorization) return 'none';
  return { ...authorization, authorizer: authorization.authorizer.name };
}
