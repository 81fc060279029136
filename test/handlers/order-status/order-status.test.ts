import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { EventBridgeEvent } from 'aws-lambda';
import fc from 'fast-check';
import { type StatusChanged, STATUSES } from '../../../handlers/order-status/change';
import { type HistoryEntry, withChange } from '../../../handlers/order-status/order';
import { Orders } from '../../../handlers/order-status/orders';
import { publishStatus } from '../../../handlers/order-status/publish-status';
import { readStatus } from '../../../handlers/order-status/read-status';
import { trackStatus } from '../../../handlers/order-status/track-status';
import { clientConfig } from '../../../handlers/shared/aws';
import { dynamoDbError, TestDynamoDb, testEnvironment } from '../../support/dynamodb';
import { answered, capturedLog, routeEvent } from '../../support/events';
import { type Answer, type LoopbackServer, startLoopbackServer } from '../../support/loopback-server';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

let dynamodb: TestDynamoDb;
let bus: LoopbackServer;
let events: EventBridgeClient;
const captured = capturedLog();

const taken = bridgeAnswer({ FailedEntryCount: 0, Entries: [{ EventId: 'event-1' }] });

function bridgeAnswer(body: unknown, status = 200): Answer {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) };
}

beforeAll(async () => {
  dynamodb = await TestDynamoDb.start();
  bus = await startLoopbackServer(() => taken);
  events = new EventBridgeClient({
    ...clientConfig('EVENTBRIDGE', testEnvironment(bus.url)),
    maxAttempts: 1,
    requestHandler: { requestTimeout: 300, throwOnRequestTimeout: true },
  });
});

afterEach(() => {
  dynamodb.heal();
  bus.respond = () => taken;
  bus.requests.length = 0;
  captured.lines.length = 0;
});

afterAll(async () => {
  events.destroy();
  await bus.close();
  await dynamodb.close();
});

const orders = () => new Orders(dynamodb.client, 'order-status');

const put = (orderId: string, body: unknown, headers: Record<string, string> = {}) => {
  const event = routeEvent('PUT /order-status/{orderId}', { pathParameters: { orderId }, body, headers });
  return answered(publishStatus(event, { events, busName: 'orders', log: captured.log, now: () => NOW }));
};

const get = (orderId: string) =>
  answered(
    readStatus(routeEvent('GET /order-status/{orderId}', { pathParameters: { orderId } }), {
      orders: orders(),
      log: captured.log,
    }),
  );

const change = (orderId: string, version: number, rest: Partial<StatusChanged> = {}): StatusChanged => ({
  orderId,
  version,
  status: 'paid',
  changedAt: '2026-01-02T03:04:05.006Z',
  ...rest,
});

const track = (detail: unknown) =>
  trackStatus({ id: 'event-1', detail } as EventBridgeEvent<string, unknown>, {
    orders: orders(),
    log: captured.log,
    now: () => NOW,
  });

describe('PUT /order-status/{orderId}', () => {
  test('puts one event on the bus, with the trace of the request', async () => {
    const body = { status: 'shipped', version: 4, note: 'größe 😀' };
    const { status, body: answer } = await put('o-1', body, { traceparent: TRACE });
    expect([status, answer]).toEqual([202, { eventId: 'event-1' }]);
    const [request] = bus.requests;
    expect(request?.headers['x-amz-target']).toBe('AWSEvents.PutEvents');
    const { Entries } = JSON.parse(request?.body ?? '') as { Entries: Record<string, string>[] };
    expect(Entries).toEqual([
      {
        EventBusName: 'orders',
        Source: 'aws-micro.orders',
        DetailType: 'Order Status Changed',
        Detail: expect.any(String) as string,
      },
    ]);
    expect(JSON.parse(Entries[0]?.['Detail'] ?? '')).toEqual({
      orderId: 'o-1',
      ...body,
      changedAt: '2026-01-02T03:04:05.006Z',
      traceparent: expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/) as string,
    });
  });

  test.each([
    [{ version: 1 }, '#/status', 'is missing'],
    [{ status: 'lost', version: 1 }, '#/status', 'must be one of placed'],
    [{ status: 'paid' }, '#/version', 'is missing'],
    [{ status: 'paid', version: 0 }, '#/version', 'must be 1 or more'],
    [{ status: 'paid', version: 1.5 }, '#/version', 'must be a whole number'],
    [{ status: 'paid', version: '1' }, '#/version', 'must be a whole number'],
    [{ status: 'paid', version: 1, note: '' }, '#/note', 'must not be empty'],
    [{ status: 'paid', version: 1, note: 'x'.repeat(501) }, '#/note', 'must have 500 characters at most'],
    [{ status: 'paid', version: 1, by: 'me' }, '#/by', 'is not a known field'],
  ])('refuses %j', async (body, pointer, detail) => {
    const answer = await put('o-1', body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors?.[0]).toEqual({ pointer, detail: expect.stringContaining(detail) as string });
    expect(bus.requests).toEqual([]);
  });

  test('refuses an id that is none, and a body that is too large', async () => {
    expect((await put('o/1', { status: 'paid', version: 1 })).body.errors).toEqual([
      expect.objectContaining({ parameter: 'orderId' }),
    ]);
    expect((await put('o-1', { status: 'paid', version: 1, note: 'x'.repeat(9000) })).status).toBe(413);
  });

  const failed = (ErrorCode: string) => bridgeAnswer({ FailedEntryCount: 1, Entries: [{ ErrorCode }] });

  test.each([
    ['the bus is throttled', bridgeAnswer({ __type: 'ThrottlingException' }, 400), 503],
    ['the bus is out of order', bridgeAnswer({ __type: 'InternalException' }, 500), 503],
    ['the connection breaks', 'reset' as const, 503],
    ['no answer comes', 'hang' as const, 503],
    ['the entry alone is throttled', failed('ThrottlingException'), 503],
    ['the entry alone meets a failure', failed('InternalFailure'), 503],
    ['there is no such bus', bridgeAnswer({ __type: 'ResourceNotFoundException' }, 400), 502],
    ['it is forbidden', bridgeAnswer({ __type: 'AccessDeniedException' }, 400), 502],
    ['the entry alone is refused', failed('InvalidArgument'), 502],
  ])('is no success where %s', async (_what, answer, expected) => {
    bus.respond = () => answer;
    const { status, headers, body } = await put('o-1', { status: 'paid', version: 1 });
    expect([status, headers['retry-after']]).toEqual([expected, expected === 503 ? '1' : undefined]);
    expect(body.detail).toContain('the event bus did not take it');
    expect(captured.problems()).toEqual([
      expect.objectContaining({ event: 'status not published', call: 'events:PutEvents' }),
    ]);
  });
});

describe('the tracker', () => {
  test('keeps the latest status and those before it', async () => {
    await track(change('o-2', 1, { status: 'placed' }));
    expect(await track(change('o-2', 2, { note: 'by card' }))).toEqual({
      event: 'Order Status Recorded',
      orderId: 'o-2',
      version: 2,
      news: true,
    });
    const changedAt = '2026-01-02T03:04:05.006Z';
    const paid = { status: 'paid', version: 2, note: 'by card', changedAt };
    const placed = { status: 'placed', version: 1, changedAt };
    expect(await get('o-2')).toMatchObject({
      status: 200,
      body: { orderId: 'o-2', ...paid, history: [paid, placed] },
    });
    expect(await dynamodb.item('order-status', { orderId: { S: 'o-2' } })).toMatchObject({
      status: { S: 'paid' },
      version: { N: '2' },
      recordedAt: { S: new Date(NOW).toISOString() },
      timeline: { S: 'orders' },
    });
  });

  test('lets a late event never win, and takes it into the history', async () => {
    await track(change('o-3', 3, { status: 'shipped' }));
    await track(change('o-3', 1, { status: 'placed' }));
    const { body } = await get('o-3');
    expect(body).toMatchObject({ status: 'shipped', version: 3, history: [{ version: 3 }, { version: 1 }] });
  });

  test('records an event once, however often it comes', async () => {
    await track(change('o-4', 1));
    const first = await dynamodb.item('order-status', { orderId: { S: 'o-4' } });
    expect(await track(change('o-4', 1))).toMatchObject({ news: false });
    expect(await dynamodb.item('order-status', { orderId: { S: 'o-4' } })).toEqual(first);
  });

  test('loses none of the changes that come at once', async () => {
    const versions = [1, 2, 3, 4, 5, 6];
    await Promise.all(versions.map((version) => track(change('o-5', version))));
    const { body } = await get('o-5');
    expect((body['history'] as HistoryEntry[]).map(({ version }) => version)).toEqual([6, 5, 4, 3, 2, 1]);
  });

  test.each([[undefined], [{}], [{ ...change('o-6', 1), status: 'lost' }], [{ ...change('a/b', 1) }]])(
    'fails on what is no change: %j',
    async (detail) => {
      await expect(track(detail)).rejects.toThrow('the event event-1 is no change of a status');
      expect(captured.problems()).toEqual([expect.objectContaining({ event: 'malformed event' })]);
    },
  );

  test.each([
    ['ThrottlingException', 400, false],
    ['AccessDeniedException', 400, true],
  ])('fails where the table answers %s, and says whether that passes', async (code, status, permanent) => {
    dynamodb.network.respond = () => dynamoDbError(status, code);
    await expect(track(change('o-7', 1))).rejects.toThrow(`dynamodb:GetItem: ${code}`);
    expect(captured.problems()).toEqual([
      expect.objectContaining({ event: 'status not recorded', error: code, permanent }),
    ]);
  });
});

describe('GET /order-status/{orderId}', () => {
  test('is 404 for an order that nobody heard of, 400 for what is no id', async () => {
    expect((await get('nobody')).status).toBe(404);
    expect((await get('no body')).status).toBe(400);
  });

  test('is 503 while the table takes no calls', async () => {
    dynamodb.network.respond = () => dynamoDbError(500, 'InternalServerError');
    expect((await get('o-2')).status).toBe(503);
  });
});

describe('a history', () => {
  const changes = fc.uniqueArray(
    fc.record({
      status: fc.constantFrom(...STATUSES),
      version: fc.integer({ min: 1, max: 60 }),
      changedAt: fc.constant('2026-01-02T03:04:05.006Z'),
    }),
    { selector: ({ version }) => version, maxLength: 40 },
  );
  const after = (all: readonly Omit<StatusChanged, 'orderId'>[]) =>
    all.reduce<HistoryEntry[]>((history, each) => withChange(history, each) ?? history, []);

  test('is the same in whatever order changes come, and some of them twice', () => {
    fc.assert(
      fc.property(changes, fc.infiniteStream(fc.nat()), (all, order) => {
        const shuffled = [...all, ...all.slice(0, 5)]
          .map((each) => [order.next().value as number, each] as const)
          .sort(([a], [b]) => a - b)
          .map(([, each]) => each);
        const sorted = [...all].sort((a, b) => b.version - a.version).slice(0, 20);
        expect(after(shuffled)).toEqual(sorted);
      }),
    );
  });

  test('keeps the first of two with one version', () => {
    const first = { status: 'paid', version: 1, changedAt: 'a' } as const;
    expect(withChange([first], { ...first, status: 'cancelled' })).toBeUndefined();
  });
});
