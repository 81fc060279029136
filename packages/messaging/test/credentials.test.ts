import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { FUNCTION_KEY } from '../../local/test/wire/support';
import type { CredentialsOptions, Messaging } from '../src';
import { kept } from '../src/credentials';
import type { Cloud } from './support';
import { startCloud } from './support';

/** Whom the local endpoint knows by FUNCTION_KEY. */
const PRODUCER = 'arn:aws:sts::000000000000:assumed-role/producer/producer';
const KEYS = { accessKeyId: FUNCTION_KEY, secretAccessKey: 'secret' };

const home = mkdtempSync(join(tmpdir(), 'aws-micro-home-'));
const environment = process.env;
let cloud: Cloud;

beforeAll(async () => {
  mkdirSync(join(home, '.aws', 'sso', 'cache'), { recursive: true });
  cloud = await startCloud();
});

beforeEach(() => {
  const others = Object.entries(environment).filter(([name]) => !/^AWS_|_PROXY$/i.test(name));
  process.env = { ...Object.fromEntries(others), HOME: home };
});

afterEach(() => {
  process.env = environment;
});

afterAll(async () => {
  await cloud.close();
  rmSync(home, { recursive: true, force: true });
});

function open(credentials: CredentialsOptions | undefined, more: object = {}): Messaging {
  return cloud.open({ credentials, maxAttempts: 1, ...more });
}

const whoIs = async (credentials: CredentialsOptions | undefined) => (await open(credentials).identity()).arn;

function file(name: string, content: string, mode = 0o600): string {
  const path = join(home, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

const ini = (section: string, { accessKeyId, secretAccessKey } = KEYS) =>
  `[${section}]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;

describe('credentials', () => {
  it('are given', async () => {
    expect(await whoIs({ kind: 'static', ...KEYS })).toBe(PRODUCER);
  });

  it("are the environment's", async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: FUNCTION_KEY, AWS_SECRET_ACCESS_KEY: 'secret' });
    expect(await whoIs({ kind: 'environment' })).toBe(PRODUCER);
    expect(await whoIs(undefined)).toBe(PRODUCER);
  });

  it('are missing in the environment', async () => {
    await expect(whoIs({ kind: 'environment' })).rejects.toMatchObject({ code: 'denied' });
  });

  it("are a profile's", async () => {
    file('.aws/credentials', ini('default', { accessKeyId: 'other', secretAccessKey: 's' }) + ini('shop'));
    expect(await whoIs({ kind: 'profile', profile: 'shop' })).toBe(PRODUCER);
    expect(await whoIs({ kind: 'profile' })).not.toBe(PRODUCER);
    await expect(whoIs({ kind: 'profile', profile: 'none' })).rejects.toMatchObject({ code: 'denied' });
  });

  it("are a profile's of another file", async () => {
    const path = file('elsewhere', ini('shop'));
    expect(await whoIs({ kind: 'profile', profile: 'shop', file: path })).toBe(PRODUCER);
  });

  it('are a role that others assume', async () => {
    const role = { kind: 'role', roleArn: 'arn:aws:iam::111122223333:role/shop' } as const;
    const source = { kind: 'static', ...KEYS } as const;
    expect(await whoIs({ ...role, source })).toBe('arn:aws:sts::111122223333:assumed-role/shop/aws-micro');
    expect(await whoIs({ ...role, source, sessionName: 'night', durationSeconds: 900 })).toBe(
      'arn:aws:sts::111122223333:assumed-role/shop/night',
    );
    await expect(whoIs({ ...role, source, durationSeconds: 1 })).rejects.toMatchObject({ code: 'invalid' });
    const again = { kind: 'role', roleArn: 'arn:aws:iam::111122223333:role/next' } as const;
    expect(await whoIs({ ...again, source: { ...role, source } })).toContain('assumed-role/next/');
  });
});

describe('a JSON file of credentials', () => {
  const whoIsIn = (path: string) => whoIs({ kind: 'file', path });

  it('has keys and a region', async () => {
    const path = file('keys.json', JSON.stringify({ ...KEYS, region: 'eu-west-1' }));
    const messaging = open({ kind: 'file', path }, { region: undefined });
    expect((await messaging.identity()).arn).toBe(PRODUCER);
    expect(await messaging.aws.region()).toBe('eu-west-1');
  });

  it.each([
    ['missing', () => join(home, 'no-such.json'), /no-such\.json does not exist/],
    [
      'readable by others',
      () => file('open.json', JSON.stringify(KEYS), 0o640),
      /others \(mode 640\): chmod 600/,
    ],
    ['no JSON', () => file('text.json', '{"accessKeyId": "SECRET-THING'), /text\.json is not JSON$/],
    ['incomplete', () => file('half.json', '{"accessKeyId":"a"}'), /secretAccessKey is missing$/],
    [
      'of other types',
      () => file('types.json', '{"accessKeyId":7,"secretAccessKey":"s"}'),
      /accessKeyId must be a string$/,
    ],
    ['a list', () => file('list.json', '[]'), /accessKeyId|Object/],
  ])('is refused when it is %s', async (_what, path, message) => {
    await expect(whoIsIn(path())).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(message) as unknown,
    });
  });

  it('never shows what is in it', async () => {
    const reading = whoIsIn(file('text.json', '{"accessKeyId": "SECRET-THING'));
    const error = await reading.then(String, (reason: Error) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(inspect(error)).not.toContain('SECRET-THING');
  });
});

/** A server of a test, and what it was asked. */
async function serve(
  listener: RequestListener,
): Promise<{ url: string; requests: IncomingMessage[]; server: Server }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, server };
}

describe('a sign-in', () => {
  const startUrl = 'https://shop.test/start';
  let portal: Awaited<ReturnType<typeof serve>>;

  beforeAll(async () => {
    portal = await serve((request, response) => {
      const allowed = request.headers['x-amz-sso_bearer_token'] === 'signed-in';
      response.writeHead(allowed ? 200 : 401, { 'content-type': 'application/json' });
      const expiration = Date.now() + 3_600_000;
      response.end(
        JSON.stringify(allowed ? { roleCredentials: { ...KEYS, sessionToken: 't', expiration } } : {}),
      );
    });
  });

  afterAll(() => portal.server.close());

  function signIn(accessToken: string, expiresAt: Date): void {
    const name = createHash('sha1').update(startUrl).digest('hex');
    const token = { accessToken, expiresAt: expiresAt.toISOString(), startUrl, region: 'eu-west-1' };
    file(`.aws/sso/cache/${name}.json`, JSON.stringify(token));
  }

  beforeEach(() => {
    process.env['AWS_ENDPOINT_URL_SSO'] = portal.url;
    const settings = [
      '[profile shop]',
      `sso_start_url = ${startUrl}`,
      'sso_region = eu-west-1',
      'sso_account_id = 111122223333',
      'sso_role_name = Developer',
      'region = eu-north-1',
    ];
    file('.aws/config', settings.join('\n'));
  });

  it('gives the credentials of its role', async () => {
    signIn('signed-in', new Date(Date.now() + 3_600_000));
    expect(await whoIs({ kind: 'sso', profile: 'shop' })).toBe(PRODUCER);
    const asked = new URL(portal.requests.at(-1)!.url!, portal.url);
    expect([asked.pathname, Object.fromEntries(asked.searchParams)]).toEqual([
      '/federation/credentials',
      { role_name: 'Developer', account_id: '111122223333' },
    ]);
    const messaging = open({ kind: 'sso', profile: 'shop' }, { region: undefined });
    expect(await messaging.aws.region()).toBe('eu-north-1');
  });

  it('that is over says what to run', async () => {
    signIn('signed-in', new Date(Date.now() - 1000));
    await expect(whoIs({ kind: 'sso', profile: 'shop' })).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringContaining('aws sso login') as unknown,
    });
  });

  it('that is not known any more is denied', async () => {
    signIn('revoked', new Date(Date.now() + 3_600_000));
    await expect(whoIs({ kind: 'sso', profile: 'shop' })).rejects.toMatchObject({ code: 'denied' });
  });

  it('is no sign-in where the profile has none', async () => {
    await expect(whoIs({ kind: 'sso', profile: 'none' })).rejects.toMatchObject({ code: 'denied' });
  });
});

describe('a container', () => {
  let host: Awaited<ReturnType<typeof serve>>;

  beforeAll(async () => {
    host = await serve((request, response) => {
      const allowed = request.headers.authorization === 'token-of-the-task';
      response.writeHead(allowed ? 200 : 403, { 'content-type': 'application/json' });
      const Expiration = new Date(Date.now() + 3_600_000).toISOString();
      const answer = { AccessKeyId: FUNCTION_KEY, SecretAccessKey: 'secret', Token: 't', Expiration };
      response.end(JSON.stringify(allowed ? answer : { code: 'AccessDenied', message: 'no' }));
    });
  });

  afterAll(() => host.server.close());

  it('gives its credentials, once to all clients', async () => {
    process.env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] = `${host.url}/credentials`;
    process.env['AWS_CONTAINER_AUTHORIZATION_TOKEN'] = 'token-of-the-task';
    const messaging = open({ kind: 'container' });
    cloud.runtime.guard.rule = () => ({ kind: 'allow' });
    const [{ arn }] = await Promise.all([
      messaging.identity(),
      messaging.queues.list(),
      messaging.topics.list(),
    ]);
    expect(arn).toBe(PRODUCER);
    expect(host.requests.map(({ url }) => url)).toEqual(['/credentials']);
  });

  it('may refuse', async () => {
    process.env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] = `${host.url}/credentials`;
    await expect(whoIs({ kind: 'container' })).rejects.toMatchObject({ code: 'denied' });
  });

  it('is none', async () => {
    await expect(whoIs({ kind: 'container' })).rejects.toMatchObject({ code: 'denied' });
  });
});

describe('kept credentials', () => {
  const MINUTE = 60_000;

  it('are asked for once, and anew five minutes before they expire', async () => {
    let now = 0;
    let asked = 0;
    const provider = kept(
      () =>
        Promise.resolve({ ...KEYS, accessKeyId: `key-${++asked}`, expiration: new Date(now + 15 * MINUTE) }),
      () => now,
    );
    expect((await Promise.all([provider(), provider()])).map(({ accessKeyId }) => accessKeyId)).toEqual([
      'key-1',
      'key-1',
    ]);
    now = 10 * MINUTE - 1;
    expect((await provider()).accessKeyId).toBe('key-1');
    now = 10 * MINUTE;
    expect((await provider()).accessKeyId).toBe('key-2');
  });

  it('are asked for again after a failure', async () => {
    let asked = 0;
    const provider = kept(
      () => (asked++ === 0 ? Promise.reject(new Error('not yet')) : Promise.resolve(KEYS)),
      () => 0,
    );
    await expect(provider()).rejects.toThrow('not yet');
    expect(await provider()).toEqual(KEYS);
    await provider();
    expect(asked).toBe(2);
  });
});

describe('the region', () => {
  const region = (options: object) => open({ kind: 'static', ...KEYS }, options).aws.region();

  it("is the options', the environment's, the profile's, and at another endpoint us-east-1", async () => {
    // Files of their own: the SDK keeps what it has read.
    process.env['AWS_CONFIG_FILE'] = file('config', '[default]\nregion = ap-south-1\n');
    process.env['AWS_DEFAULT_REGION'] = 'sa-east-1';
    process.env['AWS_REGION'] = 'ca-central-1';
    expect(await region({ region: 'us-west-2' })).toBe('us-west-2');
    expect(await region({ region: undefined })).toBe('ca-central-1');
    delete process.env['AWS_REGION'];
    expect(await region({ region: undefined })).toBe('sa-east-1');
    delete process.env['AWS_DEFAULT_REGION'];
    expect(await region({ region: undefined })).toBe('ap-south-1');
    process.env['AWS_CONFIG_FILE'] = file('empty', '');
    expect(await region({ region: undefined })).toBe('us-east-1');
    await expect(region({ region: undefined, endpoint: undefined })).rejects.toMatchObject({
      code: 'invalid',
      errors: [{ field: 'region', detail: expect.stringContaining('is missing') as unknown }],
    });
  });
});
