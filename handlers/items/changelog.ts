import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { createDynamoDb } from '../shared/clients';
import { required } from '../shared/environment';
import { createLog } from '../shared/log';
import { Changes } from './changes';
import { recordChanges } from './record-changes';

const changes = new Changes(createDynamoDb(), required(process.env, 'CHANGES_TABLE'));

/** Records changes from the stream of items in the table CHANGES_TABLE. Calls on it: dynamodb:PutItem. */
export function handler(event: DynamoDBStreamEvent, context: Context): Promise<DynamoDBBatchResponse> {
  return recordChanges(event, {
    changes,
    log: createLog(context.awsRequestId),
    remainingMs: () => context.getRemainingTimeInMillis(),
  });
}
