import fc from 'fast-check';
import { JsonSyntaxError, parseJson } from '../../handlers/shared/json';

function errorOf(text: string): JsonSyntaxError | undefined {
  try {
    parseJson(text);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(JsonSyntaxError);
    return error as JsonSyntaxError;
  }
}

test.each([
  ['', 1, 1, 'end'],
  ['   ', 1, 4, 'end'],
  ['{"a":1', 1, 7, 'end'],
  ['"open', 1, 6, 'end'],
  ['hello', 1, 1, 'character'],
  ["{'a':1}", 1, 2, 'character'],
  ['{"a":1,}', 1, 8, 'character'],
  ['[1,]', 1, 4, 'character'],
  ['{"a" 1}', 1, 6, 'character'],
  ['{"a":1 "b":2}', 1, 8, 'character'],
  ['{"a":1}}', 1, 8, 'character'],
  ['[1}', 1, 3, 'character'],
  ['{1:2}', 1, 2, 'character'],
  ['[,1]', 1, 2, 'character'],
  ['01', 1, 2, 'character'],
  ['[tru]', 1, 2, 'character'],
  ['"a\nb"', 1, 3, 'character'],
  ['"a\\x"', 1, 3, 'character'],
  ['{\n  "a": 1\n  "b": 2\n}', 3, 3, 'character'],
])('%j has its mistake at %i:%i', (text, line, column, kind) => {
  expect(errorOf(text)).toMatchObject({
    line,
    column,
    message: `unexpected ${kind} at line ${line}, column ${column}`,
  });
});

test('reads what JSON.parse reads, and nothing else', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('a cut text has its mistake at its end, in whatever it was cut', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), (json, at) => {
      const text = `[${json}`.slice(0, (at % json.length) + 1);
      const error = errorOf(text);
      expect(error?.line).toBe(1);
      // A name or number that is cut is where the mistake is.
      const rest = text.slice((error?.column ?? 0) - 1);
      expect(rest).toMatch(/^[\da-z+.\\-]*$/i);
    }),
    { numRuns: 300 },
  );
});

test('every position is one that the text has, whatever it is', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...'{}[],:"\\u1e-. \nntrue')), (characters) => {
      const text = characters.join('');
      const error = errorOf(text);
      if (!error) return;
      const lines = text.split('\n');
      expect(error.line).toBeLessThanOrEqual(lines.length);
      expect(error.column).toBeLessThanOrEqual((lines[error.line - 1] ?? '').length + 1);
    }),
    { numRuns: 2000 },
  );
});
