import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { systemClock } from '../../src/clock';
import { signedHeaders } from '../../src/http/sigv4';
import type { SignedService } from '../../src/http/sigv4';
import { ConsoleReporter } from '../../src/reporter';
import { up } from '../../src/up';
import type { Running } from '../../src/up';
import { call } from '../commands/support';
import { ManualClock } from '../support/manual-clock';
import { apisStack, Issuer } from './http-apis-stack';
import { TestProject } from './support';

const project = new TestProject();
const dataFolder = mkdtempSync(join(tmpdir(), 'aws-micro-apis-'));
const clock = new ManualClock(Date.now());
const issuer = new Issuer();
let running: Running;
let output = '';

interface Owner {
  readonly url: string;
  readonly awsEndpoint: string;
  readonly functionUrls: readonly string[];
}
const owner = () => JSON.parse(readFileSync(join(dataFolder, 'owner.json'), 'utf8')) as Owner;

beforeAll(async () => {
  await issuer.start();
  project.writeStack(apisStack(project, issuer.url));
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      output += chunk.toString();
      done();
    },
  });
  running = await up(
    {
      folder: project.folder,
      dataFolder,
      port: { port: 0, by: '--port' },
      awsPort: { port: 0, by: '--aws-port' },
      fresh: false,
      reload: false,
      environment: { PATH: process.env['PATH'] },
      clock,
    },
    new ConsoleReporter({ stream, clock: systemClock }),
    new AbortController().signal,
  );
});
afterAll(async () => {
  await running.stop();
  await issuer.stop();
  await project.remove();
  rmSync(dataFolder, { recursive: true, force: true });
});

async function urls(): Promise<{ second: string; rest: string; url: string }> {
  return (await (await fetch(`${owner().url}/urls`)).json()) as { second: string; rest: string; url: string };
}

function signed(method: string, target: string, service: SignedService, body = ''): Promise<Response> {
  const url = new URL(target);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const headers = signedHeaders(
    { method, url, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) },
    credentials,
    'us-east-1',
    clock.now(),
    service,
  );
  return fetch(url, { method, headers, body: body === '' ? undefined : body });
}

const png = { 'content-type': 'image/png', accept: 'image/png' };
const bytes = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7) % 256));

// Before the time moves: the command signs with the time of the system.
describe('aws-micro curl', () => {
  const curl = (place: string, folder = dataFolder) =>
    call(['curl', place, '--data-folder', folder], { cwd: project.folder });

  test('signs for functions at their URLs', async () => {
    const { url } = await urls();
    const { code, output } = await curl(`${url}a?b=1`);
    expect({ code, event: JSON.parse(output) as unknown }).toMatchObject({ event: { rawPath: '/a' } });
  });

  test('finds paths below the stage of a REST API', async () => {
    const { rest: url } = await urls();
    const folder = mkdtempSync(join(tmpdir(), 'aws-micro-owner-'));
    writeFileSync(join(folder, 'owner.json'), JSON.stringify({ pid: process.pid, url }));
    const { output } = await curl('/items?a=1', folder);
    rmSync(folder, { recursive: true });
    expect(JSON.parse(output)).toMatchObject({ path: '/items', requestContext: { stage: 'prod' } });
  });
});

describe('HTTP APIs', () => {
  test('ask an authorizer function once for each identity, until its time is over', async () => {
    const ask = (authorization?: string) =>
      fetch(`${owner().url}/guarded`, { headers: authorization === undefined ? {} : { authorization } });
    const call = async () => {
      const event = (await (await ask('good')).json()) as {
        requestContext: { authorizer: { lambda: { call: string } } };
      };
      return event.requestContext.authorizer.lambda.call;
    };
    const missing = await ask();
    expect([missing.status, await missing.text()]).toEqual([401, '{"message":"Unauthorized"}']);
    const first = await call();
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    const bad = await ask('bad');
    expect([bad.status, await bad.text()]).toEqual([403, '{"message":"Forbidden"}']);
    clock.advanceSeconds(299);
    expect(await call()).toBe(first);
    clock.advanceSeconds(1);
    expect(await call()).not.toBe(first);
  });

  test('check tokens and their scopes', async () => {
    const ask = async (scope: string) => {
      const token = await issuer.sign(scope, Math.floor(clock.now() / 1000));
      return fetch(`${owner().url}/claims`, { headers: { authorization: `Bearer ${token}` } });
    };
    const reply = await ask('read write');
    expect(await reply.json()).toMatchObject({
      requestContext: {
        authorizer: { jwt: { claims: { client_id: 'shop', groups: '[a b]' }, scopes: ['read', 'write'] } },
      },
    });
    expect((await ask('write')).status).toBe(403);
  });

  test('carry bytes and cookies both ways', async () => {
    const upload = await fetch(`${owner().url}/old/a/b`, { method: 'POST', headers: png, body: bytes });
    expect(Buffer.from(await upload.arrayBuffer())).toEqual(bytes);
    const cookies = await fetch(`${owner().url}/cookies`, { headers: { cookie: 'a=1; b=2' } });
    expect(cookies.headers.getSetCookie()).toEqual(['seen=2', 'b=2']);
  });

  test('of several, each has a port of its own, and its URL is known to functions', async () => {
    const { second } = await urls();
    expect(second).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    expect((await fetch(`${second}/second`)).status).toBe(403);
    const reply = await signed('GET', `${second}/second`, 'execute-api');
    expect(await reply.json()).toMatchObject({
      rawPath: '/v1/second',
      requestContext: { stage: 'v1', authorizer: { iam: { accessKey: 'test' } } },
    });
  });

  test('write access logs to CloudWatch', async () => {
    await fetch(`${owner().url}/guarded`);
    const client = new CloudWatchLogsClient({
      endpoint: owner().awsEndpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const { events } = await client.send(new FilterLogEventsCommand({ logGroupName: 'access' }));
    client.destroy();
    const messages = events!.map(({ message }) => message);
    expect(messages).toEqual(expect.arrayContaining(['GET /guarded 200 good', 'GET /guarded 401 -']));
  });
});

describe('REST APIs', () => {
  test('answer below their stage', async () => {
    const { rest: base } = await urls();
    expect(base).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/prod$/);
    const reply = await fetch(`${base}/items?a=1`, { method: 'PUT', body: 'text' });
    expect(await reply.json()).toMatchObject({
      resource: '/items',
      path: '/items',
      httpMethod: 'PUT',
      queryStringParameters: { a: '1' },
      requestContext: { stage: 'prod', path: '/prod/items', resourcePath: '/items' },
      body: 'text',
      isBase64Encoded: false,
    });
    const unknown = await fetch(`${base}/none`);
    expect([unknown.status, await unknown.text()]).toEqual([
      403,
      '{"message":"Missing Authentication Token"}',
    ]);
  });

  test('carry bytes', async () => {
    const { rest: base } = await urls();
    const reply = await fetch(`${base}/items`, { method: 'POST', headers: png, body: bytes });
    expect(Buffer.from(await reply.arrayBuffer())).toEqual(bytes);
  });

  test('answer preflights by mocks', async () => {
    const { rest: base } = await urls();
    const reply = await fetch(`${base}/items`, { method: 'OPTIONS' });
    expect([reply.status, reply.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
  });

  test('ask an authorizer function, then for an API key', async () => {
    const { rest: base } = await urls();
    const remove = (headers: Record<string, string>) => fetch(`${base}/items`, { method: 'DELETE', headers });
    expect((await remove({})).status).toBe(401);
    expect(await (await remove({ authorization: 'bad' })).text()).toBe(
      '{"Message":"User is not authorized to access this resource with an explicit deny"}',
    );
    expect(await (await remove({ authorization: 'good' })).text()).toBe('{"message":"Forbidden"}');
    const reply = await remove({ authorization: 'good', 'x-api-key': 'key-of-at-least-twenty-characters' });
    expect(await reply.json()).toMatchObject({
      requestContext: {
        authorizer: { principalId: 'p', level: '2' },
        identity: { apiKey: 'key-of-at-least-twenty-characters' },
      },
    });
  });

  test('take signed requests', async () => {
    const { rest: base } = await urls();
    const unsigned = await fetch(`${base}/items`, { method: 'PATCH' });
    expect([unsigned.status, await unsigned.text()]).toEqual([
      403,
      '{"message":"Missing Authentication Token"}',
    ]);
    const reply = await signed('PATCH', `${base}/items`, 'execute-api', '{}');
    expect(await reply.json()).toMatchObject({
      requestContext: {
        identity: { accessKey: 'test', userArn: 'arn:aws:iam::000000000000:user/developer' },
      },
    });
    expect((await signed('PATCH', `${base}/items`, 'lambda', '{}')).status).toBe(403);
  });
});

describe('function URLs', () => {
  test('are known to functions, and take requests that are signed for Lambda', async () => {
    const { url } = await urls();
    expect(owner().functionUrls).toContain(url.slice(0, -1));
    expect((await fetch(url)).status).toBe(403);
    expect((await signed('GET', url, 'execute-api')).status).toBe(403);
    const reply = await signed('POST', `${url}a/b`, 'lambda', '{}');
    expect(await reply.json()).toMatchObject({ rawPath: '/a/b', version: '2.0', body: '{}' });
  });

  test('may be open to anyone', async () => {
    const answers = await Promise.all(
      owner().functionUrls.map(async (url) => (await fetch(`${url}/x`)).status),
    );
    expect(answers.sort()).toEqual([200, 403]);
  });
});

test('the banner names every API', () => {
  expect(output).toMatch(/^ {2}API +http:\/\/127\.0\.0\.1:\d+ {2}.*GET \/guarded/m);
  expect(output).toMatch(/^ {2}API +http:\/\/127\.0\.0\.1:\d+\/v1 {2}GET \/second/m);
  expect(output).toMatch(/^ {2}API +http:\/\/127\.0\.0\.1:\d+\/prod {2}.*OPTIONS \/items/m);
  expect(output).toMatch(/^ {2}URL +http:\/\/127\.0\.0\.1:\d+\/ {2}echo/m);
});
