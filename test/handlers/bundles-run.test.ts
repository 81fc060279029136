import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { bundling } from '../../handlers/bundling';
import { migrations } from '../../handlers/database/schema';
import { serializeEnvelope } from '../../handlers/messages/envelope';
import { bundle } from '../../modules/bundle';
import { TestDatabase, USER_PASSWORD } from '../support/database';
import { apiEvent, sqsEvent } from '../support/events';

const message = {
  messageId: '0b5f3a52-4b1c-4a53-9a3b-1f7f2a5c9d10',
  message: 'größe 😀',
  createdAt: '2026-01-02T03:04:05.006Z',
};

let fixture: TestDatabase;
let folder: string;

beforeAll(async () => {
  fixture = await TestDatabase.create('empty');
  folder = mkdtempSync(join(tmpdir(), 'aws-micro-functions-'));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await fixture.drop();
});

/** Runs a function as Lambda would: the bundle in a process of its own, with its environment and nothing else. */
function invoke(name: string, event: unknown, environment: Record<string, string>): unknown {
  const { zipFile } = bundle(join(__dirname, '..', '..', 'handlers', `${name}.ts`), bundling);
  writeFileSync(join(folder, 'index.js'), unzipSync(readFileSync(zipFile))['index.js'] ?? '');
  const script = `require('./index.js').handler(${JSON.stringify(event)}, { awsRequestId: 'r' })
    .then((result) => console.log('result ' + JSON.stringify(result)), (error) => console.log(error))
    .finally(() => process.exit())`;
  const env = {
    DATABASE_HOST: fixture.admin.host,
    DATABASE_PORT: String(fixture.admin.port),
    DATABASE_NAME: fixture.name,
    DATABASE_AUTH: 'password',
    ...(fixture.caFile === undefined ? { DATABASE_TLS: 'off' } : { DATABASE_CA_FILE: fixture.caFile }),
    ...environment,
  };
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  const result = /^result (.*)$/m.exec(stdout)?.[1];
  if (result === undefined || stderr !== '') throw new Error(`${stdout}${stderr}`);
  return JSON.parse(result);
}

test('the bundles work with the database as the sources do', () => {
  const { login, user } = fixture.admin;
  const administrator = { username: user, password: login.kind === 'password' ? login.password : '' };
  const migrated = invoke('database/migrator', administrator, { DATABASE_USER_PASSWORD: USER_PASSWORD });
  expect(migrated).toEqual({ applied: migrations.length, total: migrations.length });

  const writer = { DATABASE_USER: 'messages_writer', DATABASE_PASSWORD: USER_PASSWORD };
  const batch = sqsEvent([serializeEnvelope(message), 'not JSON']);
  const stored = invoke('messages/consumer', batch, writer);
  expect(stored).toEqual({ batchItemFailures: [{ itemIdentifier: 'item-1' }] });

  const reader = { DATABASE_USER: 'messages_reader', DATABASE_PASSWORD: USER_PASSWORD };
  const read = invoke(
    'messages/reader',
    apiEvent({ pathParameters: { messageId: message.messageId } }),
    reader,
  );
  expect(read).toMatchObject({ statusCode: 200, body: JSON.stringify(message) });
});
