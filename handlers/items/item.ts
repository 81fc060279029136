import * as v from 'valibot';
import { type BodyRules, readBody } from '../shared/body';
import { HttpProblem } from '../shared/http';
import { type Json, type JsonObject, unstorable } from '../shared/json-attributes';
import { unicodeText } from '../shared/message-json';

/** What a body may have in bytes, and an item: DynamoDB takes 400 KB, and a change keeps the item before and after it. */
export const MAX_BODY_BYTES = 65_536;

const MAX_TAGS = 50;

function text(maxCharacters: number) {
  return v.pipe(
    unicodeText,
    v.nonEmpty('must not be empty'),
    v.maxLength(maxCharacters, `must have ${maxCharacters} characters at most`),
  );
}

const TAGS_RULE = `must be a list of up to ${MAX_TAGS} texts of 1 to 50 characters`;
const tag = v.pipe(
  v.string(TAGS_RULE),
  v.minLength(1, TAGS_RULE),
  v.maxLength(50, TAGS_RULE),
  v.check((each) => unstorable(each) === undefined, TAGS_RULE),
);

const attributes = v.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object',
);

const schema = v.strictObject({
  name: text(200),
  description: v.optional(text(10_000)),
  price: v.optional(v.pipe(v.number('must be a number'), v.minValue(0, 'must be 0 or more'))),
  tags: v.optional(v.pipe(v.array(tag, TAGS_RULE), v.maxLength(MAX_TAGS, TAGS_RULE))),
  attributes: v.optional(attributes),
});

/** What clients write of an item. */
export type ItemContent = v.InferOutput<typeof schema>;

const rules: BodyRules<typeof schema> = { noun: 'item', schema, example: '{"name": "...", "price": 9.5}' };

/** @throws HttpProblem 422 that names every wrong field (the first ten) */
export function readContent(body: unknown): ItemContent {
  const content = readBody(body, rules);
  for (const [name, value] of Object.entries(content) as [string, Json][]) {
    const detail = unstorable(value);
    if (detail !== undefined) {
      const parts = [{ pointer: `#/${name}`, detail }];
      throw new HttpProblem(422, `The item cannot be taken: #/${name} ${detail}.`, parts);
    }
  }
  return content;
}

/** An item as the API shows it. */
export interface Item extends ItemContent {
  /** UUID, lower case. */
  readonly id: string;
  /** One more with each write; the ETag. */
  readonly version: number;
  /** ISO 8601 in UTC with milliseconds, as all times are. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What of an item clients write. */
export function contentOf({ name, description, price, tags, attributes }: Item): ItemContent {
  const content = { name, description, price, tags, attributes };
  const given = Object.entries(content).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as unknown as ItemContent;
}
