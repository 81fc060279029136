import path from 'node:path';
import {
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Account } from './support/account';
import { invokeDeployed } from './support/deployed-function';
import { differencesOf, motoDifferences } from './support/moto-differences';
import { startMoto } from './support/moto';
import type { Moto } from './support/moto';
import { describeDeploy } from './support/tools';
import { Workspace } from './support/workspace';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

// The tests are the steps of one deploy, in order; each needs the ones before it.
describeDeploy('dev is deployed, planned again and destroyed with terraform and the real provider', () => {
  let moto: Moto;
  let workspace: Workspace;
  let account: Account;

  beforeAll(async () => {
    moto = await startMoto();
    workspace = new Workspace('dev', moto.url);
    account = new Account(moto.url);
  });

  afterAll(async () => {
    workspace?.remove();
    await moto?.stop();
  });

  const functionNames = async (): Promise<string[]> => {
    const lambda = new LambdaClient(clientOptions());
    const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
    lambda.destroy();
    return Functions.map(({ FunctionName = '' }) => FunctionName).sort();
  };

  const clientOptions = () => ({ endpoint: moto.url, region: 'us-east-1', credentials });

  const attributesOf = (type: string, name: RegExp): Record<string, unknown> => {
    const found = workspace
      .state()
      .resources.filter((r) => r.mode === 'managed' && r.type === type && name.test(r.name));
    const [only] = found.flatMap(({ instances }) => instances);
    if (found.length !== 1 || !only) throw new Error(`${found.length} resources match ${type} ${name}`);
    return only.attributes;
  };

  test('npm run plan shows a first deploy: everything is created', async () => {
    const planned = await workspace.plan('--detailed-exitcode');
    expect([planned.code, planned.output]).toEqual([2, expect.any(String)]);
    expect(planned.stdout).toMatch(
      /^Plan for aws-micro-dev: 0 replaced, 0 destroyed, 0 changed, [1-9]\d+ created, 0 unchanged\n/,
    );
    expect(planned.stdout).not.toContain('DATA MAY BE LOST');
    // What dev leaves open on purpose, and nothing else.
    const opened = planned.stdout.split('\n\n').find((part) => part.startsWith('OPENED')) ?? '';
    expect(
      opened
        .split('\n')
        .slice(1)
        .map((line) => line.replace(/^ *\+ +(\S+?)\.\S+ +/, '$1: ')),
    ).toEqual(
      Array.from({ length: 3 }, () => 'aws_apigatewayv2_route: anyone may call it (authorization NONE)'),
    );
  });

  test('terraform accepts the synthesized stack', async () => {
    const { stdout } = await workspace.terraform('validate', '-json');
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, error_count: 0, diagnostics: [] });
  });

  test('cdktf deploys it from a clean state', async () => {
    await workspace.cdktf('deploy');
    const tagged = await account.taggedWith('Project', 'aws-micro');
    const services = new Set(tagged.map((arn) => arn.split(':')[2]));
    expect([...services]).toEqual(
      expect.arrayContaining(['cloudwatch', 'ec2', 'kms', 'logs', 'rds', 'sns', 'sqs']),
    );
    expect(await functionNames()).toContain('aws-micro-dev-messages-producer');
  });

  test('the migrations were invoked; the state holds their hash and no password', () => {
    const { input, result } = attributesOf('aws_lambda_invocation', /./);
    expect(JSON.parse(input as string)).toEqual({
      migrations: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    // Moto runs no code without Docker, it answers with what it was asked.
    expect(JSON.parse(result as string)).toEqual(JSON.parse(input as string));
    const database = attributesOf('aws_db_instance', /./);
    expect(database).toMatchObject({ manage_master_user_password: true, password: null });
  });

  test('a second plan changes nothing but what moto does not keep', async () => {
    const planned = await workspace.reviewedPlan();
    expect(differencesOf(planned.review)).toEqual(
      motoDifferences.map(({ type, attribute }) => `${type} ${attribute}`).sort(),
    );
    expect(planned.stdout).toMatch(
      /^Plan for aws-micro-dev: 0 replaced, 0 destroyed, \d+ changed, 0 created, \d+ unchanged\n/,
    );
    expect(planned.stdout).not.toMatch(/DATA MAY BE LOST|OPENED|REPLACED/);
  });

  test('a published message reaches the queue: the real producer, as deployed', async () => {
    await stopConsuming(new LambdaClient(clientOptions()));
    const { function_name: name, filename } = attributesOf('aws_lambda_function', /producer/);
    const zipFile = path.resolve(workspace.stackFolder, filename as string);
    const invoked = await invokeDeployed(
      name as string,
      zipFile,
      moto.url,
      postMessages({ message: 'hello' }),
    );
    expect(invoked.zipIsDeployed).toBe(true);
    expect(invoked.answer).toMatchObject({ statusCode: 202 });
    const { messageId } = JSON.parse((invoked.answer as { body: string }).body) as { messageId: string };

    const sqs = new SQSClient(clientOptions());
    const queue = attributesOf('aws_sqs_queue', /^(?!.*dead).*messages/i);
    const received = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queue['url'] as string, WaitTimeSeconds: 5 }),
    );
    sqs.destroy();
    const bodies = (received.Messages ?? []).map(({ Body }) => JSON.parse(Body ?? '') as unknown);
    expect(bodies).toEqual([{ messageId, message: 'hello', createdAt: expect.any(String) as string }]);
  });

  test('a planned teardown says what is lost, also in markdown', async () => {
    const planned = await workspace.plan('--destroy', '--markdown', '--detailed-exitcode');
    expect([planned.code, planned.output]).toEqual([3, expect.any(String)]);
    expect(planned.stdout).toMatch(/^## Plan for the teardown of aws-micro-dev\n/);
    expect(planned.stdout).toMatch(
      /> - `aws_db_instance\.\w+` is destroyed: its databases are lost, without a final snapshot\n/,
    );
    expect(planned.stdout.length).toBeLessThan(65_536);
  });

  test('cdktf destroys it, and nothing is left', async () => {
    const key = attributesOf('aws_kms_key', /./)['key_id'] as string;
    await workspace.cdktf('destroy');
    expect(workspace.state().resources).toEqual([]);
    expect(await functionNames()).toEqual([]);
    // AWS deletes a key only after a waiting time.
    const left = await account.taggedWith('Project', 'aws-micro');
    expect(left.filter((arn) => !arn.endsWith(`:key/${key}`))).toEqual([]);
    expect(await account.keyState(key)).toBe('PendingDeletion');
  });
});

/** The queue's messages are to be looked at, not handed to moto's Lambda. */
async function stopConsuming(lambda: LambdaClient): Promise<void> {
  const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({}));
  for (const { UUID } of EventSourceMappings) {
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
  }
  lambda.destroy();
}

/** What API Gateway sends for a POST (payload format 2.0). */
function postMessages(body: unknown): unknown {
  return {
    version: '2.0',
    routeKey: 'POST /messages',
    rawPath: '/messages',
    rawQueryString: '',
    headers: { 'content-type': 'application/json', host: 'example.execute-api.us-east-1.amazonaws.com' },
    requestContext: {
      accountId: '123456789012',
      apiId: 'example',
      domainName: 'example.execute-api.us-east-1.amazonaws.com',
      domainPrefix: 'example',
      http: {
        method: 'POST',
        path: '/messages',
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: 'jest',
      },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: 'POST /messages',
      stage: '$default',
      time: '10/Mar/2026:05:16:23 +0000',
      timeEpoch: 1773119783000,
    },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  };
}
