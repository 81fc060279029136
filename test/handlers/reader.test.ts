import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { decodeCursor, encodeCursor } from '../../handlers/shared/page';
import type { Envelope } from '../../handlers/messages/envelope';
import { readMessages } from '../../handlers/messages/read-messages';
import { Database } from '../../handlers/shared/database';
import { TestDatabase } from '../support/database';
import { apiEvent, capturedLog, parsed } from '../support/events';
import { TcpProxy } from '../support/tcp-proxy';

interface Page {
  readonly items: Envelope[];
  readonly nextCursor: string | null;
}

let fixture: TestDatabase;
let proxy: TcpProxy;
let database: Database;
const captured = capturedLog();

beforeAll(async () => {
  fixture = await TestDatabase.create();
  proxy = await TcpProxy.start(fixture.admin.port);
  database = new Database({ ...fixture.settings('messages_reader'), port: proxy.port });
});

beforeEach(() => fixture.sql('TRUNCATE messages'));

afterAll(async () => {
  database.close();
  await proxy.stop();
  await fixture.drop();
});

function get(event: Parameters<typeof apiEvent>[0]) {
  return readMessages(apiEvent(event), { database, log: captured.log });
}

async function list(queryStringParameters?: Record<string, string>): Promise<Page> {
  const { status, body } = parsed<Page>(await get({ queryStringParameters }));
  expect(status).toBe(200);
  return body;
}

/** Follows the cursors to the end. */
async function listAll(limit: number): Promise<Page[]> {
  const pages = [await list({ limit: String(limit) })];
  for (let next = pages[0]?.nextCursor; next; next = pages.at(-1)?.nextCursor) {
    pages.push(await list({ limit: String(limit), cursor: next }));
    if (pages.length > 100) throw new Error('the list does not end');
  }
  return pages;
}

/** @param times milliseconds after midnight; equal ones are fine */
async function insert(times: readonly number[], text = (i: number) => `m${i}`): Promise<Envelope[]> {
  const rows = times.map((time, i) => ({
    messageId: randomUUID(),
    message: text(i),
    createdAt: new Date(Date.UTC(2026, 0, 1) + time).toISOString(),
  }));
  for (const { messageId, message, createdAt } of rows) {
    await fixture.sql('INSERT INTO messages (message_id, message, created_at) VALUES (?, ?, ?)', [
      messageId,
      message,
      createdAt.slice(0, -1).replace('T', ' '),
    ]);
  }
  return rows.sort((a, b) => (a.createdAt + a.messageId < b.createdAt + b.messageId ? 1 : -1));
}

describe('the list', () => {
  test('is empty at first', async () => {
    expect(await list()).toEqual({ items: [], nextCursor: null });
  });

  test('has the newest first, 20 a page', async () => {
    const newest = await insert(Array.from({ length: 21 }, (_, i) => (i * 7) % 5));
    const first = await list();
    expect(first.items).toEqual(newest.slice(0, 20));
    expect(await list({ cursor: first.nextCursor ?? '' })).toEqual({
      items: newest.slice(20),
      nextCursor: null,
    });
  });

  test('has no next page when the last one is full', async () => {
    await insert([1, 2]);
    expect((await list({ limit: '2' })).nextCursor).toBeNull();
    expect((await list({ limit: '1' })).nextCursor).not.toBeNull();
  });

  test('shows every message once, whatever the page size and however many share a millisecond', async () => {
    const times = fc.array(fc.nat(3), { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(times, fc.integer({ min: 1, max: 10 }), async (at, limit) => {
        await fixture.sql('TRUNCATE messages');
        const newest = await insert(at);
        const pages = await listAll(limit);
        expect(pages.flatMap((page) => page.items)).toEqual(newest);
        expect(pages.slice(0, -1).every((page) => page.items.length === limit)).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  test('does not repeat a message when newer ones arrive between two pages', async () => {
    const old = await insert([1, 2, 3, 4]);
    const first = await list({ limit: '2' });
    await insert([5, 6]);
    expect((await list({ limit: '2', cursor: first.nextCursor ?? '' })).items).toEqual(old.slice(2));
  });

  test('gives texts back byte by byte', async () => {
    const text = '\0"\\\u2028\u{1F600}\uFFFE é';
    await insert([1], () => text);
    expect((await list()).items[0]?.message).toBe(text);
  });

  test.each(['0', '101', '-1', '1.5', '', 'ten', '1e1', ' 5', '1,2'])(
    'refuses the limit %j',
    async (limit) => {
      const response = await get({ queryStringParameters: { limit } });
      expect(response.headers?.['content-type']).toBe('application/problem+json');
      expect(parsed(response)).toMatchObject({
        status: 400,
        body: {
          status: 400,
          errors: [{ parameter: 'limit', detail: 'must be a whole number from 1 to 100' }],
        },
      });
    },
  );

  test.each([
    '',
    'x',
    '!!!',
    Buffer.from('1.x').toString('base64url'),
    Buffer.from("1' OR 1=1").toString('base64url'),
  ])('refuses the cursor %j', async (cursor) => {
    expect(parsed(await get({ queryStringParameters: { cursor } }))).toMatchObject({
      status: 400,
      body: { errors: [{ parameter: 'cursor' }] },
    });
  });
});

describe('a page of large messages', () => {
  const LAMBDA_RESPONSE_BYTES = 6 * 1024 * 1024;

  test('ends before it is too large for Lambda, even if all of it is escaped', async () => {
    // A quote is two bytes in the body, and four in what Lambda hands over.
    const rows = await insert(
      Array.from({ length: 30 }, (_, i) => i),
      () => '"'.repeat(131_000),
    );
    const seen: Envelope[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const response = await get({ queryStringParameters: { limit: '100', ...(cursor && { cursor }) } });
      expect(Buffer.byteLength(response.body ?? '')).toBeLessThanOrEqual(3 * 1024 * 1024);
      expect(Buffer.byteLength(JSON.stringify(response))).toBeLessThanOrEqual(LAMBDA_RESPONSE_BYTES);
      const page = parsed<Page>(response).body;
      seen.push(...page.items);
      cursor = page.nextCursor;
    }
    expect(seen.map((item) => item.messageId)).toEqual(rows.map((item) => item.messageId));
  });

  test('loads little more than itself from the database', async () => {
    await insert(
      Array.from({ length: 60 }, (_, i) => i),
      () => 'x'.repeat(200_000),
    );
    const before = proxy.bytesToClient;
    const page = await list({ limit: '60' });
    expect(page.items).toHaveLength(15);
    expect(proxy.bytesToClient - before).toBeLessThan(4 * 1024 * 1024);
  });
});

describe('one message', () => {
  test('is found by its id, in any case', async () => {
    const [row] = await insert([1]);
    const messageId = row?.messageId ?? '';
    for (const id of [messageId, messageId.toUpperCase()]) {
      expect(parsed(await get({ pathParameters: { messageId: id } }))).toEqual({ status: 200, body: row });
    }
  });

  test('that is not there: 404', async () => {
    const messageId = randomUUID();
    expect(parsed(await get({ pathParameters: { messageId } }))).toMatchObject({
      status: 404,
      body: { title: 'Not Found', detail: `There is no message ${messageId}.` },
    });
  });

  test.each(['x', '1', "'; DROP TABLE messages; --", randomUUID().slice(1)])(
    'refuses the id %j',
    async (messageId) => {
      expect(parsed(await get({ pathParameters: { messageId } }))).toMatchObject({
        status: 400,
        body: { errors: [{ parameter: 'messageId', detail: 'must be a UUID' }] },
      });
    },
  );
});

test('a cursor is the position that it was made of', () => {
  const time = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });
  fc.assert(
    fc.property(time, fc.uuid(), (date, id) => {
      const position = { time: date.toISOString(), id };
      const cursor = encodeCursor(position);
      expect(cursor).toMatch(/^[\w-]+$/);
      expect(decodeCursor(cursor)).toEqual(position);
    }),
  );
});

test('the reader cannot write', async () => {
  const insertion = "INSERT INTO messages (message_id, message, created_at) VALUES ('x', 'x', NOW())";
  await expect(database.query(insertion, [], captured.log)).rejects.toMatchObject({ kind: 'configuration' });
});
