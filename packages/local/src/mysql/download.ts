import { cp, rename, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Reporter } from '../contracts';
import type { ServerFiles } from './files';

/** RDS's major version. */
const VERSION = '8.4.x';
const SOURCE = 'cdn.mysql.com';
const REACH_TIMEOUT_MS = 5_000;

/**
 * Downloads MySQL by mysql-memory-server and keeps its program folder beside the data. That package starts servers of its
 * own that forget everything; it is asked for one, once, which then tells where it runs from.
 *
 * @returns why there is no server; undefined after a download
 */
export async function downloadServer(files: ServerFiles, reporter: Reporter): Promise<string | undefined> {
  const obstacle = await reach(SOURCE);
  if (obstacle !== undefined) return obstacle;
  reporter.event('mysql', `no server on this machine; downloading MySQL ${VERSION} from ${SOURCE}, once`);
  try {
    const { createDB } = await import('mysql-memory-server');
    const server = await createDB({ version: VERSION, xEnabled: 'OFF', downloadRetries: 1 });
    try {
      await keep(await baseFolder(server.port, server.username), files.engine);
    } finally {
      await server.stop();
    }
    return undefined;
  } catch (error) {
    return String(error instanceof Error ? error.message : error).split('\n')[0];
  }
}

export function downloadedBinary(files: ServerFiles): string {
  return join(files.engine, 'bin', 'mysqld');
}

async function baseFolder(port: number, user: string): Promise<string> {
  const { createConnection } = await import('mysql2/promise');
  const connection = await createConnection({ host: '127.0.0.1', port, user });
  const [rows] = await connection.query('SELECT @@basedir AS folder');
  await connection.end();
  return (rows as { folder: string }[])[0]?.folder ?? '';
}

async function keep(folder: string, target: string): Promise<void> {
  const draft = `${target}.new`;
  await rm(draft, { recursive: true, force: true });
  await cp(folder, draft, { recursive: true, verbatimSymlinks: true });
  await rm(target, { recursive: true, force: true });
  await rename(draft, target);
}

/** Spares the minutes that a download takes to find out that there is no way out of this machine. */
function reach(host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 443 });
    const answer = (obstacle: string | undefined) => {
      socket.destroy();
      resolve(obstacle);
    };
    socket.setTimeout(REACH_TIMEOUT_MS, () => answer(`${host} does not answer`));
    socket.once('connect', () => answer(undefined));
    socket.once('error', () => answer(`${host} cannot be reached`));
  });
}
