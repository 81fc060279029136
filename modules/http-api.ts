import { Apigatewayv2Api } from '@cdktf/provider-aws/lib/apigatewayv2-api';
import type { Apigatewayv2ApiConfig } from '@cdktf/provider-aws/lib/apigatewayv2-api';
import { Apigatewayv2Integration } from '@cdktf/provider-aws/lib/apigatewayv2-integration';
import { Apigatewayv2Route } from '@cdktf/provider-aws/lib/apigatewayv2-route';
import { Apigatewayv2Stage } from '@cdktf/provider-aws/lib/apigatewayv2-stage';
import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import { Construct } from 'constructs';
import { Account } from './account';
import type { Authorization, PublicAccess } from './authorization';
import { dependOn } from './depend-on';
import type { EncryptionKey } from './encryption-key';
import type { LambdaFunction } from './function';
import { authorize } from './http-api-authorizers';
import { accessLogFormat, routeId, validateApi, validateRoute } from './http-api-rules';
import { createLogGroup } from './log-group';
import { pathId } from './names';

export interface Throttle {
  /** Requests a second in the long run. */
  readonly ratePerSecond: number;
  /** Requests at once. */
  readonly burst: number;
}

export interface Cors {
  /** Origins that browsers may call from; `*` only without credentials. */
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  /** @default none */
  readonly allowHeaders?: readonly string[];
  /** @default false */
  readonly allowCredentials?: boolean;
  /** How long a browser keeps the answer, 0-86400. @default 3600 */
  readonly maxAgeSeconds?: number;
}

export interface RouteOptions {
  readonly authorization: Authorization;
  /** @default the API's */
  readonly throttle?: Throttle;
  /** How the function gets requests; 1.0 is what REST APIs send. @default '2.0' */
  readonly payloadFormat?: '2.0' | '1.0';
}

export interface HttpApiProps {
  readonly name: string;
  /** What each route gets. @default 2000 requests a second, bursts of 5000 */
  readonly throttle?: Throttle;
  /** @default no other origin may call */
  readonly cors?: Cors;
  /** @default 30 */
  readonly logRetentionDays?: number;
  /** Encrypts the access log. @default CloudWatch's own encryption */
  readonly encryptionKey?: EncryptionKey;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<Apigatewayv2ApiConfig>;
}

/**
 * An API Gateway HTTP API with routes to functions, JSON access logs and throttling. Every route says who may call it.
 *
 * Emits aws_apigatewayv2_api, aws_apigatewayv2_stage (`$default`), aws_cloudwatch_log_group, and for routes
 * aws_apigatewayv2_route, aws_apigatewayv2_integration (one a function), aws_apigatewayv2_authorizer (one an issuer, or a function that
 * authorizes) and aws_lambda_permission. 1.00 USD a million requests.
 *
 * @example
 * const orders = new HttpApi(scope, 'api', { name: 'orders' });
 * orders.route('POST /orders', fn, { authorization: 'iam' });
 * orders.route('DELETE /orders/{orderId}', fn, { authorization: lambdaAuthorizer(fn, { cacheSeconds: 0 }) });
 * orders.route('GET /health', fn, { authorization: publicAccess('load balancers send no credentials') });
 */
export class HttpApi extends Construct {
  readonly api: Apigatewayv2Api;
  readonly logGroup: CloudwatchLogGroup;
  readonly stage: Apigatewayv2Stage;
  readonly routes = new Map<string, Apigatewayv2Route>();
  /** Why each public route is public, by route key. */
  readonly publicRoutes = new Map<string, string>();
  private readonly routeThrottles = new Map<string, Throttle>();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: HttpApiProps,
  ) {
    super(scope, id);
    validateApi(this, props);
    this.api = this.createApi();
    this.logGroup = createLogGroup(this, 'access-log', {
      // Under this prefix deliveries do not fill up the account's log resource policy.
      name: `/aws/vendedlogs/apis/${props.name}`,
      retentionDays: props.logRetentionDays ?? 30,
      encryptionKey: props.encryptionKey,
    });
    this.stage = this.createStage();
  }

  /** Where the API answers, without a slash at the end. */
  get url(): string {
    return this.api.apiEndpoint;
  }

  /**
   * Sends requests to a function, which gets them in payload format 2.0 unless it asks for 1.0.
   * @param routeKey method and path: `GET /orders/{orderId}`
   */
  route(routeKey: string, fn: LambdaFunction, options: RouteOptions): Apigatewayv2Route {
    validateRoute(this, routeKey, options);
    const { authorization, payloadFormat = '2.0' } = options;
    const { settings, dependsOn } = authorize(this, authorization);
    const route = new Apigatewayv2Route(this, routeId(routeKey), {
      apiId: this.api.id,
      routeKey,
      target: `integrations/${this.integration(fn, payloadFormat).id}`,
      ...settings,
      // Requests that came in between would fail.
      dependsOn: [this.allowInvoke(routeKey, fn), ...dependsOn],
    });
    this.routes.set(routeKey, route);
    if (isPublic(authorization)) this.publicRoutes.set(routeKey, authorization.publicBecause);
    if (options.throttle) this.throttleRoute(routeKey, route, options.throttle);
    return route;
  }

  private createApi(): Apigatewayv2Api {
    const { name, cors, overrides } = this.props;
    return new Apigatewayv2Api(this, 'api', {
      name,
      protocolType: 'HTTP',
      ...(cors && {
        corsConfiguration: {
          allowOrigins: [...cors.allowOrigins],
          allowMethods: [...cors.allowMethods],
          allowHeaders: [...(cors.allowHeaders ?? [])],
          allowCredentials: cors.allowCredentials ?? false,
          maxAge: cors.maxAgeSeconds ?? 3600,
        },
      }),
      ...overrides,
    });
  }

  private createStage(): Apigatewayv2Stage {
    const { ratePerSecond, burst } = this.props.throttle ?? { ratePerSecond: 2000, burst: 5000 };
    return new Apigatewayv2Stage(this, 'stage', {
      apiId: this.api.id,
      name: '$default',
      autoDeploy: true,
      accessLogSettings: { destinationArn: this.logGroup.arn, format: accessLogFormat() },
      defaultRouteSettings: { throttlingRateLimit: ratePerSecond, throttlingBurstLimit: burst },
    });
  }

  /** One a function and format, however many routes lead to it. */
  private integration(fn: LambdaFunction, payloadFormatVersion: '2.0' | '1.0'): Apigatewayv2Integration {
    const id = `integration-${pathId(fn)}${payloadFormatVersion === '2.0' ? '' : '-1-0'}`;
    const known = this.node.tryFindChild(id) as Apigatewayv2Integration | undefined;
    return (
      known ??
      new Apigatewayv2Integration(this, id, {
        apiId: this.api.id,
        integrationType: 'AWS_PROXY',
        integrationUri: Account.of(this).arn('lambda', `function:${fn.name}`),
        payloadFormatVersion,
        // AWS refuses to delete an integration that a route still names. Terraform would do the same with all that this
        // refers to (function, role, database), whose names are taken as long as the old one is there: hence the ARN by name.
        lifecycle: { createBeforeDestroy: true },
      })
    );
  }

  private allowInvoke(routeKey: string, fn: LambdaFunction): LambdaPermission {
    const [method = '', path = ''] = routeKey.split(' ');
    const anyMethod = method === 'ANY' ? '*' : method;
    return new LambdaPermission(this, `allow-${routeId(routeKey)}`, {
      functionName: fn.function.functionName,
      action: 'lambda:InvokeFunction',
      principal: 'apigateway.amazonaws.com',
      sourceArn: `${this.api.executionArn}/*/${anyMethod}${path.replaceAll(/\{[^}]+\}/g, '*')}`,
    });
  }

  private throttleRoute(routeKey: string, route: Apigatewayv2Route, throttle: Throttle): void {
    this.routeThrottles.set(routeKey, throttle);
    this.stage.putRouteSettings(
      [...this.routeThrottles].map(([key, { ratePerSecond, burst }]) => ({
        routeKey: key,
        throttlingRateLimit: ratePerSecond,
        throttlingBurstLimit: burst,
      })),
    );
    // A stage cannot have settings for a route that does not exist yet.
    dependOn(this.stage, route);
  }
}

function isPublic(authorization: Authorization): authorization is PublicAccess {
  return authorization !== 'iam' && 'publicBecause' in authorization;
}
