import { spawn } from 'node:child_process';
import path from 'node:path';
import { endpointAt } from './endpoint';
import type { Endpoint } from './endpoint';

const project = path.resolve(__dirname, '../../..');
const START_TIMEOUT_MS = 30_000;

// It is an ES module, which jest cannot load, and its own start listens on every interface.
const program = `
  import { buildApp } from 'fauxqs';
  const app = buildApp({ logger: false });
  console.log(await app.listen({ port: 0, host: '127.0.0.1' }));
  process.stdin.on('end', () => process.exit()).resume();`;

/** Starts fauxqs in a process of its own on a free loopback port; it ends with this process. */
export async function startFauxqs(): Promise<Endpoint> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: project,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('fauxqs did not start in time')), START_TIMEOUT_MS);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      clearTimeout(timer);
      resolve(text.trim());
    });
    child.on('close', (code) => reject(new Error(`fauxqs ended with exit code ${code}`)));
  }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return endpointAt(url, '000000000000', stop);
}
