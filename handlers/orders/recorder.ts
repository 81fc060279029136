import type { Context, SQSBatchResponse } from 'aws-lambda';
import type { BatchEvent } from '../shared/batch';
import { createDynamoDb } from '../shared/clients';
import { required } from '../shared/environment';
import { createLog } from '../shared/log';
import { Orders } from './orders';
import { recordOrders } from './record-orders';

const orders = new Orders(createDynamoDb(), required(process.env, 'ORDERS_TABLE'));

/** Records orders from the queue in the table ORDERS_TABLE. Calls on it: dynamodb:PutItem. */
export function handler(event: BatchEvent, context: Context): Promise<SQSBatchResponse> {
  return recordOrders(event, {
    orders,
    log: createLog(context.awsRequestId),
    remainingMs: () => context.getRemainingTimeInMillis(),
  });
}
