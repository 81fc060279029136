import { createHash } from 'node:crypto';
import type { S3Event } from 'aws-lambda';
import { Documents, documentsTimeline } from '../../../handlers/documents/documents';
import { listDocuments } from '../../../handlers/documents/list-documents';
import { MAX_BYTES, takeIn } from '../../../handlers/documents/take-in';
import { dynamoDbError, TestDynamoDb } from '../../support/dynamodb';
import { answered, apiEvent, capturedLog } from '../../support/events';
import { s3Error, TestBucket } from '../../support/s3';

let dynamodb: TestDynamoDb;
let bucket: TestBucket;
const captured = capturedLog();

beforeAll(async () => {
  dynamodb = await TestDynamoDb.start();
  bucket = await TestBucket.start();
});

afterEach(() => {
  dynamodb.heal();
  bucket.heal();
  captured.lines.length = 0;
});

afterAll(async () => {
  await bucket.close();
  await dynamodb.close();
});

const intake = (event: S3Event) =>
  takeIn(event, {
    s3: bucket.client,
    documents: new Documents(dynamodb.client, 'documents'),
    log: captured.log,
  });

async function stored(key: string) {
  const item = await dynamodb.item('documents', { key: { S: key } });
  return item && Object.fromEntries(Object.entries(item).map(([name, { S, N }]) => [name, S ?? Number(N)]));
}

const list = (queryStringParameters?: Record<string, string>) =>
  answered(
    listDocuments(apiEvent({ queryStringParameters }), {
      timeline: documentsTimeline(dynamodb.client, 'documents', 'timeline'),
      log: captured.log,
    }),
  );

describe('what comes in', () => {
  test('is read, and recorded with what it says of itself', async () => {
    const text = '# Größe 😀\n\nTwo lines\tof text.\n';
    await intake(bucket.put('incoming/notes.md', text, 'text/markdown; charset=utf-8'));
    expect(await stored('incoming/notes.md')).toEqual({
      key: 'incoming/notes.md',
      status: 'taken-in',
      contentType: 'text/markdown',
      bytes: Buffer.byteLength(text),
      title: 'Größe 😀',
      words: 7,
      lines: 3,
      sha256: createHash('sha256').update(text).digest('hex'),
      excerpt: '# Größe 😀 Two lines of text.',
      takenInAt: '2026-01-02T03:04:05.006Z',
      sequencer: expect.stringMatching(/^[0-9A-F]{32}$/) as string,
      timeline: 'documents',
    });
  });

  test('has its key decoded as S3 encodes it', async () => {
    const key = 'incoming/größe & more +1 (a).txt';
    await intake(bucket.put(key, 'x'));
    expect(await stored(key)).toMatchObject({ status: 'taken-in', contentType: 'text/plain' });
  });

  test('is unsupported unless it is one of four kinds of text', async () => {
    await intake(bucket.put('incoming/picture.png', Buffer.from([137, 80, 78, 71]), 'image/png'));
    expect(await stored('incoming/picture.png')).toMatchObject({
      status: 'unsupported',
      contentType: 'image/png',
      bytes: 4,
    });
    expect(await stored('incoming/picture.png')).not.toHaveProperty('sha256');
  });

  test('is not read where it is too large', async () => {
    await intake(bucket.put('incoming/large.txt', 'x'.repeat(MAX_BYTES + 1), 'text/plain'));
    expect(await stored('incoming/large.txt')).toMatchObject({ status: 'too-large', bytes: MAX_BYTES + 1 });
    await intake(bucket.put('incoming/large.txt', 'x'.repeat(MAX_BYTES), 'text/plain'));
    expect(await stored('incoming/large.txt')).toMatchObject({ status: 'taken-in', bytes: MAX_BYTES });
  });

  test.each([
    ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x41]), 'text/plain'],
    ['a text that is no JSON', '{"title": ', 'application/json'],
  ])('is unreadable: %s', async (_what, contents, type) => {
    await intake(bucket.put('incoming/broken', contents, type));
    expect(await stored('incoming/broken')).toMatchObject({ status: 'unreadable', title: 'broken' });
  });
});

describe('events', () => {
  test('that are repeated change nothing', async () => {
    const event = bucket.put('incoming/twice.txt', 'one');
    await intake(event);
    const first = await stored('incoming/twice.txt');
    await intake(event);
    expect(await stored('incoming/twice.txt')).toEqual(first);
    expect(captured.lines.at(-1)).toMatchObject({ event: 'late event ignored' });
  });

  test('of an older version never overwrite a newer one', async () => {
    const older = bucket.put('incoming/order.txt', 'older');
    const newer = bucket.put('incoming/order.txt', 'newer');
    await intake(newer);
    await intake(older);
    expect(await stored('incoming/order.txt')).toMatchObject({ excerpt: 'newer' });
    expect(captured.lines.at(-1)).toMatchObject({ event: 'object replaced meanwhile' });
  });

  test('of the same bytes are told apart by their sequencers, short ones too', async () => {
    const event = bucket.put('incoming/short.txt', 'same');
    const withSequencer = (sequencer: string): S3Event => {
      const [record] = event.Records;
      const s3 = { ...record!.s3, object: { ...record!.s3.object, sequencer } };
      return { Records: [{ ...record!, eventTime: `2026-01-02T00:00:0${sequencer.length}Z`, s3 }] };
    };
    await intake(withSequencer('0A1'));
    await intake(withSequencer('0A'));
    expect(await stored('incoming/short.txt')).toMatchObject({ takenInAt: '2026-01-02T00:00:03.000Z' });
    await intake(withSequencer('0a11'));
    expect(await stored('incoming/short.txt')).toMatchObject({ takenInAt: '2026-01-02T00:00:04.000Z' });
  });

  test('of a removal mark the document, and keep what was known of it', async () => {
    await intake(bucket.put('incoming/gone.txt', 'here'));
    await intake(bucket.delete('incoming/gone.txt'));
    expect(await stored('incoming/gone.txt')).toMatchObject({
      status: 'removed',
      removedAt: '2026-01-02T03:04:05.006Z',
      excerpt: 'here',
    });
  });

  test('of a removal win over the creation that comes after them', async () => {
    const created = bucket.put('incoming/fast.txt', 'here');
    await intake(bucket.delete('incoming/fast.txt'));
    await intake(created);
    expect(await stored('incoming/fast.txt')).toEqual({
      key: 'incoming/fast.txt',
      status: 'removed',
      removedAt: '2026-01-02T03:04:05.006Z',
      sequencer: expect.any(String) as string,
    });
  });

  test('of a new object take the mark away', async () => {
    await intake(bucket.put('incoming/again.txt', 'one'));
    await intake(bucket.delete('incoming/again.txt'));
    await intake(bucket.put('incoming/again.txt', 'two'));
    const document = await stored('incoming/again.txt');
    expect(document).toMatchObject({ status: 'taken-in', excerpt: 'two' });
    expect(document).not.toHaveProperty('removedAt');
  });
});

describe('an AWS service that fails', () => {
  test.each([
    ['throttles', 503, 'SlowDown', false],
    ['is out of order', 500, 'InternalError', false],
    ['forbids it', 403, 'AccessDenied', true],
  ])('has the event come again: S3 %s', async (_what, status, code, permanent) => {
    const event = bucket.put('incoming/failing.txt', 'x');
    bucket.network.respond = () => s3Error(status, code);
    await expect(intake(event)).rejects.toThrow('1 of 1 documents were not recorded');
    expect(captured.problems()).toEqual([
      expect.objectContaining({
        event: 'document not recorded',
        call: 's3:GetObject',
        error: code,
        permanent,
      }),
    ]);
    expect(await stored('incoming/failing.txt')).toBeUndefined();
  });

  test('has only what failed come again with the others recorded', async () => {
    const [one, two] = [bucket.put('incoming/one.txt', '1'), bucket.put('incoming/two.txt', '2')];
    bucket.network.respond = (request) =>
      request.path.includes('one') ? s3Error(503, 'SlowDown') : bucketAnswer();
    const answer = { status: 200, headers: { 'content-length': '1' }, body: '2' };
    const bucketAnswer = () => answer;
    await expect(intake({ Records: [...one.Records, ...two.Records] })).rejects.toThrow('1 of 2');
    expect(await stored('incoming/two.txt')).toMatchObject({ status: 'taken-in' });
  });

  test('says which call it was: DynamoDB', async () => {
    dynamodb.network.respond = () => dynamoDbError(400, 'ProvisionedThroughputExceededException');
    await expect(intake(bucket.put('incoming/table.txt', 'x'))).rejects.toThrow('1 of 1');
    expect(captured.problems()[0]).toMatchObject({ call: 'dynamodb:PutItem', permanent: false });
  });
});

describe('GET /documents', () => {
  test('lists all, newest first, by pages', async () => {
    const keys: unknown[] = [];
    let cursor: string | null | undefined;
    do {
      const { status, body } = await list({ limit: '3', ...(cursor && { cursor }) });
      expect(status).toBe(200);
      const { items, nextCursor } = body as { items: { key: string }[]; nextCursor: string | null };
      expect(items.length).toBeLessThanOrEqual(3);
      keys.push(...items.map(({ key }) => key));
      cursor = nextCursor;
    } while (cursor !== null);
    const all = (await dynamodb.scan('documents', 'timeline')).map(({ key }) => key?.S);
    expect(keys).toHaveLength(all.length);
    expect(new Set(keys)).toEqual(new Set(all));
  });

  test('shows what the table has, and nothing of its own', async () => {
    const { body } = await list({ limit: '100' });
    const shown = (body['items'] as { key: string }[]).find(({ key }) => key === 'incoming/notes.md');
    expect(shown).toMatchObject({ status: 'taken-in', title: 'Größe 😀', words: 7 });
    expect(shown).not.toHaveProperty('sequencer');
    expect(shown).not.toHaveProperty('timeline');
  });

  test.each([
    [{ limit: '0' }, 'limit'],
    [{ limit: '101' }, 'limit'],
    [{ limit: 'x' }, 'limit'],
    [{ cursor: 'x' }, 'cursor'],
    [{ cursor: Buffer.from('["2026","",""]').toString('base64url') }, 'cursor'],
    [{ cursor: Buffer.from('["2026",""]').toString('base64url') }, 'cursor'],
    [{ cursor: Buffer.from('{"length":2}').toString('base64url') }, 'cursor'],
  ])('refuses %j', async (query, parameter) => {
    const { status, body } = await list(query);
    expect(status).toBe(400);
    expect(body.errors?.[0]).toMatchObject({ parameter });
  });

  test('is 503 while the table takes no calls, and an error of ours where it refuses them', async () => {
    dynamodb.network.respond = () => 'reset';
    const { status, headers } = await list();
    expect([status, headers['retry-after']]).toEqual([503, '1']);
    dynamodb.network.respond = () => dynamoDbError(400, 'AccessDeniedException');
    await expect(list()).rejects.toThrow('dynamodb:Query: AccessDeniedException');
  });
});
