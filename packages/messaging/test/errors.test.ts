import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MessagingOptions } from '../src';
import { isMessagingError, Messaging, MessagingError } from '../src';
import { asMessagingError } from '../src/errors';

/** A call as SQS gets it. */
interface Call {
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

type Answer =
  { readonly status?: number; readonly body?: object; readonly headers?: Record<string, string> } | 'never';

/** An endpoint that speaks SQS's protocol and answers as a test says. */
class ScriptedSqs {
  readonly calls: Call[] = [];
  answer: (call: Call) => Answer = () => ({});
  private readonly server = createServer((request, response) => void this.handle(request, response));

  async start(): Promise<void> {
    await new Promise<void>((listening) => this.server.listen(0, '127.0.0.1', listening));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  operations(name: string): Call[] {
    return this.calls.filter(({ operation }) => operation === name);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const operation = String(request.headers['x-amz-target']).split('.')[1]!;
    const call = { operation, input: JSON.parse(Buffer.concat(chunks).toString()) as Call['input'] };
    this.calls.push(call);
    const answer =
      operation === 'GetQueueUrl'
        ? { body: { QueueUrl: 'https://sqs.us-east-1.amazonaws.com/1/orders' } }
        : this.answer(call);
    if (answer === 'never') return;
    response.writeHead(answer.status ?? 200, {
      'content-type': 'application/x-amz-json-1.0',
      ...answer.headers,
    });
    response.end(JSON.stringify(answer.body ?? {}));
  }
}

const sqs = new ScriptedSqs();
const opened: Messaging[] = [];
const waits: number[] = [];

beforeAll(() => sqs.start());

beforeEach(() => {
  sqs.calls.length = 0;
  waits.length = 0;
});

afterAll(async () => {
  for (const messaging of opened) await messaging.close();
  await sqs.stop();
});

function open(options: MessagingOptions = {}): Messaging {
  const messaging = new Messaging({
    endpoint: sqs.url,
    region: 'us-east-1',
    credentials: { kind: 'static', accessKeyId: 'a', secretAccessKey: 's' },
    clock: { now: () => 0, wait: (ms) => Promise.resolve(void waits.push(ms)) },
    ...options,
  });
  opened.push(messaging);
  return messaging;
}

const failure =
  (type: string, status = 400, headers = {}) =>
  () => ({
    status,
    headers,
    body: { __type: `com.amazonaws.sqs#${type}`, message: 'because' },
  });

describe('an error of a service', () => {
  it.each([
    ['QueueDoesNotExist', 400, 'not-found'],
    ['QueueNameExists', 400, 'already-exists'],
    ['PurgeQueueInProgress', 403, 'throttled'],
    ['OverLimit', 403, 'throttled'],
    ['AccessDeniedException', 400, 'denied'],
    ['InvalidClientTokenId', 403, 'denied'],
    ['KmsAccessDenied', 400, 'denied'],
    ['MessageNotInflight', 400, 'conflict'],
    ['ReceiptHandleIsInvalid', 400, 'invalid'],
    ['BatchRequestTooLong', 400, 'too-large'],
    ['UnsupportedOperation', 400, 'unsupported'],
    ['UnknownThing', 404, 'not-found'],
    ['UnknownThing', 409, 'conflict'],
    ['UnknownThing', 413, 'too-large'],
    ['UnknownThing', 429, 'throttled'],
    ['UnknownThing', 418, 'invalid'],
    ['InternalFailure', 500, 'unavailable'],
    ['ServiceUnavailable', 503, 'unavailable'],
  ])('%s (%d) is %s', async (type, status, code) => {
    sqs.answer = failure(type, status);
    const error = await open({ maxAttempts: 1 })
      .queues.purge('orders')
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MessagingError);
    expect(error).toMatchObject({
      code,
      message: 'Purging queue "orders" failed: because',
      cause: expect.any(Error) as unknown,
    });
    expect(isMessagingError(error, code as MessagingError['code'])).toBe(true);
    expect(isMessagingError(error, 'closed')).toBe(false);
  });

  it('says when another try makes sense', async () => {
    sqs.answer = failure('ThrottlingException', 429, { 'retry-after': '7' });
    await expect(open({ maxAttempts: 1 }).queues.purge('orders')).rejects.toMatchObject({
      code: 'throttled',
      retryAfterSeconds: 7,
    });
  });

  it('is not shown to those who asked for nothing of AWS', () => {
    const own = new MessagingError('conflict', 'own');
    expect(asMessagingError(own, 'doing')).toBe(own);
    expect(asMessagingError('text', 'doing')).toMatchObject({
      code: 'unavailable',
      message: 'Doing failed: text',
    });
    expect(asMessagingError(null, 'doing')).toMatchObject({ message: 'Doing failed: null' });
  });
});

describe('a call', () => {
  it.each([1, 2])('that is throttled is tried %d times', async (maxAttempts) => {
    sqs.answer = failure('RequestThrottled', 403);
    await expect(open({ maxAttempts }).queues.purge('orders')).rejects.toMatchObject({ code: 'throttled' });
    expect(sqs.operations('PurgeQueue')).toHaveLength(maxAttempts);
  });

  it('that succeeds at last has succeeded', async () => {
    let tries = 0;
    sqs.answer = () => (++tries < 3 ? failure('InternalFailure', 500)() : {});
    await open().queues.purge('orders');
    expect(tries).toBe(3);
  });

  it('that is not answered ends in time', async () => {
    sqs.answer = () => 'never';
    const messaging = open({ maxAttempts: 1, requestTimeoutMs: 30 });
    await expect(messaging.queues.purge('orders')).rejects.toMatchObject({ code: 'timeout' });
  });

  it('to nobody is unavailable', async () => {
    const messaging = open({ maxAttempts: 1, endpoint: 'http://127.0.0.1:1' });
    await expect(messaging.queues.list()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('ECONNREFUSED') as unknown,
    });
  });
});

type Entry = { Id: string; MessageBody: string };
const entriesOf = ({ input }: Call) => input['Entries'] as Entry[];
const success = ({ Id, MessageBody }: Entry) => ({
  Id,
  MessageId: `id-${Id}`,
  MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
});

describe('messages of a batch', () => {
  it("are sent again when the service failed them, and not when they are the sender's fault", async () => {
    let calls = 0;
    sqs.answer = (call) => {
      const [first, second, ...rest] = entriesOf(call);
      if (++calls > 1) return { body: { Successful: entriesOf(call).map(success) } };
      const Failed = [
        { Id: first!.Id, Code: 'InternalError', SenderFault: false, Message: 'try again' },
        { Id: second!.Id, Code: 'InvalidMessageContents', SenderFault: true, Message: 'no' },
      ];
      return { body: { Successful: rest.map(success), Failed } };
    };
    const { sent, failed } = await open().queues.sendAll('orders', [
      { body: 'a' },
      { body: 'b' },
      { body: 'c' },
    ]);
    expect(sent.map(({ messageId }) => messageId)).toEqual(['id-0', 'id-2']);
    expect(failed).toEqual([{ index: 1, code: 'invalid', detail: 'Sending to queue "orders" failed: no' }]);
    expect(sqs.operations('SendMessageBatch').map((call) => entriesOf(call).length)).toEqual([3, 1]);
    expect(waits).toEqual([expect.any(Number)]);
  });

  it('are given up after as many tries as a call has', async () => {
    sqs.answer = (call) => ({
      body: { Failed: entriesOf(call).map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false })) },
    });
    const { sent, failed } = await open({ maxAttempts: 4 }).queues.sendAll('orders', [{ body: 'a' }]);
    expect([sent, failed]).toEqual([
      [],
      [{ index: 0, code: 'unavailable', detail: expect.any(String) as unknown }],
    ]);
    expect(sqs.operations('SendMessageBatch')).toHaveLength(4);
    expect(waits.map((ms) => ms >= 50 && ms <= 400)).toEqual([true, true, true]);
  });

  it('are sent apart where they are too long together', async () => {
    sqs.answer = (call) => {
      const entries = entriesOf(call);
      return entries.length > 2
        ? failure('BatchRequestTooLong')()
        : { body: { Successful: entries.map(success) } };
    };
    const { sent, failed } = await open().queues.sendAll(
      'orders',
      [...'abcde'].map((body) => ({ body })),
    );
    expect([sent.length, failed]).toEqual([5, []]);
    expect(sqs.operations('SendMessageBatch').map((call) => entriesOf(call).length)).toEqual([5, 3, 2, 1, 2]);
  });

  it('fail together when their call fails', async () => {
    sqs.answer = failure('AccessDeniedException');
    const { sent, failed } = await open().queues.sendAll('orders', [{ body: 'a' }, { body: 'b' }]);
    expect(sent).toEqual([]);
    expect(failed.map(({ index, code }) => [index, code])).toEqual([
      [0, 'denied'],
      [1, 'denied'],
    ]);
  });
});

describe('options', () => {
  it.each([
    ['region', { region: 'moon base' }],
    ['endpoint', { endpoint: 'localhost:4566' }],
    ['proxy', { proxy: 'socks://proxy' }],
    ['prefix', { prefix: 'a b' }],
    ['maxAttempts', { maxAttempts: 0 }],
    ['credentials.kind', { credentials: { kind: 'toString' as never } }],
    ['credentials.path', { credentials: { kind: 'file' } as never }],
    [
      'credentials.secretAccessKey',
      { credentials: { kind: 'static', accessKeyId: 'a', secretAccessKey: '' } },
    ],
    [
      'credentials.source.roleArn',
      { credentials: { kind: 'role', roleArn: 'a', source: { kind: 'role' } } as never },
    ],
    ['requestTimeoutMs', { requestTimeoutMs: 1.5 }],
    ['largeMessages.bucket', { largeMessages: { bucket: 'No' } }],
    ['largeMessages.prefix', { largeMessages: { bucket: 'good-bucket', prefix: 'p'.repeat(901) } }],
    ['largeMessages.thresholdBytes', { largeMessages: { bucket: 'good-bucket', thresholdBytes: -1 } }],
  ] as [string, MessagingOptions][])('%s is refused when it is wrong (%#)', (field, options) => {
    const make = () => Promise.resolve().then(() => new Messaging(options));
    return expect(make()).rejects.toMatchObject({
      code: 'invalid',
      errors: [{ field, detail: expect.any(String) as unknown }],
    });
  });
});
