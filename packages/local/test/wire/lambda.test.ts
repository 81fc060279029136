import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { asyncInvocationQueueArn } from '../../src/contracts';
import { Broker } from '../../src/engine';
import { LambdaService } from '../../src/lambda';
import { AwsEndpoint, SecretStore } from '../../src/wire';
import { config, settings, temporaryFolder, zip } from '../lambda/support';
import { clientConfig, TestGuard } from './support';

const ECHO = `exports.handler = async (event) => {
  console.log('echo');
  if (event.fail) throw new Error('no');
  return { event, trace: process.env._X_AMZN_TRACE_ID };
};`;

let folder: string;
let zipFile: string;
let broker: Broker;
let service: LambdaService;
let endpoint: AwsEndpoint;
let client: LambdaClient;
let queueArn: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  broker = await Broker.open({ folder: join(folder, 'store') });
  ({ arn: queueArn } = await broker.ensureQueue('work'));
  zipFile = await zip(folder, { 'index.js': ECHO });
  const echo = config('echo', zipFile, {
    environment: { STAGE: 'dev' },
    roleArn: 'arn:aws:iam::000000000000:role/echo',
    reservedConcurrency: 3,
    logFormat: 'JSON',
  });
  const configs = [echo, config('other', zipFile)];
  for (const { arn } of configs) await broker.ensureInternalQueue(asyncInvocationQueueArn(arn));
  service = await LambdaService.load({
    ...settings(folder),
    configs,
    queues: broker,
    mappings: [],
    asyncConfigs: [],
    mayCall: (functionName) => functionName === 'echo',
  });
  endpoint = await AwsEndpoint.start({
    broker,
    invoker: service,
    guard: new TestGuard(),
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

test("an invocation answers with the log's end, in the caller's trace", async () => {
  const command = new InvokeCommand({ FunctionName: 'echo', Payload: '{"n":1}', LogType: 'Tail' });
  command.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      headers['x-amzn-trace-id'] =
        'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
      return next(args);
    },
    { step: 'build' },
  );
  const { Payload, LogResult, FunctionError, $metadata } = await client.send(command);
  expect(JSON.parse(Payload!.transformToString())).toEqual({
    event: { n: 1 },
    trace: expect.stringMatching(/^Root=1-5759e988-bd862e3fe1be46a994272793;/) as string,
  });
  expect(FunctionError).toBeUndefined();
  const log = Buffer.from(LogResult!, 'base64').toString();
  expect(log).toMatch(/"type":"platform\.start".*\n.*"message":"echo".*\n.*"type":"platform\.report"/);
  expect(log).toContain(`"requestId":"${$metadata.requestId}"`);
});

test("a function's error is Unhandled, with Lambda's error object", async () => {
  const result = await client.send(new InvokeCommand({ FunctionName: 'echo', Payload: '{"fail":true}' }));
  expect(result).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
  expect(JSON.parse(result.Payload!.transformToString())).toMatchObject({
    errorType: 'Error',
    errorMessage: 'no',
  });
});

describe('functions', () => {
  const echo = {
    FunctionName: 'echo',
    FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:echo',
    Runtime: 'nodejs22.x',
    Role: 'arn:aws:iam::000000000000:role/echo',
    Handler: 'index.handler',
    Timeout: 10,
    MemorySize: 128,
    Version: '$LATEST',
    Environment: { Variables: { STAGE: 'dev' } },
    State: 'Active',
    LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'INFO', LogGroup: '/aws/lambda/echo' },
  };

  test('are listed, page by page', async () => {
    const first = await client.send(new ListFunctionsCommand({ MaxItems: 1 }));
    expect(first.Functions).toMatchObject([echo]);
    const second = await client.send(new ListFunctionsCommand({ Marker: first.NextMarker }));
    expect(second.Functions?.map(({ FunctionName }) => FunctionName)).toEqual(['other']);
    expect(second.NextMarker).toBeUndefined();
  });

  test('are described, with the code that they have', async () => {
    const bytes = readFileSync(zipFile);
    const code = { CodeSize: bytes.length, CodeSha256: createHash('sha256').update(bytes).digest('base64') };
    const FunctionName = echo.FunctionArn;
    expect(await client.send(new GetFunctionConfigurationCommand({ FunctionName }))).toMatchObject({
      ...echo,
      ...code,
    });
    expect(await client.send(new GetFunctionCommand({ FunctionName }))).toMatchObject({
      Configuration: { ...echo, ...code },
      Code: { RepositoryType: 'S3', Location: `file://${zipFile}` },
      Concurrency: { ReservedConcurrentExecutions: 3 },
    });
    await expect(client.send(new GetFunctionCommand({ FunctionName: 'none' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:none',
    });
  });
});

describe('event source mappings', () => {
  test('are made, found, changed and deleted', async () => {
    const made = await client.send(
      new CreateEventSourceMappingCommand({
        EventSourceArn: queueArn,
        FunctionName: 'echo',
        BatchSize: 20,
        MaximumBatchingWindowInSeconds: 5,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 2 },
        FilterCriteria: { Filters: [{ Pattern: '{"body":["a"]}' }] },
        Enabled: false,
      }),
    );
    const settled = {
      UUID: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/) as string,
      EventSourceArn: queueArn,
      FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:echo',
      BatchSize: 20,
      MaximumBatchingWindowInSeconds: 5,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
      FilterCriteria: { Filters: [{ Pattern: '{"body":["a"]}' }] },
      LastModified: expect.any(Date) as Date,
    };
    expect(made).toMatchObject({ ...settled, State: 'Creating', $metadata: { httpStatusCode: 202 } });
    const { UUID } = made;
    expect(await client.send(new GetEventSourceMappingCommand({ UUID }))).toMatchObject({
      ...settled,
      State: 'Disabled',
    });
    const update = new UpdateEventSourceMappingCommand({ UUID, Enabled: true, BatchSize: 5 });
    expect(await client.send(update)).toMatchObject({ ...settled, BatchSize: 5, State: 'Enabling' });

    const list = async (filter: { FunctionName?: string; EventSourceArn?: string }) =>
      (await client.send(new ListEventSourceMappingsCommand(filter))).EventSourceMappings?.map(
        ({ State }) => State,
      );
    expect(await list({})).toEqual(['Enabled']);
    expect(await list({ FunctionName: 'echo', EventSourceArn: queueArn })).toEqual(['Enabled']);
    expect(await list({ FunctionName: 'other' })).toEqual([]);
    expect(await list({ EventSourceArn: `${queueArn}2` })).toEqual([]);

    expect(await client.send(new DeleteEventSourceMappingCommand({ UUID }))).toMatchObject({
      State: 'Deleting',
    });
    expect(await list({})).toEqual([]);
    await expect(client.send(new GetEventSourceMappingCommand({ UUID }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test.each([
    [
      { EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:none' },
      'InvalidParameterValueException',
      /QueueDoesNotExist/,
    ],
    [{ FunctionName: 'none' }, 'ResourceNotFoundException', /Function not found/],
    [
      { FunctionName: 'other' },
      'InvalidParameterValueException',
      /does not have permissions to call ReceiveMessage/,
    ],
    [{ BatchSize: 11 }, 'InvalidParameterValueException', /needs a batching window/],
    [
      { FilterCriteria: { Filters: [{ Pattern: '{' }] } },
      'InvalidParameterValueException',
      /Invalid filter pattern definition/,
    ],
    [{ EventSourceArn: undefined }, 'InvalidParameterValueException', /EventSourceArn/],
  ])('are refused with %j', async (changes, name, message) => {
    const input = { EventSourceArn: queueArn, FunctionName: 'echo', ...changes };
    await expect(client.send(new CreateEventSourceMappingCommand(input))).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message) as string,
    });
  });
});
