import fc from 'fast-check';
import type { Book } from '../../../handlers/books/book';
import { FREE_SHIPPING_FROM, priceOrder, SHIPPING } from '../../../handlers/orders/pricing';
import type { HttpProblem } from '../../../handlers/shared/http';

const catalogueOf = (prices: readonly number[]): ReadonlyMap<string, Book> =>
  new Map(prices.map((price, index) => [`b${index}`, { id: `b${index}`, title: 'T', author: 'A', price }]));

const orderOf = (quantities: readonly number[], price?: number) => ({
  books: quantities.map((qty, index) => ({ id: `b${index}`, qty })),
  price,
});

const problemOf = (action: () => unknown): HttpProblem => {
  try {
    action();
  } catch (error) {
    return error as HttpProblem;
  }
  throw new Error('nothing was thrown');
};

/** Price and quantity of each line. */
const lines = fc.array(fc.tuple(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 1, max: 99 })), {
  minLength: 1,
  maxLength: 20,
});

test('an order costs what its books cost, and the way there', () => {
  fc.assert(
    fc.property(lines, (given) => {
      const prices = given.map(([price]) => price);
      const quantities = given.map(([, qty]) => qty);
      const pricing = priceOrder(orderOf(quantities), catalogueOf(prices));
      const subtotal = given.reduce((sum, [price, qty]) => sum + price * qty, 0);
      expect(pricing.subtotal).toBe(subtotal);
      expect(pricing.shipping).toBe(subtotal >= 2000 ? 0 : 10);
      expect(pricing.total).toBe(pricing.subtotal + pricing.shipping);
      expect(Number.isSafeInteger(pricing.total)).toBe(true);
      expect(pricing.lines.map(({ price, qty, amount }) => [price, qty, amount])).toEqual(
        given.map(([price, qty]) => [price, qty, price * qty]),
      );
    }),
  );
});

test.each([
  [1999, 10],
  [2000, 0],
  [2001, 0],
  [0, 10],
])('books for %i are sent for %i', (subtotal, shipping) => {
  expect(priceOrder(orderOf([1]), catalogueOf([subtotal]))).toMatchObject({
    shipping,
    total: subtotal + shipping,
  });
  expect([SHIPPING, FREE_SHIPPING_FROM]).toEqual([10, 2000]);
});

test('the right price is taken, and every other one is a problem that names both, and the price of each book', () => {
  fc.assert(
    fc.property(lines, fc.nat(3_000_000), (given, guess) => {
      const catalogue = catalogueOf(given.map(([price]) => price));
      const quantities = given.map(([, qty]) => qty);
      const { total, lines: priced } = priceOrder(orderOf(quantities), catalogue);
      expect(priceOrder(orderOf(quantities, total), catalogue).total).toBe(total);
      fc.pre(guess !== total);
      const problem = problemOf(() => priceOrder(orderOf(quantities, guess), catalogue));
      expect(problem).toMatchObject({
        status: 422,
        parts: [{ pointer: '#/price', detail: `is ${guess}, and the order costs ${total}` }],
        more: {
          price: { given: guess, expected: total },
          lines: priced.map(({ id, price }) => ({ id, price })),
        },
      });
    }),
  );
});

test('each book that the catalogue does not have is named', () => {
  const problem = problemOf(() => priceOrder(orderOf([1, 1, 1], 5), catalogueOf([100])));
  expect(problem).toMatchObject({
    status: 422,
    parts: [
      { pointer: '#/books/1/id', detail: 'b1 is not in the catalogue' },
      { pointer: '#/books/2/id', detail: 'b2 is not in the catalogue' },
    ],
  });
});
