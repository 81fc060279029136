import { type ConnectionSettings, openSession, type Session } from './connection';
import { DatabaseError } from './database-errors';
import type { Log } from './log';

const MAX_BUSY_RETRIES = 2;

/**
 * The process's one connection, opened by the first query and kept for the next event. No pool: a process handles one
 * event at a time, and a pool keeps a connection on which a query timed out, so that every later one hangs.
 */
export class Database {
  private session: Promise<Session> | undefined;

  constructor(private readonly settings: ConnectionSettings) {}

  /**
   * Runs one statement. A lost connection is replaced and the statement run again, once: it must be harmless to run it
   * twice. The text protocol, because prepared statements pin connections of an RDS proxy.
   *
   * @throws DatabaseError
   */
  async query<T>(sql: string, values: readonly unknown[], log: Log): Promise<T> {
    let reconnected = false;
    for (let busyRetries = 0; ;) {
      try {
        return await this.attempt<T>(sql, values);
      } catch (error) {
        if (!(error instanceof DatabaseError)) throw error;
        const mayReconnect = error.kind === 'lost' && !reconnected;
        const mayWait = error.kind === 'busy' && busyRetries < MAX_BUSY_RETRIES;
        if (!mayReconnect && !mayWait) throw error;
        log.warn('database query retried', { code: error.code });
        if (mayReconnect) reconnected = true;
        else busyRetries++;
      }
    }
  }

  close(): void {
    const session = this.session;
    this.session = undefined;
    session?.then((open) => open.destroy()).catch(() => undefined);
  }

  private async attempt<T>(sql: string, values: readonly unknown[]): Promise<T> {
    try {
      this.session ??= openSession(this.settings);
      return await (await this.session).query<T>(sql, values);
    } catch (error) {
      const usable = error instanceof DatabaseError && (error.kind === 'poison' || error.kind === 'busy');
      if (!usable) this.close();
      throw error;
    }
  }
}
