import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { createDynamoDb } from '../shared/clients';
import { required } from '../shared/environment';
import type { HttpResponse } from '../shared/http';
import { createLog } from '../shared/log';
import { Payments } from './payments';
import { readPayment } from './read-payment';

const payments = new Payments(createDynamoDb(), required(process.env, 'PAYMENTS_TABLE'));

/** `GET /payments/{id}`. Calls on the table PAYMENTS_TABLE: dynamodb:GetItem. */
export function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpResponse> {
  return readPayment(event, { payments, log: createLog(context.awsRequestId) });
}
