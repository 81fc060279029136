import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { answerAwsProblems } from '../shared/answer';
import { HttpProblem, type HttpResponse, jsonResponse } from '../shared/http';
import type { Log } from '../shared/log';
import { orderIdOf } from './order-id';
import type { Orders } from './orders';

export interface ReadStatusOptions {
  readonly orders: Orders;
  readonly log: Log;
}

/** `GET /order-status/{orderId}`: the status now, and up to twenty of those before it. */
export function readStatus(
  event: APIGatewayProxyEventV2,
  { orders, log }: ReadStatusOptions,
): Promise<HttpResponse> {
  const respond = async () => {
    const orderId = orderIdOf(event);
    const { history = [] } = (await orders.get(orderId)) ?? {};
    // An accepted status is recorded a moment later, so a client may see this answer before.
    if (history.length === 0) throw new HttpProblem(404, `There is no order ${orderId}.`);
    return jsonResponse(200, { orderId, ...history[0], history });
  };
  return answerAwsProblems(respond, {
    event: 'order not read',
    detail: 'The order cannot be read now.',
    log,
  });
}
