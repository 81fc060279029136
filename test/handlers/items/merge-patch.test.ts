import fc from 'fast-check';
import { mergePatch } from '../../../handlers/items/merge-patch';
import { fromAttribute, type Json, toAttribute, unstorable } from '../../../handlers/shared/json-attributes';

/** https://www.rfc-editor.org/rfc/rfc7396#appendix-A */
test.each<[Json, Json, Json]>([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('%j with %j is %j', (target, patch, result) => expect(mergePatch(target, patch)).toEqual(result));

/** Names that have a meaning to JavaScript are names like others. */
const names = fc.oneof(fc.constantFrom('a', 'b', '__proto__', 'constructor', 'toString'), fc.string());
const { value: json } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .uniqueArray(fc.tuple(names, tie('value')), { selector: ([name]) => name, maxLength: 4 })
      .map((entries) => Object.fromEntries(entries)),
  ),
}));
const text = (value: Json) => JSON.stringify(value);

test('a patch applied twice is a patch applied once, and changes neither of the two', () => {
  fc.assert(
    fc.property(json, json, (target, patch) => {
      const before = [text(target), text(patch)];
      const once = mergePatch(target, patch);
      expect(text(mergePatch(once, patch))).toBe(text(once));
      expect([text(target), text(patch)]).toEqual(before);
    }),
  );
});

test('an empty patch changes no object, and a patch never sets a prototype', () => {
  fc.assert(
    fc.property(json, (patch) => {
      const merged = mergePatch({ kept: 1 }, patch);
      if (typeof merged === 'object' && merged !== null && !Array.isArray(merged)) {
        expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
      }
    }),
  );
  expect(mergePatch({ a: { b: null } }, {})).toEqual({ a: { b: null } });
  const hostile = JSON.parse('{"__proto__": {"polluted": true}}') as Json;
  expect(text(mergePatch({}, hostile))).toBe('{"__proto__":{"polluted":true}}');
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('what is storable comes back from the table as it was', () => {
  fc.assert(
    fc.property(json, (value) => {
      fc.pre(unstorable(value) === undefined);
      expect(text(fromAttribute(toAttribute(value)))).toBe(text(value));
    }),
  );
});

test.each<[string, Json]>([
  ['1E-130', 1e-131],
  ['9.9E+125', [{ a: -1e126 }]],
  ['surrogate', { a: '\ud800' }],
  ['surrogate', { '\ud800': 1 }],
  ['empty names', { a: { '': 1 } }],
  ['20 levels', Array.from({ length: 25 }).reduce<Json>((inner) => [inner], 1)],
])('not storable, for %s: %j', (reason, value) => expect(unstorable(value)).toContain(reason));
