import { randomUUID } from 'node:crypto';
import type { PasswordChanged } from '../../../handlers/passwords/event';
import { recordChanges } from '../../../handlers/passwords/record-changes';
import { Database } from '../../../handlers/shared/database';
import { TestDatabase } from '../../support/database';
import { capturedLog, sqsEvent } from '../../support/events';
import { TcpProxy } from '../../support/tcp-proxy';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

let fixture: TestDatabase;
let database: Database;
const captured = capturedLog();

beforeAll(async () => {
  fixture = await TestDatabase.create();
  database = new Database(fixture.settings('passwords_writer'));
});

beforeEach(async () => {
  captured.lines.length = 0;
  await fixture.sql('TRUNCATE password_changes');
});

afterAll(async () => {
  database.close();
  await fixture.drop();
});

function change(overrides: Partial<PasswordChanged> = {}): PasswordChanged {
  return {
    changeId: randomUUID(),
    userId: 'ada',
    email: 'ada@example.com',
    changedAt: '2026-01-02T03:04:05.006Z',
    sourceIp: '2001:db8::1',
    userAgent: 'curl/8.5.0 😀',
    ...overrides,
  };
}

function record(...changes: readonly object[]) {
  return recordChanges(sqsEvent(changes.map((c) => JSON.stringify(c))), { database, log: captured.log });
}

function stored(): Promise<Record<string, unknown>[]> {
  return fixture.sql(
    'SELECT change_id, user_id, CAST(changed_at AS CHAR) AS changed_at, source_ip, user_agent, trace_parent ' +
      'FROM password_changes ORDER BY id',
  );
}

const done = { batchItemFailures: [] };

test('a change is a row, with its trace', async () => {
  const event = change();
  const batch = sqsEvent([JSON.stringify(event)], [TRACEPARENT]);
  expect(await recordChanges(batch, { database, log: captured.log })).toEqual(done);
  expect(await stored()).toEqual([
    {
      change_id: event.changeId,
      user_id: 'ada',
      changed_at: '2026-01-02 03:04:05.006',
      source_ip: '2001:db8::1',
      user_agent: 'curl/8.5.0 😀',
      trace_parent: TRACEPARENT,
    },
  ]);
  expect(captured.lines).toEqual([
    {
      level: 'info',
      event: 'stored',
      requestId: 'request-1',
      count: 1,
      ids: [event.changeId],
      traceparents: [TRACEPARENT],
    },
  ]);
});

test('changes of one user come in any order, and each stays one row', async () => {
  const [first, second] = [change(), change({ changedAt: '2026-01-02T03:04:06.000Z' })];
  expect(await record(second, second)).toEqual(done);
  expect(await record(first, second)).toEqual(done);
  expect(await record(second, first)).toEqual(done);
  expect((await stored()).map((row) => row.change_id)).toEqual([second.changeId, first.changeId]);
  expect(captured.problems()).toEqual([]);
});

test('the largest values have room', async () => {
  const largest = change({
    userId: 'x'.repeat(64),
    sourceIp: '0000:0000:0000:0000:0000:ffff:255.255.255.255',
    userAgent: '😀'.repeat(256),
  });
  expect(await record(largest)).toEqual(done);
  expect((await stored())[0]).toMatchObject({ user_id: largest.userId, user_agent: largest.userAgent });
});

test('users whose names differ by case are two', async () => {
  await record(change({ userId: 'ada' }), change({ userId: 'ADA' }));
  expect(await fixture.sql("SELECT 1 FROM password_changes WHERE user_id = 'ada'")).toHaveLength(1);
});

describe('a message that is no event', () => {
  test.each([
    ['not JSON', 'not JSON'],
    ['null', 'null'],
    ['without an id', JSON.stringify({ ...change(), changeId: undefined })],
    ['with a wrong id', JSON.stringify(change({ changeId: 'x' }))],
    ['with a wrong user', JSON.stringify(change({ userId: 'a b' }))],
    ['with a wrong address', JSON.stringify(change({ email: 'nobody' }))],
    ['of a day that does not exist', JSON.stringify(change({ changedAt: '2026-02-30T00:00:00.000Z' }))],
    ['from nowhere', JSON.stringify(change({ sourceIp: '' }))],
    ['from a program with a long name', JSON.stringify(change({ userAgent: 'x'.repeat(257) }))],
  ])('%s is reported alone', async (_what, body) => {
    const event = sqsEvent([JSON.stringify(change()), body, JSON.stringify(change())]);
    expect(await recordChanges(event, { database, log: captured.log })).toEqual({
      batchItemFailures: [{ itemIdentifier: 'item-1' }],
    });
    expect(await stored()).toHaveLength(2);
    expect(captured.problems()).toEqual([
      expect.objectContaining({ level: 'error', event: 'malformed message', itemId: 'item-1' }),
    ]);
  });

  test('of a newer publisher, with more fields, is an event', async () => {
    expect(await record({ ...change(), reason: 'forgotten' })).toEqual(done);
    expect(await stored()).toHaveLength(1);
  });
});

test('a row that the table refuses is reported alone, without its values in the log', async () => {
  await fixture.sql("ALTER TABLE password_changes ADD CONSTRAINT no_bad CHECK (user_id <> 'bad')");
  const result = await record(change(), change({ userId: 'bad', userAgent: 'secret words' }), change());
  await fixture.sql('ALTER TABLE password_changes DROP CONSTRAINT no_bad');
  expect(result).toEqual({ batchItemFailures: [{ itemIdentifier: 'item-1' }] });
  expect(await stored()).toHaveLength(2);
  expect(captured.problems()).toHaveLength(1);
  expect(captured.text()).not.toContain('secret words');
});

test('a database that is down fails the whole batch, which is stored once it is back', async () => {
  const proxy = await TcpProxy.start(fixture.admin.port);
  const cut = new Database({ ...fixture.settings('passwords_writer'), port: proxy.port });
  await proxy.stop();
  const event = sqsEvent([JSON.stringify(change()), 'not JSON']);
  await expect(recordChanges(event, { database: cut, log: captured.log })).rejects.toMatchObject({
    name: 'DatabaseUnavailable',
    kind: 'outage',
  });
  expect(captured.problems().at(-1)).toMatchObject({ event: 'batch not stored', code: 'ECONNREFUSED' });
  expect(await recordChanges(event, { database, log: captured.log })).toEqual({
    batchItemFailures: [{ itemIdentifier: 'item-1' }],
  });
  expect(await stored()).toHaveLength(1);
});

test.each([
  'DELETE FROM password_changes',
  'SELECT * FROM messages',
  'INSERT INTO messages (message_id, message, created_at) VALUES (1, 1, NOW())',
])('the user may not: %s', async (sql) => {
  await expect(database.query(sql, [], captured.log)).rejects.toMatchObject({ kind: 'configuration' });
});
