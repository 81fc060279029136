import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { startProxy } from './proxy';

export interface Moto {
  /** AWS endpoint. */
  readonly url: string;
  stop(): Promise<void>;
}

const startTimeoutMs = 60_000;

/**
 * Starts moto on a free loopback port, with a proxy in front of it that makes up for what it lacks. It keeps everything
 * in memory, so each start is an empty account.
 */
export async function startMoto(): Promise<Moto> {
  const moto = await startBareMoto();
  try {
    const proxy = await startProxy(moto.url);
    return {
      url: proxy.url,
      stop: async () => {
        await proxy.stop();
        await moto.stop();
      },
    };
  } catch (error) {
    await moto.stop();
    throw error;
  }
}

/** Moto as it is, with nothing in front of it. */
export async function startBareMoto(): Promise<Moto> {
  // Werkzeug picks the port and prints it: no race for a port that was free a moment ago.
  const server = spawn('moto_server', ['-H', '127.0.0.1', '-p', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // A role may be given the policies that AWS itself manages.
    env: { ...process.env, MOTO_IAM_LOAD_MANAGED_POLICIES: 'true' },
  });
  try {
    const upstream = await listening(server);
    // Docker cannot be expected; functions answer with their input then.
    await fetch(`${upstream}/moto-api/config`, {
      method: 'POST',
      body: JSON.stringify({ lambda: { use_docker: false } }),
    });
    return { url: upstream, stop: () => end(server) };
  } catch (error) {
    await end(server);
    throw error;
  }
}

function listening(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = '';
    const timer = setTimeout(() => reject(new Error(`moto did not start in time: ${log}`)), startTimeoutMs);
    const settle = (action: () => void): void => {
      clearTimeout(timer);
      action();
    };
    server.on('error', (error) => settle(() => reject(error)));
    server.on('close', (code) =>
      settle(() => reject(new Error(`moto ended with exit code ${code}: ${log}`))),
    );
    // Its log has to be read to the end, or moto blocks on a full pipe.
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-4000);
      const url = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(log)?.[1];
      if (url !== undefined) settle(() => resolve(url));
    });
  });
}

function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined)
    return Promise.resolve();
  return new Promise((resolve) => {
    server.on('close', () => resolve());
    server.kill('SIGKILL');
  });
}
