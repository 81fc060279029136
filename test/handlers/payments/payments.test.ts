import { createHmac } from 'node:crypto';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { Payments } from '../../../handlers/payments/payments';
import { readPayment } from '../../../handlers/payments/read-payment';
import { receivePayment } from '../../../handlers/payments/receive-payment';
import { recordPayments } from '../../../handlers/payments/record-payments';
import { SigningSecrets } from '../../../handlers/payments/secrets';
import { clientConfig } from '../../../handlers/shared/aws';
import { dynamoDbError, TestDynamoDb, testEnvironment } from '../../support/dynamodb';
import { answered, apiEvent, capturedLog, routeEvent, sqsEvent } from '../../support/events';
import {
  type Answer,
  type LoopbackServer,
  published,
  refused,
  startLoopbackServer,
} from '../../support/loopback-server';

const START = Date.UTC(2026, 0, 2, 3, 4, 5);
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const SECRET_ID = 'aws-micro-dev/payments/webhook-secret';
const TOPIC_ARN = 'arn:aws:sns:us-east-1:000000000000:payments';

const event = {
  id: 'evt_1',
  object: 'event',
  type: 'payment_intent.succeeded',
  created: 1_767_323_000,
  data: { object: { id: 'pi_1', amount: 1999, currency: 'EUR', status: 'succeeded', receipt: 'größe 😀' } },
};

let now = START;
let dynamodb: TestDynamoDb;
let topic: LoopbackServer;
let manager: LoopbackServer;
let sns: SNSClient;
let secrets: SecretsManagerClient;
let signingSecrets: SigningSecrets;
const captured = capturedLog();

function secretAnswer(body: unknown, status = 200): Answer {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) };
}

beforeAll(async () => {
  dynamodb = await TestDynamoDb.start();
  topic = await startLoopbackServer(() => published);
  manager = await startLoopbackServer(() => secretAnswer({ SecretString: 'whsec' }));
  sns = new SNSClient({ ...clientConfig('SNS', testEnvironment(topic.url)), maxAttempts: 1 });
  const config = clientConfig('SECRETS_MANAGER', testEnvironment(manager.url));
  secrets = new SecretsManagerClient({ ...config, maxAttempts: 1 });
});

beforeEach(() => {
  now = START;
  dynamodb.heal();
  topic.respond = () => published;
  manager.respond = () => secretAnswer({ SecretString: 'whsec' });
  topic.requests.length = 0;
  manager.requests.length = 0;
  captured.lines.length = 0;
  signingSecrets = new SigningSecrets({ secrets, secretId: SECRET_ID, now: () => now });
});

afterAll(async () => {
  sns.destroy();
  secrets.destroy();
  await Promise.all([topic.close(), manager.close(), dynamodb.close()]);
});

interface Sent {
  readonly secret?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly base64?: boolean;
}

function post(body: unknown, { secret = 'whsec', headers, base64 = false }: Sent = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const time = String(now / 1000);
  const digest = createHmac('sha256', secret).update(`${time}.${text}`).digest('hex');
  const request = apiEvent({
    routeKey: 'POST /webhooks/payments',
    headers: { 'stripe-signature': `t=${time},v1=${digest}`, traceparent: TRACE, ...headers },
    body: base64 ? Buffer.from(text).toString('base64') : text,
    isBase64Encoded: base64,
  });
  const { log } = captured;
  const options = { signingSecrets, secretId: SECRET_ID, sns, topicArn: TOPIC_ARN, log, now: () => now };
  return answered(receivePayment(request, options));
}

/** What reached the topic. */
function publications() {
  return topic.requests.map(({ body }) => {
    const form = new URLSearchParams(body);
    const attributes = [1, 2].map((index) => {
      const entry = `MessageAttributes.entry.${index}`;
      return [form.get(`${entry}.Name`), form.get(`${entry}.Value.StringValue`)] as const;
    });
    const message = form.get('Message') ?? '';
    const byName = Object.fromEntries(attributes) as Record<string, string | null>;
    return { topicArn: form.get('TopicArn'), message, attributes: byName };
  });
}

const record = (bodies: readonly string[], remainingMs = 30_000, traceparents: string[] = []) =>
  recordPayments(sqsEvent(bodies, traceparents), {
    payments: new Payments(dynamodb.client, 'payments'),
    log: captured.log,
    remainingMs: () => remainingMs,
    now: () => now,
  });

const get = (id: string) =>
  answered(
    readPayment(routeEvent('GET /payments/{id}', { pathParameters: { id } }), {
      payments: new Payments(dynamodb.client, 'payments'),
      log: captured.log,
    }),
  );

describe('POST /webhooks/payments', () => {
  test.each([false, true])('publishes what happened to which payment (base64: %s)', async (base64) => {
    expect(await post(event, { base64 })).toMatchObject({
      status: 202,
      body: { received: true, id: 'evt_1' },
    });
    const [{ topicArn, message, attributes } = { message: '{}' }] = publications();
    expect(topicArn).toBe(TOPIC_ARN);
    expect(JSON.parse(message)).toEqual({
      id: 'evt_1',
      type: 'payment_intent.succeeded',
      created: 1_767_323_000,
      createdAt: '2026-01-02T03:03:20.000Z',
      amount: 1999,
      currency: 'eur',
      paymentId: 'pi_1',
      status: 'succeeded',
    });
    expect(attributes).toEqual({
      eventType: 'payment_intent.succeeded',
      traceparent: expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/) as string,
    });
  });

  test('takes amount and currency beside the id, too, and events without any', async () => {
    await post({ id: 'evt_2', type: 'charge', created: 1, amount: 5, currency: 'usd' });
    await post({ id: 'evt_3', type: 'ping', created: 1 });
    const messages = publications().map(({ message }) => JSON.parse(message) as unknown);
    expect(messages).toEqual([
      expect.objectContaining({ id: 'evt_2', amount: 5, currency: 'usd' }),
      { id: 'evt_3', type: 'ping', created: 1, createdAt: '1970-01-01T00:00:01.000Z' },
    ]);
  });

  test.each([
    ['a wrong secret', { secret: 'guess' }],
    ['no header', { headers: { 'stripe-signature': '' } }],
    ['an old time', { headers: { 'stripe-signature': `t=1,v1=${'0'.repeat(64)}` } }],
  ])('says the same of each bad signature: %s', async (_what, sent) => {
    const { status, body } = await post(event, sent);
    expect([status, body.detail]).toEqual([400, 'The signature is missing or not valid.']);
    expect(publications()).toEqual([]);
    expect(captured.text()).not.toMatch(/whsec|v1=/);
  });

  test('judges the signature before the body', async () => {
    expect((await post('{', { secret: 'guess' })).body.detail).toContain('signature');
    expect(await post('{')).toMatchObject({ status: 400, body: { errors: [{ pointer: '#' }] } });
  });

  test.each([
    [[], '#/id'],
    [{ ...event, id: 'evt 1' }, '#/id'],
    [{ ...event, type: 7 }, '#/type'],
    [{ ...event, created: -1 }, '#/created'],
    [{ ...event, created: 1e15 }, '#/created'],
    [{ ...event, data: { object: { amount: 1.5 } } }, '#/data/object/amount'],
    [{ ...event, data: { object: { currency: 'euro' } } }, '#/data/object/currency'],
  ])('refuses what is no event: %j', async (body, pointer) => {
    const answer = await post(body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors?.map((part) => part['pointer'])).toContain(pointer);
  });

  test('refuses a body that is too large without asking for the secret', async () => {
    expect((await post('x'.repeat(262_145))).status).toBe(413);
    expect(manager.requests).toEqual([]);
  });

  test.each([
    ['is throttled', refused(400, 'Throttled'), 503],
    ['is out of order', refused(500, 'InternalError'), 503],
    ['breaks the connection', 'reset' as const, 503],
  ])('is 503 while the topic %s: the provider sends it again', async (_what, answer, expected) => {
    topic.respond = () => answer;
    const { status, headers } = await post(event);
    expect([status, headers['retry-after']]).toEqual([expected, '1']);
  });

  test('is an error of ours, for the alarm, where the topic refuses it for good', async () => {
    topic.respond = () => refused(403, 'AuthorizationError');
    await expect(post(event)).rejects.toThrow('sns:Publish: AuthorizationError');
  });
});

describe('the secret', () => {
  test('is read once in five minutes', async () => {
    await post(event);
    now += 299_000;
    await post(event);
    expect(manager.requests).toHaveLength(1);
    expect(JSON.parse(manager.requests[0]?.body ?? '')).toEqual({ SecretId: SECRET_ID });
    now += 1000;
    manager.respond = () => secretAnswer({ SecretString: 'changed' });
    expect((await post(event, { secret: 'changed' })).status).toBe(202);
    expect(manager.requests).toHaveLength(2);
  });

  test('may be a list while it is replaced', async () => {
    manager.respond = () => secretAnswer({ SecretString: '["new", "old"]' });
    expect((await post(event, { secret: 'old' })).status).toBe(202);
    expect((await post(event, { secret: 'new' })).status).toBe(202);
    expect((await post(event, { secret: '["new", "old"]' })).status).toBe(400);
  });

  test('that nobody put yet is 503 and says how, until somebody does', async () => {
    manager.respond = () => secretAnswer({ __type: 'ResourceNotFoundException' }, 400);
    const { status, body } = await post(event);
    expect(status).toBe(503);
    expect(body.detail).toContain(`aws secretsmanager put-secret-value --secret-id ${SECRET_ID}`);
    manager.respond = () => secretAnswer({ SecretString: 'whsec' });
    expect((await post(event)).status).toBe(202);
  });

  test.each([
    ['ThrottlingException', 400],
    ['InternalServiceError', 500],
  ])('that cannot be read now (%s) is 503', async (code, status) => {
    manager.respond = () => secretAnswer({ __type: code }, status);
    expect((await post(event)).status).toBe(503);
    expect(captured.problems()[0]).toMatchObject({ call: 'secretsmanager:GetSecretValue', error: code });
  });

  test('that may not be read is an error of ours', async () => {
    manager.respond = () => secretAnswer({ __type: 'AccessDeniedException' }, 400);
    await expect(post(event)).rejects.toThrow('secretsmanager:GetSecretValue: AccessDeniedException');
  });
});

describe('the recorder', () => {
  const message = (id: string) =>
    JSON.stringify({ id, type: 'charge', created: 1, createdAt: '1970-01-01T00:00:01.000Z' });

  test('records each event once, with its trace', async () => {
    await post(event);
    const [{ message: published } = { message: '' }] = publications();
    expect(await record([published, published], 30_000, [TRACE])).toEqual({ batchItemFailures: [] });
    now += 60_000;
    await record([published]);
    expect(captured.lines.filter((line) => line.event === 'repeated event ignored')).toHaveLength(2);
    expect(await dynamodb.item('payments', { id: { S: 'evt_1' } })).toMatchObject({
      recordedAt: { S: new Date(START).toISOString() },
      traceparent: { S: TRACE },
    });
    expect(await get('evt_1')).toMatchObject({
      status: 200,
      body: { id: 'evt_1', amount: 1999, currency: 'eur', paymentId: 'pi_1', status: 'succeeded' },
    });
  });

  test('reports a bad one alone', async () => {
    expect(await record(['no JSON', message('evt_10'), '{"id": "evt_11"}'])).toEqual({
      batchItemFailures: [{ itemIdentifier: 'item-0' }, { itemIdentifier: 'item-2' }],
    });
    expect((await get('evt_10')).status).toBe(200);
  });

  test('puts off the rest while the table is throttled, and what the time does not suffice for', async () => {
    let calls = 0;
    dynamodb.network.respond = (request) =>
      ++calls === 2 ? dynamoDbError(400, 'ThrottlingException') : dynamodb.forward(request);
    expect(await record(['evt_20', 'evt_21', 'evt_22'].map(message))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'item-1' }, { itemIdentifier: 'item-2' }],
    });
    expect(calls).toBe(2);
    expect(await record([message('evt_23')], 9_999)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'item-0' }],
    });
  });

  test('does not let one that the table refuses hold up the others', async () => {
    let calls = 0;
    dynamodb.network.respond = (request) =>
      ++calls === 1 ? dynamoDbError(400, 'ValidationException') : dynamodb.forward(request);
    expect(await record(['evt_30', 'evt_31'].map(message))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'item-0' }],
    });
    expect(captured.problems()).toEqual([expect.objectContaining({ eventId: 'evt_30', permanent: true })]);
  });
});

test('GET /payments/{id} is 404 for what nobody sent, 400 for what is no id, 503 without the table', async () => {
  expect((await get('evt_none')).status).toBe(404);
  expect((await get('a b')).body.errors).toEqual([expect.objectContaining({ parameter: 'id' })]);
  dynamodb.network.respond = () => 'reset';
  expect((await get('evt_1')).status).toBe(503);
});
