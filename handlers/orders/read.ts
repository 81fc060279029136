import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { createDynamoDb } from '../shared/clients';
import { required } from '../shared/environment';
import type { HttpResponse } from '../shared/http';
import { createLog } from '../shared/log';
import { Orders } from './orders';
import { readOrder } from './read-order';

const orders = new Orders(createDynamoDb(), required(process.env, 'ORDERS_TABLE'));

/** `GET /books/order/{id}`. Calls on the table ORDERS_TABLE: dynamodb:GetItem. */
export function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpResponse> {
  return readOrder(event, { orders, log: createLog(context.awsRequestId) });
}
