import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '@aws-micro/messaging/server';

/** Where the REST API answers. */
export interface Place {
  readonly url: string;
  readonly token: string | undefined;
  /** AWS, as the server sees it; unknown of a server that ran already. */
  readonly endpoint?: string;
  close(): Promise<void>;
}

const RUNTIME = join(__dirname, '..', '..', 'packages', 'local', 'bin', 'aws-micro.mjs');

/** An empty stack: queues, topics and alarms are made by the API. */
const STACK = { terraform: {}, provider: { aws: [{ region: 'us-east-1' }] } };

/** A runtime of its own, with data that goes with it, and the server in front of it; nothing else runs on this machine for it. */
export async function ownPlace(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'aws-micro-demo-'));
  mkdirSync(join(folder, 'stack'));
  writeFileSync(join(folder, 'stack', 'cdk.tf.json'), JSON.stringify(STACK));
  const runtime = startRuntime(folder);
  const token = randomUUID();
  const close = async (): Promise<void> => {
    await ended(runtime);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const endpoint = await endpointOf(runtime);
    const server = await startServer({
      endpoint,
      port: 0,
      tokens: [{ name: 'demo', scope: 'admin', token }],
    });
    return { url: server.url, token, endpoint, close: () => server.stop().then(close) };
  } catch (error) {
    await close();
    throw error;
  }
}

function startRuntime(folder: string): ChildProcess {
  const options = ['--port', '0', '--aws-port', '0', '--data', join(folder, 'data')];
  return spawn(process.execPath, [RUNTIME, 'up', join(folder, 'stack'), ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The address of the AWS endpoint, which the runtime prints once it answers. */
function endpointOf(runtime: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer): void => {
      output += String(chunk);
      const [, url] = /AWS_ENDPOINT_URL=(\S+)/.exec(output) ?? [];
      if (url !== undefined) resolve(url);
    };
    runtime.stdout?.on('data', read);
    runtime.stderr?.on('data', read);
    runtime.once('error', reject);
    runtime.once('close', (code) => reject(new Error(`the runtime ended with ${code}:\n${output}`)));
  });
}

function ended(runtime: ChildProcess): Promise<void> {
  if (runtime.exitCode !== null || runtime.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    runtime.once('close', () => resolve());
    runtime.kill('SIGTERM');
  });
}
