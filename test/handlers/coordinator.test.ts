import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { coordinate } from '../../handlers/database/coordinate';
import { clientConfig } from '../../handlers/shared/aws';
import { capturedLog } from '../support/events';
import { type Answer, type LoopbackServer, startLoopbackServer } from '../support/loopback-server';

const SECRET_ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:rds!db-1';
const PASSWORD = 'correct horse';

/** Secrets Manager and Lambda, in their own protocols. */
let server: LoopbackServer;
let secrets: SecretsManagerClient;
let lambda: LambdaClient;
let secretAnswer: Answer;
let lambdaAnswers: Answer[];
let remainingMs: number;
const captured = capturedLog();

beforeAll(async () => {
  server = await startLoopbackServer((request) =>
    request.headers['x-amz-target'] === undefined ? (lambdaAnswers.shift() ?? counts(0)) : secretAnswer,
  );
  const env = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL: server.url,
  };
  secrets = new SecretsManagerClient({ ...clientConfig('SECRETS_MANAGER', env), maxAttempts: 1 });
  lambda = new LambdaClient({ ...clientConfig('LAMBDA', env), maxAttempts: 1 });
});

beforeEach(() => {
  server.requests.length = 0;
  captured.lines.length = 0;
  remainingMs = 300_000;
  lambdaAnswers = [];
  secretAnswer = secret(JSON.stringify({ username: 'admin', password: PASSWORD, host: 'not needed' }));
});

afterAll(async () => {
  secrets.destroy();
  lambda.destroy();
  await server.close();
});

function secret(SecretString: string): Answer {
  return { status: 200, body: JSON.stringify({ ARN: SECRET_ARN, SecretString }) };
}

function counts(applied: number): Answer {
  return { status: 200, body: JSON.stringify({ applied, total: 1 }) };
}

function failed(errorType: string, errorMessage: string): Answer {
  const headers = { 'x-amz-function-error': 'Unhandled' };
  return { status: 200, headers, body: JSON.stringify({ errorType, errorMessage }) };
}

function refused(status: number, type: string): Answer {
  return { status, headers: { 'x-amzn-errortype': type }, body: JSON.stringify({ message: 'no' }) };
}

/** Waiting passes at once, and costs of the time that is left. */
function run() {
  return coordinate({
    secrets,
    lambda,
    secretArn: SECRET_ARN,
    migratorFunctionName: 'migrator',
    log: captured.log,
    remainingMs: () => remainingMs,
    wait: (ms) => {
      remainingMs -= ms;
      return Promise.resolve();
    },
  });
}

const invocations = () => server.requests.filter((request) => request.path.includes('/functions/'));

test('reads the secret, hands it to the migrator alone, and returns counts', async () => {
  lambdaAnswers = [{ status: 200, body: JSON.stringify({ applied: 1, total: 1, password: 'never' }) }];
  expect(await run()).toEqual({ applied: 1, total: 1 });
  expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ SecretId: SECRET_ARN });
  expect(invocations()[0]?.path).toBe('/2015-03-31/functions/migrator/invocations');
  expect(JSON.parse(invocations()[0]?.body ?? '')).toEqual({ username: 'admin', password: PASSWORD });
  expect(captured.lines).toEqual([]);
});

test.each([
  ['the database does not answer yet', failed('DatabaseUnavailable', 'database: ECONNREFUSED')],
  ['the migrator is not ready yet', refused(409, 'ResourceConflictException')],
  ['the permission is not known everywhere yet', refused(403, 'AccessDeniedException')],
])('tries again when %s', async (_, answer) => {
  lambdaAnswers = [answer, answer, counts(1)];
  expect(await run()).toEqual({ applied: 1, total: 1 });
  expect(captured.lines.map((line) => line.event)).toEqual(['migration retried', 'migration retried']);
});

test('gives up when its time is up', async () => {
  lambdaAnswers = Array.from({ length: 200 }, () => failed('DatabaseUnavailable', 'database: ECONNREFUSED'));
  await expect(run()).rejects.toThrow('the migrations failed: database: ECONNREFUSED');
  expect(remainingMs).toBeLessThan(15_000);
  expect(remainingMs).toBeGreaterThan(0);
});

test('gives up soon without permission', async () => {
  lambdaAnswers = Array.from({ length: 200 }, () => refused(403, 'AccessDeniedException'));
  await expect(run()).rejects.toThrow('AccessDeniedException');
  expect(invocations()).toHaveLength(10);
});

test('does not repeat a migration that failed', async () => {
  lambdaAnswers = [failed('Error', 'migration 0001 was edited'), counts(1)];
  await expect(run()).rejects.toThrow('the migrations failed: migration 0001 was edited');
  expect(invocations()).toHaveLength(1);
});

test('never shows the password, whatever it is told', async () => {
  lambdaAnswers = [failed('Error', `cannot log in with ${PASSWORD}`)];
  const failure = await run().catch((error: unknown) => error as Error);
  expect(failure).toMatchObject({ message: 'the migrations failed: cannot log in with ***' });
  expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain(PASSWORD);
  expect(captured.text()).not.toContain(PASSWORD);
});

test.each(['not JSON', '{"username":"admin"}', '"text"'])(
  'refuses the secret %s without showing it',
  async (text) => {
    secretAnswer = secret(text);
    await expect(run()).rejects.toThrow(/^the secret is not \{"username", "password"\}$/);
  },
);

test('refuses an answer that is not counts', async () => {
  lambdaAnswers = [{ status: 200, body: '{"password":"p"}' }];
  await expect(run()).rejects.toThrow('the migrator answered something else than counts');
});
