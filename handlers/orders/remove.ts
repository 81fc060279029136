import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { createDynamoDb } from '../shared/clients';
import { required } from '../shared/environment';
import type { HttpResponse } from '../shared/http';
import { createLog } from '../shared/log';
import { Orders } from './orders';
import { deleteOrder } from './settle-order';

const orders = new Orders(createDynamoDb(), required(process.env, 'ORDERS_TABLE'));

/** `DELETE /books/order`. Calls on the table ORDERS_TABLE: dynamodb:GetItem, UpdateItem. */
export function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpResponse> {
  return deleteOrder(event, { orders, log: createLog(context.awsRequestId) });
}
