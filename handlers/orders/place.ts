import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { Books } from '../books/books';
import { createDynamoDb, createSns } from '../shared/clients';
import { required } from '../shared/environment';
import type { HttpResponse } from '../shared/http';
import { createLog } from '../shared/log';
import { placeOrder } from './place-order';

const books = new Books(createDynamoDb(), required(process.env, 'BOOKS_TABLE'));
const sns = createSns();
const topicArn = required(process.env, 'TOPIC_ARN');

/**
 * `POST /books/order`.
 *
 * Calls on the table BOOKS_TABLE: dynamodb:BatchGetItem; on the topic TOPIC_ARN: sns:Publish.
 */
export function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpResponse> {
  return placeOrder(event, { books, sns, topicArn, log: createLog(context.awsRequestId) });
}
