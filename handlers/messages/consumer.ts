import type { Context, SQSBatchResponse } from 'aws-lambda';
import type { BatchEvent } from '../shared/batch';
import { connectionSettings } from '../shared/connection';
import { Database } from '../shared/database';
import { createLog } from '../shared/log';
import { storeMessages } from './store-messages';

const database = new Database(connectionSettings());

/** Stores messages from the queue, or with direct delivery from the topic. */
export function handler(event: BatchEvent, context: Context): Promise<SQSBatchResponse> {
  return storeMessages(event, { database, log: createLog(context.awsRequestId) });
}
