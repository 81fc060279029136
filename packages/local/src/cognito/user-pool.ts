import { randomBytes, randomUUID, scryptSync, timingSafeEqual } from 'node:crypto';
import type { JWK } from 'jose';
import type { Clock } from '../clock';
import { ServiceError } from '../engine/errors';
import { JsonFile } from '../json-file';
import { newSigningKey, publicPart } from './keys';
import type { ClientConfig, User, UserPoolConfig } from './types';

interface Content {
  /** Private; its public half is in the key set. */
  readonly key?: JWK;
  readonly users: Readonly<Record<string, User>>;
  /** Sessions that can be refreshed, by the SHA-256 of their token. */
  readonly sessions: Readonly<Record<string, Session>>;
}

/** A sign-in that goes on. */
export interface Session {
  readonly username: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Milliseconds since the epoch. */
  readonly signedInAt: number;
  readonly expiresAt: number;
}

const LEAST_PASSWORD = 8;

/** One user pool: its users, their groups, and the key that signs its tokens; kept in a file. */
export class UserPool {
  private readonly file: JsonFile<Content>;
  private signing: Promise<JWK> | undefined;

  constructor(
    readonly config: UserPoolConfig,
    file: string,
    private readonly clock: Clock,
  ) {
    this.file = new JsonFile<Content>(file, { users: {}, sessions: {} });
    config.users.forEach(({ username, email, groups }) => this.declare(username, email, groups));
  }

  /** `iss` of its tokens, as on AWS. */
  get issuer(): string {
    return `https://cognito-idp.${this.config.region}.amazonaws.com/${this.config.id}`;
  }

  get users(): readonly User[] {
    return Object.values(this.file.content.users);
  }

  /** Made when it is first needed: most stacks with a pool are started without anybody signing in. */
  signingKey(): Promise<JWK> {
    this.signing ??= this.loadKey();
    return this.signing;
  }

  async keySet(): Promise<{ keys: JWK[] }> {
    return { keys: [publicPart(await this.signingKey())] };
  }

  client(id: string): ClientConfig | undefined {
    return this.config.clients.find((client) => client.id === id);
  }

  find(username: string): User | undefined {
    const { users } = this.file.content;
    return Object.hasOwn(users, username) ? users[username] : undefined;
  }

  /** @throws ServiceError UserNotFoundException */
  get(username: string): User {
    const user = this.find(username);
    if (user) return user;
    throw new ServiceError('UserNotFoundException', 'User does not exist.');
  }

  /** @throws ServiceError UsernameExistsException */
  create(username: string, attributes: Readonly<Record<string, string>>, password?: string): User {
    if (this.find(username)) {
      throw new ServiceError('UsernameExistsException', 'User account already exists');
    }
    const now = this.clock.now();
    const sub = randomUUID();
    return this.put({
      username,
      sub,
      attributes: { ...attributes, sub },
      groups: [],
      ...(password !== undefined && { password: hashOf(checked(password)) }),
      status: 'FORCE_CHANGE_PASSWORD',
      enabled: true,
      createdAt: now,
      changedAt: now,
    });
  }

  setPassword(username: string, password: string, permanent: boolean): void {
    const status = permanent ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD';
    this.change(username, { password: hashOf(checked(password)), status });
  }

  setEnabled(username: string, enabled: boolean): void {
    this.change(username, { enabled });
  }

  addToGroup(username: string, group: string): void {
    this.checkGroup(group);
    const { groups } = this.get(username);
    this.change(username, { groups: [...new Set([...groups, group])] });
  }

  removeFromGroup(username: string, group: string): void {
    this.checkGroup(group);
    const { groups } = this.get(username);
    this.change(username, { groups: groups.filter((each) => each !== group) });
  }

  delete(username: string): void {
    this.get(username);
    const { [username]: _gone, ...users } = this.file.content.users;
    const sessions = Object.entries(this.file.content.sessions).filter(
      ([, session]) => session.username !== username,
    );
    this.file.change({ users, sessions: Object.fromEntries(sessions) });
  }

  /** Whether that is the user's password. Costs the same for a user that does not exist. */
  accepts(username: string, password: string): boolean {
    const user = this.find(username);
    const known = user?.password ?? `${randomBytes(16).toString('base64')}:${'A'.repeat(43)}=`;
    const [salt = '', hash = ''] = known.split(':');
    const given = scryptSync(password, Buffer.from(salt, 'base64'), 32);
    return timingSafeEqual(given, Buffer.from(hash, 'base64')) && user?.enabled === true;
  }

  session(tokenHash: string): Session | undefined {
    const { sessions } = this.file.content;
    const session = Object.hasOwn(sessions, tokenHash) ? sessions[tokenHash] : undefined;
    return session && session.expiresAt > this.clock.now() ? session : undefined;
  }

  keepSession(tokenHash: string, session: Session): void {
    const now = this.clock.now();
    const alive = Object.entries(this.file.content.sessions).filter(([, { expiresAt }]) => expiresAt > now);
    this.file.change({ sessions: { ...Object.fromEntries(alive), [tokenHash]: session } });
  }

  endSession(tokenHash: string): void {
    const { [tokenHash]: _ended, ...sessions } = this.file.content.sessions;
    this.file.change({ sessions });
  }

  private async loadKey(): Promise<JWK> {
    const { key } = this.file.content;
    if (key) return key;
    const made = await newSigningKey();
    this.file.change({ key: made });
    return made;
  }

  /** A user of the stack has the stack's groups, and keeps password and sub. */
  private declare(username: string, email: string | undefined, groups: readonly string[]): void {
    if (!this.find(username)) this.create(username, email === undefined ? {} : { email });
    const user = this.get(username);
    this.put({ ...user, groups: [...new Set([...user.groups, ...groups])] });
  }

  private change(username: string, change: Partial<User>): void {
    this.put({ ...this.get(username), ...change, changedAt: this.clock.now() });
  }

  private put(user: User): User {
    this.file.change({ users: { ...this.file.content.users, [user.username]: user } });
    return user;
  }

  private checkGroup(group: string): void {
    if (this.config.groups.includes(group)) return;
    throw new ServiceError('ResourceNotFoundException', `Group not found: ${group}`);
  }
}

function hashOf(password: string): string {
  const salt = randomBytes(16);
  return `${salt.toString('base64')}:${scryptSync(password, salt, 32).toString('base64')}`;
}

function checked(password: string): string {
  if (password.length >= LEAST_PASSWORD) return password;
  throw new ServiceError(
    'InvalidPasswordException',
    'Password did not conform with policy: Password not long enough',
  );
}
