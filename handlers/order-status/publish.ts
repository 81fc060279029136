import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { createEventBridge } from '../shared/clients';
import { required } from '../shared/environment';
import type { HttpResponse } from '../shared/http';
import { createLog } from '../shared/log';
import { publishStatus } from './publish-status';

const busName = required(process.env, 'ORDERS_BUS');
const events = createEventBridge();

/** `PUT /order-status/{orderId}`. Calls on the event bus ORDERS_BUS: events:PutEvents. */
export function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpResponse> {
  return publishStatus(event, { events, busName, log: createLog(context.awsRequestId) });
}
