import fc from 'fast-check';
import { Arbitraries, hostile } from './arbitrary';
import type { JsonSchema, Operation } from './documented';
import { Api } from './support';
import type { Sent } from './support';

const api = new Api();
const { documented } = api;

/** Requests of an operation: more where a body is generated, few where one takes many calls. */
function runsOf({ operationId, requestBody }: Operation): number {
  if (operationId === 'audit') return 4;
  return requestBody === undefined ? 25 : 60;
}

/** Another one makes other requests; the same one the same. */
const SEED = Number(process.env.FUZZ_SEED ?? 6);
/** At once. */
const CONCURRENCY = 12;
/** Long enough for any answer: only what never ends is still there then. */
const HUNG_MS = 60_000;

const arbitraries = new Arbitraries(documented, {
  QueueName: ['orders', 'orders.fifo', 'dead'],
  QueueNameOrArn: ['dead', 'arn:aws:sqs:us-east-1:000000000000:dead'],
  TopicName: ['events', 'events.fifo'],
  AlarmName: ['many'],
  FunctionName: ['double'],
  StreamName: ['clicks'],
});

beforeAll(async () => {
  await api.start();
  const { functions } = api.cloud.runtime.invoker;
  functions.set('double', () => ({ payload: '42' }));
  await api.ok('POST /v1/queues', { name: 'dead' });
  await api.ok('POST /v1/queues', { name: 'orders', deadLetter: { queue: 'dead', maxReceiveCount: 3 } });
  await api.ok('POST /v1/queues', { name: 'orders.fifo', contentBasedDeduplication: true });
  for (const name of ['events', 'events.fifo']) await api.ok('POST /v1/topics', { name });
  await api.ok('POST /v1/subscriptions', { topic: 'events', protocol: 'sqs', endpoint: 'orders' });
  await api.ok('POST /v1/streams', { name: 'clicks', shards: 1 });
  api.clock.advance(60_000);
  const metric = { queue: 'orders', measure: 'visible' };
  await api.ok('POST /v1/alarms', { name: 'many', metric, comparison: '>', threshold: 1 });
});
afterAll(() => api.stop());

interface Generated {
  readonly path: string;
  readonly sent: Sent;
}

/** What would take away what the other requests are about, or wait: of those only ones that are wrong. */
const SPARED = new Set(['deleteQueue', 'deleteTopic', 'deleteStream', 'deleteAlarm', 'sendRequest']);

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function segment(value: unknown): string {
  return encodeURIComponent(Buffer.from(textOf(value)).toString());
}

/** Percent-encoded as few clients would. */
const oddSegment = fc.constantFrom(
  '%2F',
  '%00',
  '%',
  '%FF',
  '%C0%AF',
  '..%2F',
  '%252e',
  '__proto__',
  'x'.repeat(3000),
);

function pathOf(template: string, operation: Operation): fc.Arbitrary<string> {
  const parameters = (operation.parameters ?? []).map((parameter) => documented.resolve(parameter));
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const values = inPath.map((parameter) => {
    const valid = arbitraries.valid(parameter.schema as JsonSchema).map(segment);
    const odd = fc.oneof(oddSegment, hostile.map(segment));
    return SPARED.has(operation.operationId)
      ? odd
      : fc.oneof({ weight: 12, arbitrary: valid }, { weight: 1, arbitrary: odd });
  });
  const query = queryOf(parameters.filter((parameter) => parameter.in === 'query'));
  return fc.tuple(fc.tuple(...values), query).map(([filled, search]) => {
    const names = inPath.map(({ name }) => `{${String(name)}}`);
    const path = names.reduce(
      (text, name, index) => text.replace(name, () => filled[index] || 'x'),
      template,
    );
    return `${path}${search}`;
  });
}

/** Of a query; a cursor that was made up is none, so there is seldom one. */
function queryOf(parameters: readonly JsonSchema[]): fc.Arbitrary<string> {
  const entries = parameters.map(({ name, schema }) => {
    const valid = { weight: 12, arbitrary: arbitraries.valid(schema as JsonSchema) };
    const value = fc.oneof(valid, { weight: 1, arbitrary: hostile });
    const text = value.map((chosen) => `${String(name)}=${segment(chosen)}`);
    const none = { weight: name === 'cursor' ? 12 : 1, arbitrary: fc.constant(null) };
    return fc.oneof(none, { weight: 1, arbitrary: text });
  });
  const wrong = fc.constantFrom('unknown=1', '%FF=%FF', 'limit=1&limit=2', '__proto__=x', '=', '&&');
  const odd = fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: wrong });
  return fc.tuple(...entries, odd).map((parts) => `?${parts.filter((part) => part !== null).join('&')}`);
}

/** Texts that are no body of anything. */
const oddText = fc.constantFrom<string | Uint8Array>(
  '{',
  '',
  'null',
  '[]',
  '"x"',
  '{"name":"a","name":"b"}',
  '{"__proto__":{}}',
  '{"body":"\\ud800"}',
  '{"threshold":1e999}',
  '{"max":9007199254740993}',
  `${'['.repeat(3000)}${']'.repeat(3000)}`,
  `{"body":"${'x'.repeat(300_000)}"}`,
  new Uint8Array([0x22, 0xff, 0xfe, 0x22]),
);

/** Long polls end at once: it is their other properties that are tried out. */
function withoutWaiting(body: unknown): unknown {
  const seconds = (body as { waitSeconds?: unknown } | null)?.waitSeconds;
  const waits = Number.isInteger(seconds) && (seconds as number) <= 20;
  return waits ? { ...(body as object), waitSeconds: Math.min(seconds as number, 0) } : body;
}

function bodyOf(operation: Operation): fc.Arbitrary<Sent> {
  const schema = operation.requestBody?.content['application/json']?.schema;
  if (schema === undefined) return fc.constant({});
  const json = (body: fc.Arbitrary<unknown>) => body.map((value) => ({ body: withoutWaiting(value) }));
  const valid = {
    weight: SPARED.has(operation.operationId) ? 0 : 5,
    arbitrary: json(arbitraries.valid(schema)),
  };
  return fc.oneof(
    valid,
    { weight: 4, arbitrary: json(arbitraries.mutated(schema)) },
    { weight: 1, arbitrary: json(hostile) },
    { weight: 1, arbitrary: oddText.map((text) => ({ text })) },
  );
}

const oddHeaders = fc.oneof(
  { weight: 8, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Record<string, string>>(
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/json; charset=utf-7' },
      { 'content-encoding': 'br' },
      { 'idempotency-key': 'the-same-key-each-time' },
      { 'idempotency-key': '' },
    ),
  },
);

function requests(template: string, operation: Operation): fc.Arbitrary<Generated> {
  return fc
    .record({ path: pathOf(template, operation), body: bodyOf(operation), headers: oddHeaders })
    .map(({ path, body, headers }) => ({ path, sent: { ...body, headers } }));
}

/** Does the request; what is not answered as documented is thrown by the call itself. */
async function send(method: string, { path, sent }: Generated): Promise<number> {
  const answer = api.call(`${method} ${path}`, sent);
  let timer: NodeJS.Timeout | undefined;
  const hung = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), HUNG_MS);
  });
  try {
    return (await Promise.race([answer, hung])).status;
  } finally {
    clearTimeout(timer);
  }
}

const wrong: string[] = [];
const statuses = new Map<number, number>();
let sentRequests = 0;

async function tryOut(method: string, template: string, operation: Operation): Promise<void> {
  const samples = fc.sample(requests(template, operation), {
    numRuns: runsOf(operation),
    seed: SEED,
  });
  const queue = [...samples];
  const worker = async () => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      sentRequests += 1;
      const status = await send(method, next).catch((error: Error) => error.message);
      if (typeof status === 'number') statuses.set(status, (statuses.get(status) ?? 0) + 1);
      // 501 is what the endpoint says that does not have the operation, 504 what a request over two queues ends with.
      const isFine = typeof status === 'number' && (status < 500 || status === 501);
      if (!isFine) wrong.push(`${method} ${next.path} ${JSON.stringify(next.sent)}: ${status}`.slice(0, 600));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

it('answers whatever comes as the document says, and never with a mistake of its own', async () => {
  for (const { method, path, operation } of documented.operations) await tryOut(method, path, operation);
  expect(wrong).toEqual([]);
  expect(sentRequests).toBeGreaterThan(2000);
}, 120_000);

it('does much of it', () => {
  const lines = [...documented.seen];
  const done = new Set(lines.filter((line) => / 20\d$/.test(line)).map((line) => line.replace(/ \d+$/, '')));
  const never = documented.operations
    .filter(({ operation }) => !SPARED.has(operation.operationId))
    .map(({ method, path }) => `${method} ${path}`)
    .filter((operation) => !done.has(operation));
  // Ids, tokens, receipt handles and senders that are made up are none.
  const madeUp = /[iI]d\}|receiptHandle|confirmations|code\}|functions$|emails/;
  // Another seed may leave out another few.
  expect(never.filter((operation) => !madeUp.test(operation)).slice(3)).toEqual([]);
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 201, 202, 204, 400, 404, 409, 415, 422]));
});
