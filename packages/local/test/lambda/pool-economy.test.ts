import { rm } from 'node:fs/promises';
import type { Functions } from '../../src/lambda/functions';
import { Lines } from '../support/lines';
import { ManualClock } from '../support/manual-clock';
import { ended, load, temporaryFolder, until } from './support';

const MINUTE = 60_000;
const PID = 'exports.handler = async () => process.pid;';
const WAIT = `exports.handler = async ({ ms }) => {
  if (ms) console.log('begun');
  await new Promise((resolve) => setTimeout(resolve, ms ?? 0));
  return process.pid;
};`;

let folder: string;
let clock: ManualClock;
let functions: Functions;

beforeEach(async () => {
  folder = await temporaryFolder();
  clock = new ManualClock();
});

afterEach(async () => {
  await functions.stop(0);
  await rm(folder, { recursive: true });
});

const pid = async () => Number((await functions.invoke('probe', '{}')).payload);

test('a function that nobody calls for five minutes ends, and starts again when it is called', async () => {
  functions = await load(folder, { probe: PID }, { clock });
  await functions.prewarm('probe');
  const first = await pid();
  clock.advance(5 * MINUTE - 1);
  expect(functions.pids('probe')).toEqual([first]);
  clock.advance(1);
  expect(functions.pids('probe')).toEqual([]);
  await ended(first);
  expect(await pid()).not.toBe(first);
});

test('a call begins the five minutes anew', async () => {
  functions = await load(folder, { probe: PID }, { clock });
  const first = await pid();
  clock.advance(4 * MINUTE);
  expect(await pid()).toBe(first);
  clock.advance(4 * MINUTE);
  expect(await pid()).toBe(first);
});

test('a function that is debugged stays', async () => {
  functions = await load(folder, { probe: PID }, { clock, inspect: { functionName: 'probe', port: 0 } });
  await functions.startDebugged();
  const [first] = functions.pids('probe');
  clock.advance(60 * MINUTE);
  expect(functions.pids('probe')).toEqual([first]);
});

describe('another reserved concurrency', () => {
  const source = { probe: { source: WAIT, config: { reservedConcurrency: 2 } } };
  const twoBusy = async () => {
    const reporter = new Lines();
    functions = await load(folder, source, { defaultConcurrency: 3, clock, reporter });
    const calls = [functions.invoke('probe', '{"ms":200}'), functions.invoke('probe', '{"ms":200}')];
    await until(() => functions.pids('probe').length === 1);
    clock.advance(25);
    await until(() => reporter.lines.length === 2);
    return calls;
  };

  test('that is less ends instances as they become free', async () => {
    const calls = await twoBusy();
    functions.reserveConcurrency('probe', 1);
    await Promise.all(calls);
    expect(functions.pids('probe')).toHaveLength(1);
    expect(functions.capacity('probe')).toBe(1);
    expect(functions.config('probe').reservedConcurrency).toBe(1);
  });

  test('of 0 throttles what waits and what comes, and lets finish what runs', async () => {
    const calls = await twoBusy();
    const waiting = functions.invoke('probe', '{}');
    functions.reserveConcurrency('probe', 0);
    await expect(waiting).rejects.toMatchObject({ code: 'TooManyRequestsException' });
    await expect(functions.invoke('probe', '{}')).rejects.toMatchObject({ code: 'TooManyRequestsException' });
    expect(await Promise.all(calls)).toHaveLength(2);
    expect(functions.pids('probe')).toEqual([]);
    functions.reserveConcurrency('probe', undefined);
    expect(functions.capacity('probe')).toBe(3);
    expect(await pid()).toBeGreaterThan(0);
  });
});
