import * as v from 'valibot';
import { isoTime, unicodeText } from '../shared/message-json';
import { ORDER_ID } from './order-id';

/** Where an order may be on its way. */
export const STATUSES = ['placed', 'paid', 'packed', 'shipped', 'delivered', 'cancelled'] as const;
export type Status = (typeof STATUSES)[number];

/** Of events on the bus. */
export const SOURCE = 'aws-micro.orders';
export const DETAIL_TYPE = 'Order Status Changed';

const MAX_NOTE = 500;

export const status = v.picklist(STATUSES, `must be one of ${STATUSES.join(', ')}`);
export const version = v.pipe(
  v.number('must be a whole number'),
  v.safeInteger('must be a whole number'),
  v.minValue(1, 'must be 1 or more'),
);
export const note = v.pipe(
  unicodeText,
  v.nonEmpty('must not be empty'),
  v.maxLength(MAX_NOTE, `must have ${MAX_NOTE} characters at most`),
);

// More fields are let through: a newer publisher may run beside this reader.
const statusChanged = v.object({
  orderId: v.pipe(v.string(), v.regex(ORDER_ID)),
  status,
  version,
  note: v.optional(note),
  changedAt: isoTime,
  traceparent: v.optional(v.string()),
});

/** The detail of an event: an order has a new status. Of two changes the one with the higher version is the later one. */
export type StatusChanged = v.InferOutput<typeof statusChanged>;

/** @returns undefined if it is not one: no retry will make anything of it */
export function parseChange(detail: unknown): StatusChanged | undefined {
  const result = v.safeParse(statusChanged, detail);
  return result.success ? result.output : undefined;
}
