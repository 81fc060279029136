import { startApi } from './support';

const cors = {
  allowOrigins: ['https://shop.example', 'http://*'],
  allowMethods: ['GET', 'POST'],
  allowHeaders: ['content-type'],
  exposeHeaders: ['x-total'],
  allowCredentials: true,
  maxAgeSeconds: 60,
};
const handlers = {
  f: () => ({
    statusCode: 200,
    headers: { 'access-control-allow-origin': 'made-up', 'x-total': '1' },
    body: '',
  }),
};
const routes = [{ routeKey: '$default' }];
const preflight = (origin: string) => ({ headers: { origin, 'access-control-request-method': 'POST' } });

let api: Awaited<ReturnType<typeof startApi>>;
afterEach(() => api.stop());

test('a preflight request is answered by the API', async () => {
  api = await startApi({ handlers, routes, config: { cors } });
  const reply = await api.send('OPTIONS /x', preflight('https://shop.example'));
  expect(reply.status).toBe(204);
  expect(reply.headers).toMatchObject({
    'access-control-allow-origin': 'https://shop.example',
    'access-control-allow-methods': 'GET,POST',
    'access-control-allow-headers': 'content-type',
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'x-total',
    'access-control-max-age': '60',
    vary: 'Origin',
  });
  expect(api.invoker.events).toEqual([]);
});

test('an origin that is not listed gets no CORS headers', async () => {
  api = await startApi({ handlers, routes, config: { cors } });
  const reply = await api.send('OPTIONS /x', preflight('https://evil.example'));
  expect(reply.status).toBe(204);
  expect(reply.headers['access-control-allow-origin']).toBeUndefined();
});

test('the configuration replaces what the function says', async () => {
  api = await startApi({ handlers, routes, config: { cors } });
  const reply = await api.send('GET /x', { headers: { origin: 'http://any.example' } });
  expect(reply.headers['access-control-allow-origin']).toBe('http://any.example');
  expect((await api.send('GET /x')).headers['access-control-allow-origin']).toBeUndefined();
});

test('every origin may be let in', async () => {
  api = await startApi({
    handlers,
    routes,
    config: { cors: { ...cors, allowOrigins: ['*'], allowCredentials: false } },
  });
  const reply = await api.send('GET /x', { headers: { origin: 'https://any.example' } });
  expect(reply.headers).toMatchObject({ 'access-control-allow-origin': '*' });
  expect(reply.headers['access-control-allow-credentials']).toBeUndefined();
});

test('without a configuration the function speaks for itself, preflights included', async () => {
  api = await startApi({ handlers, routes });
  const reply = await api.send('OPTIONS /x', preflight('https://shop.example'));
  expect(reply).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': 'made-up' } });
});

test('answers of the gateway have CORS headers too, and Vary keeps what the function says', async () => {
  api = await startApi({
    handlers: { f: () => ({ statusCode: 200, headers: { vary: 'Accept' }, body: '' }) },
    routes: [{ routeKey: 'GET /x' }],
    config: { cors },
  });
  const headers = { origin: 'https://shop.example' };
  expect(await api.send('GET /none', { headers })).toMatchObject({
    status: 404,
    headers: { 'access-control-allow-origin': 'https://shop.example', vary: 'Origin' },
  });
  expect((await api.send('GET /x', { headers })).headers).toMatchObject({
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'x-total',
    vary: 'Accept, Origin',
  });
});
