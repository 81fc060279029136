import { randomUUID } from 'node:crypto';
import type { JWK } from 'jose';
import type { Clock } from '../clock';
import { ServiceError } from '../engine/errors';
import { JsonFile } from '../json-file';
import { newSigningKey, publicPart } from './keys';
import { checkPassword, hashOfPassword, isPassword } from './passwords';
import type { ClientConfig, DeclaredUser, Session, User, UserPoolConfig } from './types';

interface Content {
  /** Private; its public half is in the key set. */
  readonly key?: JWK;
  readonly users: Readonly<Record<string, User>>;
  /** Sessions that can be refreshed, by the SHA-256 of their token. */
  readonly sessions: Readonly<Record<string, Session>>;
}

const DAY_MS = 86_400_000;
const EMAIL = /^[^\s@<>]+@[^\s@<>]+$/;

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
    config.users.forEach((user) => this.declare(user));
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

  /** By the username, or by the mail address or the `sub` where people sign in with that. */
  find(name: string): User | undefined {
    const { emailIsUsername } = this.config;
    const wanted = this.folded(name);
    return this.users.find(
      ({ username, attributes }) =>
        this.folded(username) === wanted ||
        (emailIsUsername && this.folded(attributes['email'] ?? '') === wanted),
    );
  }

  /** @throws ServiceError UserNotFoundException */
  get(name: string): User {
    const user = this.find(name);
    if (user) return user;
    throw new ServiceError('UserNotFoundException', 'User does not exist.');
  }

  /**
   * Where people sign in with their mail address, the name is that, and the user's name becomes the `sub`.
   * @param password a temporary one
   * @throws ServiceError UsernameExistsException, InvalidParameterException, InvalidPasswordException
   * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html#user-pool-settings-aliases
   */
  create(name: string, attributes: Readonly<Record<string, string>>, password?: string): User {
    const { emailIsUsername } = this.config;
    if (emailIsUsername && !EMAIL.test(name)) {
      throw new ServiceError('InvalidParameterException', 'Username should be an email.');
    }
    if (this.find(name)) {
      const message = emailIsUsername
        ? 'An account with the given email already exists.'
        : 'User account already exists';
      throw new ServiceError('UsernameExistsException', message);
    }
    const now = this.clock.now();
    const sub = randomUUID();
    return this.put({
      username: emailIsUsername ? sub : name,
      sub,
      attributes: { ...attributes, ...(emailIsUsername && { email: name }), sub },
      groups: [],
      ...(password !== undefined && this.temporary(password)),
      status: 'FORCE_CHANGE_PASSWORD',
      enabled: true,
      createdAt: now,
      changedAt: now,
    });
  }

  /** @throws ServiceError UserNotFoundException, InvalidPasswordException */
  setPassword(name: string, password: string, permanent: boolean): void {
    if (!permanent) {
      this.change(name, { ...this.temporary(password), status: 'FORCE_CHANGE_PASSWORD' });
      return;
    }
    checkPassword(password, this.config.passwords);
    const hash = hashOfPassword(password);
    this.change(name, { password: hash, passwordUntil: undefined, status: 'CONFIRMED' });
  }

  setEnabled(name: string, enabled: boolean): void {
    this.change(name, { enabled });
  }

  /** An attribute with an empty value goes. */
  setAttributes(name: string, changes: Readonly<Record<string, string>>): void {
    const all = { ...this.get(name).attributes, ...changes };
    const attributes = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
    this.change(name, { attributes });
  }

  addToGroup(name: string, group: string): void {
    this.checkGroup(group);
    const { groups } = this.get(name);
    this.change(name, { groups: [...new Set([...groups, group])] });
  }

  removeFromGroup(name: string, group: string): void {
    this.checkGroup(group);
    const { groups } = this.get(name);
    this.change(name, { groups: groups.filter((each) => each !== group) });
  }

  delete(name: string): void {
    const { username } = this.get(name);
    const { [username]: _gone, ...users } = this.file.content.users;
    this.file.change({ users });
    this.endSessionsOf(username);
  }

  /** Whether that is the user's password. Costs the same for a user that does not exist. */
  accepts(name: string, password: string): boolean {
    return isPassword(this.find(name)?.password, password);
  }

  /** Whether the password is one that an administrator gave, and too old. */
  hasExpiredPassword({ passwordUntil }: User): boolean {
    return passwordUntil !== undefined && passwordUntil <= this.clock.now();
  }

  session(tokenHash: string): Session | undefined {
    const { sessions } = this.file.content;
    const session = Object.hasOwn(sessions, tokenHash) ? sessions[tokenHash] : undefined;
    return session && session.expiresAt > this.clock.now() ? session : undefined;
  }

  hasSession(id: string): boolean {
    return Object.values(this.file.content.sessions).some((session) => session.id === id);
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

  endSessionsOf(username: string): void {
    const others = Object.entries(this.file.content.sessions).filter(
      ([, session]) => session.username !== username,
    );
    this.file.change({ sessions: Object.fromEntries(others) });
  }

  private async loadKey(): Promise<JWK> {
    const { key } = this.file.content;
    if (key) return key;
    const made = await newSigningKey();
    this.file.change({ key: made });
    return made;
  }

  /** A user of the stack has the stack's groups, and keeps password and sub. */
  private declare({ username, attributes, groups, password, temporaryPassword }: DeclaredUser): void {
    if (!this.find(username)) {
      this.create(username, attributes, temporaryPassword);
      if (password !== undefined) this.setPassword(username, password, true);
    }
    const user = this.get(username);
    this.put({ ...user, groups: [...new Set([...user.groups, ...groups])] });
  }

  private temporary(password: string): Pick<User, 'password' | 'passwordUntil'> {
    const { passwords } = this.config;
    checkPassword(password, passwords);
    const passwordUntil = this.clock.now() + passwords.temporaryDays * DAY_MS;
    return { password: hashOfPassword(password), passwordUntil };
  }

  private change(name: string, change: Partial<User>): void {
    this.put({ ...this.get(name), ...change, changedAt: this.clock.now() });
  }

  private put(user: User): User {
    this.file.change({ users: { ...this.file.content.users, [user.username]: user } });
    return user;
  }

  private checkGroup(group: string): void {
    if (this.config.groups.includes(group)) return;
    throw new ServiceError('ResourceNotFoundException', 'Group not found.');
  }

  private folded(name: string): string {
    return this.config.caseSensitive ? name : name.toLowerCase();
  }
}
