import type { JsonObject } from '../synth';

/** Requests a second and how many at once, as a token bucket. */
export interface Throttle {
  readonly ratePerSecond: number;
  readonly burst: number;
}

export type Authorization = 'NONE' | 'AWS_IAM';

/** A route of an HTTP API with its Lambda integration. */
export interface RouteConfig {
  /** `POST /messages`, `ANY /{proxy+}`, `$default` */
  readonly routeKey: string;
  readonly functionArn: string;
  readonly authorization: Authorization;
  readonly timeoutMs: number;
  /** Why AWS, or this runtime, does not call the function: each request then fails and says so. */
  readonly problem?: string;
}

export interface StageConfig {
  /** `$default` is served at the root, every other stage below its name. */
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly throttle: Throttle | undefined;
  /** By route key. */
  readonly routeThrottles: Readonly<Record<string, Throttle>>;
}

export interface CorsConfig {
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly allowCredentials: boolean;
  readonly maxAgeSeconds: number | undefined;
}

/** An `aws_apigatewayv2_api` of protocol HTTP with all that belongs to it. */
export interface ApiConfig {
  /** `aws_apigatewayv2_api.api` */
  readonly address: string;
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly accountId: string;
  readonly routes: readonly RouteConfig[];
  readonly stages: readonly StageConfig[];
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
