import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { createDynamoDb } from '../shared/clients';
import { required } from '../shared/environment';
import type { HttpResponse } from '../shared/http';
import { createLog } from '../shared/log';
import { Orders } from './orders';
import { handleOrder } from './settle-order';

const orders = new Orders(createDynamoDb(), required(process.env, 'ORDERS_TABLE'));

/** `POST /books/order/handle`. Calls on the table ORDERS_TABLE: dynamodb:GetItem, UpdateItem. */
export function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpResponse> {
  return handleOrder(event, { orders, log: createLog(context.awsRequestId) });
}
