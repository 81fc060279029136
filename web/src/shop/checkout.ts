import { ApiProblem, call } from '../shared/api';
import type { CartLine } from './cart';

const STORED = 'checkout';

/** A checkout that was begun: the key under which the shop takes it once, however often it is sent. */
interface Begun {
  readonly key: string;
  /** The request's body, as text: another cart is another checkout. */
  readonly body: string;
}

/**
 * Places the order. One that was sent before, and whose answer was lost, is the same order.
 * @returns the order's id
 * @throws ApiProblem
 */
export async function placeOrder(lines: readonly CartLine[], price: number): Promise<string> {
  const body = {
    books: lines.map(({ book, quantity }) => ({ id: book.id, name: book.title, qty: quantity })),
    price,
  };
  const { key } = begin(JSON.stringify(body));
  try {
    const headers = { 'idempotency-key': key };
    const { orderId } = await call<{ orderId: string }>('POST', '/books/order', { body, headers });
    localStorage.removeItem(STORED);
    return orderId;
  } catch (error) {
    // What was refused for good may be mended and is then another checkout.
    if (error instanceof ApiProblem && error.status >= 400 && error.status < 500 && error.status !== 429) {
      localStorage.removeItem(STORED);
    }
    throw error;
  }
}

function begin(body: string): Begun {
  const before = JSON.parse(localStorage.getItem(STORED) ?? 'null') as Begun | null;
  if (before?.body === body) return before;
  const begun = { key: crypto.randomUUID(), body };
  localStorage.setItem(STORED, JSON.stringify(begun));
  return begun;
}
