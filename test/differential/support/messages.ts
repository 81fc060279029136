import fc from 'fast-check';
import type { Json, JsonObject } from './step';

/** Mostly the first, sometimes one of the others: most steps have to succeed, or sequences would lead nowhere. */
export function mostly<T>(usual: fc.Arbitrary<T>, ...rare: fc.Arbitrary<T>[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 25 * rare.length, arbitrary: usual },
    ...rare.map((arbitrary) => ({ weight: 1, arbitrary })),
  );
}

/** The first half of the time, else one of the others. */
export function often<T>(usual: fc.Arbitrary<T>, ...others: fc.Arbitrary<T>[]): fc.Arbitrary<T> {
  const rest = others.map((arbitrary) => ({ weight: 1, arbitrary }));
  return fc.oneof({ weight: others.length, arbitrary: usual }, ...rest);
}

/** An object of which each member may be missing. */
export function some(members: Record<string, fc.Arbitrary<Json>>): fc.Arbitrary<JsonObject> {
  return fc.record(members, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>;
}

export const bodies: fc.Arbitrary<string> = mostly(
  fc.constantFrom('one', 'two', 'three', 'four'),
  fc.string({ minLength: 1, maxLength: 20 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }).filter((text) => !/[\ud800-\udfff]/.test(text)),
  fc.constantFrom('{"a": 1}', ' leading and trailing ', '<&>"\'', 'tab\tline\nend', 'ümläut 漢字', '😀'),
  fc.constantFrom('\u0000', 'bell\u0007', '\ufffe'),
  fc.constant(''),
);

const stringAttribute = fc.record({
  DataType: fc.constantFrom('String', 'String', 'String.custom'),
  StringValue: fc.constantFrom('red', 'blue', 'ünï', 'a b', '1'),
});
const numberAttribute = fc.record({
  DataType: fc.constantFrom('Number', 'Number', 'Number.int'),
  StringValue: fc.constantFrom('1', '-2.5', '100', '0'),
});
const binaryAttribute = fc.record({
  DataType: fc.constantFrom('Binary', 'Binary.png'),
  BinaryValue: fc.constantFrom('AQID', '/wD+', 'aGVsbG8=').map(($base64) => ({ $base64 })),
});
const wrongAttribute = fc.constantFrom<JsonObject>(
  { DataType: 'Text', StringValue: 'x' },
  { DataType: 'String', StringValue: '' },
  { DataType: 'Number', StringValue: 'one' },
  { DataType: '', StringValue: 'x' },
);

/** Attributes of a message; `wrong` has some that are refused. */
export const messageAttributes: fc.Arbitrary<JsonObject> = often<JsonObject>(
  attributesOf(fc.constantFrom('color', 'size', 'a.b', 'a-b_c'), [
    stringAttribute,
    numberAttribute,
    binaryAttribute,
  ]),
  attributesOf(fc.constantFrom('AWS.x', '.x', 'x.', 'a..b', 'a b', 'amazon.x'), [stringAttribute]),
  attributesOf(fc.constantFrom('color'), [wrongAttribute]),
  fc.constant(
    Object.fromEntries(
      Array.from({ length: 11 }, (_, i) => [`n${i}`, { DataType: 'String', StringValue: 'x' }]),
    ),
  ),
);

function attributesOf(
  names: fc.Arbitrary<string>,
  values: fc.Arbitrary<JsonObject>[],
): fc.Arbitrary<JsonObject> {
  return fc
    .uniqueArray(fc.tuple(names, fc.oneof(...values)), {
      maxLength: 3,
      minLength: 1,
      selector: ([name]) => name,
    })
    .map((entries) => Object.fromEntries(entries));
}

const alone = (entry: fc.Arbitrary<JsonObject>, ids: readonly string[]): fc.Arbitrary<Json> =>
  fc.tuple(entry, fc.constantFrom(...ids)).map(([each, Id]) => [{ ...each, Id }]);

/** Entries of a batch, with ids. */
export function batch(entry: fc.Arbitrary<JsonObject>): fc.Arbitrary<Json> {
  const distinct = (count: { minLength: number; maxLength: number }) =>
    fc.array(entry, count).map((entries) => entries.map((each, i): JsonObject => ({ Id: `e${i}`, ...each })));
  return mostly<Json>(
    distinct({ minLength: 1, maxLength: 4 }),
    distinct({ minLength: 11, maxLength: 11 }),
    fc.constant([]),
    fc
      .array(entry, { minLength: 2, maxLength: 3 })
      .map((all) => all.map((each) => ({ ...each, Id: 'same' }))),
    alone(entry, ['a b', 'ä', '']),
    alone(entry, ['$repeat(x,80)', '$repeat(x,81)']),
  );
}
