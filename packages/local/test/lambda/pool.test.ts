import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Functions } from '../../src/lambda/functions';
import { Lines } from '../support/lines';
import { ManualClock } from '../support/manual-clock';
import { arnOf, config, ended, load, settings, temporaryFolder, until, zip } from './support';

let folder: string;
let functions: Functions;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await functions.stop(0);
  await rm(folder, { recursive: true });
});

/** Answers when the file that the event names exists; tells its process and how many invocations run in it. */
const GATED = `
  const { existsSync } = require('fs');
  let running = 0;
  exports.handler = async ({ gate }) => {
    running += 1;
    const most = running;
    console.log('begun');
    while (gate && !existsSync(gate)) await new Promise((resolve) => setTimeout(resolve, 2));
    running -= 1;
    return { pid: process.pid, most };
  };`;

const gate = (name: string) => join(folder, name);
const open = (name: string) => writeFile(gate(name), '');
const invoke = async (event: object = {}) =>
  JSON.parse((await functions.invoke('probe', JSON.stringify(event))).payload) as {
    pid: number;
    most: number;
  };

test('never more instances run than the reserved concurrency, one invocation at a time in each', async () => {
  const reporter = new Lines();
  functions = await load(
    folder,
    { probe: { source: GATED, config: { reservedConcurrency: 2 } } },
    { reporter },
  );
  const calls = Array.from({ length: 12 }, () => invoke({ gate: gate('open') }));
  await until(() => reporter.lines.length === 2);
  await open('open');
  const answers = await Promise.all(calls);
  expect(new Set(answers.map(({ pid }) => pid)).size).toBe(2);
  expect(answers.every(({ most }) => most === 1)).toBe(true);
  expect(functions.pids('probe')).toHaveLength(2);
});

test('invocations that wait are served first come first served', async () => {
  functions = await load(folder, { probe: { source: GATED, config: { reservedConcurrency: 1 } } });
  const order: number[] = [];
  const calls = [0, 1, 2, 3].map(async (n) => {
    await invoke(n === 0 ? { gate: gate('open') } : {});
    order.push(n);
  });
  await open('open');
  await Promise.all(calls);
  expect(order).toEqual([0, 1, 2, 3]);
});

test('a second instance starts only for an invocation that has waited, and is reaped when it is idle', async () => {
  const clock = new ManualClock();
  functions = await load(
    folder,
    { probe: { source: GATED, config: { timeoutSeconds: 900 } } },
    { clock, defaultConcurrency: 3 },
  );
  await functions.prewarm('probe');
  const first = invoke({ gate: gate('first') });
  const second = invoke({ gate: gate('second') });
  expect(functions.pids('probe')).toHaveLength(1);
  clock.advance(25);
  expect(functions.pids('probe')).toHaveLength(2);
  await open('second');
  const reaped = await second;
  await open('first');
  const kept = await first;
  expect(kept.pid).not.toBe(reaped.pid);

  // The one that was used last is used again; the other grows old.
  expect((await invoke()).pid).toBe(kept.pid);
  clock.advance(60_000);
  await ended(reaped.pid);
  expect(functions.pids('probe')).toEqual([kept.pid]);
});

test('without load one warm instance serves every invocation', async () => {
  functions = await load(folder, { probe: GATED });
  await functions.prewarm('probe');
  const warm = functions.pids('probe');
  expect(warm).toHaveLength(1);
  await functions.prewarm('probe');
  for (let n = 0; n < 20; n += 1) await invoke();
  expect(functions.pids('probe')).toEqual(warm);
});

test('an instance that dies while it is idle is replaced by the next invocation', async () => {
  functions = await load(folder, { probe: GATED });
  const { pid } = await invoke();
  process.kill(pid, 'SIGKILL');
  await until(() => functions.pids('probe').length === 0);
  expect((await invoke()).pid).not.toBe(pid);
});

test('reserved concurrency 0 throttles, and an unknown function is not found', async () => {
  functions = await load(folder, { probe: { source: GATED, config: { reservedConcurrency: 0 } } });
  await expect(functions.invoke('probe', '{}')).rejects.toMatchObject({
    code: 'TooManyRequestsException',
    status: 429,
  });
  await expect(functions.invoke('other', '{}')).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'Function not found: other',
  });
});

test('an event of more than six megabytes is refused', async () => {
  functions = await load(folder, { probe: GATED });
  await expect(functions.invoke('probe', `"${'x'.repeat(6_291_455)}"`)).rejects.toMatchObject({
    code: 'RequestTooLargeException',
    status: 413,
  });
});

test('a function is found by name, ARN, partial ARN, and with a qualifier', async () => {
  functions = await load(folder, { probe: GATED });
  for (const name of [
    'probe',
    arnOf('probe'),
    `${arnOf('probe')}:$LATEST`,
    '000000000000:function:probe',
    'probe:live',
  ]) {
    expect(functions.has(name)).toBe(true);
  }
  expect(functions.has('prob')).toBe(false);
});

test('a process that cannot be started is no fault of the function', async () => {
  functions = await load(folder, { probe: GATED });
  await rm(join(folder, 'functions'), { recursive: true });
  await expect(functions.invoke('probe', '{}')).rejects.toMatchObject({
    code: 'ServiceException',
    status: 500,
    message: expect.stringMatching(/^The function's process cannot start: .*ENOENT/) as string,
  });
});

describe('with other code', () => {
  const files = (source: string) => ({ 'index.js': Buffer.from(source) });
  const VERSION = (n: number) => `exports.handler = async () => ({ version: ${n}, pid: process.pid });`;
  const version = async () => (await invoke()) as unknown as { version: number; pid: number };

  test('a warm instance is replaced at once, and the old code is deleted', async () => {
    functions = await load(folder, { probe: VERSION(1) });
    await functions.prewarm('probe');
    const { pid } = await version();
    expect(await functions.reload('probe', files(VERSION(2)))).toBe(true);
    expect(functions.pids('probe')).not.toContain(pid);
    expect(await version()).toMatchObject({ version: 2 });
    await ended(pid);
    await until(async () => (await readdir(join(folder, 'functions'))).length === 1);
    expect(functions.pids('probe')).toHaveLength(1);
  });

  test('the same code changes nothing', async () => {
    functions = await load(folder, { probe: VERSION(1) });
    await functions.reload('probe', files(VERSION(2)));
    const { pid } = await version();
    expect(await functions.reload('probe', files(VERSION(2)))).toBe(false);
    expect((await version()).pid).toBe(pid);
  });

  test('what runs finishes with the old code, what waits gets the new one', async () => {
    functions = await load(folder, { probe: { source: GATED, config: { reservedConcurrency: 1 } } });
    await functions.prewarm('probe');
    const [pid = 0] = functions.pids('probe');
    const running = invoke({ gate: gate('open') });
    const waiting = version();
    await functions.reload('probe', files(VERSION(2)));
    await open('open');
    expect((await running).pid).toBe(pid);
    expect(await waiting).toMatchObject({ version: 2 });
    await ended(pid);
  });

  test('an initialization that the old code failed is not the answer', async () => {
    functions = await load(folder, {
      probe: `const { existsSync } = require('fs');
        while (!existsSync('${gate('open')}'));
        throw new Error('old');`,
    });
    const call = version();
    await until(() => functions.pids('probe').length === 1);
    await functions.reload('probe', files(VERSION(2)));
    await open('open');
    expect(await call).toMatchObject({ version: 2 });
  });

  test('the zip file is read again', async () => {
    const zipFile = await zip(folder, { 'index.js': VERSION(1) });
    functions = await Functions.load({ ...settings(folder), configs: [config('probe', zipFile)] });
    expect(await version()).toMatchObject({ version: 1 });
    await rename(await zip(folder, { 'index.js': VERSION(2) }), zipFile);
    expect(await functions.reload('probe')).toBe(true);
    expect(await version()).toMatchObject({ version: 2 });
  });
});

describe('memory', () => {
  const probe = (source: string) => ({
    probe: { source: `exports.handler = async () => { ${source} }`, config: {} },
  });

  test('beyond the limit ends the instance, and the next invocation has a new one', async () => {
    const reporter = new Lines();
    functions = await load(
      folder,
      {
        probe: `exports.handler = async ({ much }) => {
          const kept = [];
          while (much) {
            kept.push(Buffer.alloc(1 << 20, 1));
            await new Promise(setImmediate);
          }
          return process.pid;
        };`,
      },
      { reporter },
    );
    const before = (await functions.invoke('probe', '{}')).payload;
    const result = await functions.invoke('probe', '{"much":true}', { requestId: 'r1' });
    expect(result).toMatchObject({ requestId: 'r1', functionError: 'Unhandled' });
    expect(JSON.parse(result.payload)).toEqual({
      errorType: 'Runtime.OutOfMemory',
      errorMessage: 'RequestId: r1 Error: Runtime exited with error: signal: killed',
    });
    expect(result.logTail).toMatch(
      /Memory Size: 128 MB\tMax Memory Used: 128 MB\tStatus: error\tError Type: Runtime\.OutOfMemory\n$/,
    );
    expect(reporter.lines).toEqual([
      expect.stringMatching(/^probe r1 out of memory: it has \d+ MB, of 128$/),
    ]);
    await ended(Number(before));
    expect((await functions.invoke('probe', '{}')).functionError).toBeUndefined();
  });

  test('of the heap is limited as on Lambda', async () => {
    functions = await load(folder, probe(`return require('v8').getHeapStatistics().heap_size_limit;`));
    const bytes = Number((await functions.invoke('probe', '{}')).payload);
    expect(bytes).toBeLessThan(128 * 1024 * 1024);
    expect(bytes).toBeGreaterThan(110 * 1024 * 1024);
  });
});

test('a stop lets what runs finish, and leaves no process', async () => {
  functions = await load(folder, { probe: { source: GATED, config: { reservedConcurrency: 1 } } });
  await functions.prewarm('probe');
  const [pid = 0] = functions.pids('probe');
  const running = invoke({ gate: gate('open') });
  const waiting = invoke();
  const stopped = functions.stop(60_000);
  await expect(functions.invoke('probe', '{}')).rejects.toMatchObject({ code: 'TooManyRequestsException' });
  await open('open');
  expect((await running).pid).toBe(pid);
  expect((await waiting).pid).toBe(pid);
  await stopped;
  await ended(pid);
});

test('a stop does not wait longer than it is told', async () => {
  const clock = new ManualClock();
  functions = await load(folder, { probe: { source: GATED, config: { reservedConcurrency: 1 } } }, { clock });
  await functions.prewarm('probe');
  const [pid = 0] = functions.pids('probe');
  const calls = [functions.invoke('probe', `{"gate":"${gate('never')}"}`), functions.invoke('probe', '{}')];
  const stopped = functions.stop(5_000);
  clock.advance(5_000);
  await stopped;
  await ended(pid);
  for (const call of calls) expect((await call).functionError).toBe('Unhandled');
});

test('no process outlives a runtime that is killed, not even one in a busy loop', async () => {
  functions = await load(folder, {});
  const source = `exports.handler = async () => { process.stdout.write('spinning\\n'); for (;;); }`;
  const zipFile = await zip(folder, { 'index.js': source });
  const runtime = spawn(
    process.execPath,
    ['--import', 'tsx', join(__dirname, 'runtime.ts'), folder, zipFile],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const pids: number[] = [];
  for await (const line of createInterface({ input: runtime.stdout })) {
    pids.push(...(JSON.parse(line) as number[]));
    break;
  }
  expect(pids).toHaveLength(2);
  runtime.kill('SIGKILL');
  await once(runtime, 'exit');
  for (const pid of pids) await ended(pid);
});

describe('packages', () => {
  test('of the same content are unzipped once, and those that nobody has any more are deleted', async () => {
    const same = await zip(folder, { 'index.js': GATED });
    const old = await zip(folder, { 'index.js': 'exports.handler = async () => 1' });
    const where = settings(folder);
    functions = await Functions.load({
      ...where,
      configs: [config('a', same), config('b', same), config('c', old)],
    });
    expect(await readdir(where.folder)).toHaveLength(2);
    functions = await Functions.load({ ...where, configs: [config('a', same)] });
    expect(await readdir(where.folder)).toHaveLength(1);
  });

  test.each(['../outside.js', 'a/../../outside.js', 'a\\..\\..\\outside.js'])(
    'that name %s are refused and nothing is written',
    async (name) => {
      functions = await load(folder, {});
      const zipFile = await zip(folder, { [name]: 'evil' });
      await expect(
        Functions.load({ ...settings(folder), configs: [config('probe', zipFile)] }),
      ).rejects.toThrow(`${zipFile} holds the unsafe path ${JSON.stringify(name)}`);
      expect(await readdir(folder, { recursive: true })).not.toContainEqual(
        expect.stringContaining('outside'),
      );
    },
  );

  test('that name an absolute path put the file into their own folder', async () => {
    const files = {
      '/etc/own.txt': 'inside',
      'index.js': `exports.handler = async () => require('fs').readFileSync('etc/own.txt', 'utf8')`,
    };
    const zipFile = await zip(folder, files);
    functions = await Functions.load({ ...settings(folder), configs: [config('probe', zipFile)] });
    expect((await functions.invoke('probe', '{}')).payload).toBe('"inside"');
  });

  test('that are missing or broken are named', async () => {
    functions = await load(folder, {});
    const configs = [config('probe', join(folder, 'missing.zip'))];
    await expect(Functions.load({ ...settings(folder), configs })).rejects.toThrow(
      `The function package ${join(folder, 'missing.zip')} cannot be read; synthesize the stack again`,
    );
    await writeFile(join(folder, 'broken.zip'), 'not a zip');
    const broken = [config('probe', join(folder, 'broken.zip'))];
    await expect(Functions.load({ ...settings(folder), configs: broken })).rejects.toThrow(
      /broken\.zip is not a readable zip file: /,
    );
  });
});
