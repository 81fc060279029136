import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Guard, Invoker, Reporter } from '../../packages/local/src/contracts';
import { Broker } from '../../packages/local/src/engine';
import { AwsEndpoint, SecretStore } from '../../packages/local/src/wire';

/**
 * An SNS and SQS server in a process of its own: `aws-micro`, durable as always, or `fauxqs`, in memory. Prints its URL, and
 * ends when its standard input does.
 */
async function main(kind: string | undefined): Promise<void> {
  const server = kind === 'fauxqs' ? await startFauxqs() : await startOurs();
  process.stdout.write(`${server.url}\n`);
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once('end', resolve));
  await server.stop();
}

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

async function startFauxqs(): Promise<Server> {
  const { startFauxqs: start } = await import('fauxqs');
  const server = await start({ port: 0, host: '127.0.0.1', logger: false });
  return { url: `http://127.0.0.1:${server.port}`, stop: () => server.stop() };
}

async function startOurs(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'aws-micro-bench-'));
  const broker = await Broker.open({ folder });
  const reporter: Reporter = { event: () => undefined, warn: () => undefined };
  const guard: Guard = {
    principal: () => ({ kind: 'developer' }),
    judge: () => ({ kind: 'allow' }),
  };
  const invoker: Invoker = {
    invoke: () => Promise.reject(new Error('there are no functions here')),
    has: () => false,
  };
  const secrets = new SecretStore();
  const endpoint = await AwsEndpoint.start({ broker, guard, invoker, secrets, reporter, port: 0 });
  const stop = async (): Promise<void> => {
    await endpoint.stop();
    await broker.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: endpoint.url, stop };
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
