import { Books, booksTimeline } from '../../../handlers/books/books';
import { editBooks } from '../../../handlers/books/edit-books';
import { listBooks } from '../../../handlers/books/list-books';
import { dynamoDbError, operationOf, TestDynamoDb } from '../../support/dynamodb';
import { answered, type Answered, capturedLog, routeEvent } from '../../support/events';
import { ADMIN, signedIn, START } from '../orders/service';

let dynamodb: TestDynamoDb;
let time = START;
const captured = capturedLog();

beforeAll(async () => {
  dynamodb = await TestDynamoDb.start();
});

beforeEach(() => {
  time = START;
  dynamodb.heal();
  captured.lines.length = 0;
});

afterAll(() => dynamodb.close());

const book = { title: 'größe 😀', author: 'A. Author', price: 450, description: 'with all' };

interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly patient?: boolean;
}

function edit(routeKey: string, body: unknown, id: string | undefined, asked: Asked): Promise<Answered> {
  const { headers, claims = ADMIN, patient } = asked;
  const pathParameters = id === undefined ? undefined : { id };
  const event = signedIn(routeEvent(routeKey, { body, headers, pathParameters }), claims);
  const books = new Books(patient ? dynamodb.patient : dynamodb.client, 'books');
  return answered(editBooks(event, { books, log: captured.log, now: () => time }));
}

const post = (body: unknown, asked: Asked = {}) => edit('POST /books', body, undefined, asked);
const put = (id: string, body: unknown, asked: Asked = {}) => edit('PUT /books/{id}', body, id, asked);
const remove = (id: string, asked: Asked = {}) => edit('DELETE /books/{id}', undefined, id, asked);
const list = (queryStringParameters?: Record<string, string>) =>
  answered(
    listBooks(routeEvent('GET /books', { queryStringParameters }), {
      timeline: booksTimeline(dynamodb.client, 'books', 'timeline'),
      log: captured.log,
    }),
  );
const listed = async () => (await list({ limit: '100' })).body['items'] as { id: string }[];
const find = async (id: unknown) => (await listed()).find((each) => each.id === id);

test('a book that is added is in the catalogue, at its Location', async () => {
  const { status, headers, body } = await post(book);
  expect(status).toBe(201);
  expect(body).toEqual({ id: body['id'], ...book });
  expect(headers['location']).toBe(`/books/${body['id'] as string}`);
  expect(await find(body['id'])).toEqual(body);
});

test('a book that is changed keeps its place, and loses the description that it is not given', async () => {
  const first = (await post(book)).body['id'] as string;
  time += 1000;
  const second = (await post(book)).body['id'] as string;
  const changed = { title: 'New', author: 'B', price: 0 };
  expect(await put(first, changed)).toMatchObject({ status: 200, body: { id: first, ...changed } });
  expect(await find(first)).toEqual({ id: first, ...changed });
  const ids = (await listed()).map(({ id }) => id);
  expect(ids.indexOf(second)).toBeLessThan(ids.indexOf(first));
  expect(await put(first, book)).toMatchObject({ status: 200 });
  expect(await find(first)).toEqual({ id: first, ...book });
});

test('a book that is removed is gone, and stays gone', async () => {
  const id = (await post(book)).body['id'] as string;
  expect(await remove(id)).toEqual({ status: 204, headers: {}, body: {} });
  expect(await remove(id)).toEqual({ status: 204, headers: {}, body: {} });
  expect(await find(id)).toBeUndefined();
  expect((await put(id, book)).status).toBe(404);
  expect(await find(id)).toBeUndefined();
});

test('ids of the seed’s making are ids, too, and nothing else is', async () => {
  await new Books(dynamodb.client, 'books').add({ id: 'seed-1', ...book }, new Date(START).toISOString());
  expect((await put('seed-1', { ...book, price: 1 })).status).toBe(200);
  for (const id of ['', 'a b', '../x', 'ü', 'x'.repeat(65)]) {
    expect((await put(id, book)).body.errors).toEqual([expect.objectContaining({ parameter: 'id' })]);
    expect((await remove(id)).status).toBe(404);
  }
});

test.each<[unknown, string]>([
  [{ author: 'A', price: 1 }, '#/title'],
  [{ ...book, title: '' }, '#/title'],
  [{ ...book, title: 'x'.repeat(201) }, '#/title'],
  [{ ...book, title: '\ud800' }, '#/title'],
  [{ ...book, author: '' }, '#/author'],
  [{ ...book, author: 'x'.repeat(201) }, '#/author'],
  [{ ...book, price: -1 }, '#/price'],
  [{ ...book, price: 0.5 }, '#/price'],
  [{ ...book, price: 1_000_001 }, '#/price'],
  [{ ...book, price: '450' }, '#/price'],
  [{ ...book, description: '' }, '#/description'],
  [{ ...book, description: 'x'.repeat(1001) }, '#/description'],
  [{ ...book, id: 'mine' }, '#/id'],
  [[book], '#'],
])('refuses the book %j', async (body, pointer) => {
  for (const answer of [await post(body), await put('some-id', body)]) {
    expect(answer.status).toBe(422);
    expect(answer.body.errors?.map((part) => part['pointer'])).toContain(pointer);
  }
  expect(dynamodb.calls()).toEqual([]);
});

test('takes what is as large as it may be', async () => {
  const largest = { title: 'x'.repeat(200), author: 'x'.repeat(200), price: 1_000_000 };
  expect((await post({ ...largest, description: 'ü'.repeat(1000) })).status).toBe(201);
  expect((await post({ ...largest, description: 'x'.repeat(17_000) })).status).toBe(413);
});

describe('with an Idempotency-Key', () => {
  test('one book is added, however often it is sent; another book needs another key', async () => {
    const headers = { 'idempotency-key': 'book-7' };
    const first = await post(book, { headers });
    time += 1000;
    expect(await post(book, { headers })).toEqual(first);
    expect((await listed()).filter(({ id }) => id === first.body['id'])).toHaveLength(1);
    const other = await post({ ...book, price: 1 }, { headers });
    expect([other.status, other.body.errors?.[0]?.['header']]).toEqual([422, 'idempotency-key']);
    expect(await find(first.body['id'])).toEqual(first.body);
  });

  test('that was none of its own kind it is refused', async () => {
    expect((await post(book, { headers: { 'idempotency-key': 'a b' } })).status).toBe(400);
  });
});

test('a book whose answer was lost inside AWS is answered as the first time', async () => {
  let lost = false;
  dynamodb.network.respond = async (request) => {
    const answer = await dynamodb.forward(request);
    if (lost || operationOf(request) !== 'PutItem') return answer;
    lost = true;
    return 'reset';
  };
  const { status, body } = await post(book, { patient: true });
  expect(status).toBe(201);
  expect(dynamodb.calls()).toEqual(['PutItem', 'PutItem', 'GetItem']);
  expect(await find(body['id'])).toEqual(body);
});

test('only administrators change the catalogue', async () => {
  const id = (await post(book)).body['id'] as string;
  dynamodb.network.requests.length = 0;
  for (const claims of [{}, { 'cognito:groups': '[editors]' }]) {
    const answers = [
      await post(book, { claims }),
      await put(id, book, { claims }),
      await remove(id, { claims }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  }
  expect(dynamodb.calls()).toEqual([]);
  expect(await find(id)).toBeDefined();
});

test('no other method does anything', async () => {
  expect((await edit('PATCH /books/{id}', book, 'some-id', {})).status).toBe(405);
  expect(dynamodb.calls()).toEqual([]);
});

describe('GET /books', () => {
  test('lists by pages what came last first, to anyone', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 5; index++) {
      time = START + 1_000_000 + index;
      ids.unshift((await post({ ...book, title: `listed ${index}` })).body['id'] as string);
    }
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const { body } = await list({ limit: '2', ...(cursor && { cursor }) });
      const page = body as unknown as { items: { id: string }[]; nextCursor: string | null };
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen.slice(0, 5)).toEqual(ids);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test('refuses a wrong limit and cursor, and is 503 without the table', async () => {
    expect((await list({ limit: '0' })).status).toBe(400);
    expect((await list({ cursor: 'e30' })).status).toBe(400);
    dynamodb.network.respond = () => dynamoDbError(400, 'ThrottlingException');
    const { status, headers } = await list();
    expect([status, headers['retry-after']]).toEqual([503, '1']);
  });
});

test('a catalogue that cannot be changed now is 503, for good it is an error of ours', async () => {
  const id = (await post(book)).body['id'] as string;
  dynamodb.network.respond = () => 'reset';
  for (const answer of [await post(book), await put(id, book), await remove(id)]) {
    expect(answer.status).toBe(503);
  }
  dynamodb.network.respond = () => dynamoDbError(400, 'AccessDeniedException');
  await expect(remove(id)).rejects.toThrow('dynamodb:DeleteItem: AccessDeniedException');
});
