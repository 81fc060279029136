import * as v from 'valibot';
import { type BodyRules, readBody } from '../shared/body';
import { unicodeText } from '../shared/message-json';

const MAX_LINES = 20;
const BOOKS_RULE = `must be a list of 1 to ${MAX_LINES} different books like {"id": "...", "name": "...", "qty": 1}, with a qty from 1 to 99`;

const line = v.strictObject(
  {
    id: v.pipe(v.string(BOOKS_RULE), v.regex(/^[A-Za-z0-9-]{1,64}$/, BOOKS_RULE)),
    /** For people who read requests; the order gets the catalogue's. */
    name: v.optional(v.pipe(unicodeText, v.maxLength(200, BOOKS_RULE))),
    qty: v.pipe(
      v.number(BOOKS_RULE),
      v.integer(BOOKS_RULE),
      v.minValue(1, BOOKS_RULE),
      v.maxValue(99, BOOKS_RULE),
    ),
  },
  BOOKS_RULE,
);

const PRICE_RULE = 'must be a whole number: the total that the client shows, with shipping';

const schema = v.strictObject({
  books: v.pipe(
    v.array(line, BOOKS_RULE),
    v.minLength(1, BOOKS_RULE),
    v.maxLength(MAX_LINES, BOOKS_RULE),
    v.check((lines) => new Set(lines.map(({ id }) => id)).size === lines.length, BOOKS_RULE),
  ),
  price: v.optional(v.pipe(v.number(PRICE_RULE), v.safeInteger(PRICE_RULE), v.minValue(0, PRICE_RULE))),
});

/** What a client orders. */
export type RequestedOrder = v.InferOutput<typeof schema>;

const rules: BodyRules<typeof schema> = {
  noun: 'order',
  schema,
  example: '{"books": [{"id": "...", "name": "...", "qty": 1}], "price": 460}',
};

/** @throws HttpProblem 422 that names every wrong field */
export function readRequestedOrder(body: unknown): RequestedOrder {
  return readBody(body, rules);
}
