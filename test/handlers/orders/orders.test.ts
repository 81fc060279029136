import { randomUUID } from 'node:crypto';
import { dynamoDbError, operationOf } from '../../support/dynamodb';
import { routeEvent } from '../../support/events';
import { ADMIN, depth, NOBODY, OrdersService, placed, START, TRACE } from './service';

let service: OrdersService;

beforeAll(async () => {
  service = await OrdersService.start();
});

beforeEach(() => service.heal());
afterAll(() => service.close());

const DAY_SECONDS = 24 * 3600;

/** A recorded order's id. */
async function recorded(createdAt?: string): Promise<string> {
  const id = randomUUID();
  await service.record([placed(id, createdAt)]);
  return id;
}

const stored = (id: string) => service.dynamodb.item('book-orders', { id: { S: id } });

describe('the recorder', () => {
  test('records each order once, as pending, with its lines and its trace', async () => {
    const id = randomUUID();
    expect(await service.record([placed(id), placed(id)], 30_000, [TRACE])).toEqual({
      batchItemFailures: [],
    });
    await service.record([placed(id)]);
    expect(service.captured.lines.filter((line) => line.event === 'repeated order ignored')).toHaveLength(2);
    expect((await stored(id))?.['traceparent']).toEqual({ S: TRACE });
    const { status, headers, body } = await service.read(id);
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(body).toEqual({ ...(JSON.parse(placed(id)) as object), status: 'pending' });
    expect((await service.read(id.toUpperCase())).body).toEqual(body);
  });

  test('leaves an order as it is that was handled meanwhile', async () => {
    const id = await recorded();
    await service.handle({ id });
    expect(await service.record([placed(id)])).toEqual({ batchItemFailures: [] });
    expect((await service.read(id)).body['status']).toBe('processed');
  });

  test('does not bring a deleted order back', async () => {
    const id = await recorded();
    expect((await service.remove({ id })).status).toBe(204);
    expect(await service.record([placed(id)])).toEqual({ batchItemFailures: [] });
    expect((await service.read(id)).status).toBe(404);
    expect((await stored(id))?.['status']).toEqual({ S: 'deleted' });
  });

  test.each([
    'no JSON',
    '{}',
    placed('no-uuid'),
    placed(NOBODY, '2026-02-30T00:00:00.000Z'),
    placed(NOBODY).replace('"total":210', '"total":-1'),
    placed(NOBODY).replace(/"lines":\[.*?\],/, '"lines":[],'),
  ])('reports what is no order, and that alone: %s', async (poison) => {
    const good = randomUUID();
    expect(await service.record([poison, placed(good)])).toEqual({
      batchItemFailures: [{ itemIdentifier: 'item-0' }],
    });
    expect((await service.read(good)).status).toBe(200);
    expect(service.captured.problems()).toEqual([expect.objectContaining({ event: 'malformed message' })]);
  });

  test('puts off the rest while the table is throttled, and what the time does not suffice for', async () => {
    let calls = 0;
    service.dynamodb.network.respond = (request) =>
      ++calls === 2 ? dynamoDbError(400, 'ThrottlingException') : service.dynamodb.forward(request);
    const bodies = [randomUUID(), randomUUID(), randomUUID()].map((id) => placed(id));
    expect(await service.record(bodies)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'item-1' }, { itemIdentifier: 'item-2' }],
    });
    expect(calls).toBe(2);
    expect(await service.record([placed(randomUUID())], 9_999)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'item-0' }],
    });
    expect(calls).toBe(2);
  });

  test('does not let one that the table refuses hold up the others', async () => {
    let calls = 0;
    service.dynamodb.network.respond = (request) =>
      ++calls === 1 ? dynamoDbError(400, 'ValidationException') : service.dynamodb.forward(request);
    expect(await service.record([placed(randomUUID()), placed(randomUUID())])).toEqual({
      batchItemFailures: [{ itemIdentifier: 'item-0' }],
    });
    expect(calls).toBe(2);
  });
});

describe('GET /books/order/{id}', () => {
  test('is 404 for what nobody ordered and for what is no id, 503 without the table', async () => {
    expect((await service.read(NOBODY)).status).toBe(404);
    expect((await service.read('7')).status).toBe(404);
    expect(service.dynamodb.calls()).toEqual(['GetItem']);
    service.dynamodb.network.respond = () => 'reset';
    expect((await service.read(NOBODY)).status).toBe(503);
  });

  test('shows what is the order’s, and nothing that the table keeps beside it', async () => {
    const id = await recorded();
    await service.handle({ id });
    expect(Object.keys((await service.read(id)).body).sort()).toEqual(
      ['id', 'status', 'lines', 'subtotal', 'shipping', 'total', 'createdAt', 'processedAt'].sort(),
    );
  });
});

describe.each(['handle', 'remove'] as const)('to %s an order', (verb) => {
  const wanted = verb === 'handle' ? 'processed' : 'deleted';
  const success = verb === 'handle' ? 200 : 204;

  test('is done once', async () => {
    const id = await recorded();
    service.time = START + 60_000;
    const first = await service[verb]({ id });
    const again = await service[verb]({ id });
    const time = new Date(START + 60_000).toISOString();
    if (verb === 'handle') {
      const order = { ...(JSON.parse(placed(id)) as object), status: 'processed', processedAt: time };
      expect(first).toMatchObject({ status: 200, body: order });
      expect(again).toMatchObject({ status: 409, body: { orderStatus: 'processed', processedAt: time } });
    } else {
      expect(first).toEqual({ status: 204, headers: {}, body: {} });
      expect(again.status).toBe(404);
    }
  });

  test('is answered without another look at the table, which could be refused', async () => {
    const id = await recorded();
    service.dynamodb.network.requests.length = 0;
    expect((await service[verb]({ id })).status).toBe(success);
    expect(service.dynamodb.calls()).toEqual(['UpdateItem']);
  });

  test('is done by one of many who try at the same time', async () => {
    const id = await recorded();
    const answers = await Promise.all(Array.from({ length: 5 }, () => service[verb]({ id })));
    const statuses = answers.map(({ status }) => status).sort();
    const late = verb === 'handle' ? 409 : 404;
    expect(statuses).toEqual([success, late, late, late, late]);
  });

  test('whose answer was lost inside AWS is answered as the first time', async () => {
    const id = await recorded();
    service.loseAnswerOf('UpdateItem');
    const answer = await service[verb]({ id }, { patient: true });
    expect(answer.status).toBe(success);
    expect(service.dynamodb.calls().filter((call) => call === 'UpdateItem')).toHaveLength(2);
    expect((await stored(id))?.['status']).toEqual({ S: wanted });
  });

  test('is 404 for an id that no order has, or that is none', async () => {
    expect((await service[verb]({ id: NOBODY })).status).toBe(404);
    expect((await service[verb]({ id: 'x' })).status).toBe(404);
    expect(await stored(NOBODY)).toBeUndefined();
  });

  test('wants an id, and nothing beside it', async () => {
    expect((await service[verb]({})).body.errors).toEqual([{ pointer: '#/id', detail: 'is missing' }]);
    expect((await service[verb]({ id: 7 })).status).toBe(422);
    expect((await service[verb]({ id: NOBODY, all: true })).status).toBe(422);
    expect((await service[verb]('{')).status).toBe(400);
    expect((await service[verb]({ id: 'x'.repeat(1024) })).status).toBe(413);
  });

  test('is 503 while the table is throttled, and an error of ours where it refuses for good', async () => {
    const id = await recorded();
    service.dynamodb.network.respond = () => dynamoDbError(400, 'ProvisionedThroughputExceededException');
    expect((await service[verb]({ id })).status).toBe(503);
    service.dynamodb.network.respond = () => dynamoDbError(400, 'AccessDeniedException');
    await expect(service[verb]({ id })).rejects.toThrow('dynamodb:UpdateItem: AccessDeniedException');
    service.heal();
    expect((await service.read(id)).body['status']).toBe('pending');
  });

  test('is for administrators', async () => {
    const id = await recorded();
    const { status, headers, body } = await service[verb]({ id }, { claims: {} });
    expect([status, headers['content-type']]).toEqual([403, 'application/problem+json']);
    expect(body.detail).toBe('Only administrators may do this.');
    expect((await service.read(id)).body['status']).toBe('pending');
  });
});

describe('a handled order', () => {
  test('cannot be deleted, and a deleted one not handled, whoever comes first', async () => {
    const id = await recorded();
    const [handled, removed] = await Promise.all([service.handle({ id }), service.remove({ id })]);
    const { status } = await service.read(id);
    if (status === 200) expect([handled.status, removed.status]).toEqual([200, 409]);
    else expect([handled.status, removed.status]).toEqual([404, 204]);
    const other = await recorded();
    await service.handle({ id: other });
    expect(await service.remove({ id: other })).toMatchObject({
      status: 409,
      body: { orderStatus: 'processed', detail: 'The order is processed already.' },
    });
    expect((await service.read(other)).status).toBe(200);
  });
});

describe('a deleted order', () => {
  test('leaves something behind that outlives its message, and is in no list', async () => {
    const id = await recorded();
    expect((await service.remove(undefined, { id })).status).toBe(204);
    const left = await stored(id);
    expect(Number(left?.['expiresAt']?.N)).toBe(Math.floor(START / 1000) + 30 * DAY_SECONDS);
    expect(left).toMatchObject({ status: { S: 'deleted' }, deletedAt: { S: new Date(START).toISOString() } });
    expect(await service.dynamodb.scan('book-orders', 'timeline')).not.toContainEqual(
      expect.objectContaining({ id: { S: id } }),
    );
    for (const query of [undefined, { status: 'pending' }, { status: 'processed' }]) {
      const { body } = await service.list({ limit: '100', ...query });
      expect(JSON.stringify(body)).not.toContain(id);
    }
    expect((await service.list({ status: 'deleted' })).status).toBe(400);
  });
});

describe('GET /books/order', () => {
  const DAY = Date.UTC(2030, 0, 1);

  async function pages(query: Record<string, string>): Promise<string[]> {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const { status, body } = await service.list({ limit: '2', ...query, ...(cursor && { cursor }) });
      expect(status).toBe(200);
      const page = body as unknown as { items: { id: string }[]; nextCursor: string | null };
      expect(page.items.length).toBeLessThanOrEqual(2);
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return ids;
  }

  test('lists all, or those of a status, newest first, by pages', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 7; index++) {
      // Two of the same millisecond are two.
      ids.unshift(await recorded(new Date(DAY + (index >> 1)).toISOString()));
    }
    const handled = ids.filter((_id, index) => index % 3 === 0);
    for (const id of handled) await service.handle({ id });
    const known = new Set(ids);
    const seen = async (query: Record<string, string> = {}) =>
      (await pages(query)).filter((id) => known.has(id));
    const [all, pending, processed] = [
      await seen(),
      await seen({ status: 'pending' }),
      await seen({ status: 'processed' }),
    ];
    expect(all.slice().sort()).toEqual(ids.slice().sort());
    expect(processed.slice().sort()).toEqual(handled.slice().sort());
    expect([...pending, ...processed].sort()).toEqual(ids.slice().sort());
    const times = await Promise.all(all.map(async (id) => (await service.read(id)).body['createdAt']));
    expect(times).toEqual(times.slice().sort().reverse());
  });

  test('has orders as they are read one by one', async () => {
    const id = await recorded(new Date(DAY + 1_000_000).toISOString());
    const { body } = await service.list({ limit: '1' });
    expect(body['items']).toEqual([(await service.read(id)).body]);
  });

  test('refuses a wrong status, limit or cursor, and never reads the whole table', async () => {
    expect((await service.list({ status: 'all' })).body.errors).toEqual([
      { parameter: 'status', detail: 'must be pending or processed' },
    ]);
    expect((await service.list({ limit: '101' })).status).toBe(400);
    expect((await service.list({ cursor: 'e30' })).status).toBe(400);
    await service.list();
    expect(service.dynamodb.network.requests.map(operationOf)).toEqual(['Query']);
  });

  test('is for administrators, 503 without the table', async () => {
    expect((await service.list({}, {})).status).toBe(403);
    expect(service.dynamodb.calls()).toEqual([]);
    service.dynamodb.network.respond = () => dynamoDbError(500, 'InternalServerError');
    expect((await service.list()).status).toBe(503);
  });
});

describe('GET /books/order/dead-letters', () => {
  test('counts what waits in each queue of dead letters', async () => {
    service.queues.respond = () => depth('3');
    expect(await service.deadLetters()).toMatchObject({
      status: 200,
      body: { items: [{ queue: 'book-orders-dead-letters', messages: 3 }] },
    });
    const [request] = service.queues.requests;
    expect(request?.headers['x-amz-target']).toBe('AmazonSQS.GetQueueAttributes');
    expect(JSON.parse(request?.body ?? '')).toMatchObject({
      AttributeNames: ['ApproximateNumberOfMessages'],
    });
  });

  test('is for administrators, 503 without the queue', async () => {
    expect((await service.deadLetters({})).status).toBe(403);
    expect(service.queues.requests).toEqual([]);
    service.queues.respond = () => 'reset';
    expect((await service.deadLetters()).status).toBe(503);
  });
});

describe('administrators', () => {
  test.each([['[admin]'], ['[admin editors]'], ['[editors admin]'], ['admin'], [['editors', 'admin']]])(
    'are in the group: %j',
    async (groups) => {
      expect((await service.list({}, { 'cognito:groups': groups })).status).toBe(200);
    },
  );

  test.each([
    [undefined],
    [''],
    ['[]'],
    ['[editors]'],
    ['[administrators]'],
    ['[not-admin]'],
    ['[admins]'],
    ['[Admin]'],
    ['[[admin]]'],
    ['[x,admin]'],
    ['[admin,x]'],
    [['x admin']],
    [7],
    [{ admin: true }],
    [null],
  ])('are not: %j', async (groups) => {
    expect((await service.list({}, { ...ADMIN, 'cognito:groups': groups })).status).toBe(403);
  });

  test('are known by the authorizer alone', async () => {
    const headers = { 'cognito:groups': '[admin]', authorization: 'Bearer admin' };
    expect((await service.listed(routeEvent('GET /books/order', { headers }))).status).toBe(403);
    const lambda = { ...routeEvent('GET /books/order'), requestContext: { authorizer: { lambda: ADMIN } } };
    expect((await service.listed(lambda as never)).status).toBe(403);
  });
});
