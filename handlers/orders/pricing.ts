import type { Book } from '../books/book';
import { HttpProblem, type ProblemPart } from '../shared/http';
import type { RequestedOrder } from './requested-order';
import type { PlacedOrder } from './order';

export const SHIPPING = 10;
export const FREE_SHIPPING_FROM = 2000;

/** What an order costs. */
export type Pricing = Pick<PlacedOrder, 'lines' | 'subtotal' | 'shipping' | 'total'>;

/**
 * Prices an order by the catalogue.
 *
 * @throws HttpProblem 422 for books that the catalogue does not have, and for a price that the client expected otherwise
 */
export function priceOrder(order: RequestedOrder, catalogue: ReadonlyMap<string, Book>): Pricing {
  checkBooks(order, catalogue);
  const lines = order.books.map(({ id, qty }) => {
    const { title, price } = catalogue.get(id)!;
    return { id, name: title, qty, price, amount: price * qty };
  });
  const subtotal = lines.reduce((sum, { amount }) => sum + amount, 0);
  const shipping = subtotal >= FREE_SHIPPING_FROM ? 0 : SHIPPING;
  const pricing = { lines, subtotal, shipping, total: subtotal + shipping };
  checkPrice(order.price, pricing);
  return pricing;
}

function checkBooks({ books }: RequestedOrder, catalogue: ReadonlyMap<string, Book>): void {
  const parts = books.flatMap(({ id }, index): ProblemPart[] =>
    catalogue.has(id) ? [] : [{ pointer: `#/books/${index}/id`, detail: `${id} is not in the catalogue` }],
  );
  if (parts.length === 0) return;
  throw new HttpProblem(422, 'The order has books that the catalogue does not have.', parts);
}

function checkPrice(given: number | undefined, { total: expected, lines }: Pricing): void {
  if (given === undefined || given === expected) return;
  const detail = `is ${given}, and the order costs ${expected}`;
  throw new HttpProblem(
    422,
    `The price ${detail}.`,
    [{ pointer: '#/price', detail }],
    {},
    {
      price: { given, expected },
      lines: lines.map(({ id, price }) => ({ id, price })),
    },
  );
}
