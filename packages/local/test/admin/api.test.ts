import type {
  HealthView,
  Items,
  MessageView,
  Page,
  QueueView,
  StackView,
  TraceView,
} from '../../src/admin/model';
import type { Emulator } from '../commands/support';
import { startEmulator, stopEmulator } from '../commands/support';

let emulator: Emulator;
let orders: string;

beforeAll(async () => {
  emulator = await startEmulator();
  const { broker } = emulator;
  const { arn: deadLetters } = await broker.ensureQueue('orders-dead');
  const redrive = { deadLetterTargetArn: deadLetters, maxReceiveCount: 3 };
  ({ arn: orders } = await broker.ensureQueue('orders', { RedrivePolicy: JSON.stringify(redrive) }));
  const { arn: topicArn } = await broker.ensureTopic('created');
  await broker.ensureSubscription({ topicArn, protocol: 'sqs', endpoint: orders });
  await broker.queues.create('by-hand', {});
});
afterAll(() => stopEmulator(emulator));

function request(path: string, init?: RequestInit): Promise<Response> {
  return fetch(`${emulator.endpoint.url}/_aws-micro${path}`, init);
}

async function get<T>(path: string): Promise<T> {
  const response = await request(path);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  return (await response.json()) as T;
}

test('says that it is there', async () => {
  expect(await get<HealthView>('/health')).toEqual({ status: 'ok', stack: 'shop', uptimeSeconds: 0 });
});

test('lists what is hosted, and whether the stack declares it', async () => {
  const arn = (service: string, name: string) => `arn:aws:${service}:us-east-1:000000000000:${name}`;
  expect(await get<StackView>('/stack')).toEqual({
    name: 'shop',
    region: 'us-east-1',
    accountId: '000000000000',
    apis: [],
    functions: [],
    tables: [],
    sites: [],
    userPools: [],
    topics: [
      {
        name: 'created',
        arn: arn('sns', 'created'),
        declared: true,
        subscriptions: [{ protocol: 'sqs', endpoint: orders }],
      },
    ],
    queues: [
      { name: 'by-hand', arn: arn('sqs', 'by-hand'), declared: false },
      { name: 'orders', arn: orders, declared: true },
      { name: 'orders-dead', arn: arn('sqs', 'orders-dead'), declared: true },
    ],
  });
});

test('tells how many messages are where, and whose dead letters are whose', async () => {
  const { broker } = emulator;
  await broker.send(orders, { body: 'visible' });
  await broker.send(orders, { body: 'in flight' });
  await broker.send(orders, { body: 'delayed', delaySeconds: 900 });
  await broker.receive(orders, { maxMessages: 1, waitSeconds: 0 });
  const { items } = await get<Items<QueueView>>('/queues');
  expect(items.slice(1)).toMatchObject([
    { name: 'orders', visible: 1, inFlight: 1, delayed: 1, deadLetterQueue: 'orders-dead', sources: [] },
    { name: 'orders-dead', visible: 0, sources: ['orders'] },
  ]);
});

test('shows messages in pages without touching them', async () => {
  const { broker } = emulator;
  const before = await get<Page<MessageView>>('/queues/orders/messages');
  expect(before.items.map(({ body, state, receiveCount }) => [body, state, receiveCount])).toEqual([
    ['visible', 'in-flight', 1],
    ['in flight', 'visible', 0],
    ['delayed', 'delayed', 0],
  ]);
  expect(before.nextCursor).toBeUndefined();
  expect(Date.parse(before.items[2]!.visibleAt!)).toBeGreaterThan(Date.parse(before.items[2]!.sentAt));
  expect(before.items[1]).not.toHaveProperty('visibleAt');
  const first = await get<Page<MessageView>>('/queues/orders/messages?limit=2');
  expect(first.items).toEqual(before.items.slice(0, 2));
  const rest = await get<Page<MessageView>>(`/queues/orders/messages?limit=2&cursor=${first.nextCursor}`);
  expect(rest.items).toEqual(before.items.slice(2));
  expect(await broker.receive(orders, { maxMessages: 10, waitSeconds: 0 })).toMatchObject([
    { body: 'in flight', receiveCount: 1 },
  ]);
});

test('gives the traces, found by any of their ids', async () => {
  const [messageId] = await emulator.broker.publish('arn:aws:sns:us-east-1:000000000000:created', [
    { message: 'traced' },
  ]);
  const { items } = await get<Items<TraceView>>(`/traces/${messageId}`);
  expect(items).toHaveLength(1);
  expect(items[0]!.hops[0]).toMatchObject({ step: 'published to created', ids: [messageId], afterMs: 0 });
  const recent = await get<Items<TraceView>>('/traces?limit=1');
  expect(recent).toEqual({ items });
});

test.each([
  ['/nothing', 404, 'not-found', 'There is nothing at /_aws-micro/nothing; there is /_aws-micro/health'],
  ['', 404, 'not-found', 'There is nothing at /_aws-micro; there is'],
  ['/queues/missing/messages', 404, 'not-found', 'There is no queue missing'],
  ['/queues/orders/messages?limit=0', 400, 'bad-request', 'limit is "0": a whole number from 1 to 1000'],
  ['/queues/orders/messages?cursor=!', 400, 'bad-request', 'after must be'],
  ['/traces?limit=x', 400, 'bad-request', 'limit is "x"'],
  ['/traces/00000000-0000-4000-8000-000000000000', 404, 'not-found', 'No trace of 0000'],
])('%s is a problem %d', async (path, status, type, detail) => {
  const response = await request(path);
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem = (await response.json()) as Record<string, unknown>;
  expect(problem).toMatchObject({ type: `/_aws-micro/problems/${type}`, status });
  expect(problem['detail']).toContain(detail);
});

test.each(['POST', 'DELETE', 'PUT'])('%s is refused: nothing can be changed', async (method) => {
  const response = await request('/queues', { method });
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('GET');
});

test('web pages and foreign names are refused', async () => {
  expect((await request('/queues', { headers: { origin: 'https://example.com' } })).status).toBe(403);
  expect((await request('/queues', { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
});

test('what only begins like it is a call of AWS', async () => {
  const response = await fetch(`${emulator.endpoint.url}/_aws-microscope`);
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('UnknownOperationException');
});
