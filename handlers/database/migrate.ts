import { createHash } from 'node:crypto';
import type { Session } from '../shared/connection';
import type { Log } from '../shared/log';
import type { Migration } from './schema';
import type { DatabaseUser, UserDialect } from './schema/users';

/** What a deployment did, and what there is. Terraform keeps it in its state: counts only. */
export interface MigrationResult {
  readonly applied: number;
  readonly total: number;
}

export interface MigrateOptions {
  /** A connection of an administrator, without a database. */
  readonly session: Session;
  /** The database; created if it does not exist. */
  readonly database: string;
  readonly migrations: readonly Migration[];
  readonly users: readonly DatabaseUser[];
  readonly dialect: UserDialect;
  readonly log: Log;
}

const LOCK_SECONDS = 3;

/**
 * Brings database, schema and users up to date. A second run changes nothing; two at a time wait for each other.
 *
 * @throws DatabaseError, or Error if a file was edited after it had been applied
 */
export async function migrate(options: MigrateOptions): Promise<MigrationResult> {
  const { session, database, migrations, users, dialect } = options;
  await lock(session, `${database}.migrations`);
  // The server lets go of the lock when the connection ends, which is what follows.
  await session.query('CREATE DATABASE IF NOT EXISTS ?? CHARACTER SET utf8mb4', [database]);
  await session.query('USE ??', [database]);
  const applied = await applyPending(options);
  for (const user of users) await createUser(session, database, user, dialect);
  return { applied, total: migrations.length };
}

async function lock(session: Session, name: string): Promise<void> {
  const [row] = await session.query<{ locked: number | null }[]>('SELECT GET_LOCK(?, ?) AS locked', [
    name,
    LOCK_SECONDS,
  ]);
  if (row?.locked !== 1) throw new Error('another migration of this database is running');
}

async function applyPending({ session, migrations, log }: MigrateOptions): Promise<number> {
  await session.query(
    'CREATE TABLE IF NOT EXISTS schema_migrations (' +
      'name VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY, ' +
      'checksum CHAR(64) CHARACTER SET ascii NOT NULL, applied_at DATETIME(3) NOT NULL)',
  );
  const rows = await session.query<{ name: string; checksum: string }[]>(
    'SELECT name, checksum FROM schema_migrations',
  );
  const checksums = new Map(rows.map(({ name, checksum }) => [name, checksum]));
  // All are compared before the first is applied: a wrong release changes nothing.
  const pending = migrations.filter((migration) => !isApplied(migration, checksums));
  for (const migration of pending) {
    await session.query(migration.sql);
    await session.query('INSERT INTO schema_migrations VALUES (?, ?, UTC_TIMESTAMP(3))', [
      migration.name,
      checksumOf(migration),
    ]);
    log.info('migration applied', { migration: migration.name });
  }
  return pending.length;
}

function isApplied(migration: Migration, checksums: ReadonlyMap<string, string>): boolean {
  const checksum = checksums.get(migration.name);
  if (checksum === undefined) return false;
  if (checksum === checksumOf(migration)) return true;
  throw new Error(
    `migration ${migration.name} was edited after it had been applied: restore it and add a new one`,
  );
}

/** A checkout may have other line ends. */
function checksumOf({ sql }: Migration): string {
  return createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex');
}

async function createUser(
  session: Session,
  database: string,
  user: DatabaseUser,
  dialect: UserDialect,
): Promise<void> {
  for (const { sql, values } of dialect.createUser(user.name)) await session.query(sql, values);
  for (const { privileges, table } of user.grants) {
    await session.query(`GRANT ${privileges} ON ??.?? TO ?@'%'`, [database, table, user.name]);
  }
}
