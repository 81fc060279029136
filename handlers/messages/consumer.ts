import type { Context, SQSBatchResponse } from 'aws-lambda';
import type { BatchEvent } from '../shared/batch';
import { connectionSettings } from '../shared/connection';
import { Database } from '../shared/database';
import { createLog } from '../shared/log';
import { storeMessages } from './store-messages';

// A batch that fails stays hidden for long: a restart is cheaper to wait for. With the last attempt, which takes up to six
// seconds, this ends well within the function's fifteen.
const database = new Database(connectionSettings(), { patienceMs: 4_000 });

/** Stores messages from the queue, or with direct delivery from the topic. */
export function handler(event: BatchEvent, context: Context): Promise<SQSBatchResponse> {
  return storeMessages(event, { database, log: createLog(context.awsRequestId) });
}
