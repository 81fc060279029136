import { Apigatewayv2Api } from '@cdktf/provider-aws/lib/apigatewayv2-api';
import type { Apigatewayv2ApiConfig } from '@cdktf/provider-aws/lib/apigatewayv2-api';
import { Apigatewayv2Authorizer } from '@cdktf/provider-aws/lib/apigatewayv2-authorizer';
import { Apigatewayv2Integration } from '@cdktf/provider-aws/lib/apigatewayv2-integration';
import { Apigatewayv2Route } from '@cdktf/provider-aws/lib/apigatewayv2-route';
import { Apigatewayv2Stage } from '@cdktf/provider-aws/lib/apigatewayv2-stage';
import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import { Construct } from 'constructs';
import { Account } from './account';
import { dependOn } from './depend-on';
import type { EncryptionKey } from './encryption-key';
import type { LambdaFunction } from './function';
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

/** Tokens that an OpenID Connect provider signed. */
export interface JwtAuthorization {
  readonly jwt: {
    readonly issuer: string;
    readonly audience: readonly string[];
    /** Any of them is enough. @default none asked for */
    readonly scopes?: readonly string[];
  };
}

/** A route that everyone may call; made by `publicAccess`. */
export interface PublicAccess {
  readonly publicBecause: string;
}

/** Who may call a route: IAM principals with `execute-api:Invoke`, holders of a token, or everyone. */
export type Authorization = 'iam' | JwtAuthorization | PublicAccess;

/** Opens a route to everyone. The reason is for the reviewer, so it cannot be left out. */
export function publicAccess(reason: string): PublicAccess {
  return { publicBecause: reason };
}

export interface RouteOptions {
  readonly authorization: Authorization;
  /** @default the API's */
  readonly throttle?: Throttle;
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
 * aws_apigatewayv2_route, aws_apigatewayv2_integration (one a function), aws_apigatewayv2_authorizer (one an issuer) and
 * aws_lambda_permission. 1.00 USD a million requests.
 *
 * @example
 * const orders = new HttpApi(scope, 'api', { name: 'orders' });
 * orders.route('POST /orders', fn, { authorization: 'iam' });
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
   * Sends requests to a function, which gets them in payload format 2.0.
   * @param routeKey method and path: `GET /orders/{orderId}`
   */
  route(routeKey: string, fn: LambdaFunction, options: RouteOptions): Apigatewayv2Route {
    validateRoute(this, routeKey, options);
    const route = new Apigatewayv2Route(this, routeId(routeKey), {
      apiId: this.api.id,
      routeKey,
      target: `integrations/${this.integration(fn).id}`,
      ...this.authorize(routeKey, options.authorization),
      // Requests that came in between would fail.
      dependsOn: [this.allowInvoke(routeKey, fn)],
    });
    this.routes.set(routeKey, route);
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

  /** One a function, however many routes lead to it. */
  private integration(fn: LambdaFunction): Apigatewayv2Integration {
    const id = `integration-${pathId(fn)}`;
    const known = this.node.tryFindChild(id) as Apigatewayv2Integration | undefined;
    return (
      known ??
      new Apigatewayv2Integration(this, id, {
        apiId: this.api.id,
        integrationType: 'AWS_PROXY',
        integrationUri: Account.of(this).arn('lambda', `function:${fn.name}`),
        payloadFormatVersion: '2.0',
        // AWS refuses to delete an integration that a route still names. Terraform would do the same with all that this
        // refers to (function, role, database), whose names are taken as long as the old one is there: hence the ARN by name.
        lifecycle: { createBeforeDestroy: true },
      })
    );
  }

  private authorize(routeKey: string, authorization: Authorization) {
    if (authorization === 'iam') return { authorizationType: 'AWS_IAM' };
    if ('jwt' in authorization) {
      const { scopes = [] } = authorization.jwt;
      return {
        authorizationType: 'JWT',
        authorizerId: this.jwtAuthorizer(authorization).id,
        ...(scopes.length > 0 && { authorizationScopes: [...scopes] }),
      };
    }
    this.publicRoutes.set(routeKey, authorization.publicBecause);
    return { authorizationType: 'NONE' };
  }

  private jwtAuthorizer({ jwt: { issuer, audience } }: JwtAuthorization): Apigatewayv2Authorizer {
    const id = `jwt-${[issuer, ...audience].join('-').replaceAll(/[^a-zA-Z0-9]+/g, '-')}`;
    const known = this.node.tryFindChild(id) as Apigatewayv2Authorizer | undefined;
    return (
      known ??
      new Apigatewayv2Authorizer(this, id, {
        apiId: this.api.id,
        name: id.slice(0, 128),
        authorizerType: 'JWT',
        identitySources: ['$request.header.Authorization'],
        jwtConfiguration: { issuer, audience: [...audience] },
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
