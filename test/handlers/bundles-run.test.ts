import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { bundling, handlerFiles } from '../../handlers/bundling';
import { migrations } from '../../handlers/database/schema';
import { serializeEnvelope } from '../../handlers/messages/envelope';
import { bundle, prepareBundles } from '../../modules/bundle';
import { TestDatabase, USER_PASSWORD } from '../support/database';
import { TestDynamoDb, testEnvironment } from '../support/dynamodb';
import { apiEvent, sqsEvent } from '../support/events';
import { type LoopbackServer, published, startLoopbackServer } from '../support/loopback-server';

const message = {
  messageId: '0b5f3a52-4b1c-4a53-9a3b-1f7f2a5c9d10',
  message: 'größe 😀',
  createdAt: '2026-01-02T03:04:05.006Z',
};

const change = {
  changeId: '1c6a4b63-5c2d-4b64-8b4c-2a8a3b6d0e21',
  changedAt: '2026-01-02T03:04:05.006Z',
  sourceIp: '2001:db8::1',
  userAgent: 'größe 😀',
};

const sent = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"MessageId":"1"}' };

let fixture: TestDatabase;
let folder: string;

beforeAll(async () => {
  prepareBundles(handlerFiles(), bundling);
  fixture = await TestDatabase.create('empty');
  folder = mkdtempSync(join(tmpdir(), 'aws-micro-functions-'));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await fixture.drop();
});

/** Runs a function as Lambda would: the bundle in a process of its own, with its environment and nothing else. */
async function invoke(name: string, event: unknown, environment: NodeJS.ProcessEnv): Promise<unknown> {
  const { zipFile } = bundle(join(__dirname, '..', '..', 'handlers', `${name}.ts`), bundling);
  writeFileSync(join(folder, 'index.js'), unzipSync(readFileSync(zipFile))['index.js'] ?? '');
  const context = "{ awsRequestId: 'r', getRemainingTimeInMillis: () => 30000 }";
  const script = `require('./index.js').handler(${JSON.stringify(event)}, ${context})
    .then((result) => console.log('result ' + JSON.stringify(result)), (error) => console.log(error))
    .finally(() => process.exit())`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['-e', script], {
    cwd: folder,
    env: environment,
  });
  const result = /^result (.*)$/m.exec(stdout)?.[1];
  if (result === undefined || stderr !== '') throw new Error(`${stdout}${stderr}`);
  return JSON.parse(result);
}

function databaseEnvironment(user: string): NodeJS.ProcessEnv {
  return {
    DATABASE_HOST: fixture.admin.host,
    DATABASE_PORT: String(fixture.admin.port),
    DATABASE_NAME: fixture.name,
    DATABASE_AUTH: 'password',
    ...(fixture.caFile === undefined ? { DATABASE_TLS: 'off' } : { DATABASE_CA_FILE: fixture.caFile }),
    DATABASE_USER: user,
    DATABASE_PASSWORD: USER_PASSWORD,
  };
}

test('the bundles work with the database as the sources do', async () => {
  const { login, user } = fixture.admin;
  const administrator = { username: user, password: login.kind === 'password' ? login.password : '' };
  const migrated = await invoke('database/migrator', administrator, {
    ...databaseEnvironment(''),
    DATABASE_USER_PASSWORD: USER_PASSWORD,
  });
  expect(migrated).toEqual({ applied: migrations.length, total: migrations.length });

  const batch = sqsEvent([serializeEnvelope(message), 'not JSON']);
  const stored = await invoke('messages/consumer', batch, {
    ...databaseEnvironment('messages_writer'),
    ...testEnvironment('http://127.0.0.1:1'),
    LARGE_MESSAGES_BUCKET: 'large-messages',
  });
  expect(stored).toEqual({ batchItemFailures: [{ itemIdentifier: 'item-1' }] });

  const byId = apiEvent({ pathParameters: { messageId: message.messageId } });
  const read = await invoke('messages/reader', byId, databaseEnvironment('messages_reader'));
  expect(read).toMatchObject({ statusCode: 200, body: JSON.stringify(message) });

  const changes = sqsEvent([JSON.stringify({ ...change, userId: 'ada', email: 'ada@example.com' })]);
  const recorded = await invoke('passwords/recorder', changes, databaseEnvironment('passwords_writer'));
  expect(recorded).toEqual({ batchItemFailures: [] });

  const byUser = apiEvent({ pathParameters: { userId: 'ada' } });
  const history = await invoke('passwords/history', byUser, databaseEnvironment('passwords_reader'));
  expect(history).toMatchObject({
    statusCode: 200,
    body: JSON.stringify({ items: [change], nextCursor: null }),
  });
});

describe('the bundles that call AWS', () => {
  let dynamodb: TestDynamoDb;
  let services: LoopbackServer;

  beforeAll(async () => {
    dynamodb = await TestDynamoDb.start();
    services = await startLoopbackServer(({ path }) => (path.startsWith('/v2/email') ? sent : published));
  });

  afterAll(async () => {
    await services.close();
    await dynamodb.close();
  });

  function environment(own: Record<string, string>): NodeJS.ProcessEnv {
    const endpoints = {
      AWS_ENDPOINT_URL_SNS: services.url,
      AWS_ENDPOINT_URL_SESV2: services.url,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.network.url,
    };
    return { ...testEnvironment('http://127.0.0.1:1'), ...endpoints, ...own };
  }

  const post = (userId: string, body: unknown) =>
    apiEvent({
      pathParameters: { userId },
      headers: { 'content-type': 'application/json' },
      requestContext: { http: { sourceIp: '203.0.113.7' } } as never,
      body: JSON.stringify(body),
    });

  test('work as the sources do', async () => {
    const accounts = { ACCOUNTS_TABLE: 'accounts', TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:changes' };
    const registration = post('ada', { email: 'ada@example.com', password: 'password 0' });
    const registered = await invoke('passwords/register', registration, environment(accounts));
    expect(registered).toMatchObject({ statusCode: 201 });

    const passwords = post('ada', { currentPassword: 'password 0', newPassword: 'password 1' });
    const changed = await invoke('passwords/change', passwords, environment(accounts));
    expect(changed).toMatchObject({ statusCode: 200 });
    const body = new URLSearchParams(services.requests[0]?.body).get('Message') ?? '';
    expect(JSON.parse(body)).toMatchObject({ userId: 'ada', email: 'ada@example.com' });

    const swept = await invoke('passwords/sweep', {}, environment({ ...accounts, PENDING_INDEX: 'pending' }));
    expect(swept).toEqual({ published: 0, complete: true });

    const mails = { MAILS_TABLE: 'mails', MAIL_FROM: 'no-reply@example.com' };
    const mailed = await invoke('passwords/mailer', sqsEvent([body]), environment(mails));
    expect(mailed).toEqual({ batchItemFailures: [] });
    expect(await dynamodb.scan('mails')).toHaveLength(1);
    expect(services.requests[1]?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 .*\/us-east-1\/ses\//);
    expect(JSON.parse(services.requests[1]?.body ?? '')).toMatchObject({
      FromEmailAddress: 'no-reply@example.com',
      Destination: { ToAddresses: ['ada@example.com'] },
    });
  });
});
