import { asyncInvocationQueueArn } from '../../src/contracts';
import type { Broker } from '../../src/engine';
import { functionArn, localLocale } from '../../src/engine';
import { ManualClock } from '../support/manual-clock';
import { allowTopic, bodies, cleanUp, Lines, openBroker, receive, temporaryFolder } from './support';

let clock: ManualClock;
let reporter: Lines;
let broker: Broker;
let topicArn: string;

const consumerArn = functionArn(localLocale, 'consumer');

async function subscribedQueue(name: string, attributes: Record<string, string> = {}): Promise<string> {
  const { arn } = await broker.ensureQueue(name);
  await broker.ensureQueue(name, { Policy: allowTopic(topicArn, arn) });
  await broker.ensureSubscription({ topicArn, protocol: 'sqs', endpoint: arn, attributes });
  return arn;
}

async function deadLetterQueue(): Promise<{ arn: string; policy: string }> {
  const { arn } = await broker.ensureQueue('undelivered');
  await broker.ensureQueue('undelivered', { Policy: allowTopic(topicArn, arn) });
  return { arn, policy: JSON.stringify({ deadLetterTargetArn: arn }) };
}

beforeEach(async () => {
  clock = new ManualClock();
  reporter = new Lines();
  broker = await openBroker({ clock, reporter });
  ({ arn: topicArn } = await broker.ensureTopic('events'));
});

afterEach(cleanUp);

describe('delivery to queues', () => {
  const attributes = {
    kind: { dataType: 'String', value: 'test' },
    picture: { dataType: 'Binary', value: Buffer.from([0, 255]).toString('base64') },
  };

  it('delivers the bare message and its attributes raw', async () => {
    const queue = await subscribedQueue('raw', { RawMessageDelivery: 'true' });
    await broker.publish(topicArn, [{ message: 'hello', attributes, traceHeader: 'Root=1-2-3' }]);
    expect(await receive(broker, queue)).toMatchObject([
      { body: 'hello', attributes, traceHeader: 'Root=1-2-3' },
    ]);
  });

  it('wraps the message in an envelope otherwise', async () => {
    broker.setEndpointUrl('http://127.0.0.1:4566');
    const queue = await subscribedQueue('enveloped');
    const [MessageId] = await broker.publish(topicArn, [
      { message: 'hello', subject: 'greeting', attributes },
    ]);
    const [message] = await receive(broker, queue);
    const [subscription] = broker.subscriptions.list();
    expect(message!.attributes).toEqual({});
    expect(JSON.parse(message!.body)).toEqual({
      Type: 'Notification',
      MessageId,
      TopicArn: topicArn,
      Subject: 'greeting',
      Message: 'hello',
      Timestamp: '2026-01-01T00:00:00.000Z',
      SignatureVersion: '1',
      Signature: expect.stringMatching(/^[A-Za-z0-9+/]{342}==$/) as string,
      SigningCertURL: expect.stringMatching(
        /^http:\/\/127\.0\.0\.1:4566\/SimpleNotificationService-[0-9a-f]{32}\.pem$/,
      ) as string,
      UnsubscribeURL: `http://127.0.0.1:4566/?Action=Unsubscribe&SubscriptionArn=${subscription!.arn}`,
      MessageAttributes: {
        kind: { Type: 'String', Value: 'test' },
        picture: { Type: 'Binary', Value: 'AP8=' },
      },
    });
  });

  it('leaves out of the envelope what the message does not have', async () => {
    const queue = await subscribedQueue('enveloped');
    await broker.publish(topicArn, [{ message: 'hello' }]);
    const [message] = await receive(broker, queue);
    expect(JSON.parse(message!.body)).not.toHaveProperty('Subject');
    expect(JSON.parse(message!.body)).not.toHaveProperty('MessageAttributes');
  });

  it('delivers to every queue, and says where', async () => {
    const queues = [await subscribedQueue('a', { RawMessageDelivery: 'true' }), await subscribedQueue('b')];
    const ids = await broker.publish(topicArn, [{ message: '1' }, { message: '2' }]);
    for (const queue of queues) expect(await receive(broker, queue)).toHaveLength(2);
    expect(reporter.events[0]).toBe(`sns: ${ids[0]} published to events -> a, b`);
  });

  it('chooses the text of the protocol from a structured message', async () => {
    const queue = await subscribedQueue('raw', { RawMessageDelivery: 'true' });
    await broker.publish(topicArn, [
      { message: '{"default":"d","sqs":"for queues"}', messageStructure: 'json' },
    ]);
    await broker.publish(topicArn, [{ message: '{"default":"d","lambda":"f"}', messageStructure: 'json' }]);
    expect(bodies(await receive(broker, queue))).toEqual(['for queues', 'd']);
  });

  it('keeps subscriptions, their ARNs and messages across restarts', async () => {
    const folder = temporaryFolder();
    broker = await openBroker({ folder, clock });
    await broker.ensureTopic('events');
    const queue = await subscribedQueue('raw', { RawMessageDelivery: 'true' });
    const [before] = broker.subscriptions.list();
    await broker.publish(topicArn, [{ message: 'kept' }]);
    await broker.close();
    broker = await openBroker({ folder, clock });
    await broker.ensureTopic('events');
    await subscribedQueue('raw', { RawMessageDelivery: 'true' });
    expect(broker.subscriptions.list()).toEqual([before]);
    await broker.publish(topicArn, [{ message: 'more' }]);
    expect(bodies(await receive(broker, queue))).toEqual(['kept', 'more']);
  });

  it('stops with the subscription, and with the topic', async () => {
    const queue = await subscribedQueue('raw');
    await broker.subscriptions.unsubscribe(broker.subscriptions.list()[0]!.arn);
    await broker.publish(topicArn, [{ message: 'nobody' }]);
    expect(await receive(broker, queue)).toEqual([]);
    await broker.topics.delete(broker.topics.get(topicArn));
    await expect(broker.publish(topicArn, [{ message: 'x' }])).rejects.toMatchObject({
      code: 'NotFound',
      status: 404,
    });
  });
});

describe('delivery to functions', () => {
  beforeEach(() => broker.ensureInternalQueue(asyncInvocationQueueArn(consumerArn)));

  it("puts the event that Lambda gets into the function's queue", async () => {
    const { arn } = await broker.ensureSubscription({ topicArn, protocol: 'lambda', endpoint: consumerArn });
    const attributes = { kind: { dataType: 'String', value: 'test' } };
    const [MessageId] = await broker.publish(topicArn, [{ message: 'hello', attributes }]);
    const [invocation] = await receive(broker, asyncInvocationQueueArn(consumerArn));
    expect(JSON.parse(invocation!.body)).toEqual({
      Records: [
        {
          EventSource: 'aws:sns',
          EventVersion: '1.0',
          EventSubscriptionArn: arn,
          Sns: {
            Type: 'Notification',
            MessageId,
            TopicArn: topicArn,
            Subject: null,
            Message: 'hello',
            Timestamp: '2026-01-01T00:00:00.000Z',
            SignatureVersion: '1',
            Signature: expect.stringMatching(/^[A-Za-z0-9+/]{342}==$/) as string,
            SigningCertUrl: expect.stringMatching(/SimpleNotificationService-[0-9a-f]{32}\.pem$/) as string,
            UnsubscribeUrl: `http://127.0.0.1/?Action=Unsubscribe&SubscriptionArn=${arn}`,
            MessageAttributes: { kind: { Type: 'String', Value: 'test' } },
          },
        },
      ],
    });
    expect(broker.queues.list()).toEqual([]);
  });

  it('dead-letters the envelope where the function is missing or not permitted', async () => {
    broker = await openBroker({ clock, reporter, mayInvoke: (_arn, source) => source !== topicArn });
    await broker.ensureTopic('events');
    const dead = await deadLetterQueue();
    const attributes = { RedrivePolicy: dead.policy };
    await broker.ensureSubscription({ topicArn, protocol: 'lambda', endpoint: consumerArn, attributes });
    await broker.publish(topicArn, [{ message: 'no function' }]);
    await broker.ensureInternalQueue(asyncInvocationQueueArn(consumerArn));
    await broker.publish(topicArn, [{ message: 'no permission' }]);
    const letters = bodies(await receive(broker, dead.arn)).map(
      (body) => JSON.parse(body) as { Message: string },
    );
    expect(letters.map((letter) => letter.Message)).toEqual(['no function', 'no permission']);
    expect(reporter.warnings[0]).toContain('the function does not exist');
    expect(reporter.warnings[1]).toContain('no permission lets sns.amazonaws.com invoke the function');
  });

  it('knows no raw delivery to functions', async () => {
    const attributes = { RawMessageDelivery: 'true' };
    const subscribing = broker.ensureSubscription({
      topicArn,
      protocol: 'lambda',
      endpoint: consumerArn,
      attributes,
    });
    await expect(subscribing).rejects.toMatchObject({ code: 'InvalidParameter' });
  });
});

describe('what cannot be delivered', () => {
  it.each([
    ['the queue is gone', undefined, 'the queue does not exist'],
    ['the queue has no policy', {}, 'its queue policy does not let sns.amazonaws.com send messages'],
    [
      'the policy is for another topic',
      { Policy: allowTopic('arn:aws:sns:us-east-1:000000000000:other', '*') },
      'policy',
    ],
    ['SNS cannot use the key', { KmsMasterKeyId: 'alias/aws/sqs' }, 'SNS cannot use its key alias/aws/sqs'],
    ['the message is too large', { MaximumMessageSize: '1024' }, 'larger than'],
  ])("goes to the subscription's dead-letter queue if %s", async (_case, queue, reason) => {
    const endpoint = 'arn:aws:sqs:us-east-1:000000000000:target';
    const dead = await deadLetterQueue();
    if (queue)
      await broker.ensureQueue('target', {
        Policy: allowTopic(topicArn, endpoint),
        ...queue,
        ...noPolicyIf(queue),
      });
    const attributes = { RedrivePolicy: dead.policy, RawMessageDelivery: 'true' };
    await broker.ensureSubscription({ topicArn, protocol: 'sqs', endpoint, attributes });
    const message = 'x'.repeat(2000);
    await broker.publish(topicArn, [{ message }]);
    expect(bodies(await receive(broker, dead.arn))).toEqual([message]);
    if (queue) expect(await receive(broker, endpoint)).toEqual([]);
    expect(reporter.warnings).toHaveLength(1);
    expect(reporter.warnings[0]).toContain(reason);
    expect(reporter.warnings[0]).toContain('its messages go to the dead-letter queue undelivered');
  });

  it('is lost with a warning where there is no dead-letter queue, or it refuses too', async () => {
    const { arn } = await broker.ensureQueue('silent');
    await broker.ensureSubscription({ topicArn, protocol: 'sqs', endpoint: arn });
    await broker.publish(topicArn, [{ message: '1' }, { message: '2' }]);
    expect(reporter.warnings).toHaveLength(1);
    expect(reporter.warnings[0]).toContain('no dead-letter queue, so its messages are lost');
    const dead = await broker.ensureQueue('closed');
    const attributes = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn }) };
    await broker.ensureSubscription({ topicArn, protocol: 'sqs', endpoint: arn, attributes });
    await broker.publish(topicArn, [{ message: '3' }]);
    expect(reporter.warnings[1]).toContain('its dead-letter queue refuses too');
    expect(await receive(broker, dead.arn)).toEqual([]);
  });

  it('includes raw messages with more than ten attributes', async () => {
    const dead = await deadLetterQueue();
    await subscribedQueue('raw', { RawMessageDelivery: 'true', RedrivePolicy: dead.policy });
    const enveloped = await subscribedQueue('enveloped');
    const attributes = Object.fromEntries(
      [...Array(11).keys()].map((i) => [`a${i}`, { dataType: 'String', value: 'x' }]),
    );
    await broker.publish(topicArn, [{ message: 'many', attributes }]);
    expect(await receive(broker, enveloped)).toHaveLength(1);
    expect(bodies(await receive(broker, dead.arn))).toEqual(['many']);
  });

  function noPolicyIf(queue: object): Record<string, string> {
    return Object.keys(queue).length === 0 ? { Policy: '' } : {};
  }
});

describe('what SNS refuses', () => {
  const publish = (message: string, rest: object = {}) => broker.publish(topicArn, [{ message, ...rest }]);

  it('counts attributes against 262,144 bytes', async () => {
    const attributes = { name: { dataType: 'String', value: 'v'.repeat(14) } };
    await publish('x'.repeat(262_144 - 24), { attributes });
    await expect(publish('x'.repeat(262_144 - 23), { attributes })).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: 'Invalid parameter: Message too long',
    });
    await broker.ensureTopic('events', { MaximumMessageSize: '1048576' });
    await publish('x'.repeat(1_048_576));
  });

  it.each([
    ['an empty message', '', {}],
    ['invalid characters', '\u0000', {}],
    ['a long subject', 'x', { subject: 's'.repeat(101) }],
    ['a subject of two lines', 'x', { subject: 'a\nb' }],
    ['a structure that is no JSON', 'x', { messageStructure: 'json' }],
    ['a structure without default', '{"sqs":"x"}', { messageStructure: 'json' }],
    ['an unknown structure', 'x', { messageStructure: 'xml' }],
  ])('refuses %s', async (_what, message, rest) => {
    await expect(publish(message, rest)).rejects.toMatchObject({ code: 'InvalidParameter' });
  });

  it('refuses invalid attributes', async () => {
    const attributes = { n: { dataType: 'Number', value: 'x' } };
    await expect(publish('x', { attributes })).rejects.toMatchObject({ code: 'ParameterValueInvalid' });
  });

  it('publishes all or nothing', async () => {
    const queue = await subscribedQueue('raw');
    await expect(broker.publish(topicArn, [{ message: 'good' }, { message: '' }])).rejects.toThrow();
    expect(await receive(broker, queue)).toEqual([]);
  });

  it.each([
    ['sqs', 'http://127.0.0.1/000000000000/orders', {}],
    ['lambda', 'consumer', {}],
    ['sqs', 'arn:aws:sqs:us-east-1:000000000000:q', { RawMessageDelivery: 'yes' }],
    ['sqs', 'arn:aws:sqs:us-east-1:000000000000:q', { RedrivePolicy: '{}' }],
  ])('refuses a subscription by %s to %s with %j', async (protocol, endpoint, attributes) => {
    const subscribing = broker.subscriptions.subscribe({ topicArn, protocol, endpoint, attributes });
    await expect(subscribing).rejects.toMatchObject({ code: 'InvalidParameter' });
  });

  it.each([
    ['a b', {}],
    ['events.fifo', {}],
    ['other', { FifoTopic: 'true' }],
    ['other', { Policy: 'not json' }],
    ['other', { MaximumMessageSize: '100' }],
    ['other', { Colour: 'red' }],
  ])('refuses a topic %s with %j', async (name, attributes) => {
    await expect(broker.ensureTopic(name, attributes as Record<string, string>)).rejects.toMatchObject({
      code: 'InvalidParameter',
    });
  });
});
