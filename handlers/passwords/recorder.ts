import type { Context, SQSBatchResponse } from 'aws-lambda';
import type { BatchEvent } from '../shared/batch';
import { connectionSettings } from '../shared/connection';
import { Database } from '../shared/database';
import { createLog } from '../shared/log';
import { recordChanges } from './record-changes';

// As with messages: a restart of the database is cheaper to wait for than a batch that stays hidden.
const database = new Database(connectionSettings(), { patienceMs: 4_000 });

/** Stores changes from the queue. Calls no AWS service: rds-db:connect as `passwords_writer` is all that it needs. */
export function handler(event: BatchEvent, context: Context): Promise<SQSBatchResponse> {
  return recordChanges(event, { database, log: createLog(context.awsRequestId) });
}
