import { createHash, randomUUID } from 'node:crypto';
import { SNSClient } from '@aws-sdk/client-sns';
import type { SQSEvent } from 'aws-lambda';
import fc from 'fast-check';
import { claimFor, pointerTo } from '../../handlers/messages/claim-check';
import { type Envelope, parseEnvelope, serializeEnvelope } from '../../handlers/messages/envelope';
import { portionsOf } from '../../handlers/messages/large-messages';
import { escapedBytes, MAX_ESCAPED_BYTES, MAX_OBJECT_BYTES } from '../../handlers/messages/limits';
import { postMessage } from '../../handlers/messages/post-message';
import { readMessages } from '../../handlers/messages/read-messages';
import { storeMessages } from '../../handlers/messages/store-messages';
import { clientConfig } from '../../handlers/shared/aws';
import { Database } from '../../handlers/shared/database';
import { TestDatabase } from '../support/database';
import { testEnvironment } from '../support/dynamodb';
import { apiEvent, capturedLog, parsed, snsEvent, sqsEvent } from '../support/events';
import { largeMessages } from '../support/large-messages';
import { type LoopbackServer, published, startLoopbackServer } from '../support/loopback-server';
import { s3Error, TestBucket } from '../support/s3';

const TOPIC_ARN = 'arn:aws:sns:us-east-1:000000000000:aws-micro-dev-messages';
const LAMBDA_BYTES = 6 * 1024 * 1024;

let fixture: TestDatabase;
let database: Database;
let reading: Database;
let bucket: TestBucket;
let topic: LoopbackServer;
let sns: SNSClient;
let settings: ReturnType<typeof largeMessages>;
const captured = capturedLog();

beforeAll(async () => {
  fixture = await TestDatabase.create();
  database = new Database(fixture.settings('messages_writer'));
  reading = new Database(fixture.settings('messages_reader'));
  bucket = await TestBucket.start();
  settings = largeMessages(bucket.network.url);
  topic = await startLoopbackServer(() => published);
  sns = new SNSClient({ ...clientConfig('SNS', testEnvironment(topic.url)), maxAttempts: 1 });
});

beforeEach(async () => {
  captured.lines.length = 0;
  topic.requests.length = 0;
  bucket.objects.clear();
  bucket.heal();
  await fixture.sql('TRUNCATE messages');
});

afterAll(async () => {
  sns.destroy();
  await topic.close();
  await bucket.close();
  database.close();
  reading.close();
  await fixture.drop();
});

function post(message: string, headers: Record<string, string> = {}, { objects } = settings) {
  const event = apiEvent({
    body: JSON.stringify({ message }),
    headers: { 'content-type': 'application/json', ...headers },
  });
  return postMessage(event, { sns, topicArn: TOPIC_ARN, log: captured.log, ...settings, objects });
}

/** What was published, as the topic got it. */
function publication(index = 0) {
  const sent = new URLSearchParams(topic.requests[index]?.body);
  const attributes: Record<string, string | null> = {};
  for (let i = 1; sent.has(`MessageAttributes.entry.${i}.Name`); i++) {
    const entry = `MessageAttributes.entry.${i}`;
    attributes[sent.get(`${entry}.Name`) ?? ''] =
      `${sent.get(`${entry}.Value.DataType`)} ${sent.get(`${entry}.Value.StringValue`)}`;
  }
  return { message: sent.get('Message') ?? '', attributes };
}

const newEnvelope = (message: string): Envelope => ({
  messageId: randomUUID(),
  message,
  createdAt: '2026-01-02T03:04:05.006Z',
});

/** Puts a message into the bucket. @returns the body and the size that are published for it */
function checkIn(envelope: Envelope): { body: string; bytes: number; key: string } {
  const contents = Buffer.from(serializeEnvelope(envelope));
  const { key } = claimFor(envelope.messageId, contents);
  bucket.put(key, contents);
  return { body: pointerTo(TestBucket.NAME, key), bytes: contents.length, key };
}

/** A batch of which some bodies are pointers. */
function batch(...items: readonly { readonly body: string; readonly bytes?: number }[]): SQSEvent {
  const event = sqsEvent(items.map(({ body }) => body));
  event.Records.forEach((record, index) => {
    const bytes = items[index]?.bytes;
    if (bytes === undefined) return;
    record.messageAttributes['ExtendedPayloadSize'] = { dataType: 'Number', stringValue: String(bytes) };
  });
  return event;
}

const store = (event: SQSEvent, remainingMs = settings.remainingMs) =>
  storeMessages(event, { database, log: captured.log, ...settings, remainingMs });

const failed = (...indexes: number[]) => ({
  batchItemFailures: indexes.map((index) => ({ itemIdentifier: `item-${index}` })),
});

async function stored(): Promise<string[]> {
  const rows = await fixture.sql<{ message: string }>('SELECT message FROM messages ORDER BY id');
  return rows.map((row) => row.message);
}

describe('a message that the topic does not carry', () => {
  const largest = () => {
    const overhead = Buffer.byteLength(serializeEnvelope({ ...newEnvelope('x'), message: '' }));
    return 'x'.repeat(262_144 - overhead - Buffer.byteLength('traceparentString') - 55);
  };

  test('begins one byte over what SNS counts', async () => {
    expect((await post(largest())).statusCode).toBe(202);
    expect(bucket.network.requests).toHaveLength(0);
    expect((await post(`${largest()}x`)).statusCode).toBe(202);
    expect(bucket.objects.size).toBe(1);
  });

  test('is in the bucket, and a pointer of the extended clients on the topic', async () => {
    const message = `höllo "${'x'.repeat(300_000)}"`;
    const { messageId } = parsed<{ messageId: string }>(await post(message)).body;
    const [[key, object] = []] = [...bucket.objects];
    const digest = createHash('sha256').update(object?.contents ?? '');
    expect(key).toBe(`messages/${messageId}/${digest.digest('hex')}`);
    expect(parseEnvelope(object?.contents.toString() ?? '')).toMatchObject({ messageId, message });
    expect(publication().message).toBe(
      `["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"documents","s3Key":"${key}"}]`,
    );
    expect(publication().attributes).toEqual({
      traceparent: expect.stringMatching(/^String 00-/) as string,
      ExtendedPayloadSize: `Number ${object?.contents.length}`,
    });
  });

  test('is sent with its checksum, and signed', async () => {
    await post('x'.repeat(300_000));
    const [request] = bucket.network.requests;
    const [object] = bucket.objects.values();
    const sum = createHash('sha256')
      .update(object?.contents ?? '')
      .digest('base64');
    expect(request?.method).toBe('PUT');
    expect(request?.headers['x-amz-checksum-sha256']).toBe(sum);
    const query = new URLSearchParams(request?.path.split('?')[1]);
    expect(query.get('X-Amz-SignedHeaders')).toBe('host;x-amz-checksum-sha256');
    expect(query.get('X-Amz-Credential')).toMatch(/^AKIDEXAMPLE\/\d{8}\/us-east-1\/s3\/aws4_request$/);
  });

  test('with the Idempotency-Key of another leaves what the first pointer names as it is', async () => {
    const key = { 'idempotency-key': 'order-17' };
    const first = parsed<{ messageId: string }>(await post('1'.repeat(300_000), key)).body;
    const before = [...bucket.objects];
    const second = parsed<{ messageId: string }>(await post('2'.repeat(300_000), key)).body;
    expect(second).toEqual(first);
    expect(bucket.objects.size).toBe(2);
    expect([...bucket.objects].slice(0, 1)).toEqual(before);
    expect(publication(0).message).not.toBe(publication(1).message);
  });

  test.each([
    [503, 'SlowDown', 503, 3],
    [500, 'InternalError', 503, 3],
    [403, 'AccessDenied', 502, 1],
    [404, 'NoSuchBucket', 502, 1],
  ])('meets a bucket that answers %i %s: %i', async (status, code, expected, attempts) => {
    bucket.network.respond = () => s3Error(status, code);
    const response = await post(`secret words${'x'.repeat(300_000)}`);
    expect(response.statusCode).toBe(expected);
    expect(response.headers?.['retry-after']).toBe(expected === 503 ? '1' : undefined);
    expect(parsed<{ detail: string }>(response).body.detail).toContain('because the bucket did not take it');
    expect(bucket.network.requests).toHaveLength(attempts);
    expect(topic.requests).toHaveLength(0);
    expect(captured.problems()).toEqual([
      expect.objectContaining({ event: 'publish failed', call: 's3:PutObject', error: code, status }),
    ]);
    expect(captured.text()).not.toContain('secret words');
  });

  test('survives a connection that breaks', async () => {
    bucket.network.respond = () => {
      bucket.heal();
      return 'reset';
    };
    expect((await post('x'.repeat(300_000))).statusCode).toBe(202);
    expect(bucket.objects.size).toBe(1);
  });

  test('does not wait for ever', async () => {
    bucket.network.respond = () => 'hang';
    const response = await post('x'.repeat(300_000), {}, largeMessages(bucket.network.url, 200));
    expect(response.statusCode).toBe(503);
    expect(captured.problems()).toEqual([expect.objectContaining({ error: 'TimeoutError' })]);
  });
});

describe('the largest message', () => {
  /** The most of such a text that is taken. */
  function fill(unit: string): string {
    const count = Math.floor(
      (MAX_ESCAPED_BYTES - escapedBytes('')) / (escapedBytes(unit) - escapedBytes('')),
    );
    return unit.repeat(count);
  }
  test.each([
    ['quotes', '"'],
    ['control characters', '\u0001'],
    // Two bytes each in the statement.
    ['apostrophes', "'"],
    // Six bytes each where SNS would carry it.
    ['U+FFFF', '\uFFFF'],
  ])('of %s is taken, stored and given back, one more is not', async (_what, unit) => {
    const message = fill(unit);
    expect((await post(message)).statusCode).toBe(202);
    const [[key = '', object] = []] = [...bucket.objects];
    const bytes = object?.contents.length ?? 0;
    expect(bytes).toBeLessThanOrEqual(MAX_OBJECT_BYTES);
    const result = await store(batch({ body: pointerTo(TestBucket.NAME, key), bytes }));
    expect([result, captured.problems()]).toEqual([failed(), []]);

    const options = { database: reading, log: captured.log };
    const { messageId } = JSON.parse(object?.contents.toString() ?? '') as Envelope;
    const one = await readMessages(apiEvent({ pathParameters: { messageId } }), options);
    expect(parsed<Envelope>(one).body.message === message).toBe(true);
    const page = await readMessages(apiEvent({}), options);
    expect(parsed<{ items: Envelope[] }>(page).body.items).toHaveLength(1);
    for (const answer of [one, page]) {
      expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThanOrEqual(LAMBDA_BYTES);
    }

    const refused = parsed<{ errors: unknown }>(await post(message + unit));
    expect(refused.status).toBe(413);
    expect(refused.body.errors).toEqual([
      { pointer: '#/message', detail: expect.stringContaining('and 6225920 are possible') as string },
    ]);
  });

  test('leaves room in the event for all the headers that API Gateway lets through', () => {
    const header = '"'.repeat(10_240 - 12);
    const event = {
      headers: { 'user-agent': header },
      requestContext: { http: { userAgent: header } },
      rawQueryString: header,
      body: JSON.stringify({ message: fill('"') }),
    };
    expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThanOrEqual(LAMBDA_BYTES);
  });

  test('whatever is taken fits into the answer, and comes in an event no smaller', () => {
    const text = fc.string({ unit: 'binary', minLength: 1 }).filter((s) => !/\p{Surrogate}/u.test(s));
    fc.assert(
      fc.property(text, (message) => {
        const answer = { statusCode: 200, body: JSON.stringify({ ...newEnvelope(''), message }) };
        const around = { statusCode: 200, body: JSON.stringify({ ...newEnvelope(''), message: '' }) };
        const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
        const counted = escapedBytes(message) - escapedBytes('');
        expect(bytes(answer) - bytes(around)).toBe(counted);
        const event = bytes({ body: JSON.stringify({ message }) });
        expect(event).toBeGreaterThanOrEqual(counted);
      }),
      { numRuns: 300, examples: [['\0\u001f"\\/\u007f\u2028\uFFFE\u{1F600}\b\n']] },
    );
  });
});

describe('the consumer', () => {
  const large = (letter: string) => newEnvelope(letter.repeat(300_000));

  test('stores large and small ones, and leaves the objects where they are', async () => {
    const [a, b] = [large('a'), large('b')];
    const small = { body: serializeEnvelope(newEnvelope('small')) };
    expect(await store(batch(checkIn(a), small, checkIn(b)))).toEqual(failed());
    expect((await stored()).sort()).toEqual([a.message, b.message, 'small'].sort());
    expect(bucket.objects.size).toBe(2);
    expect(captured.problems()).toEqual([]);
  });

  test('stores a repeated delivery once, and another message with the same id not at all', async () => {
    const first = large('1');
    const second = { ...first, message: '2'.repeat(300_000) };
    const [one, two] = [checkIn(first), checkIn(second)];
    expect(await store(batch(one, one))).toEqual(failed());
    expect(await store(batch(one, two))).toEqual(failed());
    expect(await stored()).toEqual([first.message]);
    expect(captured.problems()).toEqual([
      expect.objectContaining({ event: 'conflicting message ignored', messageId: first.messageId }),
    ]);
  });

  test('reports what is missing or changed alone, and stores the others', async () => {
    const [missing, changed, good] = [checkIn(large('m')), checkIn(large('c')), checkIn(large('g'))];
    bucket.delete(missing.key);
    bucket.put(changed.key, serializeEnvelope(large('d')));
    const small = { body: serializeEnvelope(newEnvelope('small')) };
    expect(await store(batch(missing, changed, good, small))).toEqual(failed(0, 1));
    expect((await stored()).map((text) => text[0])).toEqual(['s', 'g']);
    expect(captured.problems()).toEqual([
      expect.objectContaining({ event: 'large message not read', itemId: 'item-0', error: 'NoSuchKey' }),
      expect.objectContaining({ event: 'large message is not what was put there', itemId: 'item-1' }),
    ]);
  });

  test('leaves what S3 does not give for later, and stores the others', async () => {
    const claimed = checkIn(large('a'));
    bucket.network.respond = () => s3Error(503, 'SlowDown');
    const small = { body: serializeEnvelope(newEnvelope('small')) };
    expect(await store(batch(claimed, small))).toEqual(failed(0));
    expect(bucket.network.requests).toHaveLength(3);
    expect(captured.problems()).toEqual([
      expect.objectContaining({ event: 'large message not read', permanent: false, status: 503 }),
    ]);
    bucket.heal();
    expect(await store(batch(claimed))).toEqual(failed());
    expect(await stored()).toHaveLength(2);
  });

  test.each([
    ['of another bucket', (key: string) => pointerTo('another-bucket', key)],
    ['to another part of the bucket', () => pointerTo(TestBucket.NAME, 'secrets/key')],
    ['out of its part', (key: string) => pointerTo(TestBucket.NAME, `messages/../secrets/${key}`)],
    ['of another class', (key: string) => JSON.stringify(['x', { s3BucketName: 'documents', s3Key: key }])],
    ['that is none', () => '["software.amazon.payloadoffloading.PayloadS3Pointer"]'],
    ['that is no JSON', () => 'software.amazon'],
  ])('follows no pointer %s', async (_which, pointer) => {
    const { key, bytes } = checkIn(large('a'));
    expect(await store(batch({ body: pointer(key), bytes }))).toEqual(failed(0));
    expect(bucket.network.requests).toHaveLength(0);
    expect(captured.problems()).toEqual([expect.objectContaining({ event: 'malformed message' })]);
  });

  test('takes a body without the attribute for a message', async () => {
    expect(await store(batch({ body: checkIn(large('a')).body }))).toEqual(failed(0));
    expect(bucket.network.requests).toHaveLength(0);
  });

  test.each([
    ['more than it was told', (bytes: number) => bytes - 1],
    ['more than there can be', () => MAX_OBJECT_BYTES + 1],
  ])('reads no object that has %s', async (_what, told) => {
    const { body, bytes } = checkIn(large('a'));
    expect(await store(batch({ body, bytes: told(bytes) }))).toEqual(failed(0));
    expect(await stored()).toEqual([]);
  });

  test('gets pointers from the topic itself, too', async () => {
    const envelope = large('a');
    const { body, bytes } = checkIn(envelope);
    const event = snsEvent(body);
    event.Records[0]!.Sns.MessageAttributes = {
      ExtendedPayloadSize: { Type: 'Number', Value: String(bytes) },
    };
    const options = { database, log: captured.log, ...settings };
    expect(await storeMessages(event, options)).toEqual(failed());
    expect(await stored()).toEqual([envelope.message]);
    bucket.objects.clear();
    await expect(storeMessages(event, options)).rejects.toThrow('not stored: sns-0');
  });

  test('begins no portion for which there is no time', async () => {
    const claims = ['a', 'b', 'c'].map((letter) => checkIn(newEnvelope(letter.repeat(5_000_000))));
    const times = [9_000, 4_999, 4_000];
    expect(await store(batch(...claims), () => times.shift() ?? 0)).toEqual(failed(1, 2));
    expect((await stored()).map((text) => text[0])).toEqual(['a']);
    expect(captured.problems()).toHaveLength(2);
    expect(captured.problems()[0]).toMatchObject({ event: 'large messages left for later', messages: 1 });
  });

  test('has no more than eight megabytes of them at a time, unless one is larger', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(MAX_OBJECT_BYTES), { maxLength: 20 }), (sizes) => {
        const items = sizes.map((offloadedBytes, i) => ({ id: String(i), body: '', offloadedBytes }));
        const portions = portionsOf(items);
        expect(portions.flat()).toEqual(items);
        for (const portion of portions) {
          const bytes = portion.reduce((sum, item) => sum + item.offloadedBytes, 0);
          expect(bytes <= 8_000_000 || portion.length === 1).toBe(true);
          expect(portion.length).toBeGreaterThan(0);
        }
      }),
    );
  });
});
