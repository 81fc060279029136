import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { readHistory } from '../../../handlers/passwords/read-history';
import { recordChanges } from '../../../handlers/passwords/record-changes';
import { Database } from '../../../handlers/shared/database';
import { TestDatabase } from '../../support/database';
import { apiEvent, capturedLog, parsed, sqsEvent } from '../../support/events';

interface Change {
  readonly changeId: string;
  readonly changedAt: string;
  readonly sourceIp: string;
  readonly userAgent: string;
}

interface Page {
  readonly items: Change[];
  readonly nextCursor: string | null;
}

let fixture: TestDatabase;
let reader: Database;
let writer: Database;
const captured = capturedLog();

beforeAll(async () => {
  fixture = await TestDatabase.create();
  reader = new Database(fixture.settings('passwords_reader'));
  writer = new Database(fixture.settings('passwords_writer'));
});

beforeEach(async () => {
  captured.lines.length = 0;
  await fixture.sql('TRUNCATE password_changes');
});

afterAll(async () => {
  reader.close();
  writer.close();
  await fixture.drop();
});

function get(userId: string, queryStringParameters?: Record<string, string>, database = reader) {
  return readHistory(apiEvent({ pathParameters: { userId }, queryStringParameters }), {
    database,
    log: captured.log,
  });
}

async function list(userId: string, parameters?: Record<string, string>): Promise<Page> {
  const { status, body } = parsed<Page>(await get(userId, parameters));
  expect(status).toBe(200);
  return body;
}

/**
 * @param times milliseconds after midnight; equal ones are fine
 * @returns newest first, as the API shows them
 */
async function insert(userId: string, times: readonly number[]): Promise<Change[]> {
  const changes = times.map((time, i) => ({
    changeId: randomUUID(),
    changedAt: new Date(Date.UTC(2026, 0, 1) + time).toISOString(),
    sourceIp: '203.0.113.7',
    userAgent: `<b>agent ${i}`,
  }));
  const bodies = changes.map((c) => JSON.stringify({ ...c, userId, email: 'ada@example.com' }));
  await recordChanges(sqsEvent(bodies), { database: writer, log: captured.log });
  return changes.sort((a, b) => (a.changedAt + a.changeId < b.changedAt + b.changeId ? 1 : -1));
}

test('is empty for a user who never changed the password, or does not exist', async () => {
  expect(await list('ada')).toEqual({ items: [], nextCursor: null });
});

test('has the changes of one user, newest first, and no addresses or traces', async () => {
  const mine = await insert('ada', [3, 1, 2]);
  await insert('ADA', [4]);
  await insert('bob', [5]);
  expect(await list('ada')).toEqual({ items: mine, nextCursor: null });
});

test('shows every change once, whatever the page size and however many share a millisecond', async () => {
  const times = fc.array(fc.nat(3), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(times, fc.integer({ min: 1, max: 7 }), async (at, limit) => {
      await fixture.sql('TRUNCATE password_changes');
      const mine = await insert('ada', at);
      await insert('bob', at);
      const seen: Change[] = [];
      for (let cursor: string | null = ''; cursor !== null && seen.length <= at.length;) {
        const page: Page = await list('ada', { limit: String(limit), ...(cursor && { cursor }) });
        seen.push(...page.items);
        cursor = page.nextCursor;
      }
      expect(seen).toEqual(mine);
    }),
    { numRuns: 15 },
  );
});

test('has 20 a page, and no next page when the last one is full', async () => {
  await insert(
    'ada',
    Array.from({ length: 21 }, (_, i) => i),
  );
  const first = await list('ada');
  expect(first.items).toHaveLength(20);
  expect((await list('ada', { cursor: first.nextCursor ?? '' })).items).toHaveLength(1);
  expect((await list('ada', { limit: '21' })).nextCursor).toBeNull();
});

test.each([
  [{ limit: '0' }, 'limit'],
  [{ limit: '101' }, 'limit'],
  [{ cursor: 'x' }, 'cursor'],
])('refuses %j', async (parameters, parameter) => {
  expect(parsed(await get('ada', parameters))).toMatchObject({
    status: 400,
    body: { errors: [{ parameter }] },
  });
});

test.each(['', 'a b', "' OR 1=1 --"])('refuses the user id %j', async (userId) => {
  expect(parsed(await get(userId))).toMatchObject({
    status: 400,
    body: { errors: [{ parameter: 'userId' }] },
  });
});

test('answers 503 in an outage, and throws for a mistake of configuration', async () => {
  const settings = fixture.settings('passwords_reader');
  const down = await get('ada', {}, new Database({ ...settings, port: 1 }));
  expect(down.statusCode).toBe(503);
  expect(down.headers).toMatchObject({ 'retry-after': '5' });
  expect(captured.lines).toEqual([expect.objectContaining({ event: 'history not read' })]);
  const wrong = new Database({ ...settings, login: { kind: 'password', password: 'wrong' } });
  await expect(get('ada', {}, wrong)).rejects.toMatchObject({ kind: 'configuration' });
});

test('comes from an index in its order', async () => {
  await insert('ada', [1, 2, 3]);
  const [plan] = await fixture.sql<{ key: string; Extra: string }>(
    "EXPLAIN SELECT change_id FROM password_changes WHERE user_id = 'ada' " +
      'ORDER BY changed_at DESC, change_id DESC LIMIT 20',
  );
  expect(plan?.key).toBe('password_changes_newest');
  expect(plan?.Extra).not.toContain('filesort');
});

test('the user can neither write nor read messages', async () => {
  for (const sql of ['DELETE FROM password_changes', 'SELECT * FROM messages']) {
    await expect(reader.query(sql, [], captured.log)).rejects.toMatchObject({ kind: 'configuration' });
  }
});
