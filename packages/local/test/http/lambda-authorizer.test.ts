import type { LambdaAuthorizerConfig } from '../../src/http/authorizers/config';
import { startApi, STAGE } from './support';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- events are what the test makes of them
type Event = any;

const authorizer: LambdaAuthorizerConfig = {
  kind: 'lambda',
  id: 'a1',
  functionArn: 'check',
  event: 'http-2.0',
  simpleResponses: true,
  identitySources: [{ from: 'header', name: 'X-Token' }],
  cacheSeconds: 300,
};
const token = (value: string) => ({ headers: { 'x-token': value } });
const unauthorized = { status: 401, body: '{"message":"Unauthorized"}' };
const forbidden = { status: 403, body: '{"message":"Forbidden"}' };
const failed = { status: 500, body: '{"message":"Internal Server Error"}' };

let api: Awaited<ReturnType<typeof startApi>>;
afterEach(() => api.stop());

/** An API with two routes behind an authorizer, whose calls are counted. */
async function start(
  check: (event: Event) => unknown,
  change: Partial<LambdaAuthorizerConfig> = {},
  payloadFormat: '1.0' | '2.0' = '2.0',
) {
  const asked: Event[] = [];
  const by = { authorization: 'CUSTOM', authorizer: { ...authorizer, ...change }, payloadFormat } as const;
  api = await startApi({
    handlers: {
      f: ({ requestContext }: { requestContext: unknown }) => ({
        statusCode: 200,
        body: JSON.stringify(requestContext),
      }),
      check: (event: Event) => {
        asked.push(event);
        return check(event);
      },
    },
    routes: [
      { routeKey: 'GET /a/{id}', ...by },
      { routeKey: 'GET /b', ...by },
    ],
    config: { stages: [{ ...STAGE, variables: { colour: 'red' } }] },
  });
  return { ...api, asked };
}

const policy = (effect: string, resource: string, more: object = {}) => ({
  principalId: 'user1',
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Effect: effect, Action: 'execute-api:Invoke', Resource: resource }],
  },
  ...more,
});

describe('simple responses', () => {
  test('let a request pass with a context of any shape', async () => {
    const { send, asked } = await start(() => ({ isAuthorized: true, context: { plan: { tier: 3 } } }));
    const reply = await send('GET /a/1', token('x'));
    expect(JSON.parse(reply.body)).toMatchObject({ authorizer: { lambda: { plan: { tier: 3 } } } });
    expect(asked).toHaveLength(1);
  });

  test('refuse it', async () => {
    const { send, invoker } = await start(() => ({ isAuthorized: false }));
    expect(await send('GET /b', token('x'))).toMatchObject(forbidden);
    expect(invoker.events).toHaveLength(1);
  });

  test.each([[{}], [null], ['yes'], [{ isAuthorized: 'true' }], [{ isAuthorized: true, context: [1] }]])(
    'as %j are an error',
    async (answer) => {
      const { send } = await start(() => answer);
      expect(await send('GET /b', token('x'))).toMatchObject(failed);
    },
  );
});

test('the event in format 2.0', async () => {
  const { send, asked } = await start(() => ({ isAuthorized: true }), {
    identitySources: [
      { from: 'header', name: 'X-Token' },
      { from: 'querystring', name: 'who' },
      { from: 'stageVariables', name: 'colour' },
      { from: 'context', name: 'routeKey' },
    ],
  });
  await send('GET /a/1?who=me', { headers: { 'x-token': 'secret', cookie: 'c=1' } });
  expect(asked[0]).toEqual({
    version: '2.0',
    type: 'REQUEST',
    routeArn: 'arn:aws:execute-api:us-east-1:000000000000:abc123/$default/GET/a/1',
    identitySource: ['secret', 'me', 'red', 'GET /a/{id}'],
    routeKey: 'GET /a/{id}',
    rawPath: '/a/1',
    rawQueryString: 'who=me',
    cookies: ['c=1'],
    headers: expect.objectContaining({ 'x-token': 'secret' }) as object,
    queryStringParameters: { who: 'me' },
    requestContext: expect.objectContaining({
      accountId: '000000000000',
      apiId: 'abc123',
      http: expect.objectContaining({ method: 'GET', path: '/a/1', sourceIp: '127.0.0.1' }) as object,
      routeKey: 'GET /a/{id}',
      stage: '$default',
    }) as object,
    pathParameters: { id: '1' },
    stageVariables: { colour: 'red' },
  });
});

test('the event in format 1.0, and the policy that answers it', async () => {
  const { send, asked } = await start(
    ({ methodArn }) => policy('Allow', methodArn as string, { context: { tenant: 't1', level: 2 } }),
    { event: 'http-1.0', simpleResponses: false },
    '1.0',
  );
  const reply = await send('GET /a/1?who=me', token('secret'));
  expect(asked[0]).toEqual({
    version: '1.0',
    type: 'REQUEST',
    methodArn: 'arn:aws:execute-api:us-east-1:000000000000:abc123/$default/GET/a/1',
    identitySource: 'secret',
    authorizationToken: 'secret',
    resource: '/a/{id}',
    path: '/a/1',
    httpMethod: 'GET',
    headers: expect.objectContaining({ 'x-token': 'secret' }) as object,
    queryStringParameters: { who: 'me' },
    pathParameters: { id: '1' },
    stageVariables: { colour: 'red' },
    requestContext: {
      path: '/a/1',
      accountId: '000000000000',
      resourceId: null,
      stage: '$default',
      requestId: expect.any(String) as string,
      identity: { apiKey: null, sourceIp: '127.0.0.1' },
      resourcePath: '/a/{id}',
      httpMethod: 'GET',
      apiId: 'abc123',
    },
  });
  expect(JSON.parse(reply.body)).toMatchObject({
    authorizer: { principalId: 'user1', tenant: 't1', level: 2, integrationLatency: 0 },
  });
});

describe('policies', () => {
  const arn = 'arn:aws:execute-api:us-east-1:000000000000:abc123';
  test.each([
    ['Allow', '*', 200],
    ['Allow', `${arn}/*/GET/b`, 200],
    ['Allow', `${arn}/*/GET/a/*`, 403],
    ['Deny', '*', 403],
  ])('%s %s', async (effect, resource, status) => {
    const { send } = await start(() => policy(effect, resource), { simpleResponses: false });
    expect((await send('GET /b', token('x'))).status).toBe(status);
  });

  test('one that is cached is judged for each request', async () => {
    const { send, asked } = await start(() => policy('Allow', `${arn}/*/GET/b`), { simpleResponses: false });
    expect((await send('GET /b', token('x'))).status).toBe(200);
    expect(await send('GET /a/1', token('x'))).toMatchObject(forbidden);
    expect(asked).toHaveLength(1);
  });

  test('without a principal is an error', async () => {
    const { send } = await start(() => ({ policyDocument: { Statement: [] } }), { simpleResponses: false });
    expect(await send('GET /b', token('x'))).toMatchObject(failed);
  });
});

describe('answers are kept', () => {
  const allow = () => ({ isAuthorized: true });

  test('for each identity, as long as the authorizer says', async () => {
    const { send, asked, clock } = await start(allow);
    await send('GET /b', token('x'));
    await send('GET /a/1', token('x'));
    expect(asked).toHaveLength(1);
    await send('GET /b', token('y'));
    expect(asked).toHaveLength(2);
    clock.advanceSeconds(299);
    await send('GET /b', token('x'));
    expect(asked).toHaveLength(2);
    clock.advanceSeconds(1);
    await send('GET /b', token('x'));
    expect(asked).toHaveLength(3);
  });

  test('refusals too', async () => {
    const { send, asked } = await start(() => ({ isAuthorized: false }));
    await send('GET /b', token('x'));
    await send('GET /b', token('x'));
    expect(asked).toHaveLength(1);
  });

  test('not with a time to live of 0, and not without identity sources', async () => {
    const { send, asked } = await start(allow, { cacheSeconds: 0 });
    await send('GET /b', token('x'));
    await send('GET /b', token('x'));
    expect(asked).toHaveLength(2);
    await api.stop();
    const other = await start(allow, { identitySources: [] });
    expect((await other.send('GET /b')).status).toBe(200);
    await other.send('GET /b');
    expect(other.asked).toHaveLength(2);
  });

  test('for each route, where the route belongs to the identity', async () => {
    const identitySources = [
      { from: 'header', name: 'x-token' } as const,
      { from: 'context', name: 'routeKey' } as const,
    ];
    const { send, asked } = await start(allow, { identitySources });
    await send('GET /b', token('x'));
    await send('GET /a/1', token('x'));
    await send('GET /a/2', token('x'));
    expect(asked).toHaveLength(2);
  });

  test('errors never', async () => {
    const { send, asked } = await start(() => {
      throw new Error('down');
    });
    expect(await send('GET /b', token('x'))).toMatchObject(failed);
    expect(await send('GET /b', token('x'))).toMatchObject(failed);
    expect(asked).toHaveLength(2);
  });
});

test('a request without its identity is refused before anybody is asked', async () => {
  const { send, asked } = await start(() => ({ isAuthorized: true }));
  expect(await send('GET /b')).toMatchObject(unauthorized);
  expect(await send('GET /b', token(''))).toMatchObject(unauthorized);
  expect(asked).toHaveLength(0);
});

test('a function says 401 by an error of that text', async () => {
  const { send } = await start(() => {
    throw new Error('Unauthorized');
  });
  expect(await send('GET /b', token('x'))).toMatchObject(unauthorized);
});

test('an authorizer that may not be called says why', async () => {
  const { send, lines, asked } = await start(() => ({ isAuthorized: true }), { problem: 'no permission' });
  expect(await send('GET /b', token('x'))).toMatchObject(failed);
  expect(lines).toContain('apigw authorizer a1: no permission');
  expect(asked).toHaveLength(0);
});
