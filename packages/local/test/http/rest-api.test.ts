import type { IntegrationResponse, RestApiConfig, RestResource } from '../../src/http/rest/config';
import { method, resource } from './rest-support';
import { STAGE, startRestApi } from './support';
import type { Setup } from './support';

let api: Awaited<ReturnType<typeof startRestApi>>;
afterEach(() => api.stop());

async function start(
  resources: readonly RestResource[],
  handlers: Setup['handlers'] = {
    f: (event: unknown) => ({ statusCode: 200, body: JSON.stringify(event) }),
  },
  config: Partial<RestApiConfig> = {},
) {
  api = await startRestApi({ handlers, config: { resources, ...config } });
  return api;
}

const missingToken = { status: 403, body: '{"message":"Missing Authentication Token"}' };
const badGateway = { status: 502, body: '{"message":"Internal server error"}' };

test('the event of a proxy integration, whole', async () => {
  const { send, port } = await start([resource('/items/{id}', method('POST'))], undefined, {
    stages: [{ ...STAGE, name: 'prod', deploymentId: 'd1', variables: { colour: 'red' } }],
  });
  const reply = await send('POST /prod/items/a%20b?x=1&x=2', {
    headers: { 'Content-Type': 'application/json', 'X-Twice': ['one', 'two'], 'User-Agent': 'jest' },
    body: '{"é":1}',
  });
  const event = JSON.parse(reply.body) as unknown;
  const requestId = reply.headers['x-amzn-requestid'];
  expect(requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  expect(event).toEqual({
    resource: '/items/{id}',
    path: '/items/a%20b',
    httpMethod: 'POST',
    headers: expect.objectContaining({
      'Content-Type': 'application/json',
      'X-Twice': 'two',
      Host: `127.0.0.1:${port}`,
      'X-Forwarded-Port': String(port),
    }) as object,
    multiValueHeaders: expect.objectContaining({ 'X-Twice': ['one', 'two'] }) as object,
    queryStringParameters: { x: '2' },
    multiValueQueryStringParameters: { x: ['1', '2'] },
    pathParameters: { id: 'a b' },
    stageVariables: { colour: 'red' },
    requestContext: {
      accountId: '000000000000',
      apiId: 'abc123',
      deploymentId: 'd1',
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
      path: '/prod/items/a%20b',
      protocol: 'HTTP/1.1',
      requestId,
      requestTime: '02/Jan/2026:03:04:05 +0000',
      requestTimeEpoch: Date.UTC(2026, 0, 2, 3, 4, 5),
      resourceId: 'id-of-/items/{id}',
      resourcePath: '/items/{id}',
      stage: 'prod',
    },
    body: '{"é":1}',
    isBase64Encoded: false,
  });
});

describe('resources are chosen by their paths, then the method', () => {
  const found = (event: { httpMethod: string; resource: string; pathParameters: unknown }) => ({
    statusCode: 200,
    body: `${event.httpMethod} ${event.resource} ${JSON.stringify(event.pathParameters)}`,
  });
  const tree = [
    resource('/', method('GET')),
    resource('/items', method('GET'), method('ANY')),
    resource('/items/{id}', method('GET')),
    resource('/items/new', method('GET')),
    resource('/{proxy+}', method('ANY')),
  ];

  test.each([
    ['GET /prod', 'GET / null'],
    ['GET /prod/', 'GET / null'],
    ['GET /prod/items', 'GET /items null'],
    ['GET /prod/items/', 'GET /items null'],
    ['DELETE /prod/items', 'DELETE /items null'],
    ['GET /prod/items/new', 'GET /items/new null'],
    ['GET /prod/items/7', 'GET /items/{id} {"id":"7"}'],
    ['PUT /prod/other/a/b', 'PUT /{proxy+} {"proxy":"other/a/b"}'],
  ])('%s', async (line, body) => {
    const { send } = await start(tree, { f: found });
    expect(await send(line)).toMatchObject({ status: 200, body });
  });

  test('a method that its resource does not have, and no resource at all', async () => {
    const { send } = await start(tree.slice(0, 4), { f: found });
    for (const line of ['DELETE /prod/items/7', 'GET /prod/none']) {
      const reply = await send(line);
      expect(reply).toMatchObject(missingToken);
      expect(reply.headers['x-amzn-errortype']).toBe('MissingAuthenticationTokenException');
    }
  });

  test('a stage that does not exist', async () => {
    const { send } = await start(tree);
    expect(await send('GET /dev/items')).toMatchObject({ status: 403, body: '{"message":"Forbidden"}' });
    expect(await send('GET /')).toMatchObject({ status: 403 });
  });
});

describe('the answer', () => {
  const answer = async (result: unknown) =>
    (await start([resource('/', method('GET'))], { f: () => result })).send('GET /prod/');

  test('takes headers of one value and of several, and is JSON by default', async () => {
    const reply = await answer({
      statusCode: 201,
      headers: { 'X-One': 1 },
      multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
      body: '{}',
    });
    expect(reply).toMatchObject({ status: 201, body: '{}' });
    expect(reply.headers).toMatchObject({
      'content-type': 'application/json',
      'x-one': '1',
      'set-cookie': ['a=1', 'b=2'],
    });
  });

  test.each([['text'], [{ items: [] }], [null], [{ statusCode: 200, body: { a: 1 } }]])(
    'malformed as %j is a 502',
    async (result) => {
      expect(await answer(result)).toMatchObject(badGateway);
    },
  );

  test('of a function that fails is a 502, of one that takes too long a 504', async () => {
    const { send, clock } = await start([resource('/', method('GET'), method('PUT'))], {
      f: ({ httpMethod }: { httpMethod: string }) =>
        httpMethod === 'GET'
          ? Promise.reject(new Error('secret'))
          : new Promise(() => setImmediate(() => clock.advance(29_000))),
    });
    expect(await send('GET /prod/')).toMatchObject(badGateway);
    expect(await send('PUT /prod/')).toMatchObject({
      status: 504,
      body: '{"message":"Endpoint request timed out"}',
    });
  });

  test('413 over 10 MB', async () => {
    const { send } = await start([resource('/', method('POST'))]);
    const reply = await send('POST /prod/', { body: Buffer.alloc(10 * 1024 * 1024 + 1) });
    expect(reply).toMatchObject({ status: 413, body: '{"message":"Request Too Long"}' });
  });
});

describe('binary media types', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
  const echo = ({ body }: { body: string | null }) => ({
    statusCode: 200,
    headers: { 'content-type': 'image/png' },
    body: body ?? bytes.toString('base64'),
    isBase64Encoded: true,
  });
  const tree = [resource('/', method('ANY'))];

  test.each([[['image/png']], [['image/*']], [['*/*']]])('%j: bytes come back as sent', async (types) => {
    const { send, invoker } = await start(tree, { f: echo }, { binaryMediaTypes: types });
    const headers = { 'content-type': 'image/png', accept: 'image/png, */*' };
    expect((await send('POST /prod/', { headers, body: bytes })).bytes).toEqual(bytes);
    expect(JSON.parse(invoker.events[0]!)).toMatchObject({
      isBase64Encoded: true,
      body: bytes.toString('base64'),
    });
  });

  test('of other types bodies are text, and base64 is not decoded for a client that accepts others', async () => {
    const { send, invoker } = await start(tree, { f: echo }, { binaryMediaTypes: ['image/png'] });
    await send('POST /prod/', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a=1',
    });
    expect(JSON.parse(invoker.events[0]!)).toMatchObject({ isBase64Encoded: false, body: 'a=1' });
    expect((await send('GET /prod/', { headers: { accept: 'text/html' } })).body).toBe(
      bytes.toString('base64'),
    );
  });
});

describe('mocks', () => {
  const preflight = method('OPTIONS', {
    integration: {
      kind: 'mock',
      requestTemplates: { 'application/json': '{"statusCode": 200}' },
      responses: [
        {
          status: 204,
          selectionPattern: undefined,
          parameters: {
            'method.response.header.Access-Control-Allow-Origin': "'*'",
            'method.response.header.Access-Control-Allow-Methods': "'GET,OPTIONS'",
            'method.response.header.X-Request': 'context.requestId',
          },
          templates: {},
        },
      ],
    },
  });

  test('answer preflights', async () => {
    const { send, invoker } = await start([resource('/items', preflight, method('GET'))]);
    const reply = await send('OPTIONS /prod/items', {
      headers: { origin: 'https://x.example', 'access-control-request-method': 'GET' },
    });
    expect(reply).toMatchObject({ status: 204, body: '' });
    expect(reply.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET,OPTIONS',
      'x-request': reply.headers['x-amzn-requestid'],
    });
    expect(invoker.events).toEqual([]);
  });

  test('choose their answer by the status code, and fill in its template', async () => {
    const response = (status: number, selectionPattern: string | undefined, template: string) => ({
      status,
      selectionPattern,
      parameters: {},
      templates: { 'application/json': template },
    });
    const integration = {
      kind: 'mock',
      requestTemplates: { 'application/json': `{"statusCode": $input.params('wanted')}` },
      responses: [
        response(200, undefined, '{"ok":true}'),
        response(404, '4\\d\\d', '{"missing":"$context.resourcePath $stageVariables.colour"}'),
      ],
    } as const;
    const { send } = await start([resource('/x', method('GET', { integration }))], undefined, {
      stages: [{ ...STAGE, name: 'prod', deploymentId: 'd1', variables: { colour: 'red' } }],
    });
    expect(await send('GET /prod/x?wanted=200')).toMatchObject({ status: 200, body: '{"ok":true}' });
    expect(await send('GET /prod/x?wanted=404')).toMatchObject({ status: 404, body: '{"missing":"/x red"}' });
    expect(await send('GET /prod/x?wanted=no')).toMatchObject({ status: 500 });
  });
});

test('a function of an integration that is no proxy gets what the template says', async () => {
  const responses: IntegrationResponse[] = [
    { status: 200, selectionPattern: undefined, parameters: {}, templates: {} },
    {
      status: 404,
      selectionPattern: 'not found: .*',
      parameters: {},
      templates: { 'application/json': `{"why":$input.json('$.errorMessage')}` },
    },
  ];
  const requestTemplates = { 'application/json': `{"id":"$input.params('id')","body":$input.json('$')}` };
  const integration = { kind: 'custom', functionArn: 'f', requestTemplates, responses } as const;
  const { send, invoker } = await start([resource('/x/{id}', method('POST', { integration }))], {
    f: ({ id }: { id: string }) => {
      if (id === '0') throw new Error('not found: 0');
      return { done: true };
    },
  });
  const headers = { 'content-type': 'application/json' };
  expect(await send('POST /prod/x/1', { headers, body: '{"a":1}' })).toMatchObject({
    status: 200,
    body: '{"done":true}',
  });
  expect(invoker.events).toEqual(['{"id":"1","body":{"a":1}}']);
  expect(await send('POST /prod/x/0', { headers, body: '{}' })).toMatchObject({
    status: 404,
    body: '{"why":"not found: 0"}',
  });
});

test('a method that cannot be served says why', async () => {
  const tree = [
    resource('/a', method('GET', { problem: 'no permission' })),
    resource('/b', method('GET', { problem: 'not hosted', integration: { kind: 'none' } })),
  ];
  const { send, lines } = await start(tree);
  for (const path of ['/prod/a', '/prod/b']) {
    expect(await send(`GET ${path}`)).toMatchObject({
      status: 500,
      body: '{"message":"Internal server error"}',
    });
  }
  expect(lines).toEqual(expect.arrayContaining(['apigw GET /a: no permission', 'apigw GET /b: not hosted']));
});
