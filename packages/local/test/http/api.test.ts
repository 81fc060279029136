import { connect } from 'node:net';
import { startApi } from './support';
import type { Setup } from './support';

type Api = Awaited<ReturnType<typeof startApi>>;

let api: Api | undefined;

async function start(setup: Partial<Setup> = {}): Promise<Api> {
  api = await startApi({
    handlers: { f: () => ({ ok: true }) },
    routes: [{ routeKey: '$default' }],
    ...setup,
  });
  return api;
}

afterEach(async () => {
  await api?.stop();
  api = undefined;
});

const notFound = '{"message":"Not Found"}';
const serverError = '{"message":"Internal Server Error"}';

describe('the event', () => {
  const echo = { handlers: { f: (event: unknown) => event }, routes: [{ routeKey: 'ANY /items/{id}' }] };

  test('has payload format 2.0, whole', async () => {
    const { send, port } = await start({
      ...echo,
      config: {
        stages: [{ name: '$default', variables: { colour: 'red' }, throttle: undefined, routeThrottles: {} }],
      },
    });
    const reply = await send('POST /items/a%20b?x=1&x=2&empty=&sp+ace=%C3%A9', {
      headers: {
        'Content-Type': 'application/json',
        'X-Twice': ['one', 'two'],
        Cookie: ['a=1; b=2', 'c=3'],
        'User-Agent': 'jest',
        'X-Amzn-Trace-Id': 'Root=1-0-0',
      },
      body: '{"é":1}',
    });
    const event = JSON.parse(reply.body) as Record<string, never>;
    expect(event).toEqual({
      version: '2.0',
      routeKey: 'ANY /items/{id}',
      rawPath: '/items/a b',
      rawQueryString: 'x=1&x=2&empty=&sp+ace=%C3%A9',
      cookies: ['a=1', 'b=2', 'c=3'],
      headers: {
        'content-type': 'application/json',
        'content-length': expect.any(String) as string,
        connection: 'close',
        host: `127.0.0.1:${port}`,
        'user-agent': 'jest',
        'x-amzn-trace-id': 'Root=1-0-0',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': String(port),
        'x-forwarded-proto': 'http',
        'x-twice': 'one,two',
      },
      queryStringParameters: { x: '1,2', empty: '', 'sp ace': 'é' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'abc123',
        domainName: '127.0.0.1',
        domainPrefix: '127',
        http: {
          method: 'POST',
          path: '/items/a b',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'jest',
        },
        requestId: reply.headers['apigw-requestid'],
        routeKey: 'ANY /items/{id}',
        stage: '$default',
        time: '02/Jan/2026:03:04:05 +0000',
        timeEpoch: Date.UTC(2026, 0, 2, 3, 4, 5),
      },
      body: '{"é":1}',
      pathParameters: { id: 'a b' },
      stageVariables: { colour: 'red' },
      isBase64Encoded: false,
    });
  });

  test('leaves out what the request does not have', async () => {
    const { send, invoker } = await start({ routes: [{ routeKey: 'GET /' }] });
    await send('GET /');
    const event = JSON.parse(invoker.events[0]!) as Record<string, unknown>;
    expect(Object.keys(event).sort()).toEqual([
      'headers',
      'isBase64Encoded',
      'rawPath',
      'rawQueryString',
      'requestContext',
      'routeKey',
      'version',
    ]);
    expect(event['rawQueryString']).toBe('');
    expect((event['headers'] as Record<string, string>)['x-amzn-trace-id']).toMatch(
      /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/,
    );
  });

  test.each([
    [{ 'x-amzn-trace-id': 'Root=1-0-0' }, /^Root=1-0-0$/],
    [
      { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
      /^Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=1$/,
    ],
    [{ traceparent: 'nonsense' }, /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/],
  ])('is invoked in the trace of its client: %j', async (headers, trace) => {
    const { send, invoker } = await start({ routes: [{ routeKey: 'GET /' }] });
    await send('GET /', { headers });
    const event = JSON.parse(invoker.events[0]!) as { headers: Record<string, string> };
    expect(event.headers['x-amzn-trace-id']).toMatch(trace);
    expect(invoker.traceIds).toEqual([event.headers['x-amzn-trace-id']]);
  });

  test.each([
    ['text/plain;charset=utf-8', false],
    ['application/json', false],
    ['application/xml', false],
    ['application/javascript', false],
    ['application/x-www-form-urlencoded', true],
    ['application/octet-stream', true],
    ['multipart/form-data; boundary=x', true],
    ['application/jsonlines', true],
    [undefined, true],
  ])('a body of type %s is in base64: %s', async (type, encoded) => {
    const { send, invoker } = await start();
    await send('POST /', { headers: type === undefined ? {} : { 'content-type': type }, body: 'a=1' });
    expect(JSON.parse(invoker.events[0]!)).toMatchObject({
      isBase64Encoded: encoded,
      body: encoded ? Buffer.from('a=1').toString('base64') : 'a=1',
    });
  });

  test('a named stage is served below its name', async () => {
    const stage = (name: string) => ({ name, variables: {}, throttle: undefined, routeThrottles: {} });
    const { send, invoker } = await start({
      routes: [{ routeKey: 'GET /x' }],
      config: { stages: [stage('v1')] },
    });
    expect((await send('GET /v1/x')).status).toBe(200);
    expect(JSON.parse(invoker.events[0]!)).toMatchObject({
      rawPath: '/v1/x',
      requestContext: { stage: 'v1' },
    });
    expect(await send('GET /x')).toMatchObject({ status: 404, body: notFound });
  });

  test('a header named like a member of objects is a header', async () => {
    const { send, invoker } = await start();
    await send('GET /?constructor=1&constructor=2', { headers: { constructor: 'x' } });
    expect(JSON.parse(invoker.events[0]!)).toMatchObject({
      headers: { constructor: 'x' },
      queryStringParameters: { constructor: '1,2' },
    });
  });
});

describe('the response', () => {
  const answer = async (result: unknown) => (await start({ handlers: { f: () => result } })).send('GET /');

  test.each([
    [{ items: [] }, '{"items":[]}'],
    ['plain', 'plain'],
    [null, 'null'],
    [[1], '[1]'],
  ])('without a status code %j is a JSON body', async (result, body) => {
    const reply = await answer(result);
    expect(reply).toMatchObject({ status: 200, body });
    expect(reply.headers['content-type']).toBe('application/json');
  });

  test('takes status, headers, cookies and body', async () => {
    const reply = await answer({
      statusCode: 201,
      headers: { 'X-Number': 5, 'Content-Type': 'text/html', 'Content-Length': '999' },
      cookies: ['a=1; Secure', 'b=2'],
      body: '<p>é</p>',
    });
    expect(reply).toMatchObject({ status: 201, body: '<p>é</p>' });
    expect(reply.headers).toMatchObject({
      'x-number': '5',
      'content-type': 'text/html',
      'content-length': '9',
      'set-cookie': ['a=1; Secure', 'b=2'],
    });
  });

  test('has a default type, and needs no body', async () => {
    const reply = await answer({ statusCode: '204' });
    expect(reply).toMatchObject({ status: 204, body: '' });
    expect(reply.headers['content-type']).toBe('text/plain;charset=UTF-8');
  });

  test('decodes base64', async () => {
    const bytes = Buffer.from([0, 255, 1, 254]);
    const reply = await answer({ statusCode: 200, body: bytes.toString('base64'), isBase64Encoded: true });
    expect(reply.bytes).toEqual(bytes);
  });

  test.each([
    [{ statusCode: 'many' }],
    [{ statusCode: 99 }],
    [{ statusCode: 200, body: { not: 'text' } }],
    [{ statusCode: 200, headers: { bad: 'a\nb' } }],
  ])('malformed as %j it is an error', async (result) => {
    expect(await answer(result)).toMatchObject({ status: 500, body: serverError });
  });
});

describe('what API Gateway answers itself', () => {
  test('404 where no route matches, the method counted', async () => {
    const { send } = await start({ routes: [{ routeKey: 'POST /x' }] });
    expect(await send('GET /x')).toMatchObject({ status: 404, body: notFound });
    expect(await send('POST /x/')).toMatchObject({ status: 404, body: notFound });
  });

  test('404 without a stage', async () => {
    const { send } = await start({ config: { stages: [] } });
    expect(await send('GET /')).toMatchObject({ status: 404, body: notFound });
  });

  test('400 for a broken encoding', async () => {
    const { send } = await start();
    expect(await send('GET /%zz')).toMatchObject({ status: 400, body: '{"message":"Bad Request"}' });
    expect(await send('GET /?a=%zz')).toMatchObject({ status: 400 });
  });

  test('500 where the function fails', async () => {
    const fail = () => {
      throw new Error('secret detail');
    };
    const { send } = await start({ handlers: { f: fail } });
    expect(await send('GET /')).toMatchObject({ status: 500, body: serverError });
  });

  test('500 and a reason where the route cannot be served', async () => {
    const { send, lines } = await start({ routes: [{ routeKey: '$default', problem: 'no permission' }] });
    expect(await send('GET /')).toMatchObject({ status: 500, body: serverError });
    expect(lines).toContain('apigw $default: no permission');
  });

  test('503 where there is no function, or it takes too long', async () => {
    const { send, clock } = await start({
      routes: [{ routeKey: 'GET /gone', functionArn: 'gone' }, { routeKey: 'GET /slow' }],
      handlers: { f: () => new Promise(() => setImmediate(() => clock.advance(30_000))) },
    });
    expect(await send('GET /gone')).toMatchObject({ status: 503, body: '{"message":"Service Unavailable"}' });
    expect(await send('GET /slow')).toMatchObject({ status: 503 });
  });

  test('413 over 10 MB, announced or not, and over what Lambda takes', async () => {
    const { send, invoker } = await start();
    const tooMuch = Buffer.alloc(10 * 1024 * 1024 + 1, 'a');
    const json = { 'content-type': 'application/json' };
    expect((await send('POST /', { headers: json, body: tooMuch })).status).toBe(413);
    const chunked = { ...json, 'transfer-encoding': 'chunked' };
    expect((await send('POST /', { headers: chunked, body: tooMuch })).status).toBe(413);
    expect((await send('POST /', { headers: json, body: Buffer.alloc(6 * 1024 * 1024, 'a') })).status).toBe(
      413,
    );
    // Escaped, a quote takes two bytes.
    expect((await send('POST /', { headers: json, body: Buffer.alloc(3.1 * 1024 * 1024, '"') })).status).toBe(
      413,
    );
    expect(invoker.events).toEqual([]);
    expect((await send('POST /', { headers: json, body: Buffer.alloc(5 * 1024 * 1024, 'a') })).status).toBe(
      200,
    );
  });

  test('429 over the throttle, until the bucket fills up again', async () => {
    const throttle = { ratePerSecond: 2, burst: 3 };
    const { send, clock } = await start({
      routes: [{ routeKey: 'GET /a' }, { routeKey: 'GET /b' }, { routeKey: 'GET /free' }],
      config: {
        stages: [
          {
            name: '$default',
            variables: {},
            throttle,
            routeThrottles: { 'GET /free': { ratePerSecond: 9, burst: 9 } },
          },
        ],
      },
    });
    const statuses = async (line: string, times: number) => {
      const replies: number[] = [];
      for (let time = 0; time < times; time += 1) {
        replies.push((await send(line)).status);
      }
      return replies;
    };
    expect(await statuses('GET /a', 5)).toEqual([200, 200, 200, 429, 429]);
    expect(await statuses('GET /b', 1)).toEqual([200]);
    expect(await statuses('GET /free', 5)).toEqual([200, 200, 200, 200, 200]);
    clock.advance(1000);
    expect(await statuses('GET /a', 3)).toEqual([200, 200, 429]);
    expect((await send('GET /a')).body).toBe('{"message":"Too Many Requests"}');
  });
});

test('every request is one line', async () => {
  const { send, lines } = await start();
  await send('GET /x?y=1');
  expect(lines).toEqual(['apigw GET /x?y=1 200 0 ms']);
});

test('who breaks off is neither answered nor a failure', async () => {
  const { port, send, lines, invoker } = await start();
  const socket = connect(port, '127.0.0.1');
  socket.write('POST /broken HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf');
  await send('GET /meanwhile');
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.destroy();
  await closed;
  await send('GET /after');
  expect(lines.filter((line) => line.includes('broken'))).toEqual([]);
  expect(invoker.events).toHaveLength(2);
});

describe('only this machine is served', () => {
  test.each(['evil.example', 'localhost.evil.example', '169.254.1.1', '127.0.0.1.evil.example:3000', 'x'])(
    'Host "%s" is refused',
    async (host) => {
      const { send, invoker } = await start();
      expect(await send('GET /', { headers: { host } })).toMatchObject({ status: 403 });
      expect(invoker.events).toEqual([]);
    },
  );

  test.each(['localhost', 'localhost:3000', 'api.localhost:1', '127.0.0.1', '[::1]:3000'])(
    'Host "%s" is served',
    async (host) => {
      const { send } = await start();
      expect((await send('GET /', { headers: { host } })).status).toBe(200);
    },
  );
});
