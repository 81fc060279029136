/** Where a request says who it comes from. */
export interface IdentitySource {
  readonly from: 'header' | 'querystring' | 'context' | 'stageVariables';
  readonly name: string;
}

/** What an authorizer function is called with. */
export type AuthorizerEvent = 'http-1.0' | 'http-2.0' | 'rest-request' | 'rest-token';

/** An authorizer that asks a function. */
export interface LambdaAuthorizerConfig {
  readonly kind: 'lambda';
  readonly id: string;
  readonly functionArn: string;
  readonly event: AuthorizerEvent;
  /** The function answers `{"isAuthorized": true}` instead of a policy. */
  readonly simpleResponses: boolean;
  /** A request without one of them is refused before the function is asked. */
  readonly identitySources: readonly IdentitySource[];
  /** How long an answer holds for the same identity; 0 asks for every request. */
  readonly cacheSeconds: number;
  /** A token that does not match is refused before the function is asked. */
  readonly tokenPattern?: string;
  /** Why API Gateway may not call the function. */
  readonly problem?: string;
}

/** An authorizer that reads JSON Web Tokens. */
export interface JwtAuthorizerConfig {
  readonly kind: 'jwt';
  readonly id: string;
  /** Any of them may have issued a token. */
  readonly issuers: readonly string[];
  /** Values of `aud`, or of `client_id` where a token has no `aud`. @default not asked for */
  readonly audience?: readonly string[];
  readonly identitySource: IdentitySource;
  /** Of REST APIs: the audience must match it. */
  readonly audiencePattern?: string;
  /** REST APIs answer and write claims in another way. */
  readonly style: 'http' | 'rest';
}

export type AuthorizerConfig = LambdaAuthorizerConfig | JwtAuthorizerConfig;

const SOURCE =
  /^(?:\$request\.|method\.request\.|route\.request\.)?(?:\$)?(header|querystring|context|stageVariables)\.(.+)$/;

/**
 * Reads `$request.header.Authorization` (HTTP APIs) and `method.request.header.Authorization` (REST APIs); undefined for
 * anything else.
 */
export function parseIdentitySource(text: string): IdentitySource | undefined {
  const [, from, name] = SOURCE.exec(text.trim()) ?? [];
  return from === undefined ? undefined : { from: from as IdentitySource['from'], name: name! };
}
