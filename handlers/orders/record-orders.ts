import type { SQSBatchResponse } from 'aws-lambda';
import { AwsError } from '../shared/aws-error';
import type { BatchEvent, BatchItem } from '../shared/batch';
import { eachItem, type Outcome } from '../shared/each-item';
import type { Log } from '../shared/log';
import { parseOrder } from './order';
import type { Orders } from './orders';

/** One order takes that long at most: no other is begun when less is left. */
const RESERVE_MS = 10_000;

export interface RecordOrdersOptions {
  readonly orders: Orders;
  readonly log: Log;
  /** Milliseconds that this invocation may still take. */
  readonly remainingMs: () => number;
}

/** Records a batch of orders as pending, each once, however often it is delivered. */
export function recordOrders(event: BatchEvent, options: RecordOrdersOptions): Promise<SQSBatchResponse> {
  return eachItem(event, (item) => recordOne(item, options), { ...options, reserveMs: RESERVE_MS });
}

async function recordOne(
  { id: itemId, body, traceparent }: BatchItem,
  { orders, log }: RecordOrdersOptions,
): Promise<Outcome> {
  const order = parseOrder(body);
  if (!order) {
    log.error('malformed message', { itemId });
    return 'failed';
  }
  const orderId = order.id;
  try {
    const isNew = await orders.add(order, traceparent);
    log.info(isNew ? 'order recorded' : 'repeated order ignored', { orderId, traceparent });
    return 'done';
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    log.error('order not recorded', { orderId, permanent: error.permanent, ...error.fields });
    // A value that the table does not take is this order's alone; all else meets the next one, too.
    return error.code === 'ValidationException' ? 'failed' : 'stop';
  }
}
