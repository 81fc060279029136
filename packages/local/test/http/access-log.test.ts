import { startApi, startRestApi, STAGE } from './support';

let api: Awaited<ReturnType<typeof startApi>>;
afterEach(() => api.stop());

const handlers = { f: () => ({ statusCode: 201, body: 'four' }), fail: () => Promise.reject(new Error('x')) };
const stageWith = (format: string, name = '$default') => ({
  ...STAGE,
  name,
  accessLog: { group: 'access', format },
});

test('every request is a line in the format of its stage', async () => {
  const format =
    '{"id":"$context.requestId","ip":"$context.identity.sourceIp","at":"$context.requestTime",' +
    '"route":"$context.routeKey","path":"$context.path","status":$context.status,' +
    '"bytes":$context.responseLength,"ms":$context.integrationLatency,"agent":"$context.identity.userAgent",' +
    '"who":"$context.authorizer.principalId","error":"$context.error.message","odd":"$context.no.such"}';
  api = await startApi({
    handlers,
    routes: [{ routeKey: 'GET /a/{id}' }, { routeKey: 'GET /fail', functionArn: 'fail' }],
    config: { stages: [stageWith(format)] },
  });
  const reply = await api.send('GET /a/1?x=1', { headers: { 'user-agent': 'jest' } });
  expect(api.logged).toHaveLength(1);
  const [group, stream, at, message] = api.logged[0]!;
  expect([group, at]).toEqual(['access', api.clock.now()]);
  expect(stream).toMatch(/^[0-9a-f]{32}$/);
  expect(JSON.parse(message)).toEqual({
    id: reply.headers['apigw-requestid'],
    ip: '127.0.0.1',
    at: '02/Jan/2026:03:04:05 +0000',
    route: 'GET /a/{id}',
    path: '/a/1',
    status: 201,
    bytes: 4,
    ms: 0,
    agent: 'jest',
    who: '-',
    error: '-',
    odd: '-',
  });
});

test('failures say what went wrong', async () => {
  api = await startApi({
    handlers,
    routes: [{ routeKey: 'GET /fail', functionArn: 'fail' }],
    config: {
      stages: [stageWith('$context.status $context.integrationErrorMessage $context.error.message')],
    },
  });
  await api.send('GET /fail');
  await api.send('GET /none');
  expect(api.logged.map(([, , , message]) => message)).toEqual([
    '500 The Lambda function returned an error The Lambda function returned an error',
    '404 Not Found Not Found',
  ]);
});

test('REST APIs have resources', async () => {
  api = await startRestApi({
    handlers,
    config: {
      stages: [
        {
          ...stageWith(
            '$context.stage $context.httpMethod $context.resourcePath $context.resourceId',
            'prod',
          ),
          deploymentId: 'd',
        },
      ],
      resources: [
        {
          id: 'r1',
          path: '/a/{id}',
          routeKey: 'ANY /a/{id}',
          methods: [
            {
              method: 'GET',
              authorization: 'NONE',
              apiKeyRequired: false,
              timeoutMs: 29_000,
              integration: { kind: 'proxy', functionArn: 'f' },
            },
          ],
        },
      ],
    },
  });
  await api.send('GET /prod/a/1');
  expect(api.logged.map(([, , , message]) => message)).toEqual(['prod GET /a/{id} r1']);
});

test('a stage without a log writes none', async () => {
  api = await startApi({ handlers, routes: [{ routeKey: '$default' }] });
  await api.send('GET /');
  expect(api.logged).toEqual([]);
});
