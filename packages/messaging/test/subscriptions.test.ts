import { AddPermissionCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { HttpEndpoint } from '../../local/test/engine/http-endpoint';
import type { Messaging } from '../src';
import { startCloud } from './support';
import type { Cloud } from './support';

const QUEUE_ARN = 'arn:aws:sqs:us-east-1:000000000000:';

let cloud: Cloud;
let messaging: Messaging;
let page: HttpEndpoint;
let made = 0;
let topic: string;
let queue: string;

beforeAll(async () => {
  cloud = await startCloud();
  cloud.runtime.invoker.functions.set('worker', () => ({}));
  messaging = cloud.open();
  page = await HttpEndpoint.start();
});

afterAll(async () => {
  await cloud.close();
  await page.stop();
});

beforeEach(() => {
  topic = `topic-${++made}`;
  queue = `queue-${made}`;
});

/** The topic and the queue of a test. */
async function provide(): Promise<void> {
  await Promise.all([messaging.topics.create({ name: topic }), messaging.queues.create({ name: queue })]);
}

const refusal = (field: string, detail?: string) => ({
  code: 'invalid',
  errors: [{ field, detail: detail === undefined ? (expect.anything() as string) : detail }],
});

interface Statement {
  Sid: string;
  Resource: string;
  Condition?: { ArnEquals: { 'aws:SourceArn': string } };
}

async function statements(name = queue): Promise<Statement[]> {
  const { policy } = await messaging.queues.get(name);
  return (policy?.Statement ?? []) as Statement[];
}

async function sources(name = queue): Promise<(string | undefined)[]> {
  const all = await statements(name);
  return all.map(({ Condition }) => Condition?.ArnEquals['aws:SourceArn'].split(':').pop());
}

const subscribe = (more: Partial<Parameters<Messaging['subscriptions']['create']>[0]> = {}) =>
  messaging.subscriptions.create({ topic, protocol: 'sqs', endpoint: queue, ...more });

describe('the subscription of a queue', () => {
  beforeEach(provide);

  it('is raw, and lets that topic alone send to the queue', async () => {
    const told: unknown[] = [];
    messaging.events.once('resource.created', (event) => told.push(event));
    const info = await subscribe();
    expect(info).toEqual({
      id: expect.stringMatching(new RegExp(`^${topic}:[0-9a-f-]{36}$`)) as string,
      arn: `arn:aws:sns:us-east-1:000000000000:${info.id}`,
      topic,
      protocol: 'sqs',
      endpoint: `${QUEUE_ARN}${queue}`,
      pending: false,
      owner: '000000000000',
      raw: true,
      filter: null,
      filterScope: 'attributes',
      deadLetterQueue: null,
      warnings: [],
    });
    expect(told).toMatchObject([{ type: 'subscription', name: info.id, attributes: { topic } }]);
    expect(await statements()).toEqual([
      {
        Sid: expect.stringMatching(/^from-topic-[0-9a-f]{32}$/) as string,
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: `${QUEUE_ARN}${queue}`,
        Condition: { ArnEquals: { 'aws:SourceArn': `arn:aws:sns:us-east-1:000000000000:${topic}` } },
      },
    ]);
    await messaging.topics.publish(topic, { body: 'hello' });
    const [received] = await messaging.queues.receive(queue, { waitSeconds: 5 });
    expect(received!.body).toBe('hello');
  });

  it('made again is the same one; with other attributes it is there already, and stays', async () => {
    const { id } = await subscribe();
    expect(await subscribe()).toMatchObject({ id });
    expect(await statements()).toHaveLength(1);
    await expect(subscribe({ raw: false })).rejects.toMatchObject({ code: 'already-exists' });
    expect(await statements()).toHaveLength(1);
  });

  it('leaves the statements of others, whoever comes at the same time', async () => {
    const { sqs } = cloud.runtime;
    const QueueUrl = (await messaging.queues.get(queue)).url;
    await sqs.send(
      new AddPermissionCommand({
        QueueUrl,
        Label: 'partner',
        AWSAccountIds: ['111122223333'],
        Actions: ['SendMessage'],
      }),
    );
    const topics = Array.from({ length: 6 }, (_, i) => `${topic}-${i}`);
    await Promise.all(topics.map((name) => messaging.topics.create({ name })));
    const infos = await Promise.all(topics.map((name) => subscribe({ topic: name })));
    expect((await sources()).sort()).toEqual([...topics, undefined].sort());
    await Promise.all(infos.slice(1).map(({ id }) => messaging.subscriptions.delete(id!)));
    expect(await sources()).toEqual([undefined, topics[0]]);
    expect((await statements())[0]!.Sid).toBe('partner');
  });

  it('ends with its permission, once', async () => {
    const { id } = await subscribe();
    const told: unknown[] = [];
    messaging.events.once('resource.deleted', (event) => told.push(event));
    await messaging.subscriptions.delete(id!);
    expect(told).toMatchObject([{ type: 'subscription', name: id }]);
    expect(await statements()).toEqual([]);
    await expect(messaging.subscriptions.delete(id!)).rejects.toMatchObject({ code: 'not-found' });
    await expect(messaging.subscriptions.get(id!)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('ends though its queue is gone', async () => {
    const { id } = await subscribe();
    await messaging.queues.delete(queue);
    await messaging.subscriptions.delete(id!);
    await expect(messaging.subscriptions.get(id!)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('takes the permission back when the topic is not there', async () => {
    await expect(subscribe({ topic: 'missing' })).rejects.toMatchObject({ code: 'not-found' });
    expect(await statements()).toEqual([]);
    await expect(subscribe({ endpoint: 'missing' })).rejects.toMatchObject({ code: 'not-found' });
    expect((await messaging.subscriptions.list({ topic })).items).toEqual([]);
  });

  it('says what the policy of a key needs, and refuses the key that SNS cannot use', async () => {
    const QueueUrl = (await messaging.queues.get(queue)).url;
    const encrypt = (KmsMasterKeyId: string) =>
      cloud.runtime.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { KmsMasterKeyId } }));
    await encrypt('alias/orders');
    expect((await subscribe()).warnings).toEqual([
      expect.stringMatching(/alias\/orders.*kms:GenerateDataKey\*/),
    ]);
    await encrypt('alias/aws/sqs');
    await expect(subscribe({ topic })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('SNS cannot use') as string,
    });
  });

  it("of another account is the owner's to permit", async () => {
    const endpoint = 'arn:aws:sqs:us-east-1:111122223333:theirs';
    const { warnings, endpoint: kept } = await subscribe({ endpoint });
    expect(kept).toBe(endpoint);
    expect(warnings).toEqual([expect.stringContaining(`"Resource":"${endpoint}"`)]);
  });

  it('has a queue for what cannot be delivered, which the topic may send to', async () => {
    const dead = [`${queue}-dead`, `${queue}-other`] as const;
    for (const name of dead) await messaging.queues.create({ name });
    const { id, deadLetterQueue } = await subscribe({ deadLetterQueue: dead[0] });
    expect(deadLetterQueue).toBe(dead[0]);
    expect(await sources(dead[0])).toEqual([topic]);
    const changed = await messaging.subscriptions.update(id!, { deadLetterQueue: dead[1] });
    expect(changed.deadLetterQueue).toBe(dead[1]);
    expect([await sources(dead[0]), await sources(dead[1])]).toEqual([[], [topic]]);
    await messaging.subscriptions.update(id!, { deadLetterQueue: null });
    expect(await sources(dead[1])).toEqual([]);
    await messaging.subscriptions.update(id!, { deadLetterQueue: dead[0] });
    await messaging.subscriptions.delete(id!);
    expect(await sources(dead[0])).toEqual([]);
  });
});

describe('a filter', () => {
  it('lets through what it describes, of attributes or of the body', async () => {
    await provide();
    const { id } = await subscribe({ filter: { kind: ['new'] } });
    await messaging.topics.publish(topic, { body: 'no', attributes: { kind: 'old' } });
    await messaging.topics.publish(topic, { body: 'yes', attributes: { kind: 'new' } });
    const [first, ...others] = await messaging.queues.receive(queue, { waitSeconds: 5 });
    expect([first!.body, others]).toEqual(['yes', []]);
    const filter = { order: { kind: ['new'] } };
    expect(await messaging.subscriptions.update(id!, { filter, filterScope: 'body' })).toMatchObject({
      filter,
      filterScope: 'body',
    });
    await messaging.topics.publish(topic, { body: '{"order":{"kind":"old"}}' });
    await messaging.topics.publish(topic, { body: '{"order":{"kind":"new"}}' });
    const [second] = await messaging.queues.receive(queue, { waitSeconds: 5 });
    expect(second!.body).toBe('{"order":{"kind":"new"}}');
    expect(await messaging.subscriptions.update(id!, { filter: null, raw: false })).toMatchObject({
      filter: null,
      raw: false,
    });
  });

  it.each([
    [[], 'must be a JSON object'],
    [{ a: [] }, 'Empty arrays are not allowed\n at a'],
    [{ a: 'x' }, '"a" must be an object or an array\n at a'],
    [{ a: [['x']] }, 'Match value must be String, number, true, false, or null\n at a'],
    [{ a: [{ prefix: 'x', suffix: 'y' }] }, 'Only one key allowed in match expression\n at a'],
    [{ a: [{ like: 'x' }] }, 'Unrecognized match type like\n at a'],
    [{ $or: ['x'] }, '"$or" must hold objects\n at $or'],
    [{ $or: [{ a: [] }, { b: ['x'] }] }, 'Empty arrays are not allowed\n at $or.a'],
    [{ a: { b: ['x'] } }, 'Filter policy scope MessageAttributes does not support nested filter policy'],
  ])('is refused before SNS is asked: %j', async (filter, detail) => {
    await expect(subscribe({ filter: filter as Record<string, unknown> })).rejects.toMatchObject(
      refusal('filter', `Invalid parameter: FilterPolicy: ${detail}`),
    );
  });

  it('is refused by SNS where only it knows', async () => {
    await provide();
    await expect(subscribe({ filter: { a: [{ numeric: ['<', 'x'] }] } })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('FilterPolicy') as string,
    });
    expect(await statements()).toEqual([]);
  });
});

describe('what cannot be subscribed', () => {
  it.each([
    [{ endpoint: 'a b' }, 'endpoint'],
    [{ endpoint: 'arn:aws:sns:us-east-1:000000000000:q' }, 'endpoint'],
    [{ endpoint: 'orders.fifo' }, 'endpoint'],
    [{ protocol: 'email', endpoint: 'nobody' }, 'endpoint'],
    [{ protocol: 'email', endpoint: 'Ann <ann@example.com>' }, 'endpoint'],
    [{ protocol: 'email', endpoint: 'ann@example.com', raw: true }, 'raw'],
    [{ protocol: 'sms', endpoint: '030 123' }, 'endpoint'],
    [{ protocol: 'https', endpoint: 'http://localhost/' }, 'endpoint'],
    [{ protocol: 'http', endpoint: 'localhost' }, 'endpoint'],
    [{ protocol: 'pigeon' as 'sms' }, 'protocol'],
    [{ topic: 'orders.fifo', protocol: 'email', endpoint: 'ann@example.com' }, 'protocol'],
    [{ filterScope: 'body' }, 'filterScope'],
    [{ filter: { a: ['x'] }, filterScope: 'all' as 'body' }, 'filterScope'],
    [{ deadLetterQueue: 'a b' }, 'deadLetterQueue'],
  ] as const)('is refused: %j', async (input, field) => {
    await expect(subscribe(input)).rejects.toMatchObject(refusal(field));
  });

  it('is what the prefix hides', async () => {
    await provide();
    const shop = cloud.open({ prefix: 'shop-' });
    await shop.topics.create({ name: `shop-${topic}` });
    const base = { topic: `shop-${topic}`, protocol: 'sqs' } as const;
    for (const endpoint of [queue, `${QUEUE_ARN}${queue}`]) {
      await expect(shop.subscriptions.create({ ...base, endpoint })).rejects.toMatchObject({
        code: 'denied',
      });
    }
    expect(await statements()).toEqual([]);
    const { id } = await subscribe();
    await expect(shop.subscriptions.get(id!)).rejects.toMatchObject({ code: 'denied' });
  });

  it.each(['', 'topic', 'topic:1', 'a b:0f8a8a3e-0000-4000-8000-000000000000', 'a:b:c'])(
    'has no id such as %j',
    async (id) => {
      await expect(messaging.subscriptions.get(id)).rejects.toMatchObject(refusal('id'));
    },
  );
});

describe('an endpoint that has to agree', () => {
  beforeEach(provide);

  it('is pending until it confirms, and cannot be deleted before', async () => {
    const posted = page.requests.length;
    const input = { protocol: 'http', endpoint: page.url, filter: { a: ['b'] } } as const;
    const { id, pending, raw, warnings } = await subscribe(input);
    expect({ pending, raw }).toEqual({ pending: true, raw: false });
    expect(warnings).toEqual([expect.stringContaining('48 hours')]);
    expect((await messaging.subscriptions.list({ topic })).items).toMatchObject([
      { id: null, arn: null, pending: true, protocol: 'http', endpoint: page.url },
    ]);
    await expect(messaging.subscriptions.delete(id!)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('48 hours') as string,
    });
    const { Token } = JSON.parse((await page.request(posted + 1)).body) as { Token: string };
    expect(await messaging.subscriptions.confirm({ topic, token: Token })).toMatchObject({
      id,
      pending: false,
    });
    await messaging.subscriptions.delete(id!);
    expect((await messaging.subscriptions.list({ topic })).items).toEqual([]);
  });

  it('does not confirm with any token', async () => {
    for (const token of ['', 'x']) {
      await expect(messaging.subscriptions.confirm({ topic, token })).rejects.toMatchObject({
        code: 'invalid',
      });
    }
  });
});

test('a function is permitted to be called by the topic, and only as long as it is subscribed', async () => {
  await provide();
  const info = await subscribe({ protocol: 'lambda', endpoint: 'worker' });
  expect(info).toMatchObject({
    endpoint: 'arn:aws:lambda:us-east-1:000000000000:function:worker',
    raw: false,
    pending: false,
  });
  const permissions = () => cloud.runtime.functionPermissions.added('worker');
  expect(permissions()).toMatchObject([
    { principal: 'sns.amazonaws.com', sourceArn: `arn:aws:sns:us-east-1:000000000000:${topic}` },
  ]);
  expect(await subscribe({ protocol: 'lambda', endpoint: 'worker' })).toMatchObject({ id: info.id });
  await messaging.subscriptions.delete(info.id!);
  expect(permissions()).toEqual([]);
  await expect(subscribe({ protocol: 'lambda', endpoint: 'missing' })).rejects.toMatchObject({
    code: 'not-found',
  });
});

test('a text message needs nobody to agree', async () => {
  await provide();
  expect(await subscribe({ protocol: 'sms', endpoint: '+12065550100' })).toMatchObject({
    pending: false,
    endpoint: '+12065550100',
  });
});

test('lists go by pages, of one topic or of all that the prefix shows', async () => {
  const shop = cloud.open({ prefix: `shop${made}-` });
  const topics = [`shop${made}-a`, `shop${made}-b`];
  for (const name of topics) {
    await shop.topics.create({ name });
    for (const digit of [1, 2, 3]) {
      await shop.subscriptions.create({ topic: name, protocol: 'sms', endpoint: `+1206555010${digit}` });
    }
  }
  const first = await shop.subscriptions.list({ limit: 4 });
  const rest = await shop.subscriptions.list({ limit: 4, cursor: first.nextCursor! });
  expect([first.items.length, rest.items.length, rest.nextCursor]).toEqual([4, 2, null]);
  expect(new Set([...first.items, ...rest.items].map(({ id }) => id)).size).toBe(6);
  const one = await shop.subscriptions.list({ topic: topics[1] });
  expect(one.items.map((item) => item.topic)).toEqual([topics[1], topics[1], topics[1]]);
  await expect(shop.subscriptions.list({ topic: `shop${made}-missing` })).rejects.toMatchObject({
    code: 'not-found',
  });
});
