import * as v from 'valibot';

export type Schema = v.GenericSchema;
export type Entries = v.ObjectEntries;

const components = new Map<string, Schema>();

/** A schema with a name of its own in the document (`#/components/schemas/<name>`); `example` is shown with it. */
export function component<const S extends Schema>(name: string, schema: S): S {
  if (components.has(name)) throw new Error(`Two schemas have the name ${name}`);
  components.set(name, schema);
  return schema;
}

/** By name, in alphabetical order. */
export function namedSchemas(): Record<string, Schema> {
  return Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Description and example of a schema. */
export function told<const S extends Schema>(schema: S, description: string, ...examples: v.InferInput<S>[]) {
  const metadata = examples.length > 0 ? { description, examples } : { description };
  return v.pipe(schema, v.metadata(metadata));
}

/** An object that has these properties and no other; unlike valibot's, an array is none. */
export function closed<const E extends Entries>(entries: E): v.StrictObjectSchema<E, undefined> {
  return withoutArrays(v.strictObject(entries));
}

/** An object with anything in it. */
export function anyObject(): v.LooseObjectSchema<Record<never, never>, undefined> {
  return withoutArrays(v.looseObject({}));
}

/** Names that valibot leaves out of records without a word. */
const LOST_NAMES = ['prototype', 'constructor'];

/** An object with any names that `key` takes. */
export function dictionary<const V extends Schema>(
  key: v.GenericSchema<string>,
  value: V,
): v.RecordSchema<v.GenericSchema<string>, V, undefined> {
  const schema = withoutArrays(v.record(key, value));
  const run = schema['~run'].bind(schema);
  return Object.assign(schema, {
    '~run': (...[dataset, config]: Parameters<typeof run>) => {
      const input = dataset.value;
      const result = run(dataset, config);
      const lost = LOST_NAMES.find((name) => isObject(input) && Object.hasOwn(input, name));
      if (lost !== undefined) refuseName(schema, result, input, lost);
      return result;
    },
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

type Dataset = v.OutputDataset<unknown, v.BaseIssue<unknown>>;

function refuseName(schema: Schema, dataset: Dataset, input: unknown, name: string): void {
  const path: [v.UnknownPathItem] = [{ type: 'unknown', origin: 'key', input, key: name, value: null }];
  const message = 'has a name that is not taken';
  v._addIssue({ ...schema, message } as never, 'name', dataset, {}, { input: name, path });
}

function withoutArrays<S extends Schema>(schema: S): S {
  const run = schema['~run'].bind(schema);
  return Object.assign(schema, {
    // A string is no object either: valibot tells it in the words that it has for those.
    '~run': (...[dataset, config]: Parameters<typeof run>) =>
      run(Array.isArray(dataset.value) ? { value: 'an array' } : dataset, config),
  });
}

/** What SQS and SNS take in a text; https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
// eslint-disable-next-line no-control-regex -- control characters are what it refuses
const TEXT = /^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]*$/;

/** A text of `from` to `to` characters, without the control characters that AWS refuses. */
export function text(from: number, to: number) {
  return v.pipe(
    v.string(),
    v.minLength(from, `must have at least ${from} characters`),
    v.maxLength(to, `must have at most ${to} characters`),
    v.regex(TEXT, 'has a character that AWS does not take (control characters other than tab and line ends)'),
  );
}

/** One line of `from` to `to` printable characters. */
export function line(from: number, to: number) {
  return v.pipe(
    v.string(),
    v.minLength(from, `must have at least ${from} characters`),
    v.maxLength(to, `must have at most ${to} characters`),
    // eslint-disable-next-line no-control-regex -- as above
    v.regex(/^[^\u0000-\u001F\u007F-\u009F\uFFFE\uFFFF]*$/, 'must not have control characters'),
  );
}

export function whole(from: number, to: number) {
  return v.pipe(v.number(), v.integer(), v.minValue(from), v.maxValue(to));
}

/** A string of a query that is such a whole number. */
export function wholeParameter(from: number, to: number) {
  return v.pipe(
    v.string(),
    v.regex(/^-?\d{1,9}$/, `must be a whole number from ${from} to ${to}`),
    v.transform(Number),
    v.number(),
    v.integer(),
    v.minValue(from, `must be a whole number from ${from} to ${to}`),
    v.maxValue(to, `must be a whole number from ${from} to ${to}`),
  );
}

/** A moment as answers tell it: `2026-03-01T12:00:00.000Z`. */
export const Moment = v.pipe(v.string(), v.isoTimestamp());

/** A count in an answer. */
export const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** The query of every list. */
export const pageQuery = {
  limit: told(v.optional(wholeParameter(1, 1000)), 'Most items in the answer; 100 unless told.'),
  cursor: told(
    v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,8192}$/, 'is not a cursor'))),
    'nextCursor of the page before, of the same list.',
  ),
};

/** The query of lists of what has a name. */
export const listQuery = {
  prefix: told(
    v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_.-]{0,80}$/, 'must be the begin of a name'))),
    'Only those whose name begins so.',
  ),
  ...pageQuery,
};

/** A page of a list. */
export function page<const S extends Schema>(item: S) {
  return closed({
    items: v.array(item),
    nextCursor: told(v.nullable(v.string()), 'For the next page; null at the end.'),
  });
}

/** JSON text of `value` as types see it: moments are strings. */
export type Json<T> = T extends Date
  ? string
  : T extends readonly (infer I)[]
    ? Json<I>[]
    : T extends object
      ? { -readonly [K in keyof T]: Json<T[K]> }
      : T;

/** Nothing is done but the types: JSON.stringify writes a Date as a moment. */
export function json<T>(value: T): Json<T> {
  return value as Json<T>;
}
