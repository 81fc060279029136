import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { type Envelope, serializeEnvelope } from '../../handlers/messages/envelope';
import { storeMessages } from '../../handlers/messages/store-messages';
import { Database } from '../../handlers/shared/database';
import { TestDatabase } from '../support/database';
import { capturedLog, snsEvent, sqsEvent } from '../support/events';
import { largeMessages } from '../support/large-messages';

let fixture: TestDatabase;
let database: Database;
const captured = capturedLog();

beforeAll(async () => {
  fixture = await TestDatabase.create();
  database = new Database(fixture.settings('messages_writer'));
});

beforeEach(async () => {
  captured.lines.length = 0;
  await fixture.sql('TRUNCATE messages');
});

afterAll(async () => {
  database.close();
  await fixture.drop();
});

function envelope(message: string, messageId: string = randomUUID()): Envelope {
  return { messageId, message, createdAt: '2026-01-02T03:04:05.006Z' };
}

const options = () => ({ database, log: captured.log, ...largeMessages() });

function store(...envelopes: Envelope[]) {
  return storeMessages(sqsEvent(envelopes.map(serializeEnvelope)), options());
}

async function stored(): Promise<string[]> {
  const rows = await fixture.sql<{ message: string }>('SELECT message FROM messages ORDER BY id');
  return rows.map((row) => row.message);
}

const done = { batchItemFailures: [] };

describe('a batch', () => {
  test('is stored by one statement', async () => {
    // Of the consumer's own connection: other test files use the same server.
    const inserts = async () => {
      const sql = "SHOW SESSION STATUS LIKE 'Com_insert'";
      const [row] = await database.query<{ Value: string }[]>(sql, [], captured.log);
      return Number(row?.Value);
    };
    expect(await store(envelope('warm-up'))).toEqual(done);
    const before = await inserts();
    const many = Array.from({ length: 100 }, (_, i) => envelope(`m${i}`));
    expect(await store(...many)).toEqual(done);
    expect(await inserts()).toBe(before + 1);
    expect(await stored()).toHaveLength(101);
    expect(captured.problems()).toEqual([]);
  });

  test('keeps the time of acceptance to the millisecond', async () => {
    await store(envelope('hello'));
    const [row] = await fixture.sql<{ time: string }>(
      "SELECT DATE_FORMAT(created_at, '%Y-%m-%dT%H:%i:%s.%f') AS time FROM messages",
    );
    expect(row?.time).toBe('2026-01-02T03:04:05.006000');
  });

  test('keeps every text byte by byte', async () => {
    const text = fc.string({ unit: 'binary', minLength: 1 }).filter((s) => !/\p{Surrogate}/u.test(s));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 20 }), async (messages) => {
        await fixture.sql('TRUNCATE messages');
        expect(await store(...messages.map((message) => envelope(message)))).toEqual(done);
        const rows = await fixture.sql<{ bytes: string }>(
          'SELECT HEX(message) AS bytes FROM messages ORDER BY id',
        );
        expect(rows.map((row) => row.bytes)).toEqual(
          messages.map((message) => Buffer.from(message).toString('hex').toUpperCase()),
        );
      }),
      {
        numRuns: 30,
        examples: [[['\'\\"; DROP TABLE messages; --', '\0\b\n\r\t\u001a%_', '\u{1F600}é\uFFFF ']]],
      },
    );
  });

  test('takes messages of 256 KiB', async () => {
    const message = 'x'.repeat(262_000);
    await store(envelope(message), envelope(message));
    expect((await stored()).map((text) => text.length)).toEqual([262_000, 262_000]);
  });
});

describe('a repeated delivery', () => {
  test('changes nothing and is no conflict', async () => {
    const [a, b] = [envelope('a'), envelope('b')];
    await store(a);
    expect(await store(a, b)).toEqual(done);
    expect(await store(a, a)).toEqual(done);
    expect(await stored()).toEqual(['a', 'b']);
    expect(captured.problems()).toEqual([]);
  });

  test('with another text is a conflict: the first stays', async () => {
    const first = envelope('first');
    await store(first);
    expect(await store({ ...first, message: 'second' })).toEqual(done);
    expect(await stored()).toEqual(['first']);
    expect(captured.problems()).toEqual([
      {
        level: 'warn',
        event: 'conflicting message ignored',
        requestId: 'request-1',
        messageId: first.messageId,
      },
    ]);
  });

  test('with another text inside one batch is a conflict too', async () => {
    const first = envelope('first');
    expect(await store(first, { ...first, message: 'second' })).toEqual(done);
    expect(await stored()).toEqual(['first']);
    expect(captured.problems()).toHaveLength(1);
  });

  test('differs by case and trailing spaces', async () => {
    const first = envelope('text');
    await store(first);
    await store({ ...first, message: 'Text' });
    await store({ ...first, message: 'text ' });
    expect(captured.problems()).toHaveLength(2);
  });
});

describe('bad messages', () => {
  test.each([
    'not JSON',
    '{}',
    'null',
    '{"messageId":"x","message":"hello","createdAt":"2026-01-02T03:04:05.006Z"}',
    serializeEnvelope({ ...envelope(''), messageId: randomUUID() }),
    serializeEnvelope({ ...envelope('hello'), createdAt: '2026-02-30T00:00:00.000Z' }),
    serializeEnvelope({ ...envelope('hello'), createdAt: 'yesterday' }),
    '{"messageId":"00000000-0000-4000-8000-000000000000","message":"\\ud800","createdAt":"2026-01-02T03:04:05.006Z"}',
  ])('%s is reported alone', async (body) => {
    const event = sqsEvent([serializeEnvelope(envelope('good')), body]);
    const result = await storeMessages(event, options());
    expect(result).toEqual({ batchItemFailures: [{ itemIdentifier: 'item-1' }] });
    expect(await stored()).toEqual(['good']);
    expect(captured.problems()).toEqual([expect.objectContaining({ level: 'error', itemId: 'item-1' })]);
  });

  test('that the table does not take are found among the good ones', async () => {
    await fixture.sql('ALTER TABLE messages MODIFY message VARCHAR(20) NOT NULL');
    const tooLong = 'a text of over twenty characters';
    const bad = new Set([0, 5, 6, 12]);
    const batch = Array.from({ length: 13 }, (_, i) => envelope(bad.has(i) ? tooLong : `m${i}`));
    const result = await store(...batch);
    expect(result.batchItemFailures.map((failure) => failure.itemIdentifier)).toEqual(
      [...bad].map((i) => `item-${i}`),
    );
    expect((await stored()).sort()).toEqual(
      batch
        .map((row) => row.message)
        .filter((message) => message !== tooLong)
        .sort(),
    );
    expect(captured.problems()).toHaveLength(4);
    expect(captured.problems()[0]).toMatchObject({
      event: 'message cannot be stored',
      code: 'ER_DATA_TOO_LONG',
    });
    expect(captured.text()).not.toContain(tooLong);
    await fixture.sql('ALTER TABLE messages MODIFY message MEDIUMTEXT NOT NULL');
  });

  test('are reported with all the items that carry them', async () => {
    await fixture.sql('ALTER TABLE messages MODIFY message VARCHAR(20) NOT NULL');
    const bad = envelope('a text of over twenty characters');
    const result = await store(bad, envelope('good'), bad);
    expect(result.batchItemFailures).toEqual([{ itemIdentifier: 'item-0' }, { itemIdentifier: 'item-2' }]);
    await fixture.sql('ALTER TABLE messages MODIFY message MEDIUMTEXT NOT NULL');
  });

  test('include what foreign keys and checks refuse', async () => {
    await fixture.sql("ALTER TABLE messages ADD CONSTRAINT no_bad CHECK (message <> 'bad')");
    expect(await store(envelope('good'), envelope('bad'))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'item-1' }],
    });
    await fixture.sql('ALTER TABLE messages DROP CONSTRAINT no_bad');
  });
});

describe('the trace of a message', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const other = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b8-00';

  async function storedTraces(): Promise<(string | null)[]> {
    const rows = await fixture.sql<{ trace: string | null }>(
      'SELECT trace_parent AS trace FROM messages ORDER BY id',
    );
    return rows.map((row) => row.trace);
  }

  test('is stored with it, and logged in one line for the batch', async () => {
    const envelopes = [envelope('a'), envelope('b'), envelope('c')];
    const event = sqsEvent(envelopes.map(serializeEnvelope), [traceparent, undefined, other]);
    expect(await storeMessages(event, options())).toEqual(done);
    expect(await storedTraces()).toEqual([traceparent, null, other]);
    expect(captured.lines).toEqual([
      {
        level: 'info',
        event: 'stored',
        requestId: 'request-1',
        count: 3,
        ids: envelopes.map(({ messageId }) => messageId),
        traceparents: [traceparent, '', other],
      },
    ]);
  });

  test('is no reason to lose a message if it is not valid', async () => {
    const event = sqsEvent([serializeEnvelope(envelope('a'))], ['x'.repeat(1000)]);
    expect(await storeMessages(event, options())).toEqual(done);
    expect(await storedTraces()).toEqual([null]);
  });

  test('stays the first one', async () => {
    const message = serializeEnvelope(envelope('a'));
    for (const trace of [traceparent, other]) {
      await storeMessages(sqsEvent([message], [trace]), options());
    }
    expect(await storedTraces()).toEqual([traceparent]);
    expect(captured.problems()).toEqual([]);
  });

  test('is logged for a hundred messages of a batch at most', async () => {
    await store(...Array.from({ length: 101 }, (_, i) => envelope(`m${i}`)));
    const line = captured.lines[0] as unknown as { count: number; ids: string[]; traceparents: string[] };
    expect([line.count, line.ids.length, line.traceparents.length]).toEqual([101, 100, 100]);
  });
});

describe('from the topic itself', () => {
  test('a message is stored', async () => {
    const event = snsEvent(serializeEnvelope(envelope('direct')));
    expect(await storeMessages(event, options())).toEqual(done);
    expect(await stored()).toEqual(['direct']);
  });

  test('a bad one fails the invocation, so that Lambda moves it to the dead letters', async () => {
    const stored = storeMessages(snsEvent('not JSON'), options());
    await expect(stored).rejects.toThrow('not stored: sns-0');
  });
});

describe('what the user may do', () => {
  test.each(['DELETE FROM messages', 'DROP TABLE messages', 'CREATE TABLE t (i INT)'])(
    'not: %s',
    async (sql) => {
      await expect(database.query(sql, [], captured.log)).rejects.toMatchObject({ kind: 'configuration' });
    },
  );
});
