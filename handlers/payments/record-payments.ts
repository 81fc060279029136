import type { SQSBatchResponse } from 'aws-lambda';
import { AwsError } from '../shared/aws-error';
import type { BatchEvent, BatchItem } from '../shared/batch';
import { eachItem, type Outcome } from '../shared/each-item';
import type { Log } from '../shared/log';
import { parsePayment } from './payment-event';
import type { Payments } from './payments';

/** One event takes that long at most: no other is begun when less is left. */
const RESERVE_MS = 10_000;

export interface RecordPaymentsOptions {
  readonly payments: Payments;
  readonly log: Log;
  /** Milliseconds that this invocation may still take. */
  readonly remainingMs: () => number;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** Records a batch of payment events, each once, however often it is delivered. */
export function recordPayments(event: BatchEvent, options: RecordPaymentsOptions): Promise<SQSBatchResponse> {
  return eachItem(event, (item) => recordOne(item, options), { ...options, reserveMs: RESERVE_MS });
}

async function recordOne(
  { id: itemId, body, traceparent }: BatchItem,
  { payments, log, now = Date.now }: RecordPaymentsOptions,
): Promise<Outcome> {
  const event = parsePayment(body);
  if (!event) {
    log.error('malformed message', { itemId });
    return 'failed';
  }
  const eventId = event.id;
  try {
    const news = await payments.add(event, new Date(now()).toISOString(), traceparent);
    log.info(news ? 'payment recorded' : 'repeated event ignored', { eventId, traceparent });
    return 'done';
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    log.error('payment not recorded', { eventId, permanent: error.permanent, ...error.fields });
    // A value that the table does not take is this event's alone; all else meets the next one, too.
    return error.code === 'ValidationException' ? 'failed' : 'stop';
  }
}
