import * as v from 'valibot';
import { isoTime, messageJson, parseMessage } from '../shared/message-json';

/** Of events, payments and their types: what is safe in a key, a path and an attribute. */
export const EVENT_ID = /^[A-Za-z0-9_-]{1,255}$/;
const TYPE = /^[A-Za-z0-9._-]{1,100}$/;

const id = v.pipe(
  v.string(),
  v.regex(EVENT_ID, 'must have 1 to 255 characters of A-Z, a-z, 0-9, underscore and hyphen'),
);
const type = v.pipe(
  v.string(),
  v.regex(TYPE, 'must have 1 to 100 characters of A-Z, a-z, 0-9, dot, underscore and hyphen'),
);
/** In the currency's smallest unit. */
const amount = v.pipe(v.number('must be a whole number'), v.safeInteger('must be a whole number'));
const currency = v.pipe(v.string(), v.regex(/^[A-Za-z]{3}$/, 'must be a code of three letters'));
/** Seconds since the epoch, up to the year 9999. */
const created = v.pipe(
  v.number('must be seconds since 1970'),
  v.safeInteger('must be seconds since 1970'),
  v.minValue(0, 'must be seconds since 1970'),
  v.maxValue(253_402_300_799, 'must be seconds since 1970'),
);

const payment = v.object({
  id: v.optional(id),
  amount: v.optional(amount),
  currency: v.optional(currency),
  status: v.optional(type),
});

/** What the provider sends, as far as it is read; of its many event types each has more. */
export const providerEvent = v.object({
  id,
  type,
  created,
  amount: v.optional(amount),
  currency: v.optional(currency),
  data: v.optional(v.object({ object: v.optional(payment) })),
});

// More fields are let through: a newer publisher may run beside this reader.
const paymentEvent = v.object({
  id,
  type,
  createdAt: isoTime,
  created,
  amount: v.optional(amount),
  currency: v.optional(currency),
  paymentId: v.optional(id),
  status: v.optional(type),
});

/** What travels from the webhook to the recorder: what happened to which payment. */
export type PaymentEvent = v.InferOutput<typeof paymentEvent>;

/** The amount is the payment's, in `data.object`, or beside it. */
export function toPaymentEvent(event: v.InferOutput<typeof providerEvent>): PaymentEvent {
  const { object } = event.data ?? {};
  return {
    id: event.id,
    type: event.type,
    created: event.created,
    createdAt: new Date(event.created * 1000).toISOString(),
    amount: object?.amount ?? event.amount,
    currency: (object?.currency ?? event.currency)?.toLowerCase(),
    paymentId: object?.id,
    status: object?.status,
  };
}

export function serializePayment(event: PaymentEvent): string {
  return messageJson(event);
}

/** @returns undefined if it is not one: a message that no retry will make storable */
export function parsePayment(text: string): PaymentEvent | undefined {
  return parseMessage(paymentEvent, text);
}
