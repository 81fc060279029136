import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { connectionSettings } from '../shared/connection';
import { Database } from '../shared/database';
import type { HttpResponse } from '../shared/http';
import { createLog } from '../shared/log';
import { readMessages } from './read-messages';

const database = new Database(connectionSettings());

/** `GET /messages` and `GET /messages/{messageId}`. */
export function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpResponse> {
  return readMessages(event, { database, log: createLog(context.awsRequestId) });
}
