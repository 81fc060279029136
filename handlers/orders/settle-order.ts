import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import { requireAdmin } from '../shared/admin';
import { answerAwsProblems } from '../shared/answer';
import { readBody } from '../shared/body';
import { HttpProblem, type HttpResponse, jsonResponse } from '../shared/http';
import type { Log } from '../shared/log';
import { jsonBody } from '../shared/request';
import type { Order, OrderStatus } from './order';
import { noSuchOrder, orderIdOf } from './order-id';
import type { Orders, Settlement } from './orders';

/** What stays of a deleted order outlives its message: 4 days in the queue, 14 among the dead letters, 4 more after a redrive. */
const TOMBSTONE_SECONDS = 30 * 24 * 3600;

export interface SettleOrderOptions {
  readonly orders: Pick<Orders, 'get' | 'process' | 'delete'>;
  readonly log: Log;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** `POST /books/order/handle` `{id}`: marks a pending order processed, once. */
export function handleOrder(
  event: APIGatewayProxyEventV2,
  options: SettleOrderOptions,
): Promise<HttpResponse> {
  return settling(event, options, async (id, settlement) => {
    const processed = await options.orders.process(id, settlement);
    const order = processed ?? (await ownOrder(id, 'processed', settlement, options));
    options.log.info('order processed', { orderId: id });
    return jsonResponse(200, order);
  });
}

/** `DELETE /books/order` `{id}`, or `?id=`: removes a pending order. */
export function deleteOrder(
  event: APIGatewayProxyEventV2,
  options: SettleOrderOptions,
): Promise<HttpResponse> {
  return settling(event, options, async (id, settlement) => {
    const expiresAt = Math.floor(Date.parse(settlement.at) / 1000) + TOMBSTONE_SECONDS;
    const deleted = await options.orders.delete(id, settlement, expiresAt);
    if (!deleted) await ownOrder(id, 'deleted', settlement, options);
    options.log.info('order deleted', { orderId: id });
    return { statusCode: 204 };
  });
}

function settling(
  event: APIGatewayProxyEventV2,
  { log, now = Date.now }: SettleOrderOptions,
  settle: (id: string, settlement: Settlement) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  const respond = async () => {
    requireAdmin(event);
    return settle(idOf(event), { settledBy: randomUUID(), at: new Date(now()).toISOString() });
  };
  return answerAwsProblems(respond, {
    event: 'order not settled',
    detail: 'The order cannot be changed now.',
    log,
  });
}

const schema = v.strictObject({ id: v.string() });

function idOf(event: APIGatewayProxyEventV2): string {
  const asked = event.queryStringParameters?.id;
  if (asked !== undefined) return orderIdOf(asked);
  const { id } = readBody(jsonBody(event, 1024), { noun: 'request', schema, example: '{"id": "..."}' });
  return orderIdOf(id);
}

/**
 * The order that was not pending any more, if this very request settled it: the SDK tries again where an answer does not come.
 *
 * @throws HttpProblem 404, 409 with the status that it has
 */
async function ownOrder(
  id: string,
  wanted: OrderStatus,
  { settledBy }: Settlement,
  { orders }: SettleOrderOptions,
): Promise<Order> {
  const stored = await orders.get(id);
  if (stored?.settledBy === settledBy && stored.order.status === wanted) return stored.order;
  if (stored === undefined || stored.order.status === 'deleted') throw noSuchOrder();
  const { status, processedAt } = stored.order;
  throw new HttpProblem(409, `The order is ${status} already.`, [], {}, { orderStatus: status, processedAt });
}
