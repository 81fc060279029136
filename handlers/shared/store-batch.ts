import type { SQSBatchResponse } from 'aws-lambda';
import { type BatchEvent, type BatchItem, batchItems, reportFailures } from './batch';
import type { WriteResult } from './connection';
import type { Database } from './database';
import { DatabaseError } from './database-errors';
import type { Log } from './log';

/** Where records of one kind are stored: a table with a unique key that the producer chose. */
export interface BatchTable<T> {
  /**
   * `INSERT INTO t (...) VALUES ? ON DUPLICATE KEY UPDATE id = id`: a repeated delivery leaves the row as it is. Not
   * INSERT IGNORE, which stores values cut short without a word.
   */
  readonly insert: string;
  /** @returns undefined if it is no record: a message that no retry will make storable */
  parse(item: BatchItem): T | undefined;
  /** The value of the unique key. */
  keyOf(record: T): string;
  /** One row, in the order of `insert`. */
  valuesOf(record: T): readonly unknown[];
  /** Told of a record whose key another one of the batch has, which goes first. */
  repeated?(first: T, again: T): void;
  /** Told of records of which some were in the table before. */
  existed?(records: readonly T[]): Promise<void>;
}

export interface StoreOptions {
  readonly database: Database;
  readonly log: Log;
}

interface Row<T> {
  readonly record: T;
  readonly key: string;
  /** Ids of the batch items that carry it; the same record may be delivered twice in a batch. */
  readonly itemIds: string[];
  readonly traceparent: string | undefined;
}

/** A line of the log stays below 10 KB however large the batch is. */
const MAX_LOGGED = 100;

/**
 * Stores a batch with one statement. A record that is there already is left as it is, so that every delivery may be
 * repeated. What can never be stored is reported alone and ends among the dead letters.
 *
 * @throws DatabaseError if the database cannot store anything now: the whole batch comes again later
 */
export async function storeBatch<T>(
  event: BatchEvent,
  table: BatchTable<T>,
  options: StoreOptions,
): Promise<SQSBatchResponse> {
  return reportFailures(event, await storeItems(batchItems(event), table, options));
}

/**
 * Stores items of a batch, as `storeBatch` does.
 *
 * @returns the ids of those that can never be stored
 * @throws DatabaseError if the database cannot store anything now
 */
export async function storeItems<T>(
  items: readonly BatchItem[],
  table: BatchTable<T>,
  options: StoreOptions,
): Promise<string[]> {
  const { rows, malformed } = readRows(items, table, options.log);
  try {
    const poison = await insert(rows, table, options);
    logStored(poison.length === 0 ? rows : rows.filter((row) => !poison.includes(row)), options.log);
    return [...malformed, ...poison.flatMap((row) => row.itemIds)];
  } catch (error) {
    if (error instanceof DatabaseError) {
      options.log.error('batch not stored', { code: error.code, kind: error.kind, messages: rows.length });
    }
    throw error;
  }
}

function readRows<T>(
  items: readonly BatchItem[],
  table: BatchTable<T>,
  log: Log,
): { rows: Row<T>[]; malformed: string[] } {
  const rows = new Map<string, Row<T>>();
  const malformed: string[] = [];
  for (const item of items) {
    const record = table.parse(item);
    if (record === undefined) {
      log.error('malformed message', { itemId: item.id });
      malformed.push(item.id);
      continue;
    }
    const key = table.keyOf(record);
    const first = rows.get(key);
    if (first) {
      first.itemIds.push(item.id);
      table.repeated?.(first.record, record);
    } else {
      rows.set(key, { record, key, itemIds: [item.id], traceparent: item.traceparent });
    }
  }
  return { rows: [...rows.values()], malformed };
}

/** @returns the rows that the table cannot take */
async function insert<T>(
  rows: readonly Row<T>[],
  table: BatchTable<T>,
  options: StoreOptions,
): Promise<Row<T>[]> {
  if (rows.length === 0) return [];
  const records = rows.map((row) => row.record);
  const values = records.map((record) => table.valuesOf(record));
  try {
    const result = await options.database.query<WriteResult>(table.insert, [values], options.log);
    if (result.affectedRows < rows.length) await table.existed?.(records);
    return [];
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    const unstorable = error.kind === 'poison' || error.kind === 'too-large';
    if (!unstorable && !(rows.length > 1 && mayBeTooLarge(error, values))) throw error;
    if (rows.length === 1) {
      options.log.error('message cannot be stored', { messageId: rows[0]?.key, code: error.code });
      return [...rows];
    }
    // One bad row fails the whole statement: halving finds it in few statements, and stores the others.
    const middle = rows.length >> 1;
    return [
      ...(await insert(rows.slice(0, middle), table, options)),
      ...(await insert(rows.slice(middle), table, options)),
    ];
  }
}

const CUT_OFF = ['ECONNRESET', 'EPIPE', 'PROTOCOL_CONNECTION_LOST'];
/** The smallest limit of a statement that servers come with. */
const LARGE_STATEMENT_BYTES = 1_048_576;

/** A server that refuses a large statement may close the connection while it is sent, before its reason can be read. */
function mayBeTooLarge(error: DatabaseError, values: readonly (readonly unknown[])[]): boolean {
  if (!CUT_OFF.includes(error.code)) return false;
  const bytes = values.flat().map((value) => Buffer.byteLength(String(value)));
  return bytes.reduce((sum, each) => sum + each, 0) > LARGE_STATEMENT_BYTES;
}

/** The end of each record's way: one line for the batch, because one for each record would cost more than storing it. */
function logStored<T>(rows: readonly Row<T>[], log: Log): void {
  if (rows.length === 0) return;
  const logged = rows.slice(0, MAX_LOGGED);
  log.info('stored', {
    count: rows.length,
    ids: logged.map((row) => row.key),
    traceparents: logged.map((row) => row.traceparent ?? ''),
  });
}
