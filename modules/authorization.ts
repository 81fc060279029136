import type { LambdaFunction } from './function';

/** Tokens that an OpenID Connect provider signed. */
export interface JwtAuthorization {
  readonly jwt: {
    /** Of the authorizer; needed where the issuer or an audience is known only when the stack is deployed. @default made of those */
    readonly name?: string;
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

/** Where in a request something is that says who calls, as HTTP APIs write it; REST APIs get their own spelling of it. */
export type IdentitySource =
  | `$request.header.${string}`
  | `$request.querystring.${string}`
  | `$context.${string}`
  | `$stageVariables.${string}`;

export interface LambdaAuthorizerOptions {
  /** A request without all of them is refused (401), and answers are cached by their values. @default ['$request.header.Authorization'] */
  readonly identitySources?: readonly IdentitySource[];
  /** How long an answer is used for the same values, 0-3600; 0 asks each time. @default 300 */
  readonly cacheSeconds?: number;
  /** Whether the function answers `{ isAuthorized, context? }` rather than an IAM policy, which is all that REST APIs take. @default true; false for a REST API */
  readonly simpleResponses?: boolean;
}

/** A function that decides; made by `lambdaAuthorizer`. */
export interface LambdaAuthorization extends LambdaAuthorizerOptions {
  readonly authorizer: LambdaFunction;
}

/** Who may call a route: IAM principals with `execute-api:Invoke`, holders of a token, whom a function lets in, or everyone. */
export type Authorization = 'iam' | JwtAuthorization | LambdaAuthorization | PublicAccess;

/** Opens a route to everyone. The reason is for the reviewer, so it cannot be left out. */
export function publicAccess(reason: string): PublicAccess {
  return { publicBecause: reason };
}

/**
 * Lets a function decide who may call a route. An answer is cached for all routes of its authorizer: it must not depend on the route unless
 * `$context.routeKey` is one of the identity sources.
 */
export function lambdaAuthorizer(
  authorizer: LambdaFunction,
  options: LambdaAuthorizerOptions = {},
): LambdaAuthorization {
  return { authorizer, ...options };
}
