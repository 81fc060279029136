import type { Context, S3Event } from 'aws-lambda';
import { createDynamoDb, createS3 } from '../shared/clients';
import { required } from '../shared/environment';
import { createLog } from '../shared/log';
import { Documents } from './documents';
import { takeIn } from './take-in';

const documents = new Documents(createDynamoDb(), required(process.env, 'DOCUMENTS_TABLE'));
const s3 = createS3();

/**
 * Records objects of the bucket in the table DOCUMENTS_TABLE.
 *
 * Calls on the bucket: s3:GetObject; on the table: dynamodb:PutItem, UpdateItem.
 */
export function handler(event: S3Event, context: Context): Promise<void> {
  return takeIn(event, { s3, documents, log: createLog(context.awsRequestId) });
}
