import type { LambdaAuthorizerConfig } from '../../src/http/authorizers/config';
import type { RestApiConfig, RestResource } from '../../src/http/rest/config';
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

describe('authorizers', () => {
  const authorizer: LambdaAuthorizerConfig = {
    kind: 'lambda',
    id: 'a1',
    functionArn: 'check',
    event: 'rest-token',
    simpleResponses: false,
    identitySources: [{ from: 'header', name: 'Authorization' }],
    cacheSeconds: 300,
  };
  const policy = (effect: string, more: object = {}) => ({
    principalId: 'user1',
    policyDocument: { Statement: [{ Effect: effect, Action: 'execute-api:Invoke', Resource: '*' }] },
    ...more,
  });
  const guarded = (change: Partial<LambdaAuthorizerConfig>) => [
    resource('/x', method('GET', { authorization: 'CUSTOM', authorizer: { ...authorizer, ...change } })),
  ];
  const run = async (check: (event: unknown) => unknown, change: Partial<LambdaAuthorizerConfig> = {}) => {
    const asked: unknown[] = [];
    const own = await start(guarded(change), {
      f: ({ requestContext }: { requestContext: { authorizer: unknown } }) => ({
        statusCode: 200,
        body: JSON.stringify(requestContext.authorizer),
      }),
      check: (event: unknown) => {
        asked.push(event);
        return check(event);
      },
    });
    return { ...own, asked };
  };
  const token = { headers: { authorization: 'let me in' } };

  test('TOKEN: gets the token, and passes on its context as texts', async () => {
    const { send, asked, clock } = await run(() =>
      policy('Allow', { context: { level: 2, admin: true, name: 'x' } }),
    );
    expect(JSON.parse((await send('GET /prod/x', token)).body)).toEqual({
      principalId: 'user1',
      level: '2',
      admin: 'true',
      name: 'x',
      integrationLatency: 0,
    });
    await send('GET /prod/x', token);
    expect(asked).toEqual([
      {
        type: 'TOKEN',
        authorizationToken: 'let me in',
        methodArn: 'arn:aws:execute-api:us-east-1:000000000000:abc123/prod/GET/x',
      },
    ]);
    clock.advanceSeconds(300);
    await send('GET /prod/x', token);
    expect(asked).toHaveLength(2);
  });

  test('TOKEN: one that does not look right is refused at once', async () => {
    const { send, asked } = await run(() => policy('Allow'), { tokenPattern: 'Bearer [a-z]+' });
    expect(await send('GET /prod/x', token)).toMatchObject({
      status: 401,
      body: '{"message":"Unauthorized"}',
    });
    expect((await send('GET /prod/x', { headers: { authorization: 'Bearer abc' } })).status).toBe(200);
    expect(asked).toHaveLength(1);
  });

  test('REQUEST: gets the request', async () => {
    const { send, asked } = await run(() => policy('Allow'), { event: 'rest-request' });
    await send('GET /prod/x?a=1', token);
    expect(asked[0]).toMatchObject({
      type: 'REQUEST',
      methodArn: 'arn:aws:execute-api:us-east-1:000000000000:abc123/prod/GET/x',
      resource: '/x',
      path: '/x',
      httpMethod: 'GET',
      headers: { authorization: 'let me in' },
      queryStringParameters: { a: '1' },
      requestContext: { stage: 'prod', resourcePath: '/x' },
    });
    expect(asked[0]).not.toHaveProperty('body');
  });

  test.each([
    [
      () => policy('Deny'),
      403,
      '{"Message":"User is not authorized to access this resource with an explicit deny"}',
    ],
    [
      () => ({ principalId: 'u', policyDocument: { Statement: [] } }),
      403,
      '{"Message":"User is not authorized to access this resource"}',
    ],
    [() => Promise.reject(new Error('Unauthorized')), 401, '{"message":"Unauthorized"}'],
    [() => Promise.reject(new Error('other')), 500, '{"message":null}'],
    [() => ({ isAuthorized: true }), 500, '{"message":null}'],
    [() => policy('Allow', { context: { nested: {} } }), 500, '{"message":null}'],
  ])('refusals %#', async (check, status, body) => {
    const { send } = await run(check);
    expect(await send('GET /prod/x', token)).toMatchObject({ status, body });
  });

  test('without a token nobody is asked', async () => {
    const { send, asked } = await run(() => policy('Allow'));
    expect(await send('GET /prod/x')).toMatchObject({ status: 401, body: '{"message":"Unauthorized"}' });
    expect(asked).toEqual([]);
  });
});

test('gateway responses change what the API says itself', async () => {
  const cors = { 'gatewayresponse.header.Access-Control-Allow-Origin': "'*'" };
  const { send } = await start(
    [resource('/', method('GET', { timeoutMs: 1 }))],
    { f: () => 'malformed' },
    {
      gatewayResponses: {
        DEFAULT_4XX: { status: undefined, parameters: cors, templates: {} },
        MISSING_AUTHENTICATION_TOKEN: {
          status: 404,
          parameters: {},
          templates: {
            'application/json': '{"type":"$context.error.responseType","m":$context.error.messageString}',
          },
        },
        DEFAULT_5XX: { status: 503, parameters: cors, templates: {} },
      },
    },
  );
  expect(await send('GET /prod/none')).toMatchObject({
    status: 404,
    body: '{"type":"MISSING_AUTHENTICATION_TOKEN","m":"Missing Authentication Token"}',
  });
  const other = await send('GET /none');
  expect(other).toMatchObject({ status: 403, headers: { 'access-control-allow-origin': '*' } });
  expect(await send('GET /prod/')).toMatchObject({
    status: 503,
    headers: { 'access-control-allow-origin': '*' },
  });
});

describe('API keys', () => {
  const plan = { id: 'p1', stages: ['prod'], throttle: undefined, quota: undefined };
  const tree = [resource('/x', method('GET', { apiKeyRequired: true })), resource('/open', method('GET'))];
  const withKey = (value: string) => ({ headers: { 'x-api-key': value } });

  test('one of a usage plan of the stage is needed', async () => {
    const { send, invoker } = await start(tree, undefined, {
      apiKeys: [
        { id: 'k1', value: 'good', plans: [plan] },
        { id: 'k2', value: 'elsewhere', plans: [{ ...plan, stages: ['dev'] }] },
        { id: 'k3', value: 'unplanned', plans: [] },
      ],
    });
    for (const headers of [{}, withKey('bad'), withKey('elsewhere'), withKey('unplanned')]) {
      expect(await send('GET /prod/x', headers)).toMatchObject({
        status: 403,
        body: '{"message":"Forbidden"}',
      });
    }
    expect((await send('GET /prod/open')).status).toBe(200);
    expect((await send('GET /prod/x', withKey('good'))).status).toBe(200);
    expect(JSON.parse(invoker.events.at(-1)!)).toMatchObject({
      requestContext: { identity: { apiKey: 'good', apiKeyId: 'k1' } },
    });
  });

  test('a plan limits the rate and the number a day', async () => {
    const limited = {
      ...plan,
      throttle: { ratePerSecond: 1, burst: 2 },
      quota: { limit: 3, period: 'DAY' as const },
    };
    const { send, clock } = await start(tree, undefined, {
      apiKeys: [{ id: 'k1', value: 'good', plans: [limited] }],
    });
    const once = () => send('GET /prod/x', withKey('good'));
    expect((await once()).status).toBe(200);
    expect((await once()).status).toBe(200);
    expect(await once()).toMatchObject({ status: 429, body: '{"message":"Too Many Requests"}' });
    clock.advanceSeconds(10);
    expect((await once()).status).toBe(200);
    expect(await once()).toMatchObject({ status: 429, body: '{"message":"Limit Exceeded"}' });
    clock.advanceSeconds(24 * 3600);
    expect((await once()).status).toBe(200);
  });
});

test('methods are throttled, each by itself', async () => {
  const { send, clock } = await start([resource('/x', method('GET'), method('PUT'))], undefined, {
    stages: [
      {
        ...STAGE,
        name: 'prod',
        deploymentId: 'd1',
        throttle: { ratePerSecond: 1, burst: 1 },
        routeThrottles: { 'PUT /x': { ratePerSecond: 5, burst: 2 } },
      },
    ],
  });
  expect((await send('GET /prod/x')).status).toBe(200);
  expect(await send('GET /prod/x')).toMatchObject({ status: 429, body: '{"message":"Too Many Requests"}' });
  expect((await send('PUT /prod/x')).status).toBe(200);
  expect((await send('PUT /prod/x')).status).toBe(200);
  clock.advanceSeconds(1);
  expect((await send('GET /prod/x')).status).toBe(200);
});
