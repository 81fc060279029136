import type { Broker } from '../../src/engine';
import { attributesOf } from './filter/support';
import { allowTopic, bodies, cleanUp, Lines, openBroker, receive, temporaryFolder } from './support';

let reporter: Lines;
let broker: Broker;
let topicArn: string;

async function subscribed(
  name: string,
  policy?: unknown,
  more: Record<string, string> = {},
): Promise<string> {
  const arn = `arn:aws:sqs:us-east-1:000000000000:${name}`;
  await broker.ensureQueue(name, { Policy: allowTopic(topicArn, arn) });
  const attributes = {
    RawMessageDelivery: 'true',
    ...(policy !== undefined && { FilterPolicy: JSON.stringify(policy) }),
    ...more,
  };
  await broker.subscriptions.subscribe({ topicArn, protocol: 'sqs', endpoint: arn, attributes });
  return arn;
}

function publish(message: string, values: Record<string, unknown> = {}): Promise<string[]> {
  return broker.publish(topicArn, [{ message, attributes: attributesOf(values) }]);
}

beforeEach(async () => {
  reporter = new Lines();
  broker = await openBroker({ reporter });
  ({ arn: topicArn } = await broker.ensureTopic('events'));
});

afterEach(cleanUp);

it('delivers to whom it concerns, and counts what others are spared', async () => {
  const orders = await subscribed('orders', { kind: ['order', 'refund'] });
  const large = await subscribed('large', { amount: [{ numeric: ['>', 100] }] });
  const all = await subscribed('all');
  await publish('1', { kind: 'order', amount: 5 });
  await publish('2', { kind: ['x', 'order', 'refund'], amount: 500 });
  await publish('3', { kind: Buffer.from('order') });
  expect(bodies(await receive(broker, orders))).toEqual(['1', '2']);
  expect(bodies(await receive(broker, large))).toEqual(['2']);
  expect(bodies(await receive(broker, all))).toEqual(['1', '2', '3']);
  expect(broker.topics.get(topicArn).traffic.filteredOut).toBe(3);
  expect(reporter.warnings).toEqual([]);
});

it('says that nobody gets a message which every filter refuses', async () => {
  await subscribed('orders', { kind: ['order'] });
  const [id] = await publish('1');
  expect(reporter.events[0]).toBe(`sns: ${id} published to events -> nobody`);
});

it('reads the body in that scope, and drops what is no JSON object', async () => {
  const queue = await subscribed(
    'orders',
    { order: { kind: ['new'] } },
    { FilterPolicyScope: 'MessageBody' },
  );
  const wanted = '{"order":{"kind":"new"}}';
  for (const message of ['text', '[1]', '{"order":{"kind":"old"}}', wanted]) await publish(message);
  expect(bodies(await receive(broker, queue))).toEqual([wanted]);
});

it('follows changes of policy and scope', async () => {
  const queue = await subscribed('orders', { kind: ['order'] });
  const set = async (changes: Record<string, string>) => {
    const { arn } = broker.subscriptions.list()[0]!;
    await broker.subscriptions.setAttributes(broker.subscriptions.get(arn), changes);
  };
  await set({ FilterPolicyScope: 'MessageBody' });
  await publish('{"kind":"order"}');
  await publish('x', { kind: 'order' });
  await set({ FilterPolicy: '{"kind":["refund"]}' });
  await publish('{"kind":"refund"}');
  await set({ FilterPolicy: '' });
  await publish('everything');
  expect(bodies(await receive(broker, queue))).toEqual([
    '{"kind":"order"}',
    '{"kind":"refund"}',
    'everything',
  ]);
});

it('filters as before after a restart', async () => {
  const folder = temporaryFolder();
  broker = await openBroker({ folder });
  await broker.ensureTopic('events');
  const queue = await subscribed('orders', { kind: ['order'] });
  await broker.close();
  broker = await openBroker({ folder });
  await publish('1', { kind: 'other' });
  await publish('2', { kind: 'order' });
  expect(bodies(await receive(broker, queue))).toEqual(['2']);
});

it('finds the few among ten thousand, and not one too many', async () => {
  const endpoint = (i: number) => `arn:aws:sqs:us-east-1:000000000000:q${i}`;
  const queues = [7, 1234, 9999];
  for (const i of queues) await broker.ensureQueue(`q${i}`, { Policy: allowTopic(topicArn, endpoint(i)) });
  await Promise.all(
    [...Array(10_000).keys()].map((i) =>
      broker.subscriptions.subscribe({
        topicArn,
        protocol: 'sqs',
        endpoint: endpoint(i),
        attributes: { RawMessageDelivery: 'true', FilterPolicy: JSON.stringify({ tenant: [`t${i}`] }) },
      }),
    ),
  );
  for (const i of queues) {
    await publish(`for ${i}`, { tenant: `t${i}` });
    expect(bodies(await receive(broker, endpoint(i)))).toEqual([`for ${i}`]);
  }
  expect(broker.topics.get(topicArn).traffic.filteredOut).toBe(3 * 9_999);
  expect(reporter.warnings).toEqual([]);
}, 60_000);

describe('a policy that is wrong', () => {
  it.each([
    ['not json', {}, 'FilterPolicy: failed to parse JSON'],
    ['{"kind":"order"}', {}, 'FilterPolicy: "kind" must be an object or an array'],
    ['{"a":{"b":["x"]}}', {}, 'MessageAttributes does not support nested filter policy'],
    ['{"kind":["x"]}', { FilterPolicyScope: 'Body' }, 'FilterPolicyScope: Invalid value [Body]'],
  ])('%s with %j is refused, by both calls', async (FilterPolicy, more, reason) => {
    const attributes = { FilterPolicy, ...more } as Record<string, string>;
    const endpoint = 'arn:aws:sqs:us-east-1:000000000000:q';
    const request = { topicArn, protocol: 'sqs', endpoint };
    await expect(broker.subscriptions.subscribe({ ...request, attributes })).rejects.toThrow(
      `Invalid parameter: Attributes Reason: ${reason.startsWith('Filter') ? reason : 'Filter policy scope '}`,
    );
    const { arn } = await broker.subscriptions.subscribe(request);
    const setting = broker.subscriptions.setAttributes(broker.subscriptions.get(arn), attributes);
    await expect(setting).rejects.toMatchObject({ code: 'InvalidParameter' });
    await expect(setting).rejects.toThrow(reason);
    expect(broker.subscriptions.get(arn).record.attributes).toEqual({});
  });

  it('by its new scope is refused too', async () => {
    await subscribed('orders', { a: { b: ['x'] } }, { FilterPolicyScope: 'MessageBody' });
    const subscription = broker.subscriptions.get(broker.subscriptions.list()[0]!.arn);
    const changes = { FilterPolicyScope: 'MessageAttributes' };
    await expect(broker.subscriptions.setAttributes(subscription, changes)).rejects.toThrow('nested');
  });
});
