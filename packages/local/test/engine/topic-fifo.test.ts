import { createHash } from 'node:crypto';
import type { Broker } from '../../src/engine';
import { ManualClock } from '../support/manual-clock';
import { allowTopic, bodies, cleanUp, Lines, openBroker, receive, temporaryFolder } from './support';

let clock: ManualClock;
let reporter: Lines;
let broker: Broker;
let topicArn: string;

const FIFO = { FifoTopic: 'true' };

async function ensureQueue(name: string, attributes: Record<string, string> = {}): Promise<string> {
  const arn = `arn:aws:sqs:us-east-1:000000000000:${name}`;
  const fifo: Record<string, string> = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
  await broker.ensureQueue(name, { Policy: allowTopic(topicArn, arn), ...fifo, ...attributes });
  return arn;
}

async function subscribed(name: string, attributes: Record<string, string> = {}): Promise<string> {
  const endpoint = await ensureQueue(name);
  await broker.ensureSubscription({ topicArn, protocol: 'sqs', endpoint, attributes });
  return endpoint;
}

function publish(message: string, groupId?: string, deduplicationId?: string, more: object = {}) {
  return broker.publishAll(topicArn, [{ message, groupId, deduplicationId, ...more }]);
}

beforeEach(async () => {
  clock = new ManualClock();
  reporter = new Lines();
  broker = await openBroker({ clock, reporter });
  ({ arn: topicArn } = await broker.ensureTopic('events.fifo', FIFO));
});

afterEach(cleanUp);

it('passes group, deduplication id and order on to FIFO queues', async () => {
  const queue = await subscribed('q.fifo', { RawMessageDelivery: 'true' });
  const published = await broker.publishAll(topicArn, [
    { message: '1', groupId: 'g', deduplicationId: 'a' },
    { message: '2', groupId: 'g', deduplicationId: 'b' },
  ]);
  const [one, two] = published.map(({ sequenceNumber }) => sequenceNumber!);
  expect(one).toMatch(/^\d{20}$/);
  expect(two! > one!).toBe(true);
  expect(await receive(broker, queue)).toMatchObject([
    { body: '1', groupId: 'g', deduplicationId: 'a' },
    { body: '2', groupId: 'g', deduplicationId: 'b' },
  ]);
});

it('delivers simultaneous messages in the order in which they were accepted', async () => {
  const queue = await subscribed('q.fifo', { RawMessageDelivery: 'true' });
  const messages = [...Array(30).keys()].map(String);
  await Promise.all(messages.map((message) => publish(message, 'g', message)));
  const received: string[] = [];
  while (received.length < messages.length) {
    const batch = await receive(broker, queue);
    received.push(...bodies(batch));
    await broker.deleteMessages(
      queue,
      batch.map(({ receiptHandle }) => receiptHandle),
    );
  }
  expect(received).toEqual(messages);
});

it('puts the sequence number into the envelope, and no signature', async () => {
  const queue = await subscribed('q.fifo');
  const [{ messageId, sequenceNumber }] = (await publish('hello', 'g', 'a')) as [
    { messageId: string; sequenceNumber: string },
  ];
  const [message] = await receive(broker, queue);
  const { arn } = broker.subscriptions.list()[0]!;
  expect(JSON.parse(message!.body)).toEqual({
    Type: 'Notification',
    MessageId: messageId,
    SequenceNumber: sequenceNumber,
    TopicArn: topicArn,
    Message: 'hello',
    Timestamp: '2026-01-01T00:00:00.000Z',
    UnsubscribeURL: `http://127.0.0.1/?Action=Unsubscribe&SubscriptionArn=${arn}`,
  });
});

it('keeps the group from standard queues', async () => {
  const queue = await subscribed('standard', { RawMessageDelivery: 'true' });
  await publish('hello', 'g', 'a');
  const [message] = await receive(broker, queue);
  expect(message).toMatchObject({ body: 'hello' });
  expect([message!.groupId, message!.deduplicationId]).toEqual([undefined, undefined]);
});

describe('a duplicate', () => {
  it('within five minutes is answered as the first and not delivered', async () => {
    const queue = await subscribed('standard', { RawMessageDelivery: 'true' });
    const [first] = await publish('1', 'g', 'a');
    clock.advanceSeconds(299);
    const [second] = await publish('2', 'other', 'a');
    expect(second).toEqual(first);
    expect(bodies(await receive(broker, queue))).toEqual(['1']);
    clock.advanceSeconds(1);
    const [third] = await publish('3', 'g', 'a');
    expect(third!.messageId).not.toBe(first!.messageId);
    expect(bodies(await receive(broker, queue))).toEqual(['3']);
  });

  it('is one of the group only, with that throughput scope', async () => {
    await broker.ensureTopic('events.fifo', { ...FIFO, FifoThroughputScope: 'MessageGroup' });
    const queue = await subscribed('standard', { RawMessageDelivery: 'true' });
    await publish('1', 'g', 'a');
    await publish('2', 'h', 'a');
    await publish('3', 'g', 'a');
    expect(bodies(await receive(broker, queue))).toEqual(['1', '2']);
  });

  it('has the same content, where that counts', async () => {
    await broker.ensureTopic('events.fifo', { ...FIFO, ContentBasedDeduplication: 'true' });
    const queue = await subscribed('q.fifo', { RawMessageDelivery: 'true' });
    const [first] = await publish('same', 'g');
    const attributes = { kind: { dataType: 'String', value: 'other' } };
    expect(await publish('same', 'g', undefined, { attributes })).toEqual([first]);
    await publish('same', 'g', 'own-id');
    const deduplicationId = createHash('sha256').update('same').digest('hex');
    expect(await receive(broker, queue)).toMatchObject([{ deduplicationId }, { deduplicationId: 'own-id' }]);
  });

  it('is known after a restart', async () => {
    const folder = temporaryFolder();
    broker = await openBroker({ folder, clock });
    await broker.ensureTopic('events.fifo', FIFO);
    const [first] = await publish('1', 'g', 'a');
    await broker.close();
    broker = await openBroker({ folder, clock });
    expect(await publish('2', 'g', 'a')).toEqual([first]);
  });

  it('within a batch is found too', async () => {
    const queue = await subscribed('standard', { RawMessageDelivery: 'true' });
    const one = { message: '1', groupId: 'g', deduplicationId: 'a' };
    const published = await broker.publishAll(topicArn, [one, { ...one, message: '2' }]);
    expect(published[1]).toEqual(published[0]);
    expect(bodies(await receive(broker, queue))).toEqual(['1']);
  });
});

it('filters like any topic', async () => {
  const queue = await subscribed('q.fifo', {
    RawMessageDelivery: 'true',
    FilterPolicyScope: 'MessageBody',
    FilterPolicy: '{"kind":["wanted"]}',
  });
  await publish('{"kind":"other"}', 'g', 'a');
  await publish('{"kind":"wanted"}', 'g', 'b');
  expect(bodies(await receive(broker, queue))).toEqual(['{"kind":"wanted"}']);
});

it('dead-letters in order to a FIFO queue', async () => {
  const dead = await ensureQueue('dead.fifo');
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead });
  const endpoint = 'arn:aws:sqs:us-east-1:000000000000:missing.fifo';
  const attributes = { RedrivePolicy, RawMessageDelivery: 'true' };
  await broker.ensureSubscription({ topicArn, protocol: 'sqs', endpoint, attributes });
  await publish('1', 'g', 'a');
  await publish('2', 'g', 'b');
  expect(await receive(broker, dead)).toMatchObject([
    { body: '1', groupId: 'g', deduplicationId: 'a' },
    { body: '2', groupId: 'g', deduplicationId: 'b' },
  ]);
});

describe('what is refused', () => {
  it.each([
    ['a message without a group', undefined, 'a', 'The MessageGroupId parameter is required for FIFO topics'],
    [
      'a message without an id',
      'g',
      undefined,
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    ],
    ['a group with a space', 'a b', 'a', 'MessageGroupId Reason'],
    ['a long id', 'g', 'x'.repeat(129), 'MessageDeduplicationId Reason'],
  ])('%s', async (_what, groupId, deduplicationId, reason) => {
    await expect(publish('x', groupId, deduplicationId)).rejects.toMatchObject({ code: 'InvalidParameter' });
    await expect(publish('x', groupId, deduplicationId)).rejects.toThrow(reason);
  });

  it('a deduplication id for a standard topic, whose groups are for its queues', async () => {
    ({ arn: topicArn } = await broker.ensureTopic('standard'));
    const queue = await subscribed('standard', { RawMessageDelivery: 'true' });
    await expect(publish('x', 'g', 'a')).rejects.toThrow('not valid for this topic type');
    await publish('x', 'g');
    expect(await receive(broker, queue)).toMatchObject([{ body: 'x', groupId: 'g' }]);
  });

  it.each([
    [
      'lambda',
      'arn:aws:lambda:us-east-1:000000000000:function:f',
      {},
      'FIFO topics deliver to SQS queues only',
    ],
    [
      'sqs',
      'arn:aws:sqs:us-east-1:000000000000:q.fifo',
      { RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead"}' },
      'must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic',
    ],
    [
      'sqs',
      'arn:aws:sqs:us-east-1:000000000000:q.fifo',
      { ReplayPolicy: '{}' },
      'ReplayPolicy is not hosted',
    ],
  ])('a subscription by %s to %s with %j', async (protocol, endpoint, attributes, reason) => {
    const given = attributes as Record<string, string>;
    const subscribing = broker.subscriptions.subscribe({ topicArn, protocol, endpoint, attributes: given });
    await expect(subscribing).rejects.toMatchObject({ code: 'InvalidParameter' });
    await expect(subscribing).rejects.toThrow(reason);
  });

  it('a FIFO queue at a standard topic', async () => {
    ({ arn: topicArn } = await broker.ensureTopic('standard'));
    await expect(subscribed('q.fifo')).rejects.toThrow(
      'Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics',
    );
  });

  it.each([
    ['other.fifo', {}, 'Topic Name'],
    ['other', FIFO, 'Topic Name'],
    ['.fifo', FIFO, 'Topic Name'],
    [
      'other.fifo',
      { ...FIFO, ArchivePolicy: '{"MessageRetentionPeriod":"30"}' },
      'ArchivePolicy is not hosted',
    ],
    ['other.fifo', { ...FIFO, FifoThroughputScope: 'Queue' }, 'FifoThroughputScope: Invalid value [Queue]'],
    ['other', { FifoThroughputScope: 'Topic' }, 'can only be set for FIFO topics'],
    ['other', { ContentBasedDeduplication: 'true' }, 'can only be set for FIFO topics'],
    ['other', { FifoTopic: 'maybe' }, 'FifoTopic: Invalid value [maybe]'],
  ])('a topic %s with %j', async (name, attributes, reason) => {
    const creating = broker.topics.create(name, attributes);
    await expect(creating).rejects.toMatchObject({ code: 'InvalidParameter' });
    await expect(creating).rejects.toThrow(reason);
  });

  it('a change of its kind', async () => {
    const topic = broker.topics.get(topicArn);
    await expect(broker.topics.setAttributes(topic, { FifoTopic: 'false' })).rejects.toThrow(
      'Invalid parameter: AttributeName',
    );
  });
});
