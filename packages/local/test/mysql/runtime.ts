import { startMySql } from '../../src/mysql';
import type { PrivateServer } from '../../src/mysql/server';

/** A runtime for tests to kill: starts a database on the folder that it is given and prints the server's process id. */
async function main(dataDir: string): Promise<void> {
  const reporter = { event: () => undefined, warn: () => undefined };
  const server = (await startMySql({ dataDir, env: process.env, reporter })) as PrivateServer;
  process.stdout.write(`${server.pid}\n`);
  // Something that keeps the process alive, as an HTTP server does.
  setInterval(() => undefined, 60_000);
}

void main(process.argv[2] ?? '');
