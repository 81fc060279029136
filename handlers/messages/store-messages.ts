import { createHash } from 'node:crypto';
import type { SQSBatchResponse } from 'aws-lambda';
import { type BatchEvent, batchItems, reportFailures } from '../shared/batch';
import type { WriteResult } from '../shared/connection';
import type { Database } from '../shared/database';
import { DatabaseError } from '../shared/database-errors';
import type { Log } from '../shared/log';
import { type Envelope, parseEnvelope } from './envelope';
import { toDateTime } from './timestamps';

interface Row extends Envelope {
  /** Ids of the batch items that carry it; the same message may be delivered twice in a batch. */
  readonly itemIds: string[];
}

/**
 * Stores a batch with one statement. A message that is there already is left as it is, so that every delivery may be
 * repeated. What can never be stored is reported alone and ends among the dead letters.
 *
 * @throws DatabaseError if the database cannot store anything now: the whole batch comes again later
 */
export async function storeMessages(
  event: BatchEvent,
  { database, log }: { readonly database: Database; readonly log: Log },
): Promise<SQSBatchResponse> {
  const { rows, malformed } = readRows(event, log);
  try {
    const poison = await insert(rows, database, log);
    return reportFailures(event, [...malformed, ...poison.flatMap((row) => row.itemIds)]);
  } catch (error) {
    if (error instanceof DatabaseError) {
      log.error('batch not stored', { code: error.code, kind: error.kind, messages: rows.length });
    }
    throw error;
  }
}

function readRows(event: BatchEvent, log: Log): { rows: Row[]; malformed: string[] } {
  const rows = new Map<string, Row>();
  const malformed: string[] = [];
  for (const { id, body } of batchItems(event)) {
    const envelope = parseEnvelope(body);
    if (!envelope) {
      log.error('malformed message', { itemId: id });
      malformed.push(id);
      continue;
    }
    const first = rows.get(envelope.messageId);
    if (!first) {
      rows.set(envelope.messageId, { ...envelope, itemIds: [id] });
      continue;
    }
    first.itemIds.push(id);
    if (first.message !== envelope.message) logConflict(log, envelope.messageId);
  }
  return { rows: [...rows.values()], malformed };
}

/** A client used one Idempotency-Key for two messages. The first one stays; the second is done with. */
function logConflict(log: Log, messageId: string): void {
  log.warn('conflicting message ignored', { messageId });
}

/** @returns the rows that the table cannot take */
async function insert(rows: readonly Row[], database: Database, log: Log): Promise<Row[]> {
  if (rows.length === 0) return [];
  try {
    const inserted = await insertAll(rows, database, log);
    if (inserted < rows.length) await logConflicts(rows, database, log);
    return [];
  } catch (error) {
    const splits = error instanceof DatabaseError && ['poison', 'too-large'].includes(error.kind);
    if (!splits) throw error;
    if (rows.length === 1) {
      log.error('message cannot be stored', { messageId: rows[0]?.messageId, code: error.code });
      return [...rows];
    }
    // One bad row fails the whole statement: halving finds it in few statements, and stores the others.
    const middle = rows.length >> 1;
    return [
      ...(await insert(rows.slice(0, middle), database, log)),
      ...(await insert(rows.slice(middle), database, log)),
    ];
  }
}

async function insertAll(rows: readonly Row[], database: Database, log: Log): Promise<number> {
  const values = rows.map((row) => [row.messageId, row.message, toDateTime(row.createdAt)]);
  // Not INSERT IGNORE: that stores values cut short without a word.
  const sql =
    'INSERT INTO messages (message_id, message, created_at) VALUES ? ON DUPLICATE KEY UPDATE id = id';
  return (await database.query<WriteResult>(sql, [values], log)).affectedRows;
}

/** Compares digests, so that a redelivered batch does not bring all its messages back from the database. */
async function logConflicts(rows: readonly Row[], database: Database, log: Log): Promise<void> {
  const sql =
    'SELECT message_id AS messageId, SHA2(message, 256) AS digest FROM messages WHERE message_id IN (?)';
  const stored = await database.query<{ messageId: string; digest: string }[]>(
    sql,
    [rows.map((row) => row.messageId)],
    log,
  );
  const digests = new Map(stored.map(({ messageId, digest }) => [messageId, digest]));
  for (const { messageId, message } of rows) {
    if (digests.get(messageId) !== sha256(message)) logConflict(log, messageId);
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
