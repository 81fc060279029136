import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { migrate } from '../../handlers/database/migrate';
import { migrations } from '../../handlers/database/schema';
import { passwordDialect } from '../../handlers/database/schema/password';
import { users } from '../../handlers/database/schema/users';
import { type ConnectionSettings, openSession } from '../../handlers/shared/connection';
import { required } from '../../handlers/shared/environment';
import { createLog } from '../../handlers/shared/log';

/** All test files share the server, and so its users. */
export const USER_PASSWORD = 'the password of the test users';

/** A database of its own on the server that the test run started, gone when the test file is done. */
export class TestDatabase {
  private constructor(
    /** How the administrator logs in; `database` is the name of this one, which may not exist yet. */
    readonly admin: ConnectionSettings & { readonly database: string },
    /** PEM file of the server's authority; absent where the server has no TLS. */
    readonly caFile: string | undefined,
    private readonly connection: Connection,
  ) {}

  /** @param schema `'empty'` does not even create the database */
  static async create(schema: 'migrated' | 'empty' = 'migrated'): Promise<TestDatabase> {
    const url = new URL(required(process.env, 'TEST_MYSQL_URL'));
    const caFile = url.searchParams.get('ca') ?? undefined;
    const admin = {
      host: url.hostname,
      port: Number(url.port),
      database: `test_${randomBytes(6).toString('hex')}`,
      user: decodeURIComponent(url.username),
      login: { kind: 'password' as const, password: decodeURIComponent(url.password) },
      certificateAuthorities: caFile === undefined ? ('off' as const) : [readFileSync(caFile, 'utf8')],
    };
    const connection = await createConnection({
      host: admin.host,
      port: admin.port,
      user: admin.user,
      password: admin.login.password,
      ssl: caFile === undefined ? undefined : { ca: readFileSync(caFile, 'utf8') },
      multipleStatements: true,
    });
    const database = new TestDatabase(admin, caFile, connection);
    if (schema === 'migrated') await database.migrate();
    return database;
  }

  get name(): string {
    return this.admin.database;
  }

  /** Settings of one of the functions' users. */
  settings(user: `${'messages' | 'passwords'}_${'writer' | 'reader'}`): ConnectionSettings {
    return { ...this.admin, user, login: { kind: 'password', password: USER_PASSWORD } };
  }

  /** Runs SQL as the administrator, in this database. */
  async sql<T>(statement: string, values: unknown[] = []): Promise<T[]> {
    await this.connection.query(`CREATE DATABASE IF NOT EXISTS ${this.name}; USE ${this.name}`);
    const [rows] = await this.connection.query<RowDataPacket[]>(statement, values);
    return rows as T[];
  }

  async drop(): Promise<void> {
    await this.connection.query(`DROP DATABASE IF EXISTS ${this.name}`);
    await this.connection.end();
  }

  private async migrate(): Promise<void> {
    const session = await openSession({ ...this.admin, database: undefined });
    const dialect = passwordDialect(USER_PASSWORD, this.caFile !== undefined);
    const log = createLog('setup', () => undefined);
    await migrate({ session, database: this.name, migrations, users, dialect, log });
    session.destroy();
  }
}
