import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../clock';
import { ServiceError } from '../engine/errors';
import type { ClientConfig, Session, TokenSet, User } from './types';
import type { UserPool } from './user-pool';

/** What a direct sign-in with a password is given; sign-ins by page get what they ask for. */
export const DIRECT_SCOPES = ['aws.cognito.signin.user.admin'];

interface Claims {
  readonly iss?: string;
  readonly sub?: string;
  readonly scope?: string;
  readonly token_use?: string;
  readonly username?: string;
  readonly origin_jti?: string;
  readonly exp?: number;
}

/** Makes the tokens of a pool as Cognito makes them, and reads them. */
export class Tokens {
  constructor(
    private readonly pool: UserPool,
    private readonly clock: Clock,
  ) {}

  /** For somebody who has just signed in: with a refresh token. */
  async begin(
    user: User,
    client: ClientConfig,
    scopes: readonly string[],
    nonce?: string,
  ): Promise<TokenSet> {
    const now = this.clock.now();
    const refreshToken = randomBytes(48).toString('base64url');
    const session: Session = {
      id: randomUUID(),
      username: user.username,
      clientId: client.id,
      scopes,
      signedInAt: now,
      expiresAt: now + client.refreshTokenSeconds * 1000,
    };
    this.pool.keepSession(hashOf(refreshToken), session);
    return { ...(await this.make(user, client, session, nonce)), refreshToken };
  }

  /** Undefined for a token that is unknown, has expired, or is another client's. */
  async refresh(refreshToken: string, client: ClientConfig): Promise<TokenSet | undefined> {
    const session = this.pool.session(hashOf(refreshToken));
    const user = session && this.pool.find(session.username);
    if (!session || session.clientId !== client.id || user?.enabled !== true) return undefined;
    return this.make(user, client, session);
  }

  /** The sign-in that a refresh token is of. */
  session(refreshToken: string): Session | undefined {
    return this.pool.session(hashOf(refreshToken));
  }

  revoke(refreshToken: string): void {
    this.pool.endSession(hashOf(refreshToken));
  }

  /**
   * Whose access token it is, for what people do with themselves.
   * @throws ServiceError NotAuthorizedException
   */
  async userOf(accessToken: string): Promise<User> {
    const claims = await this.verified(accessToken);
    if (claims?.token_use !== 'access' || claims.iss !== this.pool.issuer) {
      throw notAuthorized('Invalid Access Token');
    }
    if ((claims.exp ?? 0) <= this.clock.now() / 1000) throw notAuthorized('Access Token has expired');
    if (!this.pool.hasSession(claims.origin_jti ?? '')) throw notAuthorized('Access Token has been revoked');
    const user = this.pool.get(claims.username ?? '');
    if (!user.enabled) throw notAuthorized('User is disabled.');
    if (!(claims.scope ?? '').split(' ').includes(DIRECT_SCOPES[0]!)) {
      throw notAuthorized('Access Token does not have required scopes');
    }
    return user;
  }

  private async verified(token: string): Promise<Claims | undefined> {
    const { compactVerify, importJWK } = await import('jose');
    try {
      const [key] = (await this.pool.keySet()).keys;
      const { payload } = await compactVerify(token, await importJWK(key!, 'RS256'), {
        algorithms: ['RS256'],
      });
      return JSON.parse(new TextDecoder().decode(payload)) as Claims;
    } catch {
      return undefined;
    }
  }

  /** https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html */
  private async make(user: User, client: ClientConfig, session: Session, nonce?: string): Promise<TokenSet> {
    const common = {
      sub: user.sub,
      ...(user.groups.length > 0 && { 'cognito:groups': user.groups }),
      iss: this.pool.issuer,
      origin_jti: session.id,
      event_id: randomUUID(),
      auth_time: Math.floor(session.signedInAt / 1000),
    };
    const access = {
      ...common,
      version: 2,
      client_id: client.id,
      token_use: 'access',
      scope: session.scopes.join(' '),
      username: user.username,
    };
    const { sub: _sub, ...attributes } = user.attributes;
    const id = {
      ...common,
      ...attributes,
      ...(attributes['email_verified'] !== undefined && {
        email_verified: attributes['email_verified'] === 'true',
      }),
      'cognito:username': user.username,
      aud: client.id,
      token_use: 'id',
      ...(nonce !== undefined && { nonce }),
    };
    return {
      accessToken: await this.sign(access, client.accessTokenSeconds),
      idToken: await this.sign(id, client.idTokenSeconds),
      expiresInSeconds: client.accessTokenSeconds,
    };
  }

  private async sign(claims: Readonly<Record<string, unknown>>, seconds: number): Promise<string> {
    const { importJWK, SignJWT } = await import('jose');
    const key = await this.pool.signingKey();
    const now = Math.floor(this.clock.now() / 1000);
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: key.kid })
      .setIssuedAt(now)
      .setExpirationTime(now + seconds)
      .setJti(randomUUID())
      .sign(await importJWK(key, 'RS256'));
  }
}

function notAuthorized(message: string): ServiceError {
  return new ServiceError('NotAuthorizedException', message);
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
