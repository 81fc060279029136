import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';
import { keys } from '../../src/server/config/keys';
import { serverHelp } from '../../src/server/config/help';
import { configSchema } from '../../src/server/config/json-schema';
import { loadSettings } from '../../src/server/config/load';
import { messagingOptions } from '../../src/server/config/messaging-options';
import { readCommandLine } from '../../src/server/config/sources';

const folder = mkdtempSync(join(tmpdir(), 'messaging-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TOKEN = 'a-token-of-enough-letters';

let warnings: string[] = [];
beforeEach(() => (warnings = []));

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function load(args: readonly string[], environment: NodeJS.ProcessEnv = {}, file?: unknown) {
  const config = file === undefined ? [] : ['--config', write('config.json', file)];
  return loadSettings(readCommandLine([...args, ...config]), environment, (line) => warnings.push(line));
}

function failure(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

test('without anything: loopback, reads only, and the limits of the help', () => {
  const { settings, file } = load([]);
  expect(file).toBeUndefined();
  expect(settings).toMatchObject({
    host: '127.0.0.1',
    port: 4600,
    auth: true,
    allowWrites: false,
    tokens: [],
    watch: 30,
    rateLimit: { perSecond: 100, burst: 200 },
    events: { bufferEvents: 10_000, heartbeatSeconds: 15 },
    shutdown: { delaySeconds: 0, timeoutSeconds: 10 },
  });
});

test('an option beats a variable, that the environment of the file, that the file', () => {
  const file = {
    port: 1,
    prefix: 'a-',
    rateLimit: { burst: 5, perSecond: 6 },
    environments: { prod: { port: 2 } },
  };
  const port = (args: string[], environment = {}) => load(args, environment, file).settings.port;
  expect(port([])).toBe(1);
  expect(port(['--env', 'prod'])).toBe(2);
  expect(port([], { AWS_MICRO_ENV: 'prod' })).toBe(2);
  expect(port(['--env', 'prod'], { AWS_MICRO_PORT: '3' })).toBe(3);
  expect(port(['--env', 'prod', '--port', '4'], { AWS_MICRO_PORT: '3' })).toBe(4);
  // What the environment does not say stays as the file has it, key by key.
  const { settings } = load(['--env', 'prod', '--rate-limit-burst', '9'], {}, file);
  expect(settings).toMatchObject({ prefix: 'a-', rateLimit: { burst: 9, perSecond: 6 } });
});

test('every key is a variable and an option by one rule, but secrets are no options', () => {
  const byName = new Map(keys.map((key) => [key.name, key]));
  expect(byName.get('rateLimit.burst')).toMatchObject({
    variable: 'AWS_MICRO_RATE_LIMIT_BURST',
    option: 'rate-limit-burst',
  });
  expect(byName.get('credentials.profile')?.option).toBe('profile');
  expect(keys.filter((key) => key.option === undefined).map((key) => key.name)).toEqual([
    'tokens',
    'credentials.accessKeyId',
    'credentials.secretAccessKey',
    'credentials.sessionToken',
  ]);
  expect(new Set(keys.map((key) => key.variable)).size).toBe(keys.length);
  const help = serverHelp('aws-micro serve');
  for (const { option, variable, help: text } of keys) {
    expect(text).not.toBe('');
    expect(help).toContain(text);
    expect(help).toContain(option === undefined ? variable : option);
  }
});

test('variables and options are read as what the key is', () => {
  const { settings } = load(['--no-access-log', '--watch', 'off', '--allow-writes'], {
    AWS_MICRO_ALLOWED_HOSTS: 'a.example, b.example',
    AWS_MICRO_AUTH: 'false',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
    AWS_DEFAULT_REGION: 'eu-central-1',
    AWS_MICRO_TOKENS: `ops:admin:${TOKEN}, ci:read:${TOKEN}:2`,
  });
  expect(settings).toMatchObject({
    accessLog: false,
    watch: 'off',
    allowWrites: true,
    allowedHosts: ['a.example', 'b.example'],
    auth: false,
    endpoint: 'http://127.0.0.1:4566',
    region: 'eu-central-1',
    tokens: [
      { name: 'ops', scope: 'admin', token: TOKEN },
      { name: 'ci', scope: 'read', token: `${TOKEN}:2` },
    ],
  });
  expect(
    load([], { AWS_MICRO_ENDPOINT: 'http://own:1', AWS_ENDPOINT_URL: 'http://sdk:1' }).settings.endpoint,
  ).toBe('http://own:1');
  expect(load(['--watch', '5']).settings.watch).toBe(5);
});

test('tokens of a file come to the others', () => {
  const path = write('tokens', `# who deploys\nops:admin:${TOKEN}\n\nci:read:${TOKEN}-2\n`);
  const environment = { AWS_MICRO_TOKENS: `me:write:${TOKEN}-3`, AWS_MICRO_TOKENS_FILE: path };
  expect(load([], environment).settings.tokens.map(({ name }) => name)).toEqual(['me', 'ops', 'ci']);
});

test.each([
  ['a number', ['--port', 'x'], {}, 'port is "x" (from --port): a whole number from 0 to 65535 is needed'],
  [
    'a variable',
    [],
    { AWS_MICRO_PORT: '70000' },
    'port is 70000 (from AWS_MICRO_PORT): a whole number from 0',
  ],
  [
    'a nested one',
    [],
    { AWS_MICRO_RATE_LIMIT_BURST: '0' },
    'rateLimit.burst is 0 (from AWS_MICRO_RATE_LIMIT_BURST)',
  ],
  [
    'a choice',
    ['--watch', 'soon'],
    {},
    'watch is "soon" (from --watch): off, or seconds from 1 to 86400 is needed',
  ],
  [
    'true or false',
    [],
    { AWS_MICRO_AUTH: 'perhaps' },
    'auth is "perhaps" (from AWS_MICRO_AUTH): true or false',
  ],
  ['a list', ['--allowed-origins', 'https://a.example,nonsense'], {}, 'allowedOrigins[1] is "nonsense"'],
  ['a mistyped variable', [], { AWS_MICRO_PROT: '1' }, 'AWS_MICRO_PROT: did you mean AWS_MICRO_PORT?'],
  ['a file that is not there', ['--config', '/nowhere.json'], {}, '/nowhere.json cannot be read: ENOENT'],
  ['an environment without a file', ['--env', 'prod'], {}, 'there is no messaging.config.json here'],
  [
    'a name twice',
    [],
    { AWS_MICRO_TOKENS: `a:read:${TOKEN},a:read:${TOKEN}-2` },
    'the name "a" is there twice',
  ],
  ['a token twice', [], { AWS_MICRO_TOKENS: `a:read:${TOKEN},b:read:${TOKEN}` }, 'two of them are the same'],
  [
    'tokens that are not there',
    ['--tokens-file', '/nowhere'],
    {},
    'tokensFile /nowhere cannot be read: ENOENT',
  ],
] as const)(
  'a wrong value is named with where it came from and the rule: %s',
  (_, args, environment, message) => {
    const isOption = message.includes('(from --') || message.startsWith('allowedOrigins');
    const name = isOption ? 'UsageError' : 'ConfigError';
    expect(failure(() => load(args, environment)).name).toBe(name);
    expect(failure(() => load(args, environment)).message).toContain(message);
  },
);

test.each([
  [{ prot: 1 }, [], /there is no key prot \(in .*config\.json\): did you mean port\?/],
  [{ rateLimit: { burts: 1 } }, [], /no key rateLimit\.burts .*did you mean rateLimit\.burst\?/],
  [{ burst: 1 }, [], /no key burst .*did you mean rateLimit\.burst\?/],
  [{ rateLimit: 3 }, [], /rateLimit \(in .*\) is no object of keys/],
  [{ environments: { prod: { prot: 1 } } }, ['--env', 'prod'], /no key prot \(in .*, environments\.prod\)/],
  [{ environments: { prod: {} } }, ['--env', 'prdo'], /no environment "prdo": did you mean prod\?/],
  [{ environments: { prod: {} } }, ['--env', 'elsewhere'], /no environment "elsewhere": there is prod/],
  ['{"port": 1,}', [], /is no JSON/],
  ['[]', [], /is no object of keys/],
] as const)('a file that is wrong: %j', (file, args, message) => {
  expect(() => load(args, {}, file)).toThrow(message);
});

test('secrets are never told', () => {
  const secret = 'short, secret';
  const wrong = [
    () => load([], { AWS_MICRO_TOKENS: 'ops:admin:sh0rt' }),
    () => load([], {}, { tokens: [{ name: 'a', scope: 'read', token: secret }] }),
    () => load([], {}, `{"tokens": [{"token": "${secret}" x`),
    () => load([], { AWS_MICRO_CREDENTIALS_ACCESS_KEY_ID: secret }),
  ];
  for (const each of wrong) {
    expect(each).toThrow();
    expect(each).not.toThrow(/sh0rt|short, secret/);
  }
  expect(wrong[0]).toThrow(/tokens\[0\]\.token \(from AWS_MICRO_TOKENS\): printable ASCII/);
});

test('variables of others with the same prefix are told, and no error', () => {
  load([], { AWS_MICRO_SOMETHING_ELSE_ALTOGETHER: '1' });
  expect(warnings).toEqual(["the variable AWS_MICRO_SOMETHING_ELSE_ALTOGETHER is none of the server's"]);
});

test.each([
  [['--prot', '1'], "Unknown option '--prot': did you mean --port?"],
  [['--port'], "Option '--port <value>' argument missing"],
  [['somewhere'], 'Unexpected argument'],
  [['--tokens', 'a'], "Unknown option '--tokens'"],
])('a wrong command line %j', (args, message) => {
  expect(failure(() => readCommandLine(args)).name).toBe('UsageError');
  expect(failure(() => readCommandLine(args)).message).toContain(message);
});

test('the JSON schema takes the example and refuses what the server refuses', () => {
  const ajv = new Ajv({ strict: true, allowUnionTypes: true });
  const validate = ajv.compile(configSchema());
  const path = join(__dirname, '..', '..', 'messaging.config.example.json');
  const example: unknown = JSON.parse(readFileSync(path, 'utf8'));
  expect(validate(example)).toBe(true);
  for (const wrong of [{ prot: 1 }, { port: 'x' }, { watch: 0 }, { environments: { prod: { prot: 1 } } }]) {
    expect(validate(wrong)).toBe(false);
  }
  // And the server takes it, each environment.
  const secrets = { AWS_MICRO_TOKENS_FILE: write('tokens', `ops:admin:${TOKEN}`) };
  for (const name of ['development', 'production']) {
    expect(load(['--env', name], secrets, example).settings.prefix).toBe('shop-');
  }
});

test('the file for PM2 sets variables that there are, and waits for the end of requests', () => {
  const { apps } = jest.requireActual<{ apps: Record<string, unknown>[] }>('../../ecosystem.config.js');
  const [app] = apps;
  const file = { environments: { development: {}, production: {} } };
  for (const environment of ['env_development', 'env_production']) {
    const variables = { ...(app!['env'] as object), ...(app![environment] as object) };
    const { settings } = load([], variables, file);
    expect(settings.port).toBe(4600);
    const { delaySeconds, timeoutSeconds } = settings.shutdown;
    expect(app!['kill_timeout']).toBeGreaterThan((delaySeconds + timeoutSeconds) * 1000);
  }
  expect(warnings).toEqual([]);
  expect(app).toMatchObject({ wait_ready: true, instances: 1 });
  expect(existsSync(app!['script'] as string)).toBe(true);
});

describe('what the library is opened with', () => {
  const options = (environment: NodeJS.ProcessEnv) => messagingOptions(load([], environment).settings);

  test('credentials by their kind', () => {
    expect(options({}).credentials).toBeUndefined();
    expect(options({ AWS_MICRO_CREDENTIALS_PROFILE: 'dev' }).credentials).toMatchObject({
      kind: 'profile',
      profile: 'dev',
    });
    expect(
      options({
        AWS_MICRO_CREDENTIALS_KIND: 'role',
        AWS_MICRO_CREDENTIALS_ROLE_ARN: 'arn:aws:iam::123456789012:role/messaging',
        AWS_MICRO_CREDENTIALS_PROFILE: 'dev',
      }).credentials,
    ).toMatchObject({ kind: 'role', source: { kind: 'profile', profile: 'dev' } });
    expect(
      options({
        AWS_MICRO_CREDENTIALS_KIND: 'static',
        AWS_MICRO_CREDENTIALS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
        AWS_MICRO_CREDENTIALS_SECRET_ACCESS_KEY: 'secret',
      }).credentials,
    ).toMatchObject({ kind: 'static', accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' });
  });

  test.each([
    [{ AWS_MICRO_CREDENTIALS_KIND: 'role' }, 'credentials.roleArn is missing: kind role needs it'],
    [{ AWS_MICRO_CREDENTIALS_KIND: 'file' }, 'credentials.path is missing: kind file needs it'],
    [{ AWS_MICRO_CREDENTIALS_PATH: 'x' }, 'credentials.kind is missing: credentials.path is given'],
    [{ AWS_MICRO_LARGE_MESSAGES_PREFIX: 'x' }, 'largeMessages.bucket is missing'],
  ])('what is missing is named: %j', (environment, message) => {
    expect(() => options(environment)).toThrow(message);
  });

  test('large messages', () => {
    expect(options({ AWS_MICRO_LARGE_MESSAGES_BUCKET: 'bodies' }).largeMessages).toEqual({
      bucket: 'bodies',
    });
    expect(options({}).largeMessages).toBeUndefined();
  });
});
