import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock';
import { ServiceError } from '../engine/errors';
import { DIRECT_SCOPES } from './tokens';
import type { Tokens } from './tokens';
import type { ClientConfig, TokenSet, User } from './types';
import type { UserPool } from './user-pool';

/** What a password leads to: tokens, or the wish for a new password, to be answered with the session. */
export type SignInResult =
  | { readonly kind: 'tokens'; readonly tokens: TokenSet }
  | { readonly kind: 'new password'; readonly session: string; readonly user: User };

export interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly secretHash?: string;
}

interface Challenge {
  readonly username: string;
  readonly clientId: string;
  readonly expiresAt: number;
}

/** Cognito's usual validity of a session between two steps. */
const CHALLENGE_MS = 3 * 60_000;

/** Sign-ins with a password, without the page. */
export class SignIns {
  private readonly challenges = new Map<string, Challenge>();

  constructor(
    private readonly pool: UserPool,
    private readonly tokens: Tokens,
    private readonly clock: Clock,
  ) {}

  /** @throws ServiceError NotAuthorizedException; UserNotFoundException where the client lets that be known */
  async withPassword(
    client: ClientConfig,
    { username, password, secretHash }: Credentials,
  ): Promise<SignInResult> {
    checkSecretHash(client, [username], secretHash);
    const user = this.pool.find(username);
    const isRight = this.pool.accepts(username, password);
    if (user === undefined && !client.hidesUsers) this.pool.get(username);
    if (user === undefined || !isRight) throw notAuthorized('Incorrect username or password.');
    if (!user.enabled) throw notAuthorized('User is disabled.');
    if (user.status === 'CONFIRMED') return this.signedIn(user, client);
    if (this.pool.hasExpiredPassword(user)) {
      throw notAuthorized('Temporary password has expired and must be reset by an administrator.');
    }
    return { kind: 'new password', session: this.challenge(user, client), user };
  }

  /** @throws ServiceError NotAuthorizedException, InvalidPasswordException */
  async withNewPassword(
    client: ClientConfig,
    session: string,
    { username, password, secretHash }: Credentials,
    attributes: Readonly<Record<string, string>>,
  ): Promise<SignInResult> {
    checkSecretHash(client, [username], secretHash);
    const challenge = this.challenges.get(session);
    const user = this.pool.find(username);
    const fits = challenge?.username === user?.username && challenge?.clientId === client.id;
    if (challenge === undefined || user === undefined || !fits) {
      throw notAuthorized('Invalid session for the user, session can only be used once.');
    }
    if (challenge.expiresAt <= this.clock.now()) {
      throw notAuthorized('Invalid session for the user, session is expired.');
    }
    if (!user.enabled) throw notAuthorized('User is disabled.');
    // A password that the policy refuses leaves the session for another try.
    this.pool.setPassword(user.username, password, true);
    this.challenges.delete(session);
    if (Object.keys(attributes).length > 0) this.pool.setAttributes(user.username, attributes);
    return this.signedIn(this.pool.get(user.username), client);
  }

  /** @throws ServiceError NotAuthorizedException */
  async withRefreshToken(
    client: ClientConfig,
    refreshToken: string,
    secretHash: string | undefined,
  ): Promise<TokenSet> {
    const session = this.tokens.session(refreshToken);
    const user = session && this.pool.find(session.username);
    const names = [user?.username, user?.sub, user?.attributes['email']].filter((name) => name !== undefined);
    checkSecretHash(client, names, secretHash);
    const tokens = await this.tokens.refresh(refreshToken, client);
    if (tokens !== undefined) return tokens;
    throw notAuthorized(user?.enabled === false ? 'User is disabled.' : 'Invalid Refresh Token');
  }

  private async signedIn(user: User, client: ClientConfig): Promise<SignInResult> {
    return { kind: 'tokens', tokens: await this.tokens.begin(user, client, DIRECT_SCOPES) };
  }

  private challenge({ username }: User, { id }: ClientConfig): string {
    const now = this.clock.now();
    for (const [key, { expiresAt }] of this.challenges) if (expiresAt <= now) this.challenges.delete(key);
    const session = randomBytes(48).toString('base64url');
    this.challenges.set(session, { username, clientId: id, expiresAt: now + CHALLENGE_MS });
    return session;
  }
}

/**
 * @param usernames of which any may have been hashed
 * @throws ServiceError NotAuthorizedException
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash
 */
function checkSecretHash(
  { id, secret }: ClientConfig,
  usernames: readonly string[],
  given: string | undefined,
): void {
  if (secret === undefined) return;
  if (given === undefined) {
    throw notAuthorized(`Client ${id} is configured with secret but SECRET_HASH was not received`);
  }
  const fits = usernames.some((username) => {
    const wanted = createHmac('sha256', secret)
      .update(username + id)
      .digest();
    const hash = Buffer.from(given, 'base64');
    return hash.length === wanted.length && timingSafeEqual(hash, wanted);
  });
  if (!fits) throw notAuthorized(`Unable to verify secret hash for client ${id}`);
}

function notAuthorized(message: string): ServiceError {
  return new ServiceError('NotAuthorizedException', message);
}
