import { connect } from 'node:net';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import { MemoryIdempotency, Problem } from '../../src/rest';
import type { Access, RequestReport } from '../../src/rest';
import { Api } from './support';

const api = new Api();
const TEXT: unknown = expect.stringMatching(/\S/);
const NUMBER: unknown = expect.any(Number);

beforeAll(async () => {
  await api.start({ maxBodyBytes: 10_000 });
  await api.ok('POST /v1/queues', { name: 'orders' });
  await api.ok('POST /v1/queues', { name: 'orders.fifo' });
});
afterAll(() => api.stop());

const SEND = 'POST /v1/queues/orders/messages';

describe('paths and methods', () => {
  it('answer HEAD as GET, without the body', async () => {
    const { status, headers, body } = await head('/v1/queues/orders');
    expect([status, headers.get('content-type'), body]).toEqual([200, 'application/json', '']);
    expect((await head('/v1/queues/none')).status).toBe(404);
  });

  it('tell what they take', async () => {
    const options = await api.call('OPTIONS /v1/queues/orders');
    expect([options.status, options.headers.get('allow')]).toEqual([
      204,
      'GET, HEAD, PATCH, DELETE, OPTIONS',
    ]);
    const put = await api.call('PUT /v1/queues/orders', { body: {} });
    expect([put.status, put.body.type, put.headers.get('allow')]).toEqual([
      405,
      '/problems/method-not-allowed',
      'GET, HEAD, PATCH, DELETE, OPTIONS',
    ]);
    expect((await api.call('GET /v1/queues/orders/messages')).headers.get('allow')).toBe('POST, OPTIONS');
  });

  it.each([
    '/',
    '/v2',
    '/v1/',
    '/v1/queues/',
    '/v1/queues//messages',
    '/v1/queues/a/b',
    '/v1/queues/a/b/c/d/e',
  ])('are not there: %s', async (path) => {
    const { status, body } = await api.call(`GET ${path}`);
    expect([status, body.type]).toEqual([404, '/problems/unknown-path']);
  });

  it.each([
    '%2F',
    'a%2Fb',
    '%00',
    '%',
    '%FF',
    '%zz',
    'a%20b',
    '..%2f..',
    '__proto__.fifo.fifo',
    'a'.repeat(5000),
  ])('have names, not %s', async (name) => {
    const { status, body } = await api.call(`GET /v1/queues/${name}`);
    expect([status, body.errors]).toEqual([400, [{ parameter: 'queue', detail: TEXT }]]);
  });

  it('decode what is in them once', async () => {
    expect((await api.call('GET /v1/queues/%6Frders')).status).toBe(200);
    expect((await api.call('GET /v1/queues/%256Frders')).status).toBe(400);
    expect((await api.call('GET /v1/queues/__proto__')).status).toBe(404);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=1e2', 'limit'],
    ['limit=', 'limit'],
    ['limit=99999999999999999999', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['cursor=%00', 'cursor'],
    ['cursor=abc', 'cursor'],
    ['colour=red', 'colour'],
    ['__proto__=1', '__proto__'],
    ['%FF=%FF', '\uFFFD'],
    ['prefix=%F0%9F', 'prefix'],
  ])('have no query %s', async (query, parameter) => {
    const { status, body } = await api.call(`GET /v1/queues?${query}`);
    expect([status, body.errors]).toEqual([400, [{ parameter, detail: TEXT }]]);
  });

  async function head(path: string) {
    const response = await api.app.request(path, { method: 'HEAD' });
    return { status: response.status, headers: response.headers, body: await response.text() };
  }
});

describe('every answer', () => {
  it.each(['GET /v1/queues', 'GET /v1/queues/none', 'GET /nowhere', 'OPTIONS /v1/queues', 'PUT /v1/queues'])(
    'of %s is nobody else to keep or to show',
    async (request) => {
      const { headers } = await api.call(request);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('server-timing')).toMatch(/^aws;dur=\d+\.\d, total;dur=\d+\.\d$/);
    },
  );
});

describe('bodies', () => {
  it.each([
    ['{', ''],
    ['', ''],
    ['undefined', ''],
    ['{"body":"a","body":"b"}', '/body'],
    ['{"body":"\\ud800"}', '/body'],
    ['{"body":"a","attributes":{"n":9007199254740993}}', '/attributes/n'],
    ['{"body":"a","delaySeconds":1e999}', '/delaySeconds'],
    ['{"__proto__":{"body":"a"}}', '/__proto__'],
    ['['.repeat(5000), ''],
    [new Uint8Array([0x7b, 0xff, 0x7d]), ''],
  ])('%j is not the JSON that is taken', async (text, pointer) => {
    const { status, body } = await api.call(SEND, { text });
    expect([status, body.type, body.errors]).toEqual([
      400,
      '/problems/bad-json',
      [{ pointer, detail: TEXT }],
    ]);
  });

  it.each<Record<string, string>>([
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': 'application/json; charset=latin1' },
    { 'content-type': '' },
    { 'content-encoding': 'gzip' },
  ])('are not taken with %j', async (headers) => {
    const { status, body } = await api.call(SEND, { body: { body: 'x' }, headers });
    expect([status, body.type]).toEqual([415, '/problems/unsupported-media-type']);
  });

  it.each(['application/json; charset=UTF-8', 'application/merge-patch+json'])(
    'are taken as %s',
    async (type) => {
      expect((await api.call(SEND, { body: { body: 'x' }, headers: { 'content-type': type } })).status).toBe(
        202,
      );
    },
  );

  it('have an end', async () => {
    const { status, body } = await api.call(SEND, { body: { body: 'x'.repeat(10_001) } });
    expect([status, body.type]).toEqual([413, '/problems/too-large']);
    const told = await api.call(SEND, { body: { body: 'x' }, headers: { 'content-length': '10001' } });
    expect(told.status).toBe(413);
  });

  it('may be left out where nothing has to be told', async () => {
    expect((await api.call('POST /v1/queues/orders/messages/receive')).status).toBe(200);
    expect((await api.call('POST /v1/queues/orders/messages/receive', { text: '[]' })).status).toBe(422);
  });

  it('have at most ten errors told', async () => {
    const messages = Array.from({ length: 100 }, () => ({ body: '' }));
    const { body } = await api.call('POST /v1/queues/orders/messages/batch', { body: { messages } });
    expect(body.errors).toHaveLength(10);
  });
});

describe('Idempotency-Key', () => {
  const headers = { 'idempotency-key': 'order-1-was-placed' };

  it('has a request done once', async () => {
    const first = await api.call(SEND, { body: { body: 'once' }, headers });
    const again = await api.call(SEND, { body: { body: 'once' }, headers });
    expect([again.status, again.body]).toEqual([first.status, first.body]);
    expect([first, again].map((answer) => answer.headers.get('idempotency-replayed'))).toEqual([
      null,
      'true',
    ]);
    const other = await api.call(SEND, { body: { body: 'other' }, headers });
    expect([other.status, other.body.type]).toEqual([422, '/problems/idempotency-key-reused']);
  });

  it('is free again when the request failed', async () => {
    const request = 'POST /v1/queues/later/messages';
    expect((await api.call(request, { body: { body: 'x' }, headers })).status).toBe(404);
    await api.ok('POST /v1/queues', { name: 'later' });
    expect((await api.call(request, { body: { body: 'x' }, headers })).status).toBe(202);
  });

  it('has one of two requests at once done', async () => {
    const twice = { body: { body: 'at once' }, headers: { 'idempotency-key': 'two-at-the-same-time' } };
    const answers = await Promise.all([api.call(SEND, twice), api.call(SEND, twice)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
  });

  it('is the deduplication id of a FIFO message that has none', async () => {
    const request = 'POST /v1/queues/orders.fifo/messages';
    const body = { body: 'x', groupId: 'g' };
    const app = api.create({ idempotency: new MemoryIdempotency() });
    const first = await api.call(request, { body, headers });
    const elsewhere = await api.call(request, { body, headers }, app);
    expect(elsewhere.headers.get('idempotency-replayed')).toBeNull();
    expect(elsewhere.body.sequenceNumber).toBe(first.body.sequenceNumber);
  });

  it.each(['short', 'with spaces in its midst', 'x'.repeat(129)])('is not "%s"', async (key) => {
    const { status, body } = await api.call(SEND, {
      body: { body: 'x' },
      headers: { 'idempotency-key': key },
    });
    expect([status, body.errors]).toEqual([400, [{ header: 'Idempotency-Key', detail: TEXT }]]);
  });
});

describe('access', () => {
  let app: Hono;
  const reports: RequestReport[] = [];

  beforeAll(() => {
    app = api.create({
      access: (request): Access | Problem => {
        const token = request.headers.get('authorization')?.replace('Bearer ', '');
        if (token === 'read' || token === 'write' || token === 'admin')
          return { name: `${token}er`, scope: token };
        return new Problem('unauthenticated', 'No token.', { headers: { 'www-authenticate': 'Bearer' } });
      },
      onRequest: (report) => reports.push(report),
    });
  });

  it.each([
    ['GET /v1/queues', undefined, 401],
    ['GET /v1/queues', 'read', 200],
    ['POST /v1/queues/orders/messages', 'read', 403],
    ['POST /v1/queues/orders/messages', 'write', 202],
    ['DELETE /v1/queues/orders/shares/x', 'write', 403],
    ['DELETE /v1/queues/orders/shares/x', 'admin', 404],
    ['GET /problems/invalid', undefined, 200],
  ])('to %s with %s is %d', async (request, token, status) => {
    const body = request.startsWith('POST') ? { body: 'x' } : undefined;
    const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
    const answer = await api.call(request, { body, headers }, app);
    expect(answer.status).toBe(status);
    if (status === 401) expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    if (status === 403) expect(answer.body.type).toBe('/problems/insufficient-scope');
  });

  it('is asked for before anything else is looked at', async () => {
    expect((await api.call('POST /v1/queues', { text: '{' }, app)).status).toBe(401);
  });

  it('is told with each request', async () => {
    reports.length = 0;
    await api.call('GET /v1/queues/orders', { headers: { authorization: 'Bearer read' } }, app);
    await api.call('GET /nowhere', {}, app);
    expect(reports).toEqual([
      {
        method: 'GET',
        route: '/v1/queues/{queue}',
        status: 200,
        seconds: NUMBER,
        access: { name: 'reader', scope: 'read' },
        error: undefined,
      },
      expect.objectContaining({ route: '', status: 404, access: undefined }),
    ]);
  });

  it('to a server that only reads ends there', async () => {
    const readOnly = api.create({ allowWrites: false });
    const { status, body } = await api.call(SEND, { body: { body: 'x' } }, readOnly);
    expect([status, body.type, body.detail]).toEqual([
      403,
      '/problems/read-only',
      expect.stringContaining('--allow-writes'),
    ]);
    expect((await api.call('GET /v1/queues', {}, readOnly)).status).toBe(200);
    expect((await api.call('GET /v1', {}, readOnly)).body.allowWrites).toBe(false);
  });
});

describe('names outside of the prefix', () => {
  it.each([
    ['GET /v1/queues/orders', undefined, { parameter: 'queue', detail: TEXT }],
    [SEND, { body: 'x' }, { parameter: 'queue', detail: TEXT }],
    ['POST /v1/queues', { name: 'orders' }, { pointer: '/name', detail: TEXT }],
  ])('are denied: %s', async (request, body, error) => {
    const app = api.create({ messaging: api.cloud.open({ prefix: 'shop-' }) });
    const answer = await api.call(request, { body }, app);
    expect([answer.status, answer.body.type, answer.body.errors]).toEqual([403, '/problems/denied', [error]]);
  });
});

describe('waiting', () => {
  it('is shortened to what a request may take', async () => {
    const app = api.create({ maxWaitSeconds: 3 });
    await api.ok('POST /v1/queues', { name: 'empty' });
    const request = 'POST /v1/queues/empty/messages/receive';
    expect((await api.call(request, { body: { waitSeconds: 20 } }, app)).body).toEqual({ messages: [] });
  });

  it('ends when the time of the request is over', async () => {
    const app = api.create({ maxWaitSeconds: 0.05, access: () => new Promise(() => undefined) });
    const { status, body } = await api.call('GET /v1/queues', {}, app);
    expect([status, body.type]).toEqual([504, '/problems/timeout']);
  });

  it('ends when the client goes away, and the message is left to others', async () => {
    await api.ok('POST /v1/queues', { name: 'left' });
    const reports: RequestReport[] = [];
    const app = api.create({ onRequest: (report) => reports.push(report) });
    let arrived!: (value: unknown) => void;
    const arrival = new Promise((resolve) => (arrived = resolve));
    const fetch = (request: Request) => {
      setImmediate(arrived);
      return app.fetch(request);
    };
    const server = serve({ fetch, hostname: '127.0.0.1', port: 0 });
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const socket = connect(port, '127.0.0.1');
    const body = '{"waitSeconds":20}';
    const lines = [
      'POST /v1/queues/left/messages/receive HTTP/1.1',
      'host: localhost',
      'content-type: application/json',
    ];
    socket.write([...lines, `content-length: ${body.length}`, '', body].join('\r\n'));
    await arrival;
    socket.destroy();
    while (reports.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(reports).toMatchObject([{ route: '/v1/queues/{queue}/messages/receive', status: 499 }]);
    await api.ok('POST /v1/queues/left/messages', { body: 'still here' });
    const { messages } = await api.ok('POST /v1/queues/left/messages/receive');
    expect(messages).toMatchObject([{ body: 'still here', receiveCount: 1 }]);
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('mistakes', () => {
  it('of the server are told to its log and nobody else', async () => {
    const reports: RequestReport[] = [];
    const app = api.create({
      access: () => Promise.reject(new Error('password: secret')),
      onRequest: (report) => reports.push(report),
    });
    const { status, body } = await api.call('GET /v1/queues', {}, app);
    expect([status, body.type, JSON.stringify(body)]).toEqual([
      500,
      '/problems/internal',
      expect.not.stringContaining('secret'),
    ]);
    expect(reports).toMatchObject([{ status: 500, error: new Error('password: secret') }]);
  });

  it('of who watches are not the request', async () => {
    const app = api.create({
      onRequest: () => {
        throw new Error('no metrics');
      },
    });
    expect((await api.call('GET /v1/queues', {}, app)).status).toBe(200);
  });

  it('of AWS are theirs: it cannot be reached', async () => {
    const gone = api.cloud.open({ endpoint: 'http://127.0.0.1:1', maxAttempts: 1 });
    const { status, body, headers } = await api.call('GET /v1/queues', {}, api.create({ messaging: gone }));
    expect([status, body.type, headers.get('retry-after')]).toEqual([503, '/problems/unavailable', '1']);
  });
});
