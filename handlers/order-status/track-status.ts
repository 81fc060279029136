import type { EventBridgeEvent } from 'aws-lambda';
import { AwsError } from '../shared/aws-error';
import type { Log } from '../shared/log';
import { parseChange, type StatusChanged } from './change';
import { withChange } from './order';
import type { Orders } from './orders';

/** Each round is lost to another change of the same order: so many at once there are not. */
const MAX_ROUNDS = 10;

export interface TrackStatusOptions {
  readonly orders: Orders;
  readonly log: Log;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** What goes to the bus, as the `responsePayload` of the record of a successful invocation. */
export interface Tracked {
  readonly event: 'Order Status Recorded';
  readonly orderId: string;
  /** Of the event. */
  readonly version: number;
  /** False for one that was known, or is older than all that are kept. */
  readonly news: boolean;
}

/**
 * Records a change of an order's status. Events come in any order and some of them twice: the latest version is the status,
 * whatever comes when.
 *
 * @throws Error if it could not be recorded: Lambda tries the event again, and then keeps it among the dead letters
 */
export async function trackStatus(
  { id, detail }: EventBridgeEvent<string, unknown>,
  { orders, log, now = Date.now }: TrackStatusOptions,
): Promise<Tracked> {
  const change = parseChange(detail);
  if (!change) {
    log.error('malformed event', { eventId: id });
    throw new Error(`the event ${id} is no change of a status`);
  }
  const { orderId, version, traceparent } = change;
  try {
    const news = await record(change, orders, new Date(now()).toISOString());
    log.info(news ? 'status recorded' : 'late event ignored', { orderId, version, traceparent });
    return { event: 'Order Status Recorded', orderId, version, news };
  } catch (error) {
    const fields = error instanceof AwsError ? { permanent: error.permanent, ...error.fields } : {};
    log.error('status not recorded', { orderId, version, ...fields });
    throw error;
  }
}

async function record(change: StatusChanged, orders: Orders, recordedAt: string): Promise<boolean> {
  const { orderId } = change;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { history, revision } = (await orders.get(orderId)) ?? { history: [], revision: 0 };
    const changed = withChange(history, change);
    if (changed === undefined) return false;
    if (await orders.put({ orderId, history: changed, revision }, recordedAt)) return true;
  }
  throw new Error(`the order ${orderId} was changed by others all the time`);
}
