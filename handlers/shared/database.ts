import { setTimeout as pause } from 'node:timers/promises';
import { type ConnectionSettings, openSession, type Session } from './connection';
import { DatabaseError } from './database-errors';
import type { Log } from './log';

const MAX_BUSY_RETRIES = 2;
const OUTAGE_PAUSE_MS = 200;

export interface DatabaseOptions {
  /** How long a server that is away is tried again before a query fails: a restart takes a second or two. @default 0 */
  readonly patienceMs?: number;
}

/**
 * The process's one connection, opened by the first query and kept for the next event. No pool: a process handles one
 * event at a time, and a pool keeps a connection on which a query timed out, so that every later one hangs.
 */
export class Database {
  private session: Promise<Session> | undefined;

  constructor(
    private readonly settings: ConnectionSettings,
    private readonly options: DatabaseOptions = {},
  ) {}

  /**
   * Runs one statement. A lost connection is replaced and the statement run again, once, or for as long as there is
   * patience: it must be harmless to run it twice. The text protocol, because prepared statements pin connections of an RDS proxy.
   *
   * @throws DatabaseError
   */
  async query<T>(sql: string, values: readonly unknown[], log: Log): Promise<T> {
    const giveUpAt = Date.now() + (this.options.patienceMs ?? 0);
    let reconnected = false;
    for (let busyRetries = 0; ;) {
      try {
        return await this.attempt<T>(sql, values);
      } catch (error) {
        if (!(error instanceof DatabaseError)) throw error;
        const mayReconnect = error.kind === 'lost' && !reconnected;
        const mayWait = error.kind === 'busy' && busyRetries < MAX_BUSY_RETRIES;
        const maySitOut = (error.kind === 'outage' || error.kind === 'lost') && Date.now() < giveUpAt;
        if (!mayReconnect && !mayWait && !maySitOut) throw error;
        log.warn('database query retried', { code: error.code });
        if (mayReconnect) reconnected = true;
        else if (mayWait) busyRetries++;
        else await pause(OUTAGE_PAUSE_MS);
      }
    }
  }

  close(): void {
    const session = this.session;
    this.session = undefined;
    session?.then((open) => open.destroy()).catch(() => undefined);
  }

  /** The one there is, unless it ended since the last event. */
  private async openSession(): Promise<Session> {
    const session = await this.session;
    if (session?.alive) return session;
    this.session = openSession(this.settings);
    return this.session;
  }

  private async attempt<T>(sql: string, values: readonly unknown[]): Promise<T> {
    try {
      return await (await this.openSession()).query<T>(sql, values);
    } catch (error) {
      const usable = error instanceof DatabaseError && (error.kind === 'poison' || error.kind === 'busy');
      if (!usable) this.close();
      throw error;
    }
  }
}
