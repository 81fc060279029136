import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startApi, STAGE } from './support';

let api: Awaited<ReturnType<typeof startApi>>;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await api.stop();
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** An HTTP server that answers with what it was asked. */
async function echoServer(): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      response.writeHead(url === '/teapot' ? 418 : 200, {
        'content-type': 'application/json',
        'x-own': 'yes',
      });
      const body = Buffer.concat(chunks).toString('base64');
      response.end(JSON.stringify({ method, url, token: headers['x-token'], host: headers.host, body }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('HTTP servers', () => {
  test('get the request, and the client their answer', async () => {
    const origin = await echoServer();
    api = await startApi({
      handlers: {},
      routes: [{ routeKey: 'ANY /p/{proxy+}', proxy: { uri: `${origin}/{proxy}`, method: 'ANY' } }],
    });
    const bytes = Buffer.from([0, 255, 1]);
    const reply = await api.send('PUT /p/a/b%20c?x=1', { headers: { 'x-token': 't' }, body: bytes });
    expect(reply.headers['x-own']).toBe('yes');
    expect(JSON.parse(reply.body)).toEqual({
      method: 'PUT',
      url: '/a/b%20c?x=1',
      token: 't',
      host: origin.slice('http://'.length),
      body: bytes.toString('base64'),
    });
    expect((await api.send('GET /p/teapot')).status).toBe(418);
  });

  test('that are not there are a 503', async () => {
    const uri = 'http://127.0.0.1:1/';
    api = await startApi({ handlers: {}, routes: [{ routeKey: '$default', proxy: { uri, method: 'GET' } }] });
    expect(await api.send('GET /')).toMatchObject({ status: 503, body: '{"message":"Service Unavailable"}' });
    expect(api.lines.join('\n')).toContain('apigw $default: http://127.0.0.1:1/: connect ECONNREFUSED');
  });
});

describe('parameter mapping', () => {
  const seen = (event: { headers: unknown; rawPath: string; rawQueryString: string }) => ({
    statusCode: 200,
    headers: { 'x-inner': 'a', 'x-secret': 's' },
    body: JSON.stringify({ headers: event.headers, path: event.rawPath, query: event.rawQueryString }),
  });

  test('changes the request', async () => {
    api = await startApi({
      handlers: { f: seen },
      routes: [
        {
          routeKey: 'POST /a/{id}',
          requestParameters: {
            'overwrite:header.x-id': '$request.path.id',
            'append:header.x-list': 'own',
            'remove:header.x-gone': "''",
            'overwrite:querystring.from': 'a-${request.body.user.name}-${stageVariables.colour}',
            'overwrite:path': '/other',
          },
        },
      ],
      config: { stages: [{ ...STAGE, variables: { colour: 'red' } }] },
    });
    const reply = await api.send('POST /a/7?keep=1', {
      headers: { 'x-list': 'theirs', 'X-Gone': 'x' },
      body: '{"user":{"name":"me"}}',
    });
    const got = JSON.parse(reply.body) as { headers: Record<string, string>; path: string; query: string };
    expect(got.headers).toMatchObject({ 'x-id': '7', 'x-list': 'theirs,own' });
    expect(got.headers).not.toHaveProperty('x-gone');
    expect(got).toMatchObject({ path: '/other', query: 'keep=1&from=a-me-red' });
  });

  test('changes the response of that status', async () => {
    api = await startApi({
      handlers: { f: seen },
      routes: [
        {
          routeKey: '$default',
          responseParameters: {
            200: {
              'overwrite:statuscode': '202',
              'append:header.x-inner': 'b',
              'remove:header.x-secret': "''",
              'overwrite:header.x-copy': '$response.header.x-inner',
            },
            500: { 'overwrite:statuscode': '418' },
          },
        },
      ],
    });
    const reply = await api.send('GET /');
    expect(reply.status).toBe(202);
    expect(reply.headers).toMatchObject({ 'x-inner': 'a, b', 'x-copy': 'a,b' });
    expect(reply.headers).not.toHaveProperty('x-secret');
  });
});
