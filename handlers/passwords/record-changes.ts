import type { SQSBatchResponse } from 'aws-lambda';
import type { BatchEvent, BatchItem } from '../shared/batch';
import { type BatchTable, storeBatch, type StoreOptions } from '../shared/store-batch';
import { toDateTime } from '../shared/timestamps';
import { parseEvent, type PasswordChanged } from './event';

interface Change extends PasswordChanged {
  readonly traceparent: string | undefined;
}

const table: BatchTable<Change> = {
  insert:
    'INSERT INTO password_changes (change_id, user_id, changed_at, source_ip, user_agent, trace_parent) VALUES ? ' +
    'ON DUPLICATE KEY UPDATE id = id',
  parse: ({ body, traceparent }: BatchItem) => {
    const event = parseEvent(body);
    return event && { ...event, traceparent };
  },
  keyOf: (change) => change.changeId,
  valuesOf: ({ changeId, userId, changedAt, sourceIp, userAgent, traceparent }) => [
    changeId,
    userId,
    toDateTime(changedAt),
    sourceIp,
    userAgent,
    traceparent ?? null,
  ],
};

/**
 * Stores a batch of changes, each once.
 *
 * @throws DatabaseError if the database cannot store anything now: the whole batch comes again later
 */
export function recordChanges(event: BatchEvent, options: StoreOptions): Promise<SQSBatchResponse> {
  return storeBatch(event, table, options);
}
