import type { Context, EventBridgeEvent } from 'aws-lambda';
import { createDynamoDb } from '../shared/clients';
import { required } from '../shared/environment';
import { createLog } from '../shared/log';
import { Orders } from './orders';
import { type Tracked, trackStatus } from './track-status';

const orders = new Orders(createDynamoDb(), required(process.env, 'ORDERS_TABLE'));

/** Records changes in the table ORDERS_TABLE. Calls on it: dynamodb:GetItem, PutItem. */
export function handler(event: EventBridgeEvent<string, unknown>, context: Context): Promise<Tracked> {
  return trackStatus(event, { orders, log: createLog(context.awsRequestId) });
}
