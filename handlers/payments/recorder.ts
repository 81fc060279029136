import type { Context, SQSBatchResponse } from 'aws-lambda';
import type { BatchEvent } from '../shared/batch';
import { createDynamoDb } from '../shared/clients';
import { required } from '../shared/environment';
import { createLog } from '../shared/log';
import { Payments } from './payments';
import { recordPayments } from './record-payments';

const payments = new Payments(createDynamoDb(), required(process.env, 'PAYMENTS_TABLE'));

/** Records events from the queue in the table PAYMENTS_TABLE. Calls on it: dynamodb:PutItem. */
export function handler(event: BatchEvent, context: Context): Promise<SQSBatchResponse> {
  return recordPayments(event, {
    payments,
    log: createLog(context.awsRequestId),
    remainingMs: () => context.getRemainingTimeInMillis(),
  });
}
