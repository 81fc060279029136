import { Messaging } from '@aws-micro/messaging';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Authorizer } from '../../../handlers/messaging/caller';
import { MessagingApi, type MessagingApiOptions } from '../../../handlers/messaging/messaging-api';
import { type Runtime, startRuntime, stopRuntime } from '../../../packages/local/test/wire/support';
import { capturedLog } from '../../support/events';

const PREFIX = 'shop-app-';
const IAM: Authorizer = { iam: { userArn: 'arn:aws:iam::000000000000:user/ada' } };

let runtime: Runtime;
let messaging: Messaging;
const credentials = { kind: 'static', accessKeyId: 'test', secretAccessKey: 'test' } as const;
const captured = capturedLog();

beforeAll(async () => {
  runtime = await startRuntime();
  messaging = new Messaging({
    region: 'us-east-1',
    endpoint: runtime.endpoint.url,
    credentials,
    prefix: PREFIX,
  });
});

beforeEach(() => void (captured.lines.length = 0));

afterAll(async () => {
  await messaging.close();
  await stopRuntime(runtime);
});

/** What a function with these settings answers to a request. */
async function answer(
  [method, rawPath, body]: readonly [string, string, unknown?],
  authorizer: Authorizer | undefined = IAM,
  options: Partial<MessagingApiOptions> = {},
) {
  const api = new MessagingApi({
    messaging,
    prefix: PREFIX,
    allowWrites: true,
    authorization: 'iam',
    ...options,
  });
  const event = {
    rawPath,
    rawQueryString: '',
    headers: { 'content-type': 'application/json' },
    isBase64Encoded: false,
    body: body === undefined ? undefined : JSON.stringify(body),
    requestContext: { domainName: 'api.example.com', http: { method }, authorizer },
  } as unknown as APIGatewayProxyEventV2;
  const { statusCode, body: text } = await api.respond(event, captured.log);
  return { status: statusCode, body: JSON.parse(text || '{}') as Record<string, unknown> };
}

const CREATE = ['POST', '/v1/queues', { name: `${PREFIX}orders` }] as const;

test('who signed may make queues, which the log tells', async () => {
  expect(await answer(CREATE)).toMatchObject({ status: 201, body: { name: `${PREFIX}orders` } });
  expect(captured.lines).toEqual([
    {
      level: 'info',
      event: 'request answered',
      requestId: 'request-1',
      method: 'POST',
      route: '/v1/queues',
      status: 201,
      caller: 'arn:aws:iam::000000000000:user/ada',
    },
  ]);
});

test('reads are not logged: API Gateway does that', async () => {
  expect((await answer(['GET', '/v1/queues'])).status).toBe(200);
  expect(captured.lines).toEqual([]);
});

test('without writes it only reads', async () => {
  const reading = { allowWrites: false };
  expect(await answer(CREATE, IAM, reading)).toMatchObject({
    status: 403,
    body: { type: '/problems/read-only' },
  });
  expect((await answer(['GET', '/v1/queues'], IAM, reading)).status).toBe(200);
  expect((await answer(['GET', '/v1'], IAM, reading)).body).toMatchObject({ allowWrites: false });
});

test.each([
  ['read', 'GET', 200],
  ['read', 'POST', 403],
  ['write', 'POST', 403],
  ['admin', 'POST', 201],
])('a token with the scope messaging/%s: %s is answered with %i', async (scope, method, status) => {
  const token: Authorizer = { jwt: { claims: { sub: 'ada', scope: `messaging/${scope}` } } };
  const body = method === 'POST' ? { name: `${PREFIX}orders` } : undefined;
  const answered = await answer([method, '/v1/queues', body], token, { authorization: 'jwt' });
  expect(answered.status).toBe(status);
  if (status === 403) expect(answered.body).toMatchObject({ type: '/problems/insufficient-scope' });
});

test('whom API Gateway did not authorize is not answered', async () => {
  expect(await answer(['GET', '/v1/queues'], {})).toMatchObject({ status: 401 });
});

test('the document says how requests are authorized', async () => {
  const document = async (authorization: 'iam' | 'jwt') =>
    (await answer(['GET', '/openapi.json'], IAM, { authorization })).body;
  expect(await document('iam')).toMatchObject({
    servers: [{ url: 'https://api.example.com' }],
    security: [{ signature: [] }],
    components: { securitySchemes: { signature: { name: 'Authorization' } } },
  });
  expect(await document('jwt')).toMatchObject({ security: [{ bearer: [] }] });
});

test('a failure of ours is logged without what was sent', async () => {
  const broken = new Messaging({
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1:1',
    credentials,
    prefix: PREFIX,
    maxAttempts: 1,
  });
  const sent = ['POST', `/v1/queues/${PREFIX}orders/messages`, { body: 'secret words' }] as const;
  expect(await answer(sent, IAM, { messaging: broken })).toMatchObject({ status: 503 });
  await broken.close();
  expect(captured.problems()).toEqual([
    expect.objectContaining({ event: 'request failed', route: '/v1/queues/{queue}/messages', status: 503 }),
  ]);
  expect(captured.text()).not.toContain('secret words');
});
