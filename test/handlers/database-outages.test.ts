import { randomUUID } from 'node:crypto';
import { serializeEnvelope } from '../../handlers/messages/envelope';
import { readMessages } from '../../handlers/messages/read-messages';
import { storeMessages } from '../../handlers/messages/store-messages';
import { openSession } from '../../handlers/shared/connection';
import { Database } from '../../handlers/shared/database';
import { DatabaseError } from '../../handlers/shared/database-errors';
import { TestDatabase } from '../support/database';
import { apiEvent, capturedLog, sqsEvent } from '../support/events';
import { largeMessages } from '../support/large-messages';
import { pause, until } from '../support/load';
import { TcpProxy } from '../support/tcp-proxy';

let fixture: TestDatabase;
let proxy: TcpProxy;
let database: Database;
const captured = capturedLog();

beforeAll(async () => {
  fixture = await TestDatabase.create();
});

beforeEach(async () => {
  captured.lines.length = 0;
  await fixture.sql('TRUNCATE messages');
  proxy = await TcpProxy.start(fixture.admin.port);
  database = new Database({ ...fixture.settings('messages_writer'), port: proxy.port, queryTimeoutMs: 300 });
});

afterEach(async () => {
  database.close();
  await proxy.stop();
});

afterAll(() => fixture.drop());

function store(...messages: string[]) {
  const bodies = messages.map((message) =>
    serializeEnvelope({ messageId: randomUUID(), message, createdAt: '2026-01-02T03:04:05.006Z' }),
  );
  return storeMessages(sqsEvent(bodies), { database, log: captured.log, ...largeMessages() });
}

async function count(): Promise<number> {
  return Number((await fixture.sql<{ n: number }>('SELECT COUNT(*) AS n FROM messages'))[0]?.n);
}

const done = { batchItemFailures: [] };

async function writerConnections(): Promise<number[]> {
  const rows = await fixture.sql<{ id: number }>(
    "SELECT id FROM information_schema.processlist WHERE user = 'messages_writer' AND db = ?",
    [fixture.name],
  );
  return rows.map((row) => row.id);
}

test('one connection serves all batches', async () => {
  for (const message of ['a', 'b', 'c']) expect(await store(message)).toEqual(done);
  expect(proxy.connections).toBe(1);
});

test('a connection that the server closed is replaced', async () => {
  await store('before');
  proxy.cut();
  expect(await store('after')).toEqual(done);
  expect(await count()).toBe(2);
  expect(proxy.connections).toBe(2);
});

test('a connection that ended between two batches is replaced', async () => {
  await store('before');
  proxy.cut();
  // Long enough for the driver to notice.
  await pause(100);
  expect(await store('after')).toEqual(done);
  expect(await count()).toBe(2);
  expect(captured.problems()).toEqual([]);
});

test('a connection that the server killed is replaced', async () => {
  await store('before');
  for (const id of await writerConnections()) await fixture.sql(`KILL ${id}`);
  expect(await store('after')).toEqual(done);
  expect(await count()).toBe(2);
});

test('a black-holed connection is replaced, and the batch stored once', async () => {
  await store('before');
  proxy.blackHole();
  const storing = store('after');
  // The statement is on its way when the route is back for new connections only.
  proxy.heal();
  expect(await storing).toEqual(done);
  expect(await store('later')).toEqual(done);
  expect(await count()).toBe(3);
  expect(captured.problems()).toEqual([
    expect.objectContaining({ event: 'database query retried', code: 'PROTOCOL_SEQUENCE_TIMEOUT' }),
  ]);
});

test('a database behind a black hole fails the whole batch, and the next batch works again', async () => {
  await store('before');
  proxy.blackHole();
  await expect(store('lost', 'too')).rejects.toMatchObject({ kind: 'lost', code: 'ETIMEDOUT' });
  proxy.heal();
  expect(await store('after')).toEqual(done);
  expect(await count()).toBe(2);
});

test('a database that is down fails the whole batch, without the messages in the error', async () => {
  await proxy.stop();
  const failure = await store('secret words', 'too').catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(DatabaseError);
  expect(failure).toMatchObject({ name: 'DatabaseUnavailable', kind: 'outage', code: 'ECONNREFUSED' });
  expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('secret words');
  expect(captured.problems()).toEqual([
    expect.objectContaining({ level: 'error', event: 'batch not stored', code: 'ECONNREFUSED', messages: 2 }),
  ]);
});

test('a restart of the database is waited for, within the patience that there is', async () => {
  const { port } = proxy;
  const settings = { ...fixture.settings('messages_writer'), port, queryTimeoutMs: 300 };
  database = new Database(settings, { patienceMs: 20_000 });
  await store('before');
  await proxy.stop();
  const storing = store('after');
  await until('a refused connection', 10_000, () =>
    Promise.resolve(captured.problems().some(({ code }) => code === 'ECONNREFUSED') ? true : undefined),
  );
  proxy = await TcpProxy.start(fixture.admin.port, port);
  expect(await storing).toEqual(done);
  expect(await count()).toBe(2);
});

test('a lock that is held is waited for', async () => {
  const holder = await openSession(fixture.admin);
  await holder.query('BEGIN');
  await holder.query("INSERT INTO messages (message_id, message, created_at) VALUES ('x', 'held', NOW(3))");
  await fixture.sql('SET GLOBAL innodb_lock_wait_timeout = 1');
  const impatient = new Database({ ...fixture.settings('messages_writer'), queryTimeoutMs: 5_000 });
  const insert =
    "INSERT INTO messages (message_id, message, created_at) VALUES ('x', 'mine', NOW(3)) ON DUPLICATE KEY UPDATE id = id";
  let committing: Promise<unknown> | undefined;
  const waiting = impatient.query<{ affectedRows: number }>(insert, [], {
    ...captured.log,
    // Told of the first timeout, the holder goes, so that the second attempt finds no lock.
    warn: () => {
      committing = holder.query('COMMIT');
    },
  });
  expect((await waiting).affectedRows).toBe(0);
  // Cut off by what follows, it would fail later, in the middle of another test.
  await committing;
  await fixture.sql('SET GLOBAL innodb_lock_wait_timeout = 50');
  holder.destroy();
  impatient.close();
});

test("a statement over the server's packet limit is split", async () => {
  const [before] = await fixture.sql<{ size: number }>('SELECT @@GLOBAL.max_allowed_packet AS size');
  await fixture.sql('SET GLOBAL max_allowed_packet = 1048576');
  try {
    database = new Database(fixture.settings('messages_writer'));
    expect(await store(...Array.from({ length: 8 }, () => 'x'.repeat(250_000)))).toEqual(done);
    expect(await count()).toBe(8);
  } finally {
    await fixture.sql(`SET GLOBAL max_allowed_packet = ${before?.size}`);
  }
});

test('a large statement for which the connection is cut is split', async () => {
  proxy.maxBytesFromClient = 1_200_000;
  expect(await store(...Array.from({ length: 8 }, () => 'x'.repeat(250_000)))).toEqual(done);
  expect(await count()).toBe(8);
});

test('a small one is not: there the connection is to blame', async () => {
  proxy.maxBytesFromClient = 10_000;
  await expect(store(...Array.from({ length: 8 }, () => 'x'.repeat(2_000)))).rejects.toMatchObject({
    kind: 'lost',
  });
  expect(proxy.connections).toBe(2);
});

test('a missing table fails the whole batch as a mistake of configuration', async () => {
  await fixture.sql('RENAME TABLE messages TO elsewhere');
  await expect(store('a')).rejects.toMatchObject({ kind: 'configuration', name: 'DatabaseError' });
  await fixture.sql('RENAME TABLE elsewhere TO messages');
  expect(await store('a')).toEqual(done);
});

test('the reader answers 503 in an outage, and says when to come back', async () => {
  await proxy.stop();
  const response = await readMessages(apiEvent({}), { database, log: captured.log });
  expect(response.statusCode).toBe(503);
  expect(response.headers).toMatchObject({ 'content-type': 'application/problem+json', 'retry-after': '5' });
  expect(captured.problems()[0]).toMatchObject({ event: 'messages not read', code: 'ECONNREFUSED' });
});

test('the reader throws for a mistake of configuration, so that the error alarm counts it', async () => {
  const wrong = new Database({
    ...fixture.settings('messages_reader'),
    login: { kind: 'password', password: 'wrong' },
  });
  const reading = readMessages(apiEvent({}), { database: wrong, log: captured.log });
  await expect(reading).rejects.toMatchObject({ kind: 'configuration', code: 'ER_ACCESS_DENIED_ERROR' });
});
