import { startFunctionUrl } from './support';

let url: Awaited<ReturnType<typeof startFunctionUrl>>;
afterEach(() => url.stop());

const echo = { f: (event: unknown) => event };

test('every request goes to the function, in format 2.0', async () => {
  url = await startFunctionUrl({ handlers: echo });
  const reply = await url.send('POST /any/path?a=1', {
    headers: { 'content-type': 'application/json', cookie: 'c=1' },
    body: '{}',
  });
  expect(reply.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
  expect(JSON.parse(reply.body)).toMatchObject({
    version: '2.0',
    routeKey: '$default',
    rawPath: '/any/path',
    rawQueryString: 'a=1',
    cookies: ['c=1'],
    requestContext: {
      accountId: 'anonymous',
      apiId: 'abc123',
      http: { method: 'POST', path: '/any/path' },
      requestId: reply.headers['x-amzn-requestid'],
      stage: '$default',
    },
    body: '{}',
    isBase64Encoded: false,
  });
});

test('answers, bytes and cookies included', async () => {
  const bytes = Buffer.from([0, 255, 1]);
  url = await startFunctionUrl({
    handlers: {
      f: () => ({
        statusCode: 201,
        headers: { 'content-type': 'image/png' },
        cookies: ['a=1', 'b=2'],
        body: bytes.toString('base64'),
        isBase64Encoded: true,
      }),
    },
  });
  const reply = await url.send('GET /');
  expect(reply.status).toBe(201);
  expect(reply.bytes).toEqual(bytes);
  expect(reply.headers['set-cookie']).toEqual(['a=1', 'b=2']);
});

test('a function that fails is a 502', async () => {
  url = await startFunctionUrl({ handlers: { f: () => Promise.reject(new Error('secret')) } });
  expect(await url.send('GET /')).toMatchObject({ status: 502, body: '{"Message":"Internal Server Error"}' });
});

test('with IAM authorization a request has to be signed', async () => {
  url = await startFunctionUrl({ handlers: echo, config: { authorization: 'AWS_IAM' } });
  expect(await url.send('GET /')).toMatchObject({ status: 403, body: '{"Message":"Forbidden"}' });
  expect(url.invoker.events).toEqual([]);
});

test('CORS is answered by the URL', async () => {
  const cors = {
    allowOrigins: ['*'],
    allowMethods: ['*'],
    allowHeaders: ['*'],
    exposeHeaders: [],
    allowCredentials: false,
    maxAgeSeconds: 60,
  };
  url = await startFunctionUrl({ handlers: echo, config: { cors } });
  const headers = { origin: 'https://x.example', 'access-control-request-method': 'PUT' };
  const reply = await url.send('OPTIONS /', { headers });
  expect(reply.headers).toMatchObject({
    'access-control-allow-origin': '*',
    'access-control-allow-methods': '*',
    'access-control-allow-headers': '*',
    'access-control-max-age': '60',
  });
  expect(url.invoker.events).toEqual([]);
});
