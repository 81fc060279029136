import { EdgeFunctions } from '../../src/cdn';
import type { EdgeEvent, EdgeRequest } from '../../src/cdn/edge-event';
import { behavior, EVERYTHING, file, TestSite } from './support';

const fn = (body: string, name = 'fn') => ({ name, code: body });

describe('CloudFront functions', () => {
  const event: EdgeEvent = {
    version: '1.0',
    context: {},
    viewer: { ip: '127.0.0.1' },
    request: { method: 'GET', uri: '/', querystring: {}, headers: {}, cookies: {} },
  };
  const functions = new EdgeFunctions(500);
  const run = async (code: string) => (await functions.run(fn(code), event)).value as EdgeRequest;

  afterAll(() => functions.stop());

  it('may be async', async () => {
    expect((await run('async function handler(event) { await null; return event.request; }')).uri).toBe('/');
  });

  it.each([
    ['throw', 'function handler() { throw new Error("no"); }', /no/],
    ['reject', 'async function handler() { throw new Error("late"); }', /late/],
    ['return nothing', 'function handler() {}', /returned nothing/],
    ['never return', 'function handler() { for (;;); }', /took too long/],
    ['never settle', 'async function handler() { await new Promise(() => 0); }', /took too long/],
    ['loop in a promise', 'async function handler() { await null; for (;;); }', /took too long/],
    ['make code of text', 'function handler() { return eval("1"); }', /code generation/i],
    ['have no handler', 'var x = 1;', /handler/],
  ])('that %s fail', async (_what, code, problem) => {
    await expect(run(code)).rejects.toThrow(problem);
    expect((await run('function handler(event) { return event.request; }')).uri).toBe('/');
  });

  it.each(['process', 'Buffer', 'setTimeout', 'fetch', 'module'])('do not see %s', async (name) => {
    expect((await run(`function handler() { return { uri: typeof ${name} }; }`)).uri).toBe('undefined');
  });

  it('get nothing of this machine by what they are given', async () => {
    const code = `function handler(event) {
      var made = event.constructor.constructor;
      try { return { uri: made('return typeof process')() }; } catch (error) { return { uri: 'refused' }; }
    }`;
    expect((await run(code)).uri).toBe('refused');
  });
});

describe('a distribution with functions', () => {
  let site: TestSite;
  const start = async (onRequest?: string, onResponse?: string) => {
    site = new TestSite();
    const both = {
      ...(onRequest !== undefined && { onRequest: fn(onRequest, 'request') }),
      ...(onResponse !== undefined && { onResponse: fn(onResponse, 'response') }),
    };
    await site.start({
      behaviors: [
        behavior({ pattern: '/api*', originId: 'api', forwarding: EVERYTHING, ...both }),
        behavior(both),
      ],
    });
  };
  const SHOW = `function handler(event) {
    return { statusCode: 200, body: JSON.stringify(event) };
  }`;

  afterEach(() => site.stop());

  it('shows them the request as CloudFront does', async () => {
    await start(SHOW);
    const headers = { Cookie: 'a=1; b=2', 'X-Twice': ['1', '2'], host: 'localhost' };
    const answer = await site.ask('/p%20q?id=42&mv=1&mv=%20&none', { headers });
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      version: '1.0',
      context: {
        distributionId: 'E1',
        distributionDomainName: 'd1.cloudfront.net',
        eventType: 'viewer-request',
      },
      viewer: { ip: '127.0.0.1' },
      request: {
        method: 'GET',
        uri: '/p%20q',
        querystring: {
          id: { value: '42' },
          mv: { value: '1', multiValue: [{ value: '1' }, { value: '%20' }] },
          none: { value: '' },
        },
        headers: {
          host: { value: 'localhost' },
          'x-twice': { value: '1', multiValue: [{ value: '1' }, { value: '2' }] },
        },
        cookies: { a: { value: '1' }, b: { value: '2' } },
      },
    });
    expect(answer.body.toString()).not.toContain('"cookie"');
    expect(site.asked).toEqual([]);
  });

  it('takes names that are special to the language for names', async () => {
    await start(SHOW);
    const answer = await site.ask('/?__proto__=1&constructor=2');
    expect(answer.body.toString()).toContain('"__proto__":{"value":"1"}');
    expect(answer.body.toString()).toContain('"constructor":{"value":"2"}');
  });

  it('sends on what they made of the request', async () => {
    await start(`function handler(event) {
      var request = event.request;
      request.uri = '/api/other';
      request.querystring = { a: { value: '1', multiValue: [{ value: '1' }, { value: '2' }] }, b: { value: '' } };
      request.headers['x-new'] = { value: 'yes' };
      delete request.headers['x-old'];
      request.cookies = { c: { value: '3' } };
      request.method = 'DELETE';
      return request;
    }`);
    site.answer = ({ method, url, headers }, response) =>
      response.end(JSON.stringify({ method, url, headers }));
    const answer = await site.ask('/api/x', { headers: { 'x-old': '1', cookie: 'a=1' } });
    const seen = JSON.parse(answer.body.toString()) as { headers: Record<string, string> };
    expect(seen).toMatchObject({ method: 'GET', url: '/api/other?a=1&a=2&b' });
    expect(seen.headers).toMatchObject({ 'x-new': 'yes', cookie: 'c=3' });
    expect(seen.headers).not.toHaveProperty('x-old');
  });

  it('answers with what they answer', async () => {
    await start(`function handler() {
      return {
        statusCode: 302,
        headers: { Location: { value: '/new' } },
        cookies: { a: { value: '1', attributes: 'Path=/; Secure' } },
      };
    }`);
    const { status, headers } = await site.ask('/old');
    expect([status, headers.location, headers['set-cookie']]).toEqual([302, '/new', ['a=1; Path=/; Secure']]);
  });

  it('answers with bodies in base64', async () => {
    await start(
      "function handler() { return { statusCode: 200, body: { encoding: 'base64', data: 'aGk=' } }; }",
    );
    expect((await site.ask('/')).body.toString()).toBe('hi');
  });

  it('lets them change answers, with their cookies', async () => {
    await start(
      undefined,
      `function handler(event) {
        var response = event.response;
        response.headers['x-seen'] = { value: event.request.uri + ' ' + response.statusDescription };
        response.cookies.b = { value: '2' };
        delete response.headers['x-old'];
        return response;
      }`,
    );
    site.answer = (_, response) =>
      response.writeHead(201, { 'set-cookie': 'a=1; Path=/', 'x-old': '1' }).end('made');
    const { status, headers, body } = await site.ask('/api/x');
    expect([status, body.toString()]).toEqual([201, 'made']);
    expect(headers['set-cookie']).toEqual(['a=1; Path=/', 'b=2']);
    expect(headers['x-seen']).toBe('/api/x Created');
    expect(headers).not.toHaveProperty('x-old');
  });

  it('does not ask them about errors of the origin', async () => {
    await start(undefined, SHOW);
    site.answer = (_, response) => response.writeHead(404).end('no');
    expect((await site.ask('/api/x')).body.toString()).toBe('no');
  });

  it.each(['request', 'response'])(
    'answers 503 where the one for the %s fails, and says why',
    async (which) => {
      const code = 'function handler() { return unknown; }';
      await (which === 'request' ? start(code) : start(undefined, code));
      site.objects.set('a', () => file('a'));
      const answer = await site.ask('/a');
      expect(answer.status).toBe(503);
      expect(answer.headers['x-cache']).toBe('FunctionExecutionError from cloudfront');
      expect(site.problems).toEqual([
        `the function ${which} failed for /a: ReferenceError: unknown is not defined`,
      ]);
    },
  );

  it('hands on what they log', async () => {
    await start(
      "function handler(event) { console.log('uri', event.request.uri, { a: 1 }); return event.request; }",
    );
    await site.ask('/a');
    expect(site.logs).toEqual(['request: uri /a {"a":1}']);
  });
});
