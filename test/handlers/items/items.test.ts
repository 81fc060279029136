import { dynamoDbError, operationOf } from '../../support/dynamodb';
import { routeEvent } from '../../support/events';
import { ItemsService, NOBODY, START } from './service';

let service: ItemsService;

beforeAll(async () => {
  service = await ItemsService.start();
});

afterEach(() => service.heal());
afterAll(() => service.close());

const full = {
  name: 'größe 😀',
  description: 'with everything',
  price: 9.5,
  tags: ['a', 'b'],
  attributes: { size: { cm: [1, 2.5, -0.25] }, none: null, yes: true, big: 1e100 },
};

/** A new item's id. */
async function created(body: unknown = { name: 'thing' }): Promise<string> {
  return (await service.post(body)).body['id'] as string;
}

/** The answer of a write is lost on its way, once; the SDK tries again. */
function loseAnswerOf(operation: string): void {
  let lost = false;
  service.dynamodb.network.respond = async (request) => {
    const answer = await service.dynamodb.forward(request);
    if (lost || operationOf(request) !== operation) return answer;
    lost = true;
    return 'reset';
  };
}

describe('POST /items', () => {
  test('makes an item that can be read, at its Location, with its ETag', async () => {
    const { status, headers, body } = await service.post(full);
    const time = new Date(START).toISOString();
    const id = body['id'] as string;
    expect(status).toBe(201);
    expect(headers).toMatchObject({ location: `/items/${id}`, etag: '"1"' });
    expect(body).toEqual({ id, version: 1, ...full, createdAt: time, updatedAt: time });
    expect(await service.get(id)).toMatchObject({ status: 200, headers: { etag: '"1"' }, body });
    expect((await service.get(id.toUpperCase())).body).toEqual(body);
  });

  test.each([
    [{}, '#/name', 'is missing'],
    [{ name: '' }, '#/name', 'must not be empty'],
    [{ name: 'x'.repeat(201) }, '#/name', 'must have 200 characters at most'],
    [{ name: '\ud800' }, '#/name', 'must not have half of a surrogate pair'],
    [{ name: 7 }, '#/name', 'must be a string, not a number'],
    [{ name: 'x', description: '' }, '#/description', 'must not be empty'],
    [{ name: 'x', price: -0.01 }, '#/price', 'must be 0 or more'],
    [{ name: 'x', price: '1' }, '#/price', 'must be a number'],
    [{ name: 'x', price: 1e126 }, '#/price', 'must have numbers from'],
    [{ name: 'x', tags: 'a' }, '#/tags', 'must be a list'],
    [{ name: 'x', tags: [''] }, '#/tags', 'must be a list'],
    [{ name: 'x', tags: Array(51).fill('a') }, '#/tags', 'must be a list'],
    [{ name: 'x', attributes: [] }, '#/attributes', 'must be an object'],
    [{ name: 'x', attributes: null }, '#/attributes', 'must be an object'],
    [{ name: 'x', attributes: { '': 1 } }, '#/attributes', 'must not have empty names'],
    [{ name: 'x', id: NOBODY }, '#/id', 'is not a known field'],
    [[], '#', 'must be an object like'],
  ])('refuses %j', async (body, pointer, detail) => {
    const answer = await service.post(body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors?.[0]).toEqual({ pointer, detail: expect.stringContaining(detail) as string });
  });

  test('refuses a body that is too large, no JSON, or says that it is something else', async () => {
    expect((await service.post({ name: 'x', description: 'x'.repeat(70_000) })).status).toBe(413);
    expect((await service.post('{')).status).toBe(400);
    expect((await service.post({ name: 'x' }, { 'content-type': 'text/plain' })).status).toBe(415);
  });

  test('with an Idempotency-Key makes one item, however often it comes', async () => {
    const key = { 'idempotency-key': 'order-7' };
    const first = await service.post({ name: 'once' }, key);
    service.time += 1000;
    expect(await service.post({ name: 'once' }, key)).toEqual(first);
    const id = first.body['id'] as string;
    await service.put(id, { name: 'changed' }, { 'if-match': '"1"' });
    expect(await service.post({ name: 'once' }, key)).toMatchObject({ status: 201, body: { version: 2 } });
    expect((await service.post({ name: 'other' }, key)).body.errors).toEqual([
      { header: 'idempotency-key', detail: 'was used for another item' },
    ]);
    expect((await service.post({ name: 'x' }, { 'idempotency-key': 'a b' })).status).toBe(400);
  });

  test('whose answer was lost inside AWS is answered as the first time', async () => {
    loseAnswerOf('PutItem');
    expect((await service.post({ name: 'lost' }, {}, true)).status).toBe(201);
  });
});

describe('GET /items/{id}', () => {
  test('is 304 without a body for whoever has the version', async () => {
    const id = await created();
    for (const tag of ['"1"', 'W/"1"', '"0", "1"', '*']) {
      const { status, headers, body } = await service.get(id, { 'if-none-match': tag });
      expect([tag, status, headers['etag'], body]).toEqual([tag, 304, '"1"', {}]);
    }
    for (const tag of ['"2"', '1', '', 'W/"11"']) {
      expect((await service.get(id, { 'if-none-match': tag })).status).toBe(200);
    }
  });

  test('is 404 for what is not there, 400 for what is no id', async () => {
    expect((await service.get(NOBODY)).status).toBe(404);
    expect((await service.get('7')).body.errors).toEqual([{ parameter: 'id', detail: 'must be a UUID' }]);
  });
});

describe('GET /items', () => {
  test('lists all, newest first, by pages', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 5; index++) {
      service.time = START + 1_000_000 + index;
      ids.unshift(await created({ name: `listed ${index}` }));
    }
    const seen: string[] = [];
    let query: Record<string, string> = { limit: '2' };
    for (;;) {
      const { body } = await service.list(query);
      const { items, nextCursor } = body as unknown as { items: { id: string }[]; nextCursor: string | null };
      seen.push(...items.map(({ id }) => id));
      if (nextCursor === null) break;
      query = { limit: '2', cursor: nextCursor };
    }
    expect(seen.slice(0, 5)).toEqual(ids);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test('refuses a cursor that is none of its own, and a wrong limit', async () => {
    expect((await service.list({ cursor: 'e30' })).status).toBe(400);
    expect((await service.list({ limit: '-1' })).status).toBe(400);
  });
});

describe.each(['put', 'patch'] as const)('%s', (method) => {
  const change = (id: string, body: unknown, headers = {}) => service[method](id, body, headers);

  test('needs the version that it is based on', async () => {
    const id = await created();
    const none = await change(id, { name: 'new' });
    expect([none.status, none.headers['etag']]).toEqual([428, '"1"']);
    for (const tag of ['"2"', '"0"', 'W/"1"', '1', '']) {
      const { status, headers } = await change(id, { name: 'new' }, { 'if-match': tag });
      expect([tag, status, headers['etag']]).toEqual([tag, 412, '"1"']);
    }
    service.time += 5000;
    const { status, headers, body } = await change(id, { name: 'new' }, { 'if-match': '"0", "1"' });
    expect([status, headers['etag']]).toEqual([200, '"2"']);
    expect(body).toEqual({
      id,
      version: 2,
      name: 'new',
      createdAt: new Date(START).toISOString(),
      updatedAt: new Date(START + 5000).toISOString(),
    });
    expect((await service.get(id)).body).toEqual(body);
    expect((await change(id, { name: 'newer' }, { 'if-match': '*' })).status).toBe(200);
  });

  test('of two at once with one version one is stored, and the other is told', async () => {
    const id = await created();
    const answers = await Promise.all(
      ['one', 'two', 'three'].map((name) => change(id, { name }, { 'if-match': '"1"' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
    expect((await service.get(id)).body['version']).toBe(2);
  });

  test('is 404 for what is not there, 422 for what is no item', async () => {
    expect((await change(NOBODY, { name: 'x' }, { 'if-match': '"1"' })).status).toBe(404);
    const id = await created();
    expect((await change(id, { name: '' }, { 'if-match': '"1"' })).status).toBe(422);
    expect((await change(id, { id: NOBODY }, { 'if-match': '"1"' })).status).toBe(422);
    expect((await change('7', { name: 'x' }, { 'if-match': '"1"' })).status).toBe(400);
  });
});

test('PUT replaces all, PATCH what it names', async () => {
  const id = await created(full);
  const type = { 'content-type': 'application/merge-patch+json; charset=utf-8', 'if-match': '"1"' };
  const patch = { description: null, tags: ['c'], attributes: { size: { cm: null, inch: 1 }, none: null } };
  const { body } = await service.patch(id, patch, type);
  const attributes = { size: { inch: 1 }, yes: true, big: 1e100 };
  expect(body).toMatchObject({ name: full.name, price: 9.5, tags: ['c'], attributes });
  expect(body).not.toHaveProperty('description');
  const put = await service.put(id, { name: 'only' }, { 'if-match': '"2"' });
  expect(Object.keys(put.body).sort()).toEqual(['createdAt', 'id', 'name', 'updatedAt', 'version']);
  expect((await service.patch(id, [], { ...type, 'if-match': '"3"' })).status).toBe(422);
  expect((await service.put(id, { name: 'x' }, { ...type, 'if-match': '"3"' })).status).toBe(415);
});

describe('DELETE /items/{id}', () => {
  test('needs the version, and leaves nothing', async () => {
    const id = await created();
    expect((await service.delete(id)).status).toBe(428);
    expect((await service.delete(id, { 'if-match': '"2"' })).status).toBe(412);
    expect(await service.delete(id, { 'if-match': '"1"' })).toEqual({ status: 204, headers: {}, body: {} });
    expect((await service.get(id)).status).toBe(404);
    expect((await service.delete(id, { 'if-match': '"1"' })).status).toBe(404);
  });
});

describe('AWS', () => {
  test('that loses the answer of a write does not make it fail', async () => {
    const id = await created();
    loseAnswerOf('PutItem');
    expect(await service.put(id, { name: 'lost' }, { 'if-match': '"1"' }, true)).toMatchObject({
      status: 200,
      body: { version: 2 },
    });
    loseAnswerOf('DeleteItem');
    expect((await service.delete(id, { 'if-match': '"2"' }, true)).status).toBe(204);
  });

  test.each([
    ['ThrottlingException', 400],
    ['InternalServerError', 500],
  ])('that answers %s is 503, for reads and writes', async (code, status) => {
    const id = await created();
    service.dynamodb.network.respond = () => dynamoDbError(status, code);
    const answers = await Promise.all([
      service.post({ name: 'x' }),
      service.put(id, { name: 'x' }, { 'if-match': '"1"' }),
      service.delete(id, { 'if-match': '"1"' }),
      service.get(id),
      service.list(),
      service.changes(id),
    ]);
    expect(answers.map((answer) => [answer.status, answer.headers['retry-after']])).toEqual(
      answers.map(() => [503, '1']),
    );
  });

  test('that refuses for good is an error of ours, for the alarm', async () => {
    service.dynamodb.network.respond = () => dynamoDbError(400, 'AccessDeniedException');
    await expect(service.post({ name: 'x' })).rejects.toThrow('dynamodb:PutItem: AccessDeniedException');
    await expect(service.get(NOBODY)).rejects.toThrow('dynamodb:GetItem: AccessDeniedException');
  });
});

test('another method is 405', async () => {
  expect((await service.write(routeEvent('OPTIONS /items'))).status).toBe(405);
});
