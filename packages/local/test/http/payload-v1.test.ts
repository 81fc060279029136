import { startApi, STAGE } from './support';
import type { Setup } from './support';

type Api = Awaited<ReturnType<typeof startApi>>;

let api: Api | undefined;
afterEach(() => api?.stop());

async function start(setup: Partial<Setup> & Pick<Setup, 'handlers'>): Promise<Api> {
  api = await startApi({ routes: [{ routeKey: '$default', payloadFormat: '1.0' }], ...setup });
  return api;
}

test('the event has payload format 1.0, whole', async () => {
  const { send, port } = await start({
    handlers: { f: (event: unknown) => ({ statusCode: 200, body: JSON.stringify(event) }) },
    routes: [{ routeKey: 'ANY /items/{id}', payloadFormat: '1.0' }],
    config: { stages: [{ ...STAGE, variables: { colour: 'red' } }] },
  });
  const reply = await send('POST /items/a%20b?x=1&x=2&empty=', {
    headers: {
      'Content-Type': 'application/json',
      'X-Twice': ['one', 'two'],
      Cookie: 'a=1; b=2',
      'User-Agent': 'jest',
      'X-Amzn-Trace-Id': 'Root=1-0-0',
    },
    body: '{"é":1}',
  });
  const event = JSON.parse(reply.body) as Record<string, never>;
  const requestId = reply.headers['apigw-requestid'];
  expect(event).toEqual({
    version: '1.0',
    resource: '/items/{id}',
    path: '/items/a b',
    httpMethod: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-Twice': 'two',
      Cookie: 'a=1; b=2',
      'User-Agent': 'jest',
      'X-Amzn-Trace-Id': 'Root=1-0-0',
      'X-Forwarded-For': '127.0.0.1',
      'X-Forwarded-Port': String(port),
      'X-Forwarded-Proto': 'http',
      Host: `127.0.0.1:${port}`,
      Connection: 'close',
      'Content-Length': '8',
    },
    multiValueHeaders: expect.objectContaining({
      'X-Twice': ['one', 'two'],
      'User-Agent': ['jest'],
      'X-Forwarded-Proto': ['http'],
    }) as object,
    queryStringParameters: { x: '2', empty: '' },
    multiValueQueryStringParameters: { x: ['1', '2'], empty: [''] },
    requestContext: {
      accountId: '000000000000',
      apiId: 'abc123',
      authorizer: { claims: null, scopes: null },
      domainName: '127.0.0.1',
      domainPrefix: '127',
      extendedRequestId: requestId,
      httpMethod: 'POST',
      identity: {
        accessKey: null,
        accountId: null,
        caller: null,
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: '127.0.0.1',
        user: null,
        userAgent: 'jest',
        userArn: null,
      },
      path: '/items/a b',
      protocol: 'HTTP/1.1',
      requestId,
      requestTime: '02/Jan/2026:03:04:05 +0000',
      requestTimeEpoch: Date.UTC(2026, 0, 2, 3, 4, 5),
      resourceId: null,
      resourcePath: '/items/{id}',
      stage: '$default',
    },
    pathParameters: { id: 'a b' },
    stageVariables: { colour: 'red' },
    body: '{"é":1}',
    isBase64Encoded: false,
  });
});

test('what the request does not have is null', async () => {
  const { send, invoker } = await start({ handlers: { f: () => ({ statusCode: 200 }) } });
  await send('GET /');
  expect(JSON.parse(invoker.events[0]!)).toMatchObject({
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    stageVariables: null,
    body: null,
    isBase64Encoded: false,
    resource: '$default',
  });
});

test('the path has the stage, as it does in format 2.0', async () => {
  const { send, invoker } = await start({
    handlers: { f: () => ({ statusCode: 200 }) },
    config: { stages: [{ ...STAGE, name: 'v1' }] },
  });
  await send('GET /v1/x');
  expect(JSON.parse(invoker.events[0]!)).toMatchObject({ path: '/v1/x', requestContext: { path: '/v1/x' } });
});

test('a name that is spelled in two ways is one header; what a client says of forwarding comes first', async () => {
  const { send, invoker } = await start({ handlers: { f: () => ({ statusCode: 200 }) } });
  await send('GET /', { headers: { 'x-forwarded-for': '9.9.9.9', 'x-forwarded-proto': 'gopher' } });
  const { headers } = JSON.parse(invoker.events[0]!) as { headers: Record<string, string> };
  expect(headers).toMatchObject({ 'X-Forwarded-For': '9.9.9.9, 127.0.0.1', 'X-Forwarded-Proto': 'http' });
  expect(headers).not.toHaveProperty('x-forwarded-for');
});

describe('the response', () => {
  const answer = async (result: unknown) => (await start({ handlers: { f: () => result } })).send('GET /');

  test('may give a header several values, which win over one value', async () => {
    const reply = await answer({
      statusCode: 201,
      headers: { 'X-One': 'a', 'Set-Cookie': 'lost=1' },
      multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'], 'X-Two': ['b'] },
      body: 'x',
    });
    expect(reply).toMatchObject({ status: 201, body: 'x' });
    expect(reply.headers).toMatchObject({ 'x-one': 'a', 'x-two': 'b', 'set-cookie': ['a=1', 'b=2'] });
  });

  test.each([[{ items: [] }], ['text'], [null], [{ statusCode: 200, body: {} }]])(
    'needs a status code and a text: %j is an error',
    async (result) => {
      expect(await answer(result)).toMatchObject({
        status: 500,
        body: '{"message":"Internal Server Error"}',
      });
    },
  );
});

describe('bytes', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
  const echo = (event: { body: string; isBase64Encoded: boolean }) => ({
    statusCode: 200,
    headers: { 'content-type': 'image/png' },
    body: event.body,
    isBase64Encoded: event.isBase64Encoded,
  });

  test.each(['1.0', '2.0'] as const)('come back as they were sent in format %s', async (payloadFormat) => {
    const { send, invoker } = await start({
      handlers: { f: echo },
      routes: [{ routeKey: 'POST /', payloadFormat }],
    });
    const reply = await send('POST /', { headers: { 'content-type': 'image/png' }, body: bytes });
    expect(reply.bytes).toEqual(bytes);
    expect(reply.headers['content-type']).toBe('image/png');
    expect(JSON.parse(invoker.events[0]!)).toMatchObject({ isBase64Encoded: true });
  });

  test('a compressed text is bytes', async () => {
    const { send, invoker } = await start({ handlers: { f: echo } });
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    await send('POST /', { headers, body: bytes });
    expect(JSON.parse(invoker.events[0]!)).toMatchObject({
      isBase64Encoded: true,
      body: bytes.toString('base64'),
    });
  });
});
