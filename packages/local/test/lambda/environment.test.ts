import { rm } from 'node:fs/promises';
import type { Functions } from '../../src/lambda/functions';
import { invocationTrace, traceHeaderOf } from '../../src/trace-header';
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
      /^Root=1-[\da-f]{8}-[\da-f]{24};Parent=[\da-f]{16};Sampled=1$/,
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
    AWS_LAMBDA_LOG_FORMAT: 'Text',
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

test("an invocation is part of the caller's trace, with a segment of its own", async () => {
  functions = await load(folder, { probe: 'exports.handler = async () => process.env._X_AMZN_TRACE_ID' });
  const { payload } = await functions.invoke('probe', '{}', {
    traceId: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0',
  });
  expect(JSON.parse(payload)).toMatch(
    /^Root=1-5759e988-bd862e3fe1be46a994272793;Parent=(?!53995c3f42cd8ad8)[\da-f]{16};Sampled=0$/,
  );
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
          `probe ${id} ERROR\ttwo`,
          `probe ${id} lines`,
          `probe ${id} without an end`,
        ]),
      ].sort(),
    );
  });

  test("has Lambda's own lines, and each of the console has time, request and level", async () => {
    functions = await load(folder, { probe: source });
    const first = (await functions.invoke('probe', '{"n":1}', { requestId: 'r1' })).logTail.split('\n');
    expect(first[0]).toBe('START RequestId: r1 Version: $LATEST');
    const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/;
    const lines = first.slice(1, -3).map((line) => line.replace(TIME, 'time'));
    expect(lines.sort()).toEqual(['time\tr1\tERROR\ttwo\rlines', 'time\tr1\tINFO\tgot 1', 'without an end']);
    expect(first.at(-3)).toBe('END RequestId: r1');
    expect(first.at(-2)).toMatch(
      /^REPORT RequestId: r1\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: [1-9]\d? MB\tInit Duration: \d+\.\d\d ms$/,
    );
    const second = (await functions.invoke('probe', '{"n":2}')).logTail;
    expect(second).toMatch(/Max Memory Used: [1-9]\d? MB\n$/);
  });

  test('is cut to its last 4 KB', async () => {
    functions = await load(folder, { probe: source });
    const { logTail } = await functions.invoke('probe', '{"n":1,"much":true}');
    expect(Buffer.byteLength(logTail)).toBeLessThanOrEqual(4098);
    expect(logTail).toMatch(/ä{1500}\n([^\n]*\n)*END RequestId: /);
  });

  test('of a failed initialization is the log of the invocation that waited for it', async () => {
    functions = await load(folder, { probe: `console.log('almost'); throw new Error('no settings');` });
    const { logTail, functionError } = await functions.invoke('probe', '{}', { requestId: 'r1' });
    expect(functionError).toBe('Unhandled');
    const lines = logTail.split('\n');
    expect(lines[0]).toBe('START RequestId: r1 Version: $LATEST');
    expect(lines.slice(1, -3)).toHaveLength(2);
    expect(logTail).toMatch(/\tundefined\tINFO\talmost\n/);
    expect(logTail).toMatch(/\tERROR\tUndefined error while initializing the runtime\t.*no settings/);
    expect(lines.at(-2)).toMatch(/^REPORT RequestId: r1\tDuration: .*\tStatus: error$/);
  });

  describe('in JSON', () => {
    async function invoke(body: string, logLevel?: string) {
      const json = { logFormat: 'JSON', logLevel } as const;
      functions = await load(folder, {
        probe: { source: `exports.handler = async () => { ${body} }`, config: json },
      });
      const { logTail } = await functions.invoke('probe', '{}', { requestId: 'r1' });
      return logTail
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    }
    const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;

    test("has Lambda's fields", async () => {
      const body = `console.log('a'); console.info('%s is', 'b', { n: 1 }); console.log({ c: [1] });`;
      const lines = await invoke(body);
      const head = { timestamp, level: 'INFO', requestId: 'r1' };
      expect(lines).toEqual([
        { time: timestamp, type: 'platform.start', record: { requestId: 'r1', version: '$LATEST' } },
        { ...head, message: 'a' },
        { ...head, message: 'b is { n: 1 }' },
        { ...head, message: { c: [1] } },
        {
          time: timestamp,
          type: 'platform.report',
          record: {
            requestId: 'r1',
            metrics: {
              durationMs: expect.any(Number) as number,
              billedDurationMs: expect.any(Number) as number,
              memorySizeMB: 128,
              maxMemoryUsedMB: expect.any(Number) as number,
              initDurationMs: expect.any(Number) as number,
            },
            status: 'success',
          },
        },
      ]);
    });

    test('has the details of errors', async () => {
      const lines = await invoke(`console.warn('late', new TypeError('no')); throw new RangeError('far');`);
      const stackTrace = expect.arrayContaining([expect.stringContaining('exports.handler')]) as string[];
      expect(lines.slice(1, 3)).toEqual([
        {
          timestamp,
          level: 'WARN',
          requestId: 'r1',
          message: expect.stringMatching(/^late TypeError: no/) as string,
          errorType: 'TypeError',
          errorMessage: 'no',
          stackTrace,
        },
        {
          timestamp,
          level: 'ERROR',
          requestId: 'r1',
          message: { errorType: 'RangeError', errorMessage: 'far', stackTrace },
        },
      ]);
    });

    test.each([
      [undefined, ['c', 'd', 'e']],
      ['TRACE', ['a', 'b', 'c', 'd', 'e']],
      ['WARN', ['d', 'e']],
    ])('keeps to the level %s', async (level, messages) => {
      const body = `console.trace('a'); console.debug('b'); console.log('c'); console.warn('d'); console.error('e');`;
      const lines = await invoke(body, level);
      expect(
        lines
          .slice(1, -1)
          .map(({ message }) => message)
          .sort(),
      ).toEqual(messages);
    });
  });
});

describe('a trace', () => {
  test.each([
    ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', '1'],
    ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00', '0'],
    ['cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03-later', '1'],
  ])('of traceparent %s goes on', (traceparent, sampled) => {
    expect(traceHeaderOf(traceparent)).toBe(
      `Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=${sampled}`,
    );
  });

  test.each([
    undefined,
    '',
    '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01',
    'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7',
  ])('is not made of traceparent %p', (traceparent) => {
    expect(traceHeaderOf(traceparent)).toBeUndefined();
  });

  test.each([
    undefined,
    'Root=2-5759e988-bd862e3fe1be46a994272793',
    'Self=1-5759e988-bd862e3fe1be46a994272793',
  ])('begins where there is none: %p', (given) => {
    expect(invocationTrace(given, 0x5759e988 * 1000)).toMatch(
      /^Root=1-5759e988-[\da-f]{24};Parent=[\da-f]{16};Sampled=1$/,
    );
  });

  test('is found wherever it stands in the header', () => {
    const given =
      'Self=1-67891234-12456789abcdef012345678a; Root=1-67891233-abcdef012345678912345678; Sampled=0';
    expect(invocationTrace(given, 0)).toMatch(/^Root=1-67891233-abcdef012345678912345678;.*;Sampled=0$/);
  });
});
