import { createHash } from 'node:crypto';
import type { SQSBatchResponse } from 'aws-lambda';
import { type BatchEvent, type BatchItem, batchItems, reportFailures } from '../shared/batch';
import type { Log } from '../shared/log';
import { type BatchTable, storeItems, type StoreOptions } from '../shared/store-batch';
import { toDateTime } from '../shared/timestamps';
import { type Envelope, parseEnvelope } from './envelope';
import { fetchBodies, type FetchOptions, isOffloaded, portionsOf } from './large-messages';

export interface StoreMessagesOptions extends StoreOptions, FetchOptions {
  /** What is left of the function's time. */
  readonly remainingMs: () => number;
}

interface StoredMessage extends Envelope {
  readonly traceparent: string | undefined;
}

/** A portion of large messages is begun only with so much time left: two seconds where nothing is wrong. */
const PORTION_MS = 5_000;

/**
 * Stores a batch of messages, each once: those that are in it by one statement, then the large ones portion by portion, as memory
 * and the server's packets are limited. What is not read, or not for want of time, is reported alone and comes again later.
 *
 * @throws DatabaseError if the database cannot store anything now: the whole batch comes again later
 */
export async function storeMessages(
  event: BatchEvent,
  options: StoreMessagesOptions,
): Promise<SQSBatchResponse> {
  const table = messagesTable(options);
  const items = batchItems(event);
  const failed = await storeItems(
    items.filter((item) => !isOffloaded(item)),
    table,
    options,
  );
  for (const portion of portionsOf(items.filter(isOffloaded))) {
    if (options.remainingMs() < PORTION_MS) {
      options.log.warn('large messages left for later', { messages: portion.length });
      failed.push(...portion.map(({ id }) => id));
      continue;
    }
    const { fetched, failedIds } = await fetchBodies(portion, options);
    failed.push(...failedIds, ...(await storeItems(fetched, table, options)));
  }
  return reportFailures(event, failed);
}

function messagesTable(options: StoreOptions): BatchTable<StoredMessage> {
  return {
    insert:
      'INSERT INTO messages (message_id, message, created_at, trace_parent) VALUES ? ' +
      'ON DUPLICATE KEY UPDATE id = id',
    parse,
    keyOf: (message) => message.messageId,
    valuesOf: ({ messageId, message, createdAt, traceparent }) => [
      messageId,
      message,
      toDateTime(createdAt),
      traceparent ?? null,
    ],
    repeated: (first, again) => {
      if (again.message !== first.message) logConflict(options.log, again.messageId);
    },
    existed: (messages) => logConflicts(messages, options),
  };
}

function parse({ body, traceparent }: BatchItem): StoredMessage | undefined {
  const envelope = parseEnvelope(body);
  return envelope && { ...envelope, traceparent };
}

/** A client used one Idempotency-Key for two messages. The first one stays; the second is done with. */
function logConflict(log: Log, messageId: string): void {
  log.warn('conflicting message ignored', { messageId });
}

/** Compares digests, so that a redelivered batch does not bring all its messages back from the database. */
async function logConflicts(
  messages: readonly StoredMessage[],
  { database, log }: StoreOptions,
): Promise<void> {
  const sql =
    'SELECT message_id AS messageId, SHA2(message, 256) AS digest FROM messages WHERE message_id IN (?)';
  const stored = await database.query<{ messageId: string; digest: string }[]>(
    sql,
    [messages.map(({ messageId }) => messageId)],
    log,
  );
  const digests = new Map(stored.map(({ messageId, digest }) => [messageId, digest]));
  for (const { messageId, message } of messages) {
    if (digests.get(messageId) !== sha256(message)) logConflict(log, messageId);
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
