import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { InvocationResult } from '../../src/contracts';
import type { Functions } from '../../src/lambda/functions';
import { Lines } from '../support/lines';
import { ManualClock } from '../support/manual-clock';
import { Debugger } from './debugger';
import { load, temporaryFolder, until } from './support';

const SOURCE = `
  const secret = 41;
  exports.handler = async (event, context) => {
    if (event.pause) debugger;
    if (event.hang) await new Promise((resolve) => setTimeout(resolve, 1e9));
    return { secret: secret + 1, pid: process.pid, remaining: context.getRemainingTimeInMillis() };
  };`;

let folder: string;
let functions: Functions;
let reporter: Lines;
let clock: ManualClock;

beforeEach(async () => {
  folder = await temporaryFolder();
  reporter = new Lines();
  clock = new ManualClock();
});

afterEach(async () => {
  await functions.stop(0);
  await rm(folder, { recursive: true });
});

async function start(): Promise<void> {
  const inspect = { functionName: 'probe', port: 0 };
  functions = await load(folder, { 'app-probe': SOURCE, other: SOURCE }, { reporter, clock, inspect });
  await functions.startDebugged();
}

const url = async () =>
  /ws:\S+/.exec(await reporter.see(/^app-probe debugger at ws:\/\/127\.0\.0\.1:\d+\/\S+ /))![0];

test('a debugger attaches and evaluates, and the log does not tell of it', async () => {
  await start();
  const attached = await Debugger.attach(await url());
  const { result } = await attached.send('Runtime.evaluate', {
    expression: 'process.env._HANDLER + process.pid',
  });
  expect(result).toMatchObject({ value: `index.handler${functions.pids('app-probe')[0]}` });
  const { payload, logTail } = await functions.invoke('app-probe', '{}');
  expect(JSON.parse(payload)).toMatchObject({ secret: 42 });
  expect(logTail).not.toMatch(/debugger/i);
  expect(reporter.lines).toHaveLength(1);
  await attached.close();
});

test('nothing times out while a debugger is attached', async () => {
  await start();
  const attached = await Debugger.attach(await url());
  await attached.send('Debugger.enable');
  const paused = attached.event('Debugger.paused');
  const call = functions.invoke('app-probe', '{"pause":true}');
  await paused;
  clock.advanceSeconds(60);
  const resumed = attached.event('Debugger.resumed');
  await attached.send('Debugger.resume');
  await resumed;
  const { payload, functionError } = await call;
  expect(functionError).toBeUndefined();
  expect((JSON.parse(payload) as { remaining: number }).remaining).toBeGreaterThan(80_000_000);
  await attached.close();
});

test('it times out again when the debugger has left', async () => {
  await start();
  await (await Debugger.attach(await url())).close();
  let answer: InvocationResult | undefined;
  void functions.invoke('app-probe', '{"hang":true}').then((result) => (answer = result));
  await until(() => {
    clock.advanceSeconds(10);
    return answer !== undefined;
  });
  expect(answer!.payload).toContain('Task timed out after 10.00 seconds');
});

test('it has one instance, and the port stays when that is replaced', async () => {
  await start();
  const first = await url();
  expect(functions.capacity('app-probe')).toBe(1);
  expect(functions.capacity('other')).toBeGreaterThan(1);
  await functions.reload('app-probe', { 'index.js': Buffer.from(SOURCE.replace('41', '42')) });
  await until(() => reporter.lines.length === 2);
  const second = /ws:\S+/.exec(reporter.lines[1]!)![0];
  expect(new URL(second).port).toBe(new URL(first).port);
  const attached = await Debugger.attach(second);
  await attached.close();
  expect(JSON.parse((await functions.invoke('app-probe', '{}')).payload)).toMatchObject({ secret: 43 });
});

test('a function that is not there, or not the only one, is refused, and so is a port that is taken', async () => {
  functions = await load(folder, {});
  const both = { 'a-probe': SOURCE, 'b-probe': SOURCE };
  await expect(load(folder, both, { inspect: { functionName: 'nothing', port: 0 } })).rejects.toThrow(
    '--inspect nothing: there is no such function; the stack has a-probe, b-probe',
  );
  await expect(load(folder, both, { inspect: { functionName: 'probe', port: 0 } })).rejects.toThrow(
    '--inspect probe: that may be a-probe or b-probe; the stack has a-probe, b-probe',
  );
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  await expect(load(folder, both, { inspect: { functionName: 'a-probe', port } })).rejects.toThrow(
    `Port ${port} (--inspect) is taken: ask for another`,
  );
  taken.close();
});
