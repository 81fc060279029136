import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import type { Connection, ConnectionOptions } from 'mysql2/promise';
import type { DatabaseServer, Reporter } from '../../src/contracts';

export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'aws-micro-mysql-'));
}

/** Keeps what was reported, and lets a test wait for a line. */
export class Lines implements Reporter {
  readonly lines: string[] = [];
  private waiting: { pattern: RegExp; found: (line: string) => void }[] = [];

  event(scope: string, text: string): void {
    this.lines.push(`${scope} ${text}`);
    this.waiting = this.waiting.filter(({ pattern, found }) => {
      const line = this.lines.find((each) => pattern.test(each));
      if (line !== undefined) found(line);
      return line === undefined;
    });
  }

  warn(scope: string, text: string): void {
    this.event(scope, `! ${text}`);
  }

  see(pattern: RegExp): Promise<string> {
    return new Promise((found) => {
      const line = this.lines.find((each) => pattern.test(each));
      if (line === undefined) this.waiting.push({ pattern, found });
      else found(line);
    });
  }
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
