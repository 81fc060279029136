import { dynamoDbError } from '../../support/dynamodb';
import { refused } from '../../support/loopback-server';
import { OrdersService, START, TOPIC_ARN } from './service';

let service: OrdersService;

beforeAll(async () => {
  service = await OrdersService.start();
  await service.stock('b1', 450, 'größe 😀 \uffff');
  await service.stock('b2', 1100);
});

beforeEach(() => service.heal());
afterAll(() => service.close());

const KEY = '3f2a7c1e-checkout_0001';
const two = [
  { id: 'b1', name: 'what the client calls it', qty: 2 },
  { id: 'b2', qty: 1 },
];

test('an order is priced by the catalogue and published, once, for queue and mail', async () => {
  const { status, headers, body } = await service.place({ books: two, price: 2000 });
  const id = body['orderId'] as string;
  expect(status).toBe(202);
  expect(body).toEqual({ orderId: id, total: 2000, status: 'accepted', href: `/books/order/${id}` });
  expect(headers['location']).toBe(`/books/order/${id}`);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  expect(service.publications()).toEqual([
    {
      topicArn: TOPIC_ARN,
      subject: `Order ${id.slice(0, 8)}`,
      text: expect.stringContaining('\\uffff') as string,
      message: {
        id,
        lines: [
          { id: 'b1', name: 'größe 😀 \uffff', qty: 2, price: 450, amount: 900 },
          { id: 'b2', name: 'Book b2', qty: 1, price: 1100, amount: 1100 },
        ],
        subtotal: 2000,
        shipping: 0,
        total: 2000,
        createdAt: new Date(START).toISOString(),
      },
      attributes: {
        eventType: 'order-placed',
        traceparent: expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/) as string,
      },
    },
  ]);
  // The orders table is none of its business.
  expect(service.dynamodb.calls()).toEqual(['BatchGetItem']);
});

test('the same Idempotency-Key is the same order, another one or none is another', async () => {
  const books = [{ id: 'b1', qty: 1 }];
  const ids: unknown[] = [];
  for (const key of [KEY, KEY, `${KEY}x`, undefined, undefined]) {
    const { body } = await service.place({ books }, { ...(key && { 'idempotency-key': key }) });
    ids.push(body['orderId']);
  }
  expect(ids[1]).toBe(ids[0]);
  expect(new Set(ids).size).toBe(4);
  expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5/);
});

test.each(['order-1', 'x'.repeat(15), 'x'.repeat(256), '', 'with a space in it', 'größe-größe-größe'])(
  'an Idempotency-Key that somebody else may have, or guess, is refused: %j',
  async (key) => {
    const { status, body } = await service.place(
      { books: [{ id: 'b1', qty: 1 }] },
      { 'idempotency-key': key },
    );
    expect(status).toBe(400);
    expect(body.errors).toEqual([
      {
        header: 'idempotency-key',
        detail: 'must have 16 to 255 characters, all of them visible ASCII',
      },
    ]);
    expect(service.publications()).toEqual([]);
  },
);

test('a price that the client shows and the catalogue does not have is refused, with both', async () => {
  const { status, body } = await service.place({ books: two, price: 1990 });
  expect(status).toBe(422);
  expect(body).toMatchObject({
    detail: 'The price is 1990, and the order costs 2000.',
    price: { given: 1990, expected: 2000 },
    lines: [
      { id: 'b1', price: 450 },
      { id: 'b2', price: 1100 },
    ],
  });
  expect(service.publications()).toEqual([]);
});

test('books that are not in the catalogue are named, all of them', async () => {
  const books = [
    { id: 'b1', qty: 1 },
    { id: 'gone', qty: 1 },
    { id: 'never', qty: 2 },
  ];
  const { status, body } = await service.place({ books });
  expect([status, body.errors?.map((part) => part['pointer'])]).toEqual([
    422,
    ['#/books/1/id', '#/books/2/id'],
  ]);
  expect(service.publications()).toEqual([]);
});

const line = { id: 'b1', qty: 1 };

test.each<[unknown, string]>([
  [{}, '#/books'],
  [{ books: [] }, '#/books'],
  [{ books: Array.from({ length: 21 }, (_, index) => ({ id: `x${index}`, qty: 1 })) }, '#/books'],
  [{ books: [line, line] }, '#/books'],
  [{ books: [{ ...line, qty: 0 }] }, '#/books'],
  [{ books: [{ ...line, qty: 100 }] }, '#/books'],
  [{ books: [{ ...line, qty: 1.5 }] }, '#/books'],
  [{ books: [{ ...line, qty: '1' }] }, '#/books'],
  [{ books: [{ qty: 1 }] }, '#/books'],
  [{ books: [{ ...line, id: '../orders' }] }, '#/books'],
  [{ books: [{ ...line, price: 1 }] }, '#/books'],
  [{ books: [{ ...line, name: 'x'.repeat(201) }] }, '#/books'],
  [{ books: line }, '#/books'],
  [{ books: [null] }, '#/books'],
  [{ books: [line], price: -1 }, '#/price'],
  [{ books: [line], price: 10.5 }, '#/price'],
  [{ books: [line], price: '460' }, '#/price'],
  [{ books: [line], total: 460 }, '#/total'],
  [[line], '#'],
])('refuses %j', async (body, pointer) => {
  const answer = await service.place(body);
  expect(answer.status).toBe(422);
  expect(answer.body.errors?.map((part) => part['pointer'])).toContain(pointer);
  expect(service.dynamodb.calls()).toEqual([]);
});

test('takes twenty lines, and refuses what is too large, no JSON or something else', async () => {
  for (let index = 0; index < 20; index++) await service.stock(`many-${index}`, 1);
  const books = Array.from({ length: 20 }, (_, index) => ({ id: `many-${index}`, qty: 99 }));
  expect(await service.place({ books })).toMatchObject({ status: 202, body: { total: 1990 } });
  expect((await service.place({ books, note: 'x'.repeat(33_000) })).status).toBe(413);
  expect((await service.place('{')).status).toBe(400);
  expect((await service.place({ books }, { 'content-type': 'text/plain' })).status).toBe(415);
});

test('keys that a throttled catalogue leaves out are asked for again, and in the end it is 503', async () => {
  const whole = async (left: number) => {
    let calls = 0;
    service.dynamodb.network.respond = async (request) => {
      if (++calls > left) return service.dynamodb.forward(request);
      const { RequestItems } = JSON.parse(request.body) as { RequestItems: object };
      const body = JSON.stringify({ Responses: {}, UnprocessedKeys: RequestItems });
      return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body };
    };
    const answer = await service.place({ books: two });
    return [answer.status, calls];
  };
  expect(await whole(2)).toEqual([202, 3]);
  service.topic.requests.length = 0;
  expect(await whole(Infinity)).toEqual([503, 3]);
  expect(service.publications()).toEqual([]);
});

test.each([
  ['the table is throttled', () => dynamoDbError(400, 'ThrottlingException')],
  ['the table does not answer', () => 'reset' as const],
])('is 503, to be sent again with the same key, while %s', async (_what, respond) => {
  service.dynamodb.network.respond = respond;
  const { status, headers, body } = await service.place({ books: two });
  expect([status, headers['retry-after']]).toEqual([503, '1']);
  expect(body.detail).toContain('same Idempotency-Key');
});

test.each([
  ['is throttled', refused(400, 'Throttled')],
  ['is out of order', refused(500, 'InternalError')],
  ['breaks the connection', 'reset' as const],
])('is 503 while the topic %s', async (_what, answer) => {
  service.topic.respond = () => answer;
  expect((await service.place({ books: two })).status).toBe(503);
  expect(service.captured.lines.filter(({ event }) => event === 'order placed')).toEqual([]);
});

test('is an error of ours, for the alarm, where the topic or the table refuses it for good', async () => {
  service.topic.respond = () => refused(403, 'AuthorizationError');
  await expect(service.place({ books: two })).rejects.toThrow('sns:Publish: AuthorizationError');
  service.dynamodb.network.respond = () => dynamoDbError(400, 'AccessDeniedException');
  await expect(service.place({ books: two })).rejects.toThrow('dynamodb:BatchGetItem: AccessDeniedException');
});
