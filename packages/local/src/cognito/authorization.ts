import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../clock';
import type { ClientConfig } from './types';
import type { UserPool } from './user-pool';

/** A request of the authorization endpoint that may be answered at its redirect address. */
export interface AuthorizationRequest {
  readonly client: ClientConfig;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly state?: string;
  readonly nonce?: string;
  /** Of PKCE, S256; a client with a secret may do without. */
  readonly challenge?: string;
}

/** A request that is answered on the page itself: whoever it names cannot be trusted to be the client. */
export class AuthorizationError extends Error {}

/** An error that the client is told of, at its redirect address. */
export class RedirectedError extends Error {
  constructor(
    readonly redirectUri: string,
    readonly code: string,
    message: string,
    readonly state: string | undefined,
  ) {
    super(message);
  }
}

interface Grant {
  readonly request: AuthorizationRequest;
  readonly username: string;
  readonly expiresAt: number;
}

const CODE_MS = 5 * 60_000;

/**
 * Reads a request by the rules of RFC 6749 and RFC 7636: code only, with PKCE where the client has no secret.
 * @throws AuthorizationError, RedirectedError
 */
export function readAuthorization(query: URLSearchParams, pool: UserPool): AuthorizationRequest {
  const client = pool.client(query.get('client_id') ?? '');
  if (client === undefined) throw new AuthorizationError('There is no such app client.');
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!client.callbackUrls.includes(redirectUri)) {
    throw new AuthorizationError(
      `The redirect address "${redirectUri.slice(0, 200)}" is not one of the client's callback URLs: ${client.callbackUrls.join(', ')}`,
    );
  }
  const state = query.get('state') ?? undefined;
  const refuse = (code: string, message: string): never => {
    throw new RedirectedError(redirectUri, code, message, state);
  };
  if (query.get('response_type') !== 'code') refuse('unsupported_response_type', 'Only code is supported.');
  const challenge = query.get('code_challenge') ?? undefined;
  const isProven = query.get('code_challenge_method') === 'S256' && /^[\w-]{43}$/.test(challenge ?? '');
  if (!isProven && (challenge !== undefined || client.secret === undefined)) {
    refuse('invalid_request', 'A code_challenge with S256 is needed.');
  }
  const asked = (query.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
  const scopes = asked.length === 0 ? client.scopes : asked;
  if (!scopes.every((scope) => client.scopes.includes(scope))) {
    refuse('invalid_scope', `The client may ask for ${client.scopes.join(' ')}.`);
  }
  return { client, redirectUri, scopes, state, nonce: query.get('nonce') ?? undefined, challenge };
}

/** Codes that were given and not used yet; a kill forgets them, and people sign in again. */
export class Codes {
  private readonly grants = new Map<string, Grant>();

  constructor(private readonly clock: Clock) {}

  give(request: AuthorizationRequest, username: string): string {
    const now = this.clock.now();
    for (const [code, { expiresAt }] of this.grants) if (expiresAt <= now) this.grants.delete(code);
    const code = randomBytes(24).toString('base64url');
    this.grants.set(code, { request, username, expiresAt: now + CODE_MS });
    return code;
  }

  /** What a code was given for, once; undefined where anything does not fit. */
  take(code: string, clientId: string, redirectUri: string, verifier: string): Grant | undefined {
    const grant = this.grants.get(code);
    this.grants.delete(code);
    if (grant === undefined || grant.expiresAt <= this.clock.now()) return undefined;
    const { request } = grant;
    const proof = createHash('sha256').update(verifier).digest('base64url');
    const fits =
      request.client.id === clientId &&
      request.redirectUri === redirectUri &&
      (request.challenge === undefined || request.challenge === proof);
    return fits ? grant : undefined;
  }
}
