import * as v from 'valibot';
import { type BodyRules, readBody } from '../shared/body';
import { unicodeText } from '../shared/message-json';

const MAX_PRICE = 1_000_000;

function text(maxCharacters: number) {
  return v.pipe(
    unicodeText,
    v.nonEmpty('must not be empty'),
    v.maxLength(maxCharacters, `must have ${maxCharacters} characters at most`),
  );
}

const PRICE_RULE = `must be a whole number from 0 to ${MAX_PRICE}`;

const schema = v.strictObject({
  title: text(200),
  author: text(200),
  /** In whole units of the shop's currency. */
  price: v.pipe(
    v.number(PRICE_RULE),
    v.integer(PRICE_RULE),
    v.minValue(0, PRICE_RULE),
    v.maxValue(MAX_PRICE, PRICE_RULE),
  ),
  description: v.optional(text(1000)),
});

/** What administrators write of a book. */
export type BookContent = v.InferOutput<typeof schema>;

/** A book, as the API shows it. */
export interface Book extends BookContent {
  /** Of the catalogue's own or the seed's making: letters, digits and hyphens. */
  readonly id: string;
}

const rules: BodyRules<typeof schema> = {
  noun: 'book',
  schema,
  example: '{"title": "...", "author": "...", "price": 450}',
};

/** @throws HttpProblem 422 that names every wrong field */
export function readBook(body: unknown): BookContent {
  return readBody(body, rules);
}
