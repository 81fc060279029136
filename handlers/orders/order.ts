import * as v from 'valibot';
import { isoTime, messageJson, parseMessage, uuid } from '../shared/message-json';

/** What a deleted order leaves behind keeps a message that is delivered again from bringing it back. */
export type OrderStatus = 'pending' | 'processed' | 'deleted';

const amount = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

// More fields are let through: a newer publisher may run beside this reader.
const placedOrder = v.object({
  id: uuid,
  lines: v.pipe(
    v.array(
      v.object({
        id: v.string(),
        name: v.string(),
        qty: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
        price: amount,
        amount,
      }),
    ),
    v.minLength(1),
  ),
  subtotal: amount,
  shipping: amount,
  total: amount,
  createdAt: isoTime,
});

/** An order as it is published: priced by the shop. Amounts are whole units of the shop's currency. */
export type PlacedOrder = v.InferOutput<typeof placedOrder>;

/** An order as the API shows it. */
export interface Order extends PlacedOrder {
  readonly status: OrderStatus;
  /** ISO 8601 in UTC with milliseconds. */
  readonly processedAt?: string;
}

export function serializeOrder(order: PlacedOrder): string {
  return messageJson(order);
}

/** @returns undefined if it is not one: a message that no retry will make storable */
export function parseOrder(text: string): PlacedOrder | undefined {
  return parseMessage(placedOrder, text);
}
