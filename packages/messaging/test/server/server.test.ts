import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, startServer } from '../../src/server';
import { PROBLEMS } from '../../src/rest';
import { FUNCTION_KEY } from '../../../local/test/wire/support';
import { ask, startPlace, TOKENS } from './support';
import type { Place } from './support';

let place: Place;
let url: string;
beforeAll(async () => {
  place = await startPlace({
    allowedHosts: ['api.example'],
    allowedOrigins: ['https://console.example'],
    maxBodyBytes: 4096,
    metrics: { cacheSeconds: 1, maxResources: 3 },
  });
  url = place.server.url;
});
afterAll(() => place.close());

const ALARM = {
  name: 'backlog',
  metric: { queue: 'measured', measure: 'oldest-age' },
  comparison: '>',
  threshold: 60,
};

const admin = { token: TOKENS.admin };

describe('who may', () => {
  test.each([
    ['GET', '/v1/queues', undefined, 401],
    ['GET', '/v1/queues', 'nobody-has-this-token', 401],
    ['GET', '/v1/queues', TOKENS.reader, 200],
    ['POST', '/v1/queues', TOKENS.reader, 403],
    ['POST', '/v1/queues', TOKENS.writer, 403],
    ['POST', '/v1/queues/who/messages', TOKENS.reader, 403],
  ])('%s %s with the token %s: %i', async (method, path, token, status) => {
    const body = method === 'POST' ? { name: 'who', body: 'x' } : undefined;
    const answer = await ask(url + path, { method, token, body });
    expect(answer.status).toBe(status);
    if (status !== 200) expect(answer.headers['content-type']).toBe('application/problem+json');
    if (status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
  });

  test('a writer sends, an admin makes', async () => {
    const made = await ask(`${url}/v1/queues`, { ...admin, method: 'POST', body: { name: 'who' } });
    expect(made).toMatchObject({ status: 201, headers: { location: '/v1/queues/who' } });
    const path = `${url}/v1/queues/who/messages`;
    const sent = await ask(path, { token: TOKENS.writer, method: 'POST', body: { body: 'x' } });
    expect(sent.status).toBe(202);
  });

  test('the documentation is for everybody', async () => {
    for (const path of ['/docs', '/openapi.json', '/problems', '/health/live', '/health/ready']) {
      expect((await ask(url + path)).status).toBe(200);
    }
  });

  test('HEAD is GET without its body', async () => {
    expect(await ask(`${url}/v1/queues`, { method: 'HEAD', token: TOKENS.reader })).toMatchObject({
      status: 200,
      text: '',
    });
    expect(await ask(`${url}/v1/events`, { method: 'HEAD', token: TOKENS.reader })).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/event-stream; charset=utf-8' },
    });
  });
});

describe('where requests come from', () => {
  test('another host is refused, whatever is asked for', async () => {
    for (const path of ['/v1/queues', '/docs', '/health/live', '/metrics', '/v1/events']) {
      const answer = await ask(url + path, { ...admin, headers: { host: 'evil.example' } });
      expect(answer).toMatchObject({ status: 421, json: { type: '/problems/misdirected-request' } });
    }
    const known = await ask(`${url}/v1/queues`, { ...admin, headers: { host: 'api.example' } });
    expect(known.status).toBe(200);
  });

  test('pages of others are refused, those that are named get the headers of CORS', async () => {
    const from = (origin: string, more = {}) =>
      ask(`${url}/v1/queues`, { ...admin, headers: { origin, ...more } });
    expect(await from('https://evil.example')).toMatchObject({
      status: 403,
      json: { type: '/problems/foreign-origin' },
    });
    const own = await from(url);
    expect(own.status).toBe(200);
    expect(own.headers['access-control-allow-origin']).toBeUndefined();
    expect(await from('https://console.example')).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-origin': 'https://console.example', vary: 'Origin' },
    });
    const preflight = await ask(`${url}/v1/queues`, {
      method: 'OPTIONS',
      headers: { origin: 'https://console.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers['access-control-allow-headers']).toContain('authorization');
  });

  test('metrics are for the machine itself, and for tokens', async () => {
    expect((await ask(`${url}/metrics`)).status).toBe(200);
    const forwarded = { 'x-forwarded-for': '10.1.2.3' };
    expect((await ask(`${url}/metrics`, { headers: forwarded })).status).toBe(401);
    expect((await ask(`${url}/metrics`, { headers: forwarded, token: TOKENS.reader })).status).toBe(200);
  });
});

describe('answers', () => {
  test('carry the id of the request, the given one if it is harmless', async () => {
    const id = async (given: string) =>
      (await ask(`${url}/health/live`, { headers: { 'x-request-id': given } })).headers['x-request-id'];
    expect(await id('mine-7')).toBe('mine-7');
    expect(await id('"},{"x')).toMatch(/^[\da-f-]{36}$/);
    expect(await id('x'.repeat(129))).toMatch(/^[\da-f-]{36}$/);
  });

  test('say of unknown paths and methods what there is', async () => {
    expect(await ask(`${url}/v1/nothing`, admin)).toMatchObject({
      status: 404,
      json: { type: '/problems/unknown-path' },
    });
    expect(await ask(`${url}/docs/package.json`)).toMatchObject({ status: 404 });
    expect(await ask(`${url}/docs/..%2fpackage.json`)).toMatchObject({ status: 404 });
    expect(await ask(`${url}/health/live`, { method: 'DELETE' })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    });
    expect(await ask(`${url}/v1/events/tickets`)).toMatchObject({ status: 405, headers: { allow: 'POST' } });
  });

  test('refuse bodies over the limit', async () => {
    const body = { body: 'x'.repeat(5000) };
    const answer = await ask(`${url}/v1/queues/who/messages`, { ...admin, method: 'POST', body });
    expect(answer).toMatchObject({ status: 413, json: { type: '/problems/too-large' } });
  });

  test('every type of problem leads to a page', async () => {
    const list = (await ask(`${url}/problems`)).text;
    for (const code of Object.keys(PROBLEMS)) {
      expect(list).toContain(`href="problems/${code}"`);
      const page = await ask(`${url}/problems/${code}`);
      expect(page.status).toBe(200);
      expect(page.text).toContain(code);
    }
    expect((await ask(`${url}/problems/toString`)).status).toBe(404);
  });

  test('the document names what the server adds', async () => {
    const { json } = await ask(`${url}/openapi.json`);
    expect(json['openapi']).toMatch(/^3\.1/);
    expect(Object.keys(json['paths'] as object)).toEqual(
      expect.arrayContaining(['/v1/queues', '/v1/events', '/v1/events/tickets', '/metrics', '/health/ready']),
    );
  });
});

test('the log has a line for each request: who, what, how it ended; no tokens, queries, bodies', async () => {
  place.log.length = 0;
  const headers = { 'x-request-id': 'logged-1' };
  await ask(`${url}/v1/queues/who/messages?secret=query`, {
    method: 'POST',
    token: TOKENS.writer,
    headers,
    body: { body: 'the text of the message' },
  });
  await ask(`${url}/v1/queues`, { token: 'a-token-that-nobody-has' });
  expect(place.log).toEqual([
    expect.objectContaining({
      requestId: 'logged-1',
      client: 'writer',
      address: '127.0.0.1',
      method: 'POST',
      path: '/v1/queues/who/messages',
      status: expect.any(Number) as number,
      complete: true,
      durationMs: expect.any(Number) as number,
      time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    }),
    expect.objectContaining({ path: '/v1/queues', status: 401 }),
  ]);
  const text = JSON.stringify(place.log);
  for (const secret of [TOKENS.writer, 'nobody-has', 'secret', 'the text'])
    expect(text).not.toContain(secret);
});

describe('metrics', () => {
  const scrape = async () => (await ask(`${url}/metrics`)).text;

  test('tell of queues and alarms, of what was done, and of requests by their route', async () => {
    const make = (name: string) => ask(`${url}/v1/queues`, { ...admin, method: 'POST', body: { name } });
    await make('measured');
    for (const body of ['1', '2', '3']) {
      await ask(`${url}/v1/queues/measured/messages`, { ...admin, method: 'POST', body: { body } });
    }
    const receive = `${url}/v1/queues/measured/messages/receive`;
    const { json } = await ask(receive, { ...admin, method: 'POST', body: { max: 1 } });
    expect(json).toMatchObject({ messages: [{ body: '1' }] });
    await ask(`${url}/v1/queues/${'x'.repeat(30)}`, admin);
    await ask(`${url}/v1/alarms`, { ...admin, method: 'POST', body: ALARM });
    await ask(`${url}/v1/alarms/backlog/state`, {
      ...admin,
      method: 'PUT',
      body: { state: 'alarm', reason: 'a test' },
    });
    let text = await scrape();
    for (let count = 0; !text.includes('{alarm="backlog",state="alarm"} 1') && count < 100; count++) {
      await sleep(50);
      text = await scrape();
    }
    expect(text).toContain('aws_micro_queue_messages_visible{queue="measured"} 2\n');
    expect(text).toContain('aws_micro_queue_messages_in_flight{queue="measured"} 1\n');
    expect(text).toContain('aws_micro_queue_messages_delayed{queue="measured"} 0\n');
    expect(text).toContain('aws_micro_messages_sent_total{queue="measured"} 3\n');
    expect(text).toContain('aws_micro_messages_received_total{queue="measured"} 1\n');
    expect(text).toMatch(
      /http_requests_total\{method="POST",route="\/v1\/queues\/\{queue\}\/messages",status="202"\} \d/,
    );
    expect(text).toMatch(
      /http_request_duration_seconds_count\{method="GET",route="\/v1\/queues\/\{queue\}"\} \d/,
    );
    expect(text).toMatch(/http_requests_total\{method="GET",route="\/metrics",status="200"\}/);
    expect(text).toContain('aws_micro_alarm_state{alarm="backlog",state="alarm"} 1\n');
    expect(text).toContain('aws_micro_alarm_state{alarm="backlog",state="ok"} 0\n');
    expect(text).toContain('process_resident_memory_bytes');
    for (const kind of ['queues', 'ages', 'alarms']) {
      expect(text).toContain(`aws_micro_collect_success{kind="${kind}"} 1\n`);
    }
    expect(text).not.toContain('xxxxxxxxxx');
  });

  test('ask CloudWatch for ages, which costs, no more than once a minute', async () => {
    const credentials = { kind: 'static', accessKeyId: FUNCTION_KEY, secretAccessKey: 'secret' } as const;
    const own = await startPlace({ credentials, metrics: { cacheSeconds: 1 } }, place.cloud);
    const { guard } = place.cloud.runtime;
    const actions: string[] = [];
    guard.rule = ({ action }) => {
      actions.push(action);
      return { kind: 'allow' };
    };
    const count = (action: string) => actions.filter((each) => each === action).length;
    try {
      for (let left = 100; count('cloudwatch:DescribeAlarms') < 2 && left > 0; left--) {
        await ask(`${own.server.url}/metrics`);
        await sleep(50);
      }
      expect(count('cloudwatch:DescribeAlarms')).toBe(2);
      expect(count('cloudwatch:GetMetricData')).toBe(1);
    } finally {
      guard.rule = () => ({ kind: 'allow' });
      await own.close();
    }
  });

  test('are bounded in what they name', async () => {
    const { events } = place.server.messaging;
    for (const resource of ['a', 'b', 'c', 'd', 'e'])
      events.emit('message.deleted', { resource, messageId: '1' });
    const text = await scrape();
    const lines = text.split('\n').filter((line) => line.startsWith('aws_micro_messages_deleted_total{'));
    expect(lines.at(-1)).toMatch(/\{queue="other"\} \d/);
    expect(lines.length).toBeLessThanOrEqual(4);
    await ask(`${url}/v1/queues`, { method: 'PROPFIND' });
    await ask(`${url}/some/made/up/path`);
    const after = await scrape();
    expect(after).toContain('method="other"');
    expect(after).not.toMatch(/PROPFIND|made/);
  });
});

test('so many requests a second, by token or address, and the rest is told when to come back', async () => {
  const limited = await startPlace({ rateLimit: { perSecond: 1, burst: 3 } }, place.cloud);
  try {
    const get = (token?: string) => ask(`${limited.server.url}/v1/queues`, { token });
    const answers = [];
    for (let count = 0; count < 4; count++) answers.push(await get(TOKENS.reader));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers[0]!.headers).toMatchObject({
      'ratelimit-policy': '"default";q=3;w=3',
      ratelimit: '"default";r=2;t=0',
    });
    expect(answers[3]).toMatchObject({
      headers: { 'retry-after': '1', ratelimit: '"default";r=0;t=1' },
      json: { type: '/problems/throttled', status: 429 },
    });
    // Others are not hindered; whoever tries tokens is counted by address.
    expect((await get(TOKENS.writer)).status).toBe(200);
    const tries = await Promise.all(['1', '2', '3', '4'].map((n) => get(`a-token-that-is-tried-${n}`)));
    expect(tries.map(({ status }) => status).sort()).toEqual([401, 401, 401, 429]);
    // Probes are not counted.
    for (let count = 0; count < 5; count++) {
      expect((await ask(`${limited.server.url}/health/live`)).status).toBe(200);
    }
  } finally {
    await limited.server.stop();
  }
});

describe('what is safe', () => {
  test.each([
    [{ host: '0.0.0.0' }, 'host is "0.0.0.0": configure tokens'],
    [{ host: '0.0.0.0', auth: false }, 'auth is off, but host is "0.0.0.0"'],
    [{}, 'tokens is empty'],
  ])('%j does not start', async (settings, message) => {
    const starting = startServer({ port: 0, ...settings });
    await expect(starting).rejects.toThrow(ConfigError);
    await expect(starting).rejects.toThrow(message);
  });

  test('without auth, on loopback, everybody may; pages of others may not', async () => {
    const open = await startPlace({ auth: false, tokens: [] }, place.cloud);
    try {
      expect((await ask(`${open.server.url}/v1/queues`)).status).toBe(200);
      const page = { method: 'POST', headers: { origin: 'https://evil.example' } };
      expect((await ask(`${open.server.url}/v1/queues/who/purge`, page)).status).toBe(403);
    } finally {
      await open.server.stop();
    }
  });

  test.each([
    ['https://sqs.eu-central-1.amazonaws.com', {}, false],
    ['https://sqs.eu-central-1.amazonaws.com', { allowWrites: true }, true],
    ['https://aws.proxy.example', {}, false],
    ['http://localstack:4566', {}, true],
    ['http://10.1.2.3:4566', {}, true],
    ['http://100.1.2.3:4566', {}, false],
  ])('%s with %j: writes %s', async (endpoint, settings, expected) => {
    const tokens = [{ name: 'admin', scope: 'admin' as const, token: TOKENS.admin }];
    const server = await startServer({ endpoint, port: 0, watch: 'off', tokens, ...settings });
    try {
      expect(server.allowsWrites).toBe(expected);
      expect(server.target).toBe(endpoint);
      if (expected) return;
      const answer = await ask(`${server.url}/v1/queues`, { ...admin, method: 'POST', body: { name: 'x' } });
      expect(answer).toMatchObject({ status: 403, json: { type: '/problems/read-only' } });
      expect(answer.json['detail']).toContain('--allow-writes');
    } finally {
      await server.stop();
    }
  });

  test('without a reachable AWS it is live and not ready, and says why', async () => {
    const tokens = [{ name: 'admin', scope: 'admin' as const, token: TOKENS.admin }];
    const server = await startServer({ endpoint: 'http://127.0.0.1:9', port: 0, watch: 'off', tokens });
    try {
      expect((await ask(`${server.url}/health/live`)).status).toBe(200);
      const ready = await ask(`${server.url}/health/ready`);
      expect(ready.status).toBe(503);
      expect(ready.json).toMatchObject({
        status: 'not ready',
        reason: expect.stringContaining('failed') as string,
      });
      const headers = { 'x-forwarded-for': '203.0.113.7' };
      const far = await ask(`${server.url}/health/ready`, { headers });
      expect(far.json).toEqual({ status: 'not ready' });
      const known = await ask(`${server.url}/health/ready`, { headers, token: TOKENS.admin });
      expect(known.json).toHaveProperty('reason');
      const scraped = await ask(`${server.url}/metrics`);
      expect(scraped.text).toContain('aws_micro_collect_success{kind="queues"} 0\n');
    } finally {
      await server.stop();
    }
  });
});

test('a port that is taken is an error, and nothing stays behind', async () => {
  const port = Number(new URL(url).port);
  await expect(startPlace({ port }, place.cloud)).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('connections that send no headers are closed', async () => {
  const slow = await startPlace({ timeouts: { headersSeconds: 1 } }, place.cloud);
  try {
    const socket = connect(Number(new URL(slow.server.url).port), '127.0.0.1');
    socket.write('GET /v1/queues HTTP/1.1\r\nHost: localhost\r\n');
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
  } finally {
    await slow.server.stop();
  }
});

test('a WebSocket whose other end is deaf does not keep the server from stopping', async () => {
  const stopping = await startPlace({ shutdown: { timeoutSeconds: 1 } }, place.cloud);
  const { port, host } = new URL(stopping.server.url);
  const socket = connect(Number(port), '127.0.0.1');
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
  const lines = ['GET /socket.io/?EIO=4&transport=websocket HTTP/1.1', `Host: ${host}`, ...upgrade];
  socket.write(`${lines.join('\r\n')}\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`);
  await new Promise((resolve) => socket.once('data', resolve));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await stopping.server.stop();
  await closed;
});
