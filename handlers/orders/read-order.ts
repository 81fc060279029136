import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { answerAwsProblems } from '../shared/answer';
import { type HttpResponse, jsonResponse } from '../shared/http';
import type { Log } from '../shared/log';
import { noSuchOrder, orderIdOf } from './order-id';
import type { Orders } from './orders';

export interface ReadOrderOptions {
  readonly orders: Pick<Orders, 'get'>;
  readonly log: Log;
}

/** `GET /books/order/{id}`: for whoever has the id, which cannot be guessed. */
export function readOrder(
  { pathParameters }: APIGatewayProxyEventV2,
  { orders, log }: ReadOrderOptions,
): Promise<HttpResponse> {
  const respond = async () => {
    const stored = await orders.get(orderIdOf(pathParameters?.id));
    if (stored === undefined || stored.order.status === 'deleted') throw noSuchOrder();
    const response = jsonResponse(200, stored.order);
    return { ...response, headers: { ...response.headers, 'cache-control': 'no-store' } };
  };
  return answerAwsProblems(respond, {
    event: 'order not read',
    detail: 'The order cannot be read now.',
    log,
  });
}
