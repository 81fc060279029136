import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { systemClock } from '../../src/clock';
import { SecretStore } from '../../src/wire';
import { type Runtime, startRuntime, stopRuntime } from './support';

const folder = mkdtempSync(join(tmpdir(), 'aws-micro-secrets-'));
const file = join(folder, 'secrets.json');
const arn = (name: string) => `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-AbCdEf`;
const declared = (name: string, value?: string) => ({ arn: arn(name), name, description: name, value });

let runtime: Runtime | undefined;

/** The runtime as after a start: what it knows is the file and the stack. */
async function restart(...secrets: ReturnType<typeof declared>[]): Promise<Runtime['secretsManager']> {
  if (runtime) await stopRuntime(runtime);
  const store = new SecretStore(systemClock, file);
  store.declare(secrets);
  runtime = await startRuntime({}, { secrets: store });
  return runtime.secretsManager;
}

beforeEach(() => rmSync(file, { force: true }));

afterAll(async () => {
  if (runtime) await stopRuntime(runtime);
  rmSync(folder, { recursive: true });
});

const value = async (client: Runtime['secretsManager'], SecretId: string) =>
  (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString;

test('a secret of the stack without a version is there, and has a value once somebody puts one', async () => {
  const client = await restart(declared('webhook'));
  const described = await client.send(new DescribeSecretCommand({ SecretId: 'webhook' }));
  expect(described).toMatchObject({ Name: 'webhook', Description: 'webhook' });
  await expect(value(client, 'webhook')).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
  });
  await client.send(new PutSecretValueCommand({ SecretId: 'webhook', SecretString: 'whsec' }));
  expect(await value(client, 'webhook')).toBe('whsec');
});

test('what was put is there after a restart, with the version before it, readable by its owner only', async () => {
  const first = await restart(declared('webhook'));
  for (const SecretString of ['one', 'two'])
    await first.send(new PutSecretValueCommand({ SecretId: 'webhook', SecretString }));
  await first.send(new CreateSecretCommand({ Name: 'own', SecretBinary: new Uint8Array([1, 2]) }));
  const second = await restart(declared('webhook'));
  expect(await value(second, 'webhook')).toBe('two');
  const previous = new GetSecretValueCommand({ SecretId: 'webhook', VersionStage: 'AWSPREVIOUS' });
  expect((await second.send(previous)).SecretString).toBe('one');
  const own = await second.send(new GetSecretValueCommand({ SecretId: 'own' }));
  expect(own.SecretBinary).toEqual(new Uint8Array([1, 2]));
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a value of the stack is put when it is a new one, as with an apply', async () => {
  const first = await restart(declared('key', 'from the stack'));
  expect(await value(first, 'key')).toBe('from the stack');
  await first.send(new PutSecretValueCommand({ SecretId: 'key', SecretString: 'by hand' }));
  expect(await value(await restart(declared('key', 'from the stack')), 'key')).toBe('by hand');
  expect(await value(await restart(declared('key', 'changed')), 'key')).toBe('changed');
});

test('a secret that the stack has no more is gone, one that the API made stays', async () => {
  const first = await restart(declared('webhook', 'x'), declared('key', 'y'));
  await first.send(new CreateSecretCommand({ Name: 'own', SecretString: 'z' }));
  const second = await restart(declared('key', 'y'));
  const { SecretList = [] } = await second.send(new ListSecretsCommand({}));
  expect(SecretList.map(({ Name }) => Name).sort()).toEqual(['key', 'own']);
});
