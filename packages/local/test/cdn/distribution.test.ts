import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { only } from '../../src/cdn';
import type { DistributionConfig } from '../../src/cdn';
import { behavior, EVERYTHING, file, NOTHING, TestSite } from './support';

describe('a distribution', () => {
  let site: TestSite;
  const start = async (config: Partial<DistributionConfig>) => {
    site = new TestSite();
    await site.start(config);
  };
  const api = (changes: Parameters<typeof behavior>[0] = {}) => behavior({ originId: 'api', ...changes });

  afterEach(() => site.stop());

  it('answers with files, each by its key, encoded or not', async () => {
    await start({ defaultRootObject: 'index.html' });
    site.objects.set('index.html', () => file('home'));
    site.objects.set('a b/ü.txt', () => file('found'));
    expect((await site.ask('/')).body.toString()).toBe('home');
    expect((await site.ask('/a%20b/%C3%BC.txt')).body.toString()).toBe('found');
    expect((await site.ask('/%62/../index.html')).status).toBe(403);
    expect(site.asked.at(-1)?.key).toBe('b/../index.html');
  });

  it('refuses paths whose encoding is broken', async () => {
    await start({});
    expect((await site.ask('/%zz')).status).toBe(400);
    expect((await site.ask('/%ff')).status).toBe(400);
    expect(site.asked).toEqual([]);
  });

  it('never takes a path for a host', async () => {
    await start({ behaviors: [api()] });
    site.answer = (incoming, response) => response.end(incoming.url);
    expect((await site.ask('//evil.example/x?y')).body.toString()).toBe('//evil.example/x');
  });

  it('gives HEAD the headers alone', async () => {
    await start({});
    site.objects.set('a.txt', () => file('12345'));
    const answer = await site.ask('/a.txt', { method: 'HEAD' });
    expect(answer.headers['content-length']).toBe('5');
    expect(answer.body).toHaveLength(0);
  });

  it('finds behaviours by the normalized path, and sends the path on as it came', async () => {
    await start({ behaviors: [api({ pattern: '/books*' }), behavior()] });
    site.answer = (incoming, response) => response.end(incoming.url);
    expect((await site.ask('/x/..//%62ooks/1%2F2')).body.toString()).toBe('/x/..//%62ooks/1%2F2');
    expect((await site.ask('/books/../other')).status).toBe(403);
    expect(site.asked).toHaveLength(1);
  });

  it('takes only the methods of the behaviour, and none where it is disabled', async () => {
    await start({ behaviors: [behavior({ allowedMethods: ['GET', 'HEAD'] })] });
    expect((await site.ask('/a', { method: 'DELETE' })).status).toBe(403);
    expect(site.asked).toEqual([]);
    await site.stop();
    await start({ enabled: false });
    site.objects.set('a', () => file('a'));
    expect((await site.ask('/a')).status).toBe(403);
  });

  it('sends request bodies on', async () => {
    await start({ behaviors: [api()] });
    site.answer = (incoming, response) => void incoming.pipe(response);
    const body = 'x'.repeat(200_000);
    expect((await site.ask('/', { method: 'POST', body })).body.toString()).toBe(body);
  });

  it('forwards only what the policies choose', async () => {
    const seen: IncomingMessage[] = [];
    const chosen = { query: only(['a']), headers: only(['x-own']), cookies: only(['theme']) };
    await start({
      behaviors: [
        api({ pattern: '/some', forwarding: chosen }),
        api({ pattern: '/all', forwarding: EVERYTHING }),
        api({ forwarding: NOTHING }),
      ],
    });
    site.answer = (incoming, response) => {
      seen.push(incoming);
      response.end();
    };
    const headers = {
      authorization: 'Bearer t',
      cookie: 'theme=dark; session=1',
      'x-own': '1',
      'user-agent': 'test',
      host: 'localhost',
    };
    for (const path of ['/some?a=1&b=2&a=%20', '/all?a=1&b=2', '/none?a=1']) {
      await site.ask(path, { headers });
    }
    await site.ask('/none', { method: 'POST', headers, body: '1' });
    expect(seen.map(({ url }) => url)).toEqual(['/some?a=1&a=%20', '/all?a=1&b=2', '/none', '/none']);
    expect(seen.map((each) => each.headers.cookie)).toEqual([
      'theme=dark',
      'theme=dark; session=1',
      undefined,
      undefined,
    ]);
    expect(seen.map((each) => each.headers.authorization)).toEqual([
      undefined,
      'Bearer t',
      undefined,
      'Bearer t',
    ]);
    expect(seen.map((each) => each.headers['x-own'])).toEqual(['1', '1', undefined, undefined]);
    expect(seen.map((each) => each.headers['user-agent'])).toEqual([
      'Amazon CloudFront',
      'test',
      'Amazon CloudFront',
      'Amazon CloudFront',
    ]);
    expect(seen[1]?.headers.host).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(seen[1]?.headers['x-secret']).toBe('s3cret');
  });

  it('sends redirects to hosts of the stack to this machine, and leaves others alone', async () => {
    await start({ behaviors: [api()] });
    for (const [to, expected] of [
      ['https://api.aws.example/x', 'http://127.0.0.1:3000/x'],
      ['https://other.example/x', 'https://other.example/x'],
      ['/x', '/x'],
    ] as const) {
      site.answer = (_, response) => response.writeHead(302, { location: to }).end();
      expect((await site.ask('/')).headers.location).toBe(expected);
    }
  });

  it('keeps several cookies apart', async () => {
    await start({ behaviors: [api()] });
    site.answer = (_, response) => response.writeHead(200, { 'set-cookie': ['a=1', 'b=2'] }).end();
    expect((await site.ask('/')).headers['set-cookie']).toEqual(['a=1', 'b=2']);
  });

  it('tells once why a bucket does not let it in', async () => {
    await start({});
    expect((await site.ask('/a')).status).toBe(403);
    expect((await site.ask('/b')).status).toBe(403);
    expect(site.problems).toEqual(['the policy says no']);
  });

  it.each([
    ['that is not hosted', 'gone', /elsewhere\.example\.org/],
    ['that does not answer', 'dead', /does not answer/],
  ])('answers 502 for an origin %s', async (_what, originId, text) => {
    await start({ behaviors: [behavior({ originId })] });
    const answer = await site.ask('/');
    expect(answer.status).toBe(502);
    expect(answer.body.toString()).toMatch(text);
  });

  it('asks the second of a group where the first fails, for reads only', async () => {
    const groups = new Map([['both', { members: ['dead', 'api'], statusCodes: [502] }]]);
    await start({ groups, behaviors: [behavior({ originId: 'both' })] });
    expect((await site.ask('/')).body.toString()).toBe('ok');
    expect((await site.ask('/', { method: 'POST' })).status).toBe(502);
  });

  it('shows error pages in the place of errors, and the error where there is no page', async () => {
    await start({
      errorPages: [
        { errorCode: 403, path: '/index.html', responseCode: 200 },
        { errorCode: 502, path: '/sorry.html' },
        { errorCode: 404 },
      ],
      behaviors: [behavior({ pattern: '/dead', originId: 'dead' }), behavior()],
    });
    expect((await site.ask('/missing')).status).toBe(403);
    site.objects.set('index.html', () => file('app'));
    site.objects.set('sorry.html', () => file('sorry'));
    const page = await site.ask('/missing');
    expect([page.status, page.body.toString()]).toEqual([200, 'app']);
    const sorry = await site.ask('/dead');
    expect([sorry.status, sorry.body.toString()]).toEqual([502, 'sorry']);
  });

  it('gives files with addresses of AWS those of this machine, and no tag that would outlive them', async () => {
    await start({});
    const type = { 'content-type': 'application/json' };
    const stream = (text: string) => () => ({
      ...file(text, type),
      body: Readable.from([Buffer.from(text)]),
    });
    site.objects.set('config.json', stream('{"api":"https://api.aws.example/x"}'));
    site.objects.set('plain.json', stream('{}'));
    const answer = await site.ask('/config.json');
    expect(answer.body.toString()).toBe('{"api":"http://127.0.0.1:3000/x"}');
    expect(answer.headers['content-length']).toBe(String(answer.body.length));
    expect(answer.headers.etag).toBeUndefined();
    expect((await site.ask('/plain.json')).headers.etag).toBe('"1"');
  });

  describe('compression', () => {
    const text = 'hello '.repeat(1000);
    const ask = (encoding: string, path = '/a.txt') =>
      site.ask(path, { headers: { 'accept-encoding': encoding } });

    beforeEach(async () => {
      await start({ behaviors: [behavior({ pattern: '/off*' }), behavior({ compress: true })] });
      for (const key of ['a.txt', 'off.txt']) site.objects.set(key, () => file(text));
      site.objects.set('a.png', () => file(text, { 'content-type': 'image/png' }));
      site.objects.set('small.txt', () => file('x'.repeat(999)));
      site.objects.set('done.txt', () => file(text, { 'content-encoding': 'gzip' }));
    });

    it('takes Brotli before gzip, and says that the bytes are others', async () => {
      const best = await ask('gzip, br');
      expect(best.headers).toMatchObject({
        'content-encoding': 'br',
        etag: 'W/"1"',
        vary: 'Accept-Encoding',
      });
      expect(best.headers['content-length']).toBeUndefined();
      expect(brotliDecompressSync(best.body).toString()).toBe(text);
      const gzip = await ask('gzip, br;q=0');
      expect(gunzipSync(gzip.body).toString()).toBe(text);
    });

    it.each([
      ['for viewers that take none', 'identity', '/a.txt', undefined],
      ['of pictures', 'gzip', '/a.png', undefined],
      ['of what is small', 'gzip', '/small.txt', undefined],
      ['of what is compressed', 'br', '/done.txt', 'gzip'],
      ['where the behaviour does not say so', 'gzip', '/off.txt', undefined],
    ])('does nothing %s', async (_what, encoding, path, expected) => {
      expect((await ask(encoding, path)).headers['content-encoding']).toBe(expected);
    });
  });

  it('leaves the origin when the viewer leaves, without a word', async () => {
    await start({ behaviors: [api()] });
    const arrived = new Promise<IncomingMessage>((resolve) => {
      site.answer = (incoming) => resolve(incoming);
    });
    const { hostname, port } = new URL(site.url);
    const outgoing = request({ hostname, port, path: '/' });
    outgoing.on('error', () => undefined);
    outgoing.end();
    const incoming = await arrived;
    const gone = new Promise((resolve) => incoming.once('close', resolve));
    outgoing.destroy();
    await gone;
    expect(site.problems).toEqual([]);
  });
});
