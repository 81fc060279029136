import { rm } from 'node:fs/promises';
import type { InvocationResult } from '../../src/contracts';
import type { Functions } from '../../src/lambda/functions';
import { arnOf, config, load, settings, temporaryFolder, zip } from './support';
import { Functions as FunctionsClass } from '../../src/lambda/functions';

let folder: string;
let functions: Functions;

beforeAll(async () => {
  folder = await temporaryFolder();
});

afterEach(() => functions.stop(0));
afterAll(() => rm(folder, { recursive: true }));

const payloadOf = ({ payload }: InvocationResult): unknown => JSON.parse(payload);

async function invokeSource(source: string, event: unknown = {}): Promise<InvocationResult> {
  functions = await load(folder, { probe: source });
  return functions.invoke('probe', JSON.stringify(event));
}

describe('a handler answers', () => {
  test.each([
    ['by a promise', 'exports.handler = async (event) => ({ got: event.value })', { got: 7 }],
    ['by a callback', 'exports.handler = (event, c, done) => setTimeout(done, 5, null, [event.value])', [7]],
    ['by a callback at once', 'exports.handler = (event, c, done) => done(null, event.value)', 7],
    ['by context.succeed', 'exports.handler = (event, context) => context.succeed(event.value)', 7],
    ['by context.done', 'exports.handler = (event, context) => context.done(null, event.value)', 7],
    ['with null where it returns without a promise', 'exports.handler = (event) => event.value', null],
    ['with null for undefined', 'exports.handler = async () => undefined', null],
    [
      'with null for a promise that nothing can settle',
      'exports.handler = () => new Promise(() => {})',
      null,
    ],
    [
      'with what JSON makes of it',
      'exports.handler = async () => ({ at: new Date(0), no: undefined })',
      { at: '1970-01-01T00:00:00.000Z' },
    ],
  ])('%s', async (_, source, expected) => {
    const result = await invokeSource(source, { value: 7 });
    expect(payloadOf(result)).toEqual(expected);
    expect(result.functionError).toBeUndefined();
  });

  test('a callback waits for the event loop to empty, unless it is told not to', async () => {
    const source = (wait: boolean) => `
      let late = 'not yet';
      exports.handler = (event, context, done) => {
        context.callbackWaitsForEmptyEventLoop = ${wait};
        const answer = { toJSON: () => late };
        setTimeout(() => { late = 'done'; }, 20);
        done(null, answer);
      }`;
    expect(payloadOf(await invokeSource(source(true)))).toBe('done');
    await functions.stop(0);
    expect(payloadOf(await invokeSource(source(false)))).toBe('not yet');
  });
});

describe('a handler fails', () => {
  test.each([
    [
      'by a rejection',
      `exports.handler = async () => { throw new TypeError('bad type') }`,
      'TypeError',
      'bad type',
    ],
    ['by a throw', `exports.handler = () => { throw new RangeError('far off') }`, 'RangeError', 'far off'],
    ['by its callback', `exports.handler = (e, c, done) => done(new Error('no'))`, 'Error', 'no'],
    ['by context.fail', `exports.handler = (e, context) => context.fail(new Error('no'))`, 'Error', 'no'],
    ['with a string', `exports.handler = (e, c, done) => done('just text')`, 'string', 'just text'],
    [
      'with an error of another realm',
      `exports.handler = async () => { throw require('vm').runInNewContext('new EvalError("x")') }`,
      'EvalError',
      'x',
    ],
    [
      'with what has no JSON',
      `exports.handler = async () => { const a = {}; a.a = a; return a }`,
      'Error',
      'Unable to stringify response body',
    ],
  ])('%s', async (_, source, errorType, errorMessage) => {
    const result = await invokeSource(source);
    expect(result.functionError).toBe('Unhandled');
    expect(payloadOf(result)).toMatchObject({ errorType, errorMessage });
    expect(result.logTail).toContain('ERROR\tInvoke Error\t');
  });

  test("with Lambda's error object", async () => {
    const error = payloadOf(
      await invokeSource(`exports.handler = async () => { throw new Error('boom') }`),
    ) as {
      trace: string[];
    };
    expect(Object.keys(error)).toEqual(['errorType', 'errorMessage', 'trace']);
    expect(error.trace[0]).toBe('Error: boom');
    expect(error.trace[1]).toMatch(/^ {4}at .*index\.js:1:/);
  });

  test('and is invoked again in the same process', async () => {
    const first = await invokeSource(
      `exports.handler = async (n) => { if (n === 1) throw new Error('once'); return process.pid }`,
      1,
    );
    const [pid] = functions.pids('probe');
    expect(first.functionError).toBe('Unhandled');
    expect(payloadOf(await functions.invoke('probe', '2'))).toBe(pid);
  });
});

describe('a process ends', () => {
  const exitCases: [string, string, object][] = [
    [
      'by process.exit',
      'process.exit(3)',
      {
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringMatching(
          /^RequestId: [\w-]{36} Error: Runtime exited with error: exit status 3$/,
        ) as string,
      },
    ],
    [
      'by process.exit(0)',
      'process.exit(0)',
      {
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringMatching(/Runtime exited without providing a reason$/) as string,
      },
    ],
    [
      'by a signal',
      `process.kill(process.pid, 'SIGKILL')`,
      {
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringMatching(/Runtime exited with error: signal: killed$/) as string,
      },
    ],
    [
      'by an unhandled rejection',
      `Promise.reject(new Error('lost')); await new Promise((r) => setTimeout(r, 1000))`,
      { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'Error: lost' },
    ],
    [
      'by an uncaught exception',
      `setTimeout(() => { throw new TypeError('late') }); await new Promise((r) => setTimeout(r, 1000))`,
      { errorType: 'TypeError', errorMessage: 'late' },
    ],
  ];
  test.each(exitCases)('%s, and the next invocation finds a new one', async (_, code, expected) => {
    const source = `let n = 0; exports.handler = async (event) => { n += 1; if (event.end) { ${code} } return n }`;
    const result = await invokeSource(source, { end: true });
    expect(result.functionError).toBe('Unhandled');
    expect(payloadOf(result)).toMatchObject(expected);
    expect(payloadOf(await functions.invoke('probe', '{}'))).toBe(1);
  });

  test('by using more memory than the function has', async () => {
    functions = await load(folder, {
      probe: {
        source: `exports.handler = async () => { const all = []; for (;;) all.push(new Array(1e5).fill({})) }`,
        config: { memoryMb: 64, timeoutSeconds: 20 },
      },
    });
    const result = await functions.invoke('probe', '{}');
    expect(payloadOf(result)).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('Runtime exited with error: signal: aborted') as string,
    });
    expect(result.logTail).toContain('heap out of memory');
  });
});

describe('initialization fails', () => {
  test.each([
    ['where the code throws', `throw new Error('no settings')`, 'Error', 'no settings'],
    [
      'where a module is missing',
      `require('left-out'); exports.handler = async () => 1`,
      'Runtime.ImportModuleError',
      /Cannot find module 'left-out'/,
    ],
    [
      'where the code is no JavaScript',
      `exports.handler = async () => {`,
      'Runtime.UserCodeSyntaxError',
      /^SyntaxError: /,
    ],
    [
      'where the handler is not exported',
      `exports.other = async () => 1`,
      'Runtime.HandlerNotFound',
      'index.handler is undefined or not exported',
    ],
    [
      'where the handler is no function',
      `exports.handler = 1`,
      'Runtime.HandlerNotFound',
      'index.handler is not a function',
    ],
    ['where the code exits', `process.exit(4)`, 'Runtime.ExitError', /exit status 4$/],
  ])('%s', async (_, source, errorType, message) => {
    const result = await invokeSource(source);
    expect(result.functionError).toBe('Unhandled');
    const error = payloadOf(result) as { errorType: string; errorMessage: string };
    expect(error.errorType).toBe(errorType);
    expect(error.errorMessage).toMatch(message);
  });

  test('and is tried anew by the next invocation', async () => {
    const marker = `${folder}/second`;
    const source = `
      const fs = require('fs');
      if (!fs.existsSync('${marker}')) { fs.writeFileSync('${marker}', ''); throw new Error('first time'); }
      exports.handler = async () => 'fine';`;
    expect(payloadOf(await invokeSource(source))).toMatchObject({ errorMessage: 'first time' });
    expect(payloadOf(await functions.invoke('probe', '{}'))).toBe('fine');
  });
});

describe('code', () => {
  test.each([
    [
      'an ES module',
      { 'index.mjs': 'export const handler = async () => import.meta.url.slice(-9)' },
      'index.handler',
      'index.mjs',
    ],
    [
      'an ES module by package.json',
      { 'package.json': '{"type":"module"}', 'index.js': 'export const handler = async () => "esm"' },
      'index.handler',
      'esm',
    ],
    [
      'a CommonJS module by its name',
      { 'index.cjs': 'exports.handler = async () => "cjs"' },
      'index.handler',
      'cjs',
    ],
    [
      'a file in a folder',
      { 'src/app.js': 'exports.handler = async () => __dirname.split("/").at(-1)' },
      'src/app.handler',
      'src',
    ],
    [
      'a nested export',
      { 'index.js': 'exports.users = { create: async () => "made" }' },
      'index.users.create',
      'made',
    ],
  ])('is %s', async (_, files, handler, expected) => {
    const zipFile = await zip(folder, files);
    functions = await FunctionsClass.load({
      ...settings(folder),
      configs: [config('probe', zipFile, { handler })],
    });
    expect(payloadOf(await functions.invoke('probe', '{}'))).toBe(expected);
  });

  test('keeps its state between invocations', async () => {
    await invokeSource('let n = 0; exports.handler = async () => ++n');
    await functions.invoke('probe', '{}');
    expect(payloadOf(await functions.invoke(arnOf('probe'), '{}'))).toBe(3);
  });
});

test('a busy loop is killed at the timeout, and the next invocation runs', async () => {
  functions = await load(folder, {
    probe: {
      source: `exports.handler = async (event) => { if (event.spin) for (;;); return 'free' }`,
      config: { timeoutSeconds: 1 },
    },
  });
  await functions.prewarm('probe');
  const [result, next] = await Promise.all([
    functions.invoke('probe', '{"spin":true}'),
    functions.invoke('probe', '{}'),
  ]);
  expect(result.functionError).toBe('Unhandled');
  expect(payloadOf(result)).toEqual({
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${result.requestId} Error: Task timed out after 1.00 seconds`,
  });
  expect(result.logTail).toContain('Task timed out after 1.00 seconds');
  expect(payloadOf(next)).toBe('free');
});

test('six megabytes pass in both directions, and an answer beyond them is refused', async () => {
  const result = await invokeSource(`exports.handler = async (event) => event.text.repeat(event.times)`, {
    text: 'x'.repeat(6_000_000),
    times: 1,
  });
  expect(result.payload.length).toBe(6_000_002);
  const tooLarge = await functions.invoke('probe', '{"text":"x","times":6291557}');
  expect(tooLarge.functionError).toBe('Unhandled');
  expect(payloadOf(tooLarge)).toEqual({
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
  });
});
