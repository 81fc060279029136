import type { Context } from 'aws-lambda';
import { ordersTimeline } from '../order-status/orders';
import { paymentsTimeline } from '../payments/payments';
import { createDynamoDb, createS3 } from '../shared/clients';
import { required } from '../shared/environment';
import { createLog } from '../shared/log';
import { documentsTimeline } from './documents';
import { type ReportEvent, writeReport, type WrittenReport } from './write-report';

const { env } = process;
const dynamodb = createDynamoDb();
const index = required(env, 'TIMELINE_INDEX');
const options = {
  s3: createS3(),
  bucket: required(env, 'DOCUMENTS_BUCKET'),
  timeZone: required(env, 'TIME_ZONE'),
  documents: documentsTimeline(dynamodb, required(env, 'DOCUMENTS_TABLE'), index),
  payments: paymentsTimeline(dynamodb, required(env, 'PAYMENTS_TABLE'), index),
  orders: ordersTimeline(dynamodb, required(env, 'ORDERS_TABLE'), index),
};

/**
 * Each night: writes the report of the day before.
 *
 * Calls on the index TIMELINE_INDEX of the tables DOCUMENTS_TABLE, PAYMENTS_TABLE and ORDERS_TABLE: dynamodb:Query; on the
 * bucket DOCUMENTS_BUCKET: s3:GetObject, PutObject.
 */
export function handler(event: ReportEvent, context: Context): Promise<WrittenReport> {
  return writeReport(event, { ...options, log: createLog(context.awsRequestId) });
}
