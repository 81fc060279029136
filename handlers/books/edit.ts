import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { createDynamoDb } from '../shared/clients';
import { required } from '../shared/environment';
import type { HttpResponse } from '../shared/http';
import { createLog } from '../shared/log';
import { Books } from './books';
import { editBooks } from './edit-books';

const books = new Books(createDynamoDb(), required(process.env, 'BOOKS_TABLE'));

/**
 * `POST /books`, `PUT` and `DELETE /books/{id}`.
 *
 * Calls on the table BOOKS_TABLE: dynamodb:DeleteItem, GetItem, PutItem, UpdateItem.
 */
export function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpResponse> {
  return editBooks(event, { books, log: createLog(context.awsRequestId) });
}
