import { migrate, type MigrationResult } from '../../handlers/database/migrate';
import { type Migration, migrations } from '../../handlers/database/schema';
import { passwordDialect } from '../../handlers/database/schema/password';
import { rds } from '../../handlers/database/schema/rds';
import { users } from '../../handlers/database/schema/users';
import { openSession } from '../../handlers/shared/connection';
import { TestDatabase, USER_PASSWORD } from '../support/database';
import { capturedLog } from '../support/events';

let fixture: TestDatabase;
const captured = capturedLog();

beforeEach(async () => {
  captured.lines.length = 0;
  fixture = await TestDatabase.create('empty');
});

afterEach(() => fixture.drop());

async function run(files: readonly Migration[] = migrations, grantees = users): Promise<MigrationResult> {
  const session = await openSession({ ...fixture.admin, database: undefined });
  const dialect = passwordDialect(USER_PASSWORD, true);
  try {
    return await migrate({
      session,
      database: fixture.name,
      migrations: files,
      users: grantees,
      dialect,
      log: captured.log,
    });
  } finally {
    session.destroy();
  }
}

const extra: Migration = { name: '9999_extra', sql: 'CREATE TABLE extra (id INT)' };

test('make the database, the tables and the users', async () => {
  expect(await run()).toEqual({ applied: migrations.length, total: migrations.length });
  const reader = await openSession(fixture.settings('messages_reader'));
  expect(await reader.query('SELECT COUNT(*) AS n FROM messages')).toEqual([{ n: 0 }]);
  reader.destroy();
  expect(captured.lines.map((line) => line.migration)).toEqual(migrations.map((file) => file.name));
});

test('make a database of the first release one of this', async () => {
  await run(migrations.slice(0, 1), users.slice(0, 2));
  await fixture.sql("INSERT INTO messages (message_id, message, created_at) VALUES ('x', 'old', NOW(3))");
  expect(await run()).toEqual({ applied: migrations.length - 1, total: migrations.length });
  expect(await fixture.sql('SELECT message, trace_parent FROM messages')).toEqual([
    { message: 'old', trace_parent: null },
  ]);
});

test('let every user log in, and see nothing but its own table', async () => {
  await run();
  for (const user of [
    'messages_writer',
    'messages_reader',
    'passwords_writer',
    'passwords_reader',
  ] as const) {
    const session = await openSession(fixture.settings(user));
    const tables = await session.query<Record<string, string>[]>('SHOW TABLES');
    session.destroy();
    const own = user.startsWith('messages') ? 'messages' : 'password_changes';
    expect(tables.flatMap((row) => Object.values(row))).toEqual([own]);
  }
});

test('are applied once', async () => {
  await run();
  expect(await run()).toEqual({ applied: 0, total: migrations.length });
  expect(await run([...migrations, extra])).toEqual({ applied: 1, total: migrations.length + 1 });
  expect(await run([...migrations, extra])).toEqual({ applied: 0, total: migrations.length + 1 });
});

test('do not mind other line ends', async () => {
  await run();
  const windows = migrations.map(({ name, sql }) => ({ name, sql: sql.replaceAll('\n', '\r\n') }));
  expect(await run(windows)).toMatchObject({ applied: 0 });
});

test('refuse a file that was edited after it had been applied, before they change anything', async () => {
  await run([...migrations, extra]);
  const edited = { ...extra, sql: 'CREATE TABLE extra (id BIGINT)' };
  await expect(
    run([...migrations, { name: '9998_new', sql: 'DROP TABLE messages' }, edited]),
  ).rejects.toThrow(
    'migration 9999_extra was edited after it had been applied: restore it and add a new one',
  );
  expect(await fixture.sql('SELECT * FROM messages')).toEqual([]);
});

test('say what is wrong with a file, and apply it when it is mended', async () => {
  const broken = { ...extra, sql: 'CREATE TABEL extra (id INT)' };
  await expect(run([...migrations, broken])).rejects.toThrow(/ER_PARSE_ERROR: .*TABEL/);
  expect(await run([...migrations, extra])).toEqual({ applied: 1, total: migrations.length + 1 });
});

test('run one at a time', async () => {
  const results = await Promise.all([run(), run(), run()]);
  expect(results.map((result) => result.applied).sort()).toEqual([0, 0, migrations.length]);
});

test('give up when another one holds the lock', async () => {
  const [row] = await fixture.sql<{ locked: number }>('SELECT GET_LOCK(?, 0) AS locked', [
    `${fixture.name}.migrations`,
  ]);
  expect(row?.locked).toBe(1);
  await expect(run()).rejects.toThrow('another migration of this database is running');
});

test('bring the password of users up to date, and never name it', async () => {
  await run();
  const session = await openSession({ ...fixture.admin, database: undefined });
  const secret = "it's a \\ secret";
  const options = { session, database: fixture.name, migrations, log: captured.log };
  const names = [{ name: 'migration_test_user', grants: [] }];
  await migrate({ ...options, users: names, dialect: passwordDialect('another', false) });
  await migrate({ ...options, users: names, dialect: passwordDialect(secret, true) });
  const login = { kind: 'password', password: secret } as const;
  const user = await openSession({
    ...fixture.admin,
    database: undefined,
    user: 'migration_test_user',
    login,
  });
  user.destroy();
  const broken = { createUser: () => [{ sql: 'CREATE USSER ? IDENTIFIED BY ?', values: ['u', secret] }] };
  const failure = await migrate({ ...options, users: names, dialect: broken }).catch((e: unknown) =>
    String(e),
  );
  expect(failure).toContain('ER_PARSE_ERROR');
  expect(failure).not.toContain('secret');
  await session.query("DROP USER migration_test_user@'%'");
  session.destroy();
});

test('on RDS make users who log in by IAM over TLS', () => {
  expect(rds.createUser('messages_writer')).toEqual([
    {
      sql: "CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS'",
      values: ['messages_writer'],
    },
    { sql: "ALTER USER ?@'%' REQUIRE SSL", values: ['messages_writer'] },
  ]);
});

test('make a table whose order of newest first comes from an index', async () => {
  await run();
  const [plan] = await fixture.sql<{ key: string; Extra: string }>(
    'EXPLAIN SELECT message_id FROM messages ORDER BY created_at DESC, message_id DESC LIMIT 20',
  );
  expect(plan?.key).toBe('messages_newest');
  expect(plan?.Extra).not.toContain('filesort');
});
