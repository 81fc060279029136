import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { createDynamoDb } from '../shared/clients';
import { required } from '../shared/environment';
import type { HttpResponse } from '../shared/http';
import { createLog } from '../shared/log';
import { Items } from './items';
import { writeItems } from './write-items';

const items = new Items(createDynamoDb(), required(process.env, 'ITEMS_TABLE'));

/**
 * `POST /items`, and `PUT`, `PATCH` and `DELETE /items/{id}`.
 *
 * Calls on the table ITEMS_TABLE: dynamodb:DeleteItem, GetItem, PutItem.
 */
export function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpResponse> {
  return writeItems(event, { items, log: createLog(context.awsRequestId) });
}
