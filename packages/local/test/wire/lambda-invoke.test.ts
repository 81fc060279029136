import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DeleteFunctionConcurrencyCommand,
  GetAliasCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionEventInvokeConfigCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  ListAliasesCommand,
  ListFunctionEventInvokeConfigsCommand,
  ListVersionsByFunctionCommand,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import type { InvokeCommandInput } from '@aws-sdk/client-lambda';
import { asyncInvocationQueueArn } from '../../src/contracts';
import { Broker } from '../../src/engine';
import { LambdaService } from '../../src/lambda';
import { AwsEndpoint, SecretStore } from '../../src/wire';
import { arnOf, config, settings, temporaryFolder, zip } from '../lambda/support';
import { clientConfig, FUNCTION_KEY, TestGuard } from './support';

const TELL = `exports.handler = async (event, context) => {
  console.log('x'.repeat(event.noise ?? 0) + ' the end');
  const { clientContext, invokedFunctionArn, functionVersion } = context;
  return { event, clientContext, invokedFunctionArn, functionVersion };
};`;
const OUTCOMES = 'arn:aws:sqs:us-east-1:000000000000:outcomes';

let folder: string;
let broker: Broker;
let service: LambdaService;
let endpoint: AwsEndpoint;
let client: LambdaClient;
const guard = new TestGuard();

beforeAll(async () => {
  folder = await temporaryFolder();
  broker = await Broker.open({ folder: join(folder, 'store') });
  const zipFile = await zip(folder, { 'index.js': TELL });
  const statement = (Sid: string) => ({ Sid, Effect: 'Allow', Principal: { Service: 's3.amazonaws.com' } });
  const tell = config('tell', zipFile, {
    description: 'tells',
    aliases: { live: '2', next: '$LATEST' },
    versions: ['1', '2'],
    policy: [{ statement: statement('a') }, { statement: statement('b'), qualifier: 'live' }],
  });
  const configs = [tell, config('plain', zipFile)];
  for (const { arn } of configs) await broker.ensureInternalQueue(asyncInvocationQueueArn(arn));
  service = await LambdaService.load({
    ...settings(folder),
    configs,
    queues: broker,
    mappings: [],
    asyncConfigs: [
      {
        functionName: 'tell',
        maximumRetryAttempts: 1,
        maximumEventAgeSeconds: 120,
        onFailureDestinationArn: OUTCOMES,
      },
    ],
  });
  endpoint = await AwsEndpoint.start({
    broker,
    invoker: service,
    guard,
    secrets: new SecretStore(),
    reporter: { event: () => undefined, warn: () => undefined },
    port: 0,
  });
  client = new LambdaClient(clientConfig(endpoint.url));
});

afterAll(async () => {
  client.destroy();
  await endpoint.stop();
  await service.stop(0);
  await broker.close();
  await rm(folder, { recursive: true });
});

async function invoke(input: Partial<InvokeCommandInput> = {}) {
  const answer = await client.send(new InvokeCommand({ FunctionName: 'tell', ...input }));
  const payload = answer.Payload?.transformToString();
  return { ...answer, payload: payload ? (JSON.parse(payload) as Record<string, unknown>) : undefined };
}

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');

describe('an invocation', () => {
  test('without a payload has an empty event', async () => {
    expect(await invoke()).toMatchObject({
      StatusCode: 200,
      ExecutedVersion: '$LATEST',
      payload: { event: {}, invokedFunctionArn: arnOf('tell'), functionVersion: '$LATEST' },
    });
  });

  test('has the last 4 KB of its log, where they are asked for', async () => {
    const Payload = JSON.stringify({ noise: 10_000 });
    const { LogResult } = await invoke({ Payload, LogType: 'Tail' });
    const log = Buffer.from(LogResult!, 'base64').toString();
    expect(Buffer.byteLength(log)).toBe(4096);
    expect(log).toMatch(/x the end\nEND RequestId: .*\nREPORT RequestId: .*\n$/);
    expect((await invoke({ Payload })).LogResult).toBeUndefined();
    await expect(invoke({ LogType: 'Head' as 'Tail' })).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
    });
  });

  test("hands on the caller's context", async () => {
    const clientContext = { client: { app_title: 'shop' }, custom: { a: 'b' } };
    expect((await invoke({ ClientContext: base64(clientContext) })).payload).toMatchObject({ clientContext });
    for (const wrong of [base64(1), base64({ long: 'x'.repeat(3000) })]) {
      await expect(invoke({ ClientContext: wrong })).rejects.toMatchObject({
        name: 'InvalidRequestContentException',
      });
    }
  });

  test.each([
    [{ Qualifier: '$LATEST' }, '$LATEST', '$LATEST'],
    [{ Qualifier: '1' }, '1', '1'],
    [{ Qualifier: 'live' }, 'live', '2'],
    [{ FunctionName: 'tell:next' }, 'next', '$LATEST'],
    [{ FunctionName: `${arnOf('tell')}:live` }, 'live', '2'],
    [{ FunctionName: '000000000000:function:tell:live' }, 'live', '2'],
  ])('of %j is called by it', async (input, qualifier, version) => {
    expect(await invoke(input)).toMatchObject({
      ExecutedVersion: version,
      payload: { invokedFunctionArn: `${arnOf('tell')}:${qualifier}`, functionVersion: version },
    });
  });

  test.each([
    [{ Qualifier: 'none' }, `Function not found: ${arnOf('tell')}:none`],
    [{ FunctionName: 'tell:3' }, `Function not found: ${arnOf('tell')}:3`],
    [{ FunctionName: 'plain', Qualifier: 'live' }, `Function not found: ${arnOf('plain')}:live`],
    [
      { FunctionName: 'missing', InvocationType: 'DryRun' as const },
      `Function not found: ${arnOf('missing')}`,
    ],
  ])('of %j is refused', async (input, message) => {
    await expect(invoke(input)).rejects.toMatchObject({ name: 'ResourceNotFoundException', message });
  });

  test('with two qualifiers is refused', async () => {
    await expect(invoke({ FunctionName: 'tell:live', Qualifier: '1' })).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
    });
  });

  test('that is too large is refused, by the limit of its type', async () => {
    const large = JSON.stringify('x'.repeat(1024 * 1024));
    await expect(invoke({ InvocationType: 'Event', Payload: large })).rejects.toMatchObject({
      name: 'RequestTooLargeException',
      message: '1048578 byte payload is too large for the Event invocation type (limit 1048576 bytes)',
      $metadata: { httpStatusCode: 413 },
    });
    expect((await invoke({ Payload: large })).StatusCode).toBe(200);
    await expect(invoke({ Payload: JSON.stringify('x'.repeat(6 * 1024 * 1024)) })).rejects.toMatchObject({
      name: 'RequestTooLargeException',
    });
  });

  test('that is no JSON is refused', async () => {
    await expect(invoke({ Payload: '{' })).rejects.toMatchObject({ name: 'InvalidRequestContentException' });
  });

  test('only asked about runs nothing, and is judged', async () => {
    expect(await invoke({ InvocationType: 'DryRun' })).toMatchObject({ StatusCode: 204, payload: undefined });
    const own = new LambdaClient(clientConfig(endpoint.url, FUNCTION_KEY));
    guard.rule = () => ({ kind: 'deny', message: 'no' });
    const asked = own.send(
      new InvokeCommand({ FunctionName: 'tell', Qualifier: 'live', InvocationType: 'DryRun' }),
    );
    await expect(asked).rejects.toMatchObject({ name: 'AccessDeniedException', message: 'no' });
    expect(guard.calls.at(-1)).toMatchObject({
      action: 'lambda:InvokeFunction',
      resource: `${arnOf('tell')}:live`,
    });
    own.destroy();
  });
});

describe('what the stack says of a function', () => {
  const FunctionName = 'tell';

  test('are its versions and aliases', async () => {
    const { Versions } = await client.send(new ListVersionsByFunctionCommand({ FunctionName }));
    expect(Versions).toMatchObject([
      { Version: '$LATEST', FunctionArn: `${arnOf('tell')}:$LATEST`, Description: 'tells' },
      { Version: '1', FunctionArn: `${arnOf('tell')}:1` },
      { Version: '2' },
    ]);
    const { Aliases } = await client.send(new ListAliasesCommand({ FunctionName }));
    expect(Aliases).toMatchObject([
      { Name: 'live', AliasArn: `${arnOf('tell')}:live`, FunctionVersion: '2' },
      { Name: 'next', FunctionVersion: '$LATEST' },
    ]);
    const filtered = await client.send(new ListAliasesCommand({ FunctionName, FunctionVersion: '2' }));
    expect(filtered.Aliases).toHaveLength(1);
    expect(await client.send(new GetAliasCommand({ FunctionName, Name: 'live' }))).toMatchObject({
      FunctionVersion: '2',
    });
    await expect(client.send(new GetAliasCommand({ FunctionName, Name: 'none' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('is who may invoke it, for each qualifier', async () => {
    const sids = async (Qualifier?: string) => {
      const { Policy } = await client.send(new GetPolicyCommand({ FunctionName, Qualifier }));
      return (JSON.parse(Policy!) as { Statement: { Sid: string }[] }).Statement.map(({ Sid }) => Sid);
    };
    expect(await sids()).toEqual(['a']);
    expect(await sids('live')).toEqual(['b']);
    await expect(sids('next')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('is what becomes of asynchronous invocations', async () => {
    const expected = {
      FunctionArn: `${arnOf('tell')}:$LATEST`,
      MaximumRetryAttempts: 1,
      MaximumEventAgeInSeconds: 120,
      DestinationConfig: { OnSuccess: {}, OnFailure: { Destination: OUTCOMES } },
    };
    expect(await client.send(new GetFunctionEventInvokeConfigCommand({ FunctionName }))).toMatchObject(
      expected,
    );
    const list = new ListFunctionEventInvokeConfigsCommand({ FunctionName });
    expect((await client.send(list)).FunctionEventInvokeConfigs).toMatchObject([expected]);
    await expect(
      client.send(new GetFunctionEventInvokeConfigCommand({ FunctionName: 'plain' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

test('concurrency is reserved, and given back', async () => {
  const FunctionName = 'plain';
  const reserved = async () =>
    (await client.send(new GetFunctionConcurrencyCommand({ FunctionName }))).ReservedConcurrentExecutions;
  await client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
  expect(await reserved()).toBe(0);
  await expect(invoke({ FunctionName })).rejects.toMatchObject({
    name: 'TooManyRequestsException',
    message: 'Rate Exceeded.',
    retryAfterSeconds: '1',
    $metadata: { httpStatusCode: 429 },
  });
  await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
  expect(await reserved()).toBeUndefined();
  expect((await invoke({ FunctionName })).StatusCode).toBe(200);
});
