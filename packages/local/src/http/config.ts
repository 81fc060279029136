import type { JsonObject } from '../synth';
import type { AuthorizerConfig } from './authorizers/config';

/** Requests a second and how many at once, as a token bucket. */
export interface Throttle {
  readonly ratePerSecond: number;
  readonly burst: number;
}

/** `CUSTOM` asks a function, `JWT` a token's signature and claims. */
export type Authorization = 'NONE' | 'AWS_IAM' | 'CUSTOM' | 'JWT';

/** What decides whether a request passes. */
export interface Authorized {
  readonly authorization: Authorization;
  /** Of CUSTOM and JWT. */
  readonly authorizer?: AuthorizerConfig;
  /** Of JWT: the token must have one of them. @default none is asked for */
  readonly scopes?: readonly string[];
}

/** How a function gets requests and answers them. */
export type PayloadFormat = '1.0' | '2.0';

/** An integration that passes requests on to another HTTP server. */
export interface HttpProxy {
  /** `http://127.0.0.1:8080/{proxy}`; parameters of the route stand in braces. */
  readonly uri: string;
  /** `ANY` keeps the client's. */
  readonly method: string;
}

/** Changes to a request or a response on its way: `overwrite:header.x` -> the value, in which `$request.path` is resolved. */
export type ParameterMapping = Readonly<Record<string, string>>;

/** A route of an HTTP API with its integration. */
export interface RouteConfig extends Authorized {
  /** `POST /messages`, `ANY /{proxy+}`, `$default` */
  readonly routeKey: string;
  /** Empty for an integration with an HTTP server. */
  readonly functionArn: string;
  readonly timeoutMs: number;
  /** @default 2.0 */
  readonly payloadFormat?: PayloadFormat;
  readonly proxy?: HttpProxy;
  readonly requestParameters?: ParameterMapping;
  /** By the status code of the integration's answer. */
  readonly responseParameters?: Readonly<Record<string, ParameterMapping>>;
  /** Why AWS, or this runtime, does not call the function: each request then fails and says so. */
  readonly problem?: string;
}

/** Where a stage writes a line for each request. */
export interface AccessLogConfig {
  readonly group: string;
  /** Text with `$context.` variables. */
  readonly format: string;
}

export interface StageConfig {
  /** `$default` is served at the root, every other stage below its name. */
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly throttle: Throttle | undefined;
  /** By route key. */
  readonly routeThrottles: Readonly<Record<string, Throttle>>;
  readonly accessLog?: AccessLogConfig;
}

export interface CorsConfig {
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly allowCredentials: boolean;
  readonly maxAgeSeconds: number | undefined;
}

/** What every kind of API has. */
export interface ApiIdentity {
  /** `aws_apigatewayv2_api.api` */
  readonly address: string;
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly accountId: string;
}

/** An `aws_apigatewayv2_api` of protocol HTTP with all that belongs to it. */
export interface ApiConfig extends ApiIdentity {
  readonly routes: readonly RouteConfig[];
  readonly stages: readonly StageConfig[];
  readonly cors: CorsConfig | undefined;
}

/** An `aws_lambda_function_url`. */
export interface FunctionUrlConfig extends ApiIdentity {
  readonly functionArn: string;
  readonly authorization: 'NONE' | 'AWS_IAM';
  readonly timeoutMs: number;
  readonly cors: CorsConfig | undefined;
}

/** An answer on its way to the client. */
export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names; an array is sent as several headers. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Buffer;
}

/** The answers that API Gateway itself gives. */
export function gatewayAnswer(status: number, message: string): HttpAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message }) };
}

/** Who signed a request, as `requestContext.authorizer.iam` tells it to the function. */
export type IamAuthorizer = JsonObject;
