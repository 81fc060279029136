import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { UserError } from '../errors';

/** What is remembered from one run to the next. */
export interface State {
  /** Of the MySQL users that migrations create. */
  readonly userPassword: string;
  /** Databases that exist, each with the server that it is on. */
  readonly databases: readonly string[];
  /** Address of an aws_lambda_invocation -> what it last ran with. */
  readonly invocations: Readonly<Record<string, string>>;
}

/** What the process that holds the folder tells other programs of this user. */
export interface Owner {
  readonly pid: number;
  /** Of the first API, with its stage, or of the AWS endpoint; missing until everything runs. */
  readonly url?: string;
  /** Of functions: requests to them are signed for Lambda and not for API Gateway. */
  readonly functionUrls?: readonly string[];
  readonly awsEndpoint?: string;
  /** Of the stack. */
  readonly region?: string;
  /** How to log in to the database as its administrator. */
  readonly database?: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly caFile?: string;
    /** The stack's first database. */
    readonly name?: string;
  };
}

/** The runtime's folder in the project, held by one process at a time. */
export class DataFolder {
  private constructor(
    readonly path: string,
    private readonly lock: ClassicLevel,
    private current: State,
  ) {}

  /**
   * Makes the folder if it is missing, and holds it until {@link release}. The lock is the operating system's, by way of
   * LevelDB: it ends with the process, however that ends.
   *
   * @throws {@link UserError} where another process holds it, or it is somebody else's
   */
  static async open(path: string): Promise<DataFolder> {
    prepare(path);
    const lock = new ClassicLevel(join(path, 'lock'));
    try {
      await lock.open();
    } catch (error) {
      const { code } = (error as { cause?: { code?: string } }).cause ?? {};
      throw code === 'LEVEL_LOCKED' ? inUse(path) : error;
    }
    return new DataFolder(path, lock, readState(path));
  }

  at(...names: string[]): string {
    return join(this.path, ...names);
  }

  get state(): State {
    return this.current;
  }

  remember(change: Partial<State>): void {
    this.current = { ...this.current, ...change };
    writePrivate(this.at('state.json'), JSON.stringify(this.current));
  }

  /** Tells who holds the folder, for those who find it held. */
  announce(places: Omit<Owner, 'pid'> = {}): void {
    const owner: Owner = { pid: process.pid, ...places };
    writePrivate(this.at('owner.json'), JSON.stringify(owner));
  }

  async release(): Promise<void> {
    rmSync(this.at('owner.json'), { force: true });
    await this.lock.close();
  }

  /** Deletes everything in it, and lets go of it. */
  async clear(): Promise<void> {
    await this.lock.close();
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Passwords and messages are in it: only its owner may look. A synth may have made it before, open to all. */
function prepare(path: string): void {
  try {
    if (!mayHold(path)) {
      throw new UserError(
        `${path} is not empty, and no data folder of aws-micro: name an empty one, or a new one`,
      );
    }
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o700);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!Object.hasOwn(OBSTACLES, code)) {
      throw error;
    }
    throw new UserError(`${path} ${OBSTACLES[code]}`);
  }
}

const ANOTHER_USERS = 'belongs to another user: delete it as that user, or run as that user';

const OBSTACLES: Readonly<Record<string, string>> = {
  EACCES: ANOTHER_USERS,
  EPERM: ANOTHER_USERS,
  EEXIST: 'is a file: name a folder with --data',
  ENOTDIR: 'is a file, or below one: name a folder with --data',
  EROFS: 'cannot be written to, its file system is read-only: name another folder with --data',
  ENOSPC: 'cannot be made, the disk is full: make room, or name a folder elsewhere with --data',
};

/** What is not ours is not to be closed to others, and not to be deleted by a reset. */
function mayHold(path: string): boolean {
  return (
    basename(path) === '.aws-micro' ||
    !existsSync(path) ||
    existsSync(join(path, 'lock', 'CURRENT')) ||
    readdirSync(path).length === 0
  );
}

function readState(path: string): State {
  const file = join(path, 'state.json');
  if (existsSync(file)) {
    return JSON.parse(readFileSync(file, 'utf8')) as State;
  }
  const state: State = {
    userPassword: randomBytes(18).toString('base64url'),
    databases: [],
    invocations: {},
  };
  writePrivate(file, JSON.stringify(state));
  return state;
}

/** Replaces the file as a whole; only this user can read it. */
function writePrivate(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function inUse(path: string): UserError {
  const file = join(path, 'owner.json');
  const owner = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Owner) : undefined;
  const who = owner === undefined ? 'Another aws-micro' : `Another aws-micro (process ${owner.pid})`;
  const where = owner?.url === undefined ? '' : ` at ${owner.url}`;
  return new UserError(`${who} is running on ${path}${where}: use that one, or stop it first`);
}
