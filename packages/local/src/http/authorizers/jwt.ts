import type { Clock } from '../../clock';
import type { Activity } from '../../engine/activity';
import type { JsonObject } from '../../synth';
import type { Authorizing, Refusal } from '../caller';
import type { Asked } from './asked';
import { claimsProblem, claimTexts, scopesOf } from './claims';
import type { JwtAuthorizerConfig } from './config';
import { identityValue } from './identity';
import { IssuerKeys } from './keys';

/** API Gateway takes RSA signatures only. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512'];

/**
 * Reads JSON Web Tokens: signature, issuer, audience, times, scopes.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
export class JwtAuthorizers {
  private readonly keys: IssuerKeys;

  constructor(
    private readonly tools: {
      readonly clock: Clock;
      readonly activity: Activity;
      readonly issuers?: ReadonlyMap<string, string>;
    },
  ) {
    this.keys = new IssuerKeys(tools.clock, tools.issuers);
  }

  /** @throws URIError where the identity source's encoding is broken */
  async authorize(config: JwtAuthorizerConfig, asked: Asked): Promise<Authorizing> {
    const token = identityValue(config.identitySource, asked)?.replace(/^Bearer +/i, '');
    if (token === undefined) {
      return { refusal: { kind: 'UNAUTHORIZED', wwwAuthenticate: 'Bearer' } };
    }
    const claims = await this.claimsOf(token, config);
    if (typeof claims === 'string') {
      return { refusal: invalid(claims, config) };
    }
    const problem = claimsProblem(claims, config, this.tools.clock.now() / 1000);
    if (problem !== undefined) {
      return { refusal: invalid(problem, config) };
    }
    const wanted = asked.by.scopes ?? [];
    const scopes = scopesOf(claims);
    if (wanted.length > 0 && !scopes.some((scope) => wanted.includes(scope))) {
      return { refusal: outOfScope(wanted, config) };
    }
    const texts = claimTexts(claims, config.style);
    return { caller: { kind: 'jwt', claims: texts, scopes: wanted.length === 0 ? null : scopes } };
  }

  /** The claims of a token that its issuer has signed, or what is wrong with it. */
  private async claimsOf(token: string, { issuers }: JwtAuthorizerConfig): Promise<JsonObject | string> {
    const jose = await import('jose');
    let issuer: unknown;
    try {
      issuer = jose.decodeJwt(token).iss;
    } catch {
      return 'the token is malformed';
    }
    if (typeof issuer !== 'string' || !issuers.includes(issuer)) {
      return 'the token does not have a valid issuer';
    }
    return (await this.verified(token, issuer, false)) ?? this.verifiedAnew(token, issuer);
  }

  private async verifiedAnew(token: string, issuer: string): Promise<JsonObject | string> {
    return (await this.verified(token, issuer, true)) ?? 'the token is signed with an unknown key';
  }

  /** Undefined where the issuer's known keys do not have the token's. */
  private async verified(token: string, issuer: string, renewed: boolean) {
    const { compactVerify, createLocalJWKSet, errors } = await import('jose');
    let keys;
    try {
      keys = await this.keys.of(issuer, renewed);
    } catch (error) {
      this.tools.activity.warn(
        'apigw',
        `the keys of the issuer ${issuer} cannot be had: ${(error as Error).message}`,
      );
      return "the issuer's keys cannot be had";
    }
    try {
      const { payload } = await compactVerify(token, createLocalJWKSet(keys), { algorithms: ALGORITHMS });
      return JSON.parse(new TextDecoder().decode(payload)) as JsonObject;
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return undefined;
      return 'the token has an invalid signature';
    }
  }
}

function invalid(description: string, { style }: JwtAuthorizerConfig): Refusal {
  if (style === 'rest') {
    const expired = description === 'the token has expired';
    return { kind: 'UNAUTHORIZED', message: expired ? 'The incoming token has expired' : undefined };
  }
  const wwwAuthenticate = `Bearer scope="" error="invalid_token" error_description="${description}"`;
  return { kind: 'UNAUTHORIZED', wwwAuthenticate };
}

function outOfScope(wanted: readonly string[], { style }: JwtAuthorizerConfig): Refusal {
  if (style === 'rest') return { kind: 'UNAUTHORIZED' };
  const wwwAuthenticate =
    `Bearer scope="${wanted.join(' ')}" error="insufficient_scope" ` +
    'error_description="the token has insufficient scopes"';
  return { kind: 'ACCESS_DENIED', wwwAuthenticate };
}
