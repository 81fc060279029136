import { PublishCommand } from '@aws-sdk/client-sns';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Messaging, OutgoingMessage } from '../src';
import type { Cloud } from './support';
import { startCloud } from './support';

let cloud: Cloud;
let messaging: Messaging;

beforeAll(async () => {
  cloud = await startCloud();
  messaging = cloud.open();
});

afterAll(() => cloud.close());

let made = 0;

async function queue(settings: object = {}, suffix = ''): Promise<string> {
  const name = `queue-${++made}${suffix}`;
  await messaging.queues.create({ name, ...settings });
  return name;
}

const fifoQueue = (settings: object = {}) => queue(settings, '.fifo');
const refusal = (...errors: object[]) => ({ code: 'invalid', errors });

async function* streamed<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

describe('a message', () => {
  it('arrives as it was sent', async () => {
    const name = await queue();
    const attributes = { text: 'Grüße 🎈', number: -1.5, bytes: new Uint8Array([0, 255]) };
    const sent = await messaging.queues.send(name, { body: 'tab\tline\n😀', attributes });
    expect(sent).toEqual({
      messageId: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
      sequenceNumber: null,
      large: false,
    });
    const before = Date.now() - 60_000;
    const [message] = await messaging.queues.receive(name);
    expect(message).toMatchObject({
      messageId: sent.messageId,
      body: 'tab\tline\n😀',
      receiptHandle: expect.any(String) as unknown,
      receiveCount: 1,
      groupId: null,
      deduplicationId: null,
      sequenceNumber: null,
      large: false,
    });
    expect({ ...message!.attributes, bytes: [...(message!.attributes['bytes'] as Uint8Array)] }).toEqual({
      ...attributes,
      bytes: [0, 255],
    });
    expect(message!.sentAt.getTime()).toBeGreaterThan(before);
    expect(message!.firstReceivedAt.getTime()).toBeGreaterThanOrEqual(message!.sentAt.getTime());
    expect(message!.topic).toBeUndefined();
  });

  it('of a FIFO queue has its group, order and deduplication', async () => {
    const name = await fifoQueue();
    const message = { body: 'a', groupId: 'g', deduplicationId: 'd' };
    const first = await messaging.queues.send(name, message);
    expect(first.sequenceNumber).toMatch(/^\d+$/);
    await messaging.queues.send(name, message);
    const received = await messaging.queues.receive(name);
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({ ...message, sequenceNumber: first.sequenceNumber });
  });

  it('keeps numbers that JavaScript does not hold', async () => {
    const name = await queue();
    const numbers = ['9007199254740993', '9007199254740991', '1.50', '1e3', '12345678901234567890.5'];
    const values = Object.fromEntries(
      numbers.map((value, index) => [`n${index}`, { DataType: 'Number.custom', StringValue: value }]),
    );
    const url = (await messaging.queues.get(name)).url;
    const { sqs } = cloud.runtime;
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x', MessageAttributes: values }));
    const [message] = await messaging.queues.receive(name);
    expect(message!.attributes).toEqual({
      n0: '9007199254740993',
      n1: 9_007_199_254_740_991,
      n2: 1.5,
      n3: 1000,
      n4: '12345678901234567890.5',
    });
  });

  it.each([
    ['an empty body', { body: '' }, 'body', 'must not be empty'],
    ['a control character', { body: 'a\u0001b' }, 'body', 'the character U+0001 at 1 cannot be sent'],
    ['a noncharacter', { body: '\uFFFE' }, 'body', 'the character U+FFFE at 0 cannot be sent'],
    ['half a character', { body: 'ab\uD83D' }, 'body', 'the character U+D83D at 2 cannot be sent'],
    ['no text', { body: 1 as never }, 'body', 'must be a string'],
    ['a delay', { body: 'x', delaySeconds: 901 }, 'delaySeconds', 'must be a whole number from 0 to 900'],
    ['a deduplication', { body: 'x', deduplicationId: 'd' }, 'deduplicationId', 'is for FIFO queues only'],
    ['a group', { body: 'x', groupId: 'a b' }, 'groupId', expect.stringContaining('without spaces')],
    [
      'an attribute',
      { body: 'x', attributes: { a: '\u0000' } },
      'attributes.a',
      expect.stringContaining('U+0000'),
    ],
    ['no value', { body: 'x', attributes: { a: '' } }, 'attributes.a', 'must not be empty'],
    ['no number', { body: 'x', attributes: { a: NaN } }, 'attributes.a', 'must be a finite number'],
    ['another value', { body: 'x', attributes: { a: true as never } }, 'attributes.a', expect.any(String)],
    ['a name of AWS', { body: 'x', attributes: { 'AWS.x': '1' } }, 'attributes.AWS.x', expect.any(String)],
    ['a dot at the end', { body: 'x', attributes: { 'x.': '1' } }, 'attributes.x.', expect.any(String)],
    [
      'too many attributes',
      { body: 'x', attributes: Object.fromEntries([...'abcdefghijk'].map((name) => [name, 1])) },
      'attributes',
      'at most 10',
    ],
  ] as [string, OutgoingMessage, string, unknown][])(
    'with %s is not sent',
    async (_what, message, field, detail) => {
      await expect(messaging.queues.send('any', message)).rejects.toMatchObject(refusal({ field, detail }));
    },
  );

  it('to a FIFO queue needs a group, and has no delay of its own', async () => {
    await expect(messaging.queues.send('any.fifo', { body: 'x', delaySeconds: 1 })).rejects.toMatchObject(
      refusal(
        { field: 'groupId', detail: 'is required by a FIFO queue' },
        { field: 'delaySeconds', detail: expect.any(String) as unknown },
      ),
    );
  });

  it('that the queue does not take is too large', async () => {
    const name = await queue({ maxMessageBytes: 1024 });
    await expect(messaging.queues.send(name, { body: 'x'.repeat(1025) })).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('1024 bytes') as unknown,
    });
    await messaging.queues.send(name, { body: 'x'.repeat(1024) });
  });

  it('is told of when it is sent, received and deleted', async () => {
    const name = await queue();
    const told: unknown[] = [];
    const stop = messaging.events.onAny(({ name: event, data }) => told.push([event, data]));
    const { messageId } = await messaging.queues.send(name, { body: 'x' });
    const [message] = await messaging.queues.receive(name, { visibilityTimeoutSeconds: 0 });
    await messaging.queues.deleteMessage(name, message!);
    stop();
    expect(told).toEqual([
      ['message.sent', { resource: name, messageId, large: false }],
      ['message.received', { resource: name, messageId, receiveCount: 1 }],
      ['message.deleted', { resource: name, messageId }],
    ]);
  });

  it('comes again until it is deleted', async () => {
    const name = await queue({ visibilityTimeoutSeconds: 0 });
    await messaging.queues.send(name, { body: 'x' });
    await messaging.queues.receive(name);
    const [again] = await messaging.queues.receive(name);
    expect(again?.receiveCount).toBe(2);
    await messaging.queues.deleteMessage(name, again!.receiptHandle);
    expect(await messaging.queues.receive(name)).toEqual([]);
  });

  it('is given back, and kept, by its visibility', async () => {
    const name = await queue();
    await messaging.queues.send(name, { body: 'x' });
    const [first] = await messaging.queues.receive(name);
    expect(await messaging.queues.receive(name)).toEqual([]);
    await messaging.queues.changeVisibility(name, first!, 0);
    const [second] = await messaging.queues.receive(name);
    expect(second?.messageId).toBe(first!.messageId);
    await expect(messaging.queues.changeVisibility(name, second!, 43_201)).rejects.toMatchObject(
      refusal({ field: 'seconds', detail: 'must be a whole number from 0 to 43200' }),
    );
  });

  it.each([
    ['max', { max: 11 }],
    ['waitSeconds', { waitSeconds: 21 }],
    ['visibilityTimeoutSeconds', { visibilityTimeoutSeconds: -1 }],
  ])('is not received with a wrong %s', async (field, options) => {
    await expect(messaging.queues.receive('any', options)).rejects.toMatchObject(
      refusal({ field, detail: expect.any(String) as unknown }),
    );
  });

  it('is waited for until a signal ends it', async () => {
    const name = await queue();
    const stop = new AbortController();
    const waiting = messaging.queues.receive(name, { waitSeconds: 20, signal: stop.signal });
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'closed' });
  });

  it('is waited for longer than a call may take', async () => {
    const hasty = cloud.open({ requestTimeoutMs: 500, maxAttempts: 1 });
    expect(await hasty.queues.receive(await queue(), { waitSeconds: 1 })).toEqual([]);
  });

  it('cannot be deleted with what is no receipt handle', async () => {
    const name = await queue();
    await expect(messaging.queues.deleteMessage(name, '')).rejects.toMatchObject(
      refusal({ field: 'receiptHandle', detail: 'must not be empty' }),
    );
    await expect(messaging.queues.deleteMessage(name, 'nonsense')).rejects.toMatchObject({ code: 'invalid' });
  });
});

describe('many messages', () => {
  it('are sent, deleted and given back in tens', async () => {
    const name = await queue();
    const bodies = Array.from({ length: 25 }, (_, index) => `m${index}`);
    const result = await messaging.queues.sendAll(name, streamed(bodies.map((body) => ({ body }))));
    expect(result.failed).toEqual([]);
    expect(result.sent).toHaveLength(25);
    const received = [];
    while (received.length < 25) received.push(...(await messaging.queues.receive(name)));
    const byId = new Map(received.map(({ messageId, body }) => [messageId, body]));
    expect(result.sent.map(({ messageId }) => byId.get(messageId))).toEqual(bodies);
    expect(await messaging.queues.changeVisibilities(name, received, 60)).toEqual([]);
    const failed = await messaging.queues.deleteMessages(name, [...received.slice(0, 12), 'nonsense']);
    expect(failed).toEqual([{ index: 12, code: 'invalid', detail: expect.any(String) as unknown }]);
    const { inFlight, visible } = await messaging.queues.get(name);
    expect({ inFlight, visible }).toEqual({ inFlight: 13, visible: 0 });
  });

  it('keep their order in a FIFO queue', async () => {
    const name = await fifoQueue({ contentBasedDeduplication: true });
    const bodies = Array.from({ length: 35 }, (_, index) => `m${index}`);
    await messaging.queues.sendAll(
      name,
      bodies.map((body) => ({ body, groupId: 'one' })),
    );
    const received: string[] = [];
    while (received.length < 35) {
      const messages = await messaging.queues.receive(name);
      received.push(...messages.map(({ body }) => body));
      await messaging.queues.deleteMessages(name, messages);
    }
    expect(received).toEqual(bodies);
  });

  it('go in as many calls as their bytes need', async () => {
    const name = await queue();
    const body = 'x'.repeat(600_000);
    const { sent, failed } = await messaging.queues.sendAll(name, [{ body }, { body }, { body }]);
    expect([sent.length, failed]).toEqual([3, []]);
  });

  it('fail one by one, where they stand', async () => {
    const name = await queue({ maxMessageBytes: 1024 });
    const { sent, failed } = await messaging.queues.sendAll(name, [
      { body: 'good' },
      { body: '' },
      { body: 'x'.repeat(2000) },
      { body: 'good too' },
    ]);
    expect(sent).toHaveLength(2);
    expect(failed).toEqual([
      { index: 1, code: 'invalid', detail: 'body: must not be empty' },
      { index: 2, code: 'too-large', detail: expect.stringContaining('1024 bytes') as unknown },
    ]);
  });

  it('pass on the error of who gives them', async () => {
    const name = await queue();
    const broken = new Error('no more');
    const source = (async function* () {
      yield { body: 'x' };
      await Promise.reject(broken);
    })();
    await expect(messaging.queues.sendAll(name, source)).rejects.toBe(broken);
  });

  it('are none', async () => {
    expect(await messaging.queues.sendAll(await queue(), [])).toEqual({ sent: [], failed: [] });
  });
});

describe('a message that came over a topic', () => {
  /** A queue that a topic delivers to in its envelope. */
  async function subscribed() {
    const name = await queue();
    const topic = await messaging.topics.create({ name: `topic-${++made}` });
    await messaging.subscriptions.create({ topic: topic.name, protocol: 'sqs', endpoint: name, raw: false });
    return { name, topic };
  }

  it('is taken out of its envelope', async () => {
    const { name, topic } = await subscribed();
    const { sns } = cloud.runtime;
    const { MessageId } = await sns.send(
      new PublishCommand({
        TopicArn: topic.arn,
        Message: '{"id":1}',
        Subject: 'New order',
        MessageAttributes: {
          text: { DataType: 'String', StringValue: 'a' },
          number: { DataType: 'Number', StringValue: '7' },
          bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) },
        },
      }),
    );
    const [message] = await messaging.queues.receive(name, { waitSeconds: 5 });
    expect(message).toMatchObject({
      body: '{"id":1}',
      topic: {
        arn: topic.arn,
        messageId: MessageId,
        subject: 'New order',
        timestamp: expect.any(Date) as unknown,
      },
      attributes: { text: 'a', number: 7 },
    });
    expect([...(message!.attributes['bytes'] as Uint8Array)]).toEqual([1, 2]);
  });

  it.each([
    '{"Type":"Notification"}',
    '{"Type":"Notification","TopicArn":1,"Message":"x","MessageId":"x","Timestamp":"2026-01-01T00:00:00Z"}',
    '{"Type":"Other","TopicArn":"arn:aws:sns:::t","Message":"x","MessageId":"x","Timestamp":"2026-01-01T00:00:00Z"}',
    '{"Type":"Notification","TopicArn":"arn:aws:sns:::t","Message":"x","MessageId":"x","Timestamp":"soon"}',
    '{"TopicArn"',
    '{"TopicArn":null}',
  ])('is not what looks a little like it: %s', async (body) => {
    const name = await queue();
    await messaging.queues.send(name, { body });
    const [message] = await messaging.queues.receive(name);
    expect(message).toMatchObject({ body, attributes: {} });
    expect(message!.topic).toBeUndefined();
  });

  it('has only the attributes that are some', async () => {
    const name = await queue();
    const envelope = {
      Type: 'Notification',
      TopicArn: 'arn:aws:sns:us-east-1:000000000000:t',
      MessageId: 'm',
      Message: 'x',
      Timestamp: '2026-01-01T00:00:00Z',
      MessageAttributes: { good: { Type: 'String', Value: '1' }, bad: null, worse: { Type: 1, Value: '1' } },
    };
    await messaging.queues.send(name, { body: JSON.stringify(envelope) });
    const [message] = await messaging.queues.receive(name);
    expect(message?.attributes).toEqual({ good: '1' });
  });
});
