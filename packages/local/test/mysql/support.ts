import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import type { Connection, ConnectionOptions } from 'mysql2/promise';
import type { DatabaseServer } from '../../src/contracts';

export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'aws-micro-mysql-'));
}

export async function connectAsAdmin(
  server: DatabaseServer,
  more: ConnectionOptions = {},
): Promise<Connection> {
  const ca = await readFile(server.caFile ?? '', 'utf8');
  const { user, password } = server.admin;
  return createConnection({
    host: server.host,
    port: server.port,
    user,
    password,
    ssl: { ca, verifyIdentity: true },
    ...more,
  });
}

/** Resolves once no such process runs. */
export async function ended(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      if (stat.includes(') Z ')) return;
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
