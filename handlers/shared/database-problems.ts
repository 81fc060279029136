import { DatabaseError } from './database-errors';
import { HttpProblem } from './http';
import type { Log } from './log';

const RETRY_AFTER_SECONDS = '5';

/**
 * What to throw for an error below a handler that reads: 503 while the database cannot be reached, anything else as it is.
 *
 * @param event what the log calls it: `messages not read`
 */
export function databaseProblem(error: unknown, event: string, log: Log): unknown {
  if (!(error instanceof DatabaseError)) return error;
  log.error(event, { code: error.code, kind: error.kind });
  if (!error.unavailable) return error;
  const headers = { 'retry-after': RETRY_AFTER_SECONDS };
  return new HttpProblem(503, 'The database cannot be reached now.', [], headers);
}
