import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { createDynamoDb, createSqs } from '../shared/clients';
import { required } from '../shared/environment';
import type { HttpResponse } from '../shared/http';
import { createLog } from '../shared/log';
import { listOrders } from './list-orders';
import type { OrderStatus } from './order';
import { ordersTimeline } from './orders';

const dynamodb = createDynamoDb();
const sqs = createSqs();
const table = required(process.env, 'ORDERS_TABLE');
const indexes = {
  timeline: required(process.env, 'TIMELINE_INDEX'),
  byStatus: required(process.env, 'STATUS_INDEX'),
};
const deadLetterQueues = required(process.env, 'DEAD_LETTER_QUEUES').split(',');
const timeline = (status?: OrderStatus) => ordersTimeline(dynamodb, table, indexes, status);

/**
 * `GET /books/order` and `GET /books/order/dead-letters`.
 *
 * Calls on the indexes TIMELINE_INDEX and STATUS_INDEX of the table ORDERS_TABLE: dynamodb:Query; on the queues
 * DEAD_LETTER_QUEUES: sqs:GetQueueAttributes.
 */
export function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpResponse> {
  return listOrders(event, { timeline, sqs, deadLetterQueues, log: createLog(context.awsRequestId) });
}
