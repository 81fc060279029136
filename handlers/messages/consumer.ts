import type { Context, SQSBatchResponse } from 'aws-lambda';
import type { BatchEvent } from '../shared/batch';
import { connectionSettings } from '../shared/connection';
import { Database } from '../shared/database';
import { clientConfig } from '../shared/aws';
import { required } from '../shared/environment';
import { createLog } from '../shared/log';
import { ObjectStore } from '../shared/object-store';
import { storeMessages } from './store-messages';

// A batch that fails stays hidden for long: a restart is cheaper to wait for. With the last attempt, which takes up to six
// seconds, this ends well within the function's fifteen.
const database = new Database(connectionSettings(), { patienceMs: 4_000 });

const bucket = required(process.env, 'LARGE_MESSAGES_BUCKET');
const objects = new ObjectStore({ ...clientConfig('S3'), bucket, timeoutMs: 4_000 });

/**
 * Stores messages from the queue, or with direct delivery from the topic; large ones from the bucket `LARGE_MESSAGES_BUCKET`.
 */
export function handler(event: BatchEvent, context: Context): Promise<SQSBatchResponse> {
  const log = createLog(context.awsRequestId);
  const remainingMs = () => context.getRemainingTimeInMillis();
  return storeMessages(event, { database, bucket, objects, remainingMs, log });
}
