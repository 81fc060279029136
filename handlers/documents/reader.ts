import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { createDynamoDb } from '../shared/clients';
import { required } from '../shared/environment';
import type { HttpResponse } from '../shared/http';
import { createLog } from '../shared/log';
import { documentsTimeline } from './documents';
import { listDocuments } from './list-documents';

const timeline = documentsTimeline(
  createDynamoDb(),
  required(process.env, 'DOCUMENTS_TABLE'),
  required(process.env, 'TIMELINE_INDEX'),
);

/** `GET /documents`. Calls on the index TIMELINE_INDEX of the table DOCUMENTS_TABLE: dynamodb:Query. */
export function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpResponse> {
  return listDocuments(event, { timeline, log: createLog(context.awsRequestId) });
}
