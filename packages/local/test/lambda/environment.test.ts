import { rm } from 'node:fs/promises';
import type { Functions } from '../../src/lambda/functions';
import { arnOf, load, settings, temporaryFolder } from './support';

let folder: string;
let functions: Functions;

beforeAll(async () => {
  folder = await temporaryFolder();
});

afterEach(() => functions.stop(0));
afterAll(() => rm(folder, { recursive: true }));

async function ask(source: string, more = {}, event: unknown = {}): Promise<Record<string, unknown>> {
  functions = await load(folder, { probe: { source, config: more } });
  const { payload } = await functions.invoke('probe', JSON.stringify(event));
  return JSON.parse(payload) as Record<string, unknown>;
}

test("a function has Lambda's variables and its own, and nothing of the runtime's", async () => {
  process.env.RUNTIME_SECRET = 'not for functions';
  const environment = await ask('exports.handler = async () => ({ ...process.env })', {
    environment: {
      TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:topic',
      AWS_REGION: 'eu-west-1',
      TZ: 'Asia/Tokyo',
    },
  });
  delete process.env.RUNTIME_SECRET;
  expect(environment).toEqual({
    LANG: 'en_US.UTF-8',
    PATH: '/usr/local/bin:/usr/bin:/bin:/opt/bin',
    HOME: '/nonexistent',
    TZ: 'Asia/Tokyo',
    TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:topic',
    _HANDLER: 'index.handler',
    _X_AMZN_TRACE_ID: expect.stringMatching(
      /^Root=1-[\da-f]{8}-[\da-f]{24};Parent=[\da-f]{16};Sampled=0$/,
    ) as string,
    LAMBDA_TASK_ROOT: expect.stringMatching(/\/functions\/[\da-f]{32}\/code$/) as string,
    LAMBDA_RUNTIME_DIR: expect.stringMatching(/lambda$/) as string,
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
    AWS_LAMBDA_FUNCTION_NAME: 'probe',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/probe',
    AWS_LAMBDA_LOG_STREAM_NAME: expect.stringMatching(
      /^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][\da-f]{32}$/,
    ) as string,
    AWS_ACCESS_KEY_ID: 'AKIAprobe',
    AWS_SECRET_ACCESS_KEY: 'secret-of-probe',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
  });
});

test("a function's NODE_OPTIONS count", async () => {
  const answer = await ask('exports.handler = async () => ({ title: process.title, where: process.cwd() })', {
    environment: { NODE_OPTIONS: '--title=chosen' },
  });
  expect(answer).toEqual({ title: 'chosen', where: expect.stringMatching(/\/code$/) as string });
});

test('time is UTC', async () => {
  expect(await ask('exports.handler = async () => new Date(2026, 6, 1).toISOString()')).toBe(
    '2026-07-01T00:00:00.000Z',
  );
});

test("the context is Lambda's", async () => {
  functions = await load(folder, {
    probe: {
      source: `exports.handler = async (event, context) => {
        const before = context.getRemainingTimeInMillis();
        while (context.getRemainingTimeInMillis() === before) await new Promise((resolve) => setTimeout(resolve, 1));
        return { ...context, before, remaining: context.getRemainingTimeInMillis() };
      }`,
      config: { timeoutSeconds: 4 },
    },
  });
  const { payload, requestId } = await functions.invoke('probe', '{}', { requestId: 'given-id' });
  expect(requestId).toBe('given-id');
  const context = JSON.parse(payload) as { before: number; remaining: number };
  expect(context).toEqual({
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: '$LATEST',
    functionName: 'probe',
    memoryLimitInMB: '128',
    logGroupName: '/aws/lambda/probe',
    logStreamName: expect.any(String) as string,
    invokedFunctionArn: arnOf('probe'),
    awsRequestId: 'given-id',
    before: expect.any(Number) as number,
    remaining: expect.any(Number) as number,
  });
  expect(context.before).toBeLessThanOrEqual(4_000);
  expect(context.remaining).toBeLessThan(context.before);
  expect(context.remaining).toBeGreaterThanOrEqual(0);
});

test('a trace id is handed on', async () => {
  functions = await load(folder, { probe: 'exports.handler = async () => process.env._X_AMZN_TRACE_ID' });
  const { payload } = await functions.invoke('probe', '{}', {
    traceId: 'Root=1-5759e988-bd862e3fe1be46a994272793',
  });
  expect(JSON.parse(payload)).toBe('Root=1-5759e988-bd862e3fe1be46a994272793');
});

describe('the log', () => {
  const source = `
    console.log('loaded');
    exports.handler = async (event) => {
      console.log('got', event.n);
      console.error('two\\nlines');
      process.stdout.write('without an end');
      if (event.much) console.log('ä'.repeat(5000));
    }`;

  test('of each invocation is told line by line with its request id', async () => {
    const { reporter, ...rest } = settings(folder);
    functions = await load(folder, { probe: source }, { ...rest, reporter });
    await functions.invoke('probe', '{"n":1}', { requestId: 'aaaaaaaa-1' });
    await functions.invoke('probe', '{"n":2}', { requestId: 'bbbbbbbb-2' });
    expect([...reporter.lines].sort()).toEqual(
      [
        'probe loaded',
        ...['aaaaaaaa', 'bbbbbbbb'].flatMap((id, index) => [
          `probe ${id} got ${index + 1}`,
          `probe ${id} two`,
          `probe ${id} lines`,
          `probe ${id} without an end`,
        ]),
      ].sort(),
    );
  });

  test("has Lambda's first and last lines", async () => {
    functions = await load(folder, { probe: source });
    const { logTail } = await functions.invoke('probe', '{"n":1}', { requestId: 'r1' });
    const lines = logTail.split('\n');
    expect(lines[0]).toBe('START RequestId: r1 Version: $LATEST');
    expect(lines.slice(1, -3).sort()).toEqual(['got 1', 'lines', 'two', 'without an end']);
    expect(lines.at(-3)).toBe('END RequestId: r1');
    expect(lines.at(-2)).toMatch(
      /^REPORT RequestId: r1\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB$/,
    );
  });

  test('is cut to its last 4 KB', async () => {
    functions = await load(folder, { probe: source });
    const { logTail } = await functions.invoke('probe', '{"n":1,"much":true}');
    expect(Buffer.byteLength(logTail)).toBeLessThanOrEqual(4098);
    expect(logTail).toMatch(/ä{1500}\n(.*\n)*END RequestId: /);
  });
});
