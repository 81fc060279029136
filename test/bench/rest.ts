import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { runConcurrently } from '../support/load';
import { EngineClient } from './engine-client';
import { perSecond, rate } from './measure';
import type { Row } from './measure';

const BIN = join(__dirname, '..', '..', 'packages', 'messaging', 'bin', 'aws-micro-messaging.mjs');
const CONCURRENCY = 32;
const TOKEN = 'a-token-of-the-measurement';
const BODY = {
  body: JSON.stringify({ messageId: '00000000-0000-4000-8000-000000000000', message: 'hello' }),
};

/** The server in a process of its own, beside the SDK straight at the same endpoint. */
export async function measureRest(count: number, progress: (text: string) => void): Promise<Row[]> {
  progress('publishes by REST');
  const engine = await EngineClient.start('aws-micro');
  const server = await startServer(engine.url);
  try {
    const own = await server.publishes(count);
    const direct = await engine.publishes(1, count);
    return [
      {
        what: 'POST /v1/topics/{topic}/messages, 1 topic -> 1 queue: publishes/s',
        value: rate(own),
        beside: `by SDK at the endpoint itself: ${rate(direct)} (${(own / direct).toFixed(2)} x)`,
      },
    ];
  } finally {
    await server.stop();
    await engine.stop();
  }
}

async function startServer(endpoint: string): Promise<RestServer> {
  const options = ['--endpoint', endpoint, '--port', '0', '--watch', 'off', '--no-access-log'];
  const child = spawn(process.execPath, [BIN, ...options, '--rate-limit-per-second', '0'], {
    env: { ...process.env, AWS_MICRO_TOKENS: `bench:admin:${TOKEN}` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return new RestServer(child, await urlOf(child));
}

/** The address that the server tells once it listens. */
function urlOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let notes = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      notes += String(chunk);
      const url = /^(http:\S+) serves/m.exec(notes)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', () => reject(new Error(`the server did not start: ${notes}`)));
  });
}

class RestServer {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });

  constructor(
    private readonly child: ChildProcess,
    private readonly url: string,
  ) {}

  /** Publishes per second to a topic with one queue. */
  async publishes(count: number): Promise<number> {
    await this.call('POST', '/v1/queues', { name: 'measured' }, 201);
    await this.call('POST', '/v1/topics', { name: 'measured' }, 201);
    const subscription = { topic: 'measured', protocol: 'sqs', endpoint: 'measured' };
    await this.call('POST', '/v1/subscriptions', subscription, 201);
    const publish = async (): Promise<void> => {
      await this.call('POST', '/v1/topics/measured/messages', BODY, 202);
    };
    const warmUp = Math.ceil(count / 4);
    await runConcurrently(warmUp, CONCURRENCY, publish);
    const measured = await perSecond(count, () => runConcurrently(count, CONCURRENCY, publish));
    const { visible } = await this.call('GET', '/v1/queues/measured', undefined, 200);
    if (visible !== warmUp + count) throw new Error(`${String(visible)} of ${warmUp + count} were delivered`);
    return measured;
  }

  async stop(): Promise<void> {
    this.agent.destroy();
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }

  private call(
    method: string,
    path: string,
    body: unknown,
    expected: number,
  ): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
      const asking = request(this.url + path, { method, headers, agent: this.agent }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += String(chunk)));
        response.on('end', () => {
          if (response.statusCode === expected) resolve(JSON.parse(text) as Record<string, unknown>);
          else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
        });
      });
      asking.on('error', reject);
      asking.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}
