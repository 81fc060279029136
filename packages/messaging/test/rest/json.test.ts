import fc from 'fast-check';
import { JsonError, parseJson, pointerTo } from '../../src/rest/json';

/** Where and what is wrong, or undefined. */
function wrong(text: string): [string, string] | undefined {
  try {
    parseJson(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return [error.pointer, error.detail];
  }
}

it('reads what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.json({ depthSize: 'medium', noUnicodeString: false }), (text) => {
      fc.pre(!text.includes('__proto__') && wrong(text)?.[1].includes('2^53') !== true);
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});

it('throws nothing else, whatever the text', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    'u',
    '1',
    '-',
    'e',
    '.',
    'null',
    '"a"',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      wrong(pieces.join(''));
    }),
    { numRuns: 2000 },
  );
});

it.each([
  ['{"a":1,"a":2}', '/a'],
  ['{"a":{"b":1},"b":{"c":[{"d":1,"d":2}]}}', '/b/c/0/d'],
  ['{"a":1,"\\u0061":2}', '/a'],
  ['[1,[2,{"x":"\\udc00"}]]', '/1/1/x'],
  ['{"\\ud800":1}', '/\uFFFD'],
  ['{"a":1,"\\ud800":1}', '/\uFFFD'],
  ['[9007199254740993]', '/0'],
  ['[-1e400]', '/0'],
  ['{"a":{"__proto__":1}}', '/a/__proto__'],
  ['{"a/b~c":{"x":1,"x":1}}', '/a~1b~0c/x'],
])('%s is wrong at %s', (text, pointer) => {
  expect(wrong(text)?.[0]).toBe(pointer);
});

it.each([
  '[9007199254740991,-0,1.5e3,0.1]',
  '{"a":[{"b":1},{"b":1}]}',
  '["{\\"a\\":1}","\\\\","\\ud83d\\udcda"]',
  '"["',
])('%s is not wrong', (text) => {
  expect(wrong(text)).toBeUndefined();
});

it('ends at 64 levels', () => {
  expect(wrong('['.repeat(64) + ']'.repeat(64))).toBeUndefined();
  expect(wrong('['.repeat(65) + ']'.repeat(65))).toEqual(['', expect.stringContaining('64')]);
});

it('shortens names in pointers, and has no half pairs in them', () => {
  expect(pointerTo(['x'.repeat(1000)])).toHaveLength(101);
  expect(pointerTo(['\ud800'])).toBe('/\uFFFD');
});
