import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startMySql } from '../../src/mysql';
import { Lines } from '../support/lines';
import { ended, temporaryFolder } from './support';

let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(() => rm(folder, { recursive: true }));

async function startRuntime(): Promise<{ runtime: ChildProcess; serverPid: number }> {
  const runtime = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'runtime.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(runtime.stdout, 'data')) as [Buffer];
  return { runtime, serverPid: Number(line.toString()) };
}

/** The processes whose parent is `pid`, by their command line. */
async function childrenOf(pid: number): Promise<{ pid: number; command: string }[]> {
  const pids = (await readdir('/proc')).map(Number).filter((each) => each > 0);
  const all = await Promise.all(
    pids.map(async (each) => ({
      pid: each,
      stat: await readFile(`/proc/${each}/stat`, 'utf8').catch(() => ''),
      command: await readFile(`/proc/${each}/cmdline`, 'utf8').catch(() => ''),
    })),
  );
  return all.filter(({ stat }) => stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(pid));
}

test('a server does not outlive a runtime that is killed', async () => {
  const { runtime, serverPid } = await startRuntime();
  runtime.kill('SIGKILL');
  await ended(serverPid);
});

test('a server left behind by a killed runtime is stopped by the next one', async () => {
  const { runtime, serverPid } = await startRuntime();
  const watchdog = (await childrenOf(runtime.pid ?? 0)).find(({ command }) => command.includes('watchdog'));
  // Both at once, the watchdog first: only the pid file tells of the server then.
  runtime.kill('SIGSTOP');
  process.kill(watchdog?.pid ?? NaN, 'SIGKILL');
  runtime.kill('SIGKILL');
  await once(runtime, 'exit');
  process.kill(serverPid, 0);

  const reporter = new Lines();
  const next = await startMySql({ dataDir: folder, env: process.env, reporter });
  expect(reporter.lines).toEqual(['mysql stopped the server that an earlier run left behind']);
  await ended(serverPid);
  await next.stop();
});
