import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { createDynamoDb } from '../shared/clients';
import { required } from '../shared/environment';
import type { HttpResponse } from '../shared/http';
import { createLog } from '../shared/log';
import { booksTimeline } from './books';
import { listBooks } from './list-books';

const timeline = booksTimeline(
  createDynamoDb(),
  required(process.env, 'BOOKS_TABLE'),
  required(process.env, 'TIMELINE_INDEX'),
);

/** `GET /books`. Calls on the index TIMELINE_INDEX of the table BOOKS_TABLE: dynamodb:Query. */
export function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpResponse> {
  return listBooks(event, { timeline, log: createLog(context.awsRequestId) });
}
