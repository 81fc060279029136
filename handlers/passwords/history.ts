import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { connectionSettings } from '../shared/connection';
import { Database } from '../shared/database';
import type { HttpResponse } from '../shared/http';
import { createLog } from '../shared/log';
import { readHistory } from './read-history';

const database = new Database(connectionSettings());

/**
 * `GET /passwords/{userId}/history`. Calls no AWS service: rds-db:connect as `passwords_reader` is all that it needs.
 */
export function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpResponse> {
  return readHistory(event, { database, log: createLog(context.awsRequestId) });
}
