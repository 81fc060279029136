import fc from 'fast-check';
import { HttpProblem } from '../../handlers/shared/http';
import { decodeCursor, encodeCursor } from '../../handlers/shared/cursor';

const decoded = (cursor: string, count: number) => {
  try {
    return decodeCursor(cursor, count);
  } catch (error) {
    return error as HttpProblem;
  }
};

test('what goes in comes out, in letters that a URL takes', () => {
  const values = fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 100 }), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(values, (given) => {
      const cursor = encodeCursor(given);
      expect(cursor).toMatch(/^[\w-]+$/);
      // A lone surrogate has no form in UTF-8.
      const kept = given.map((value) => Buffer.from(value).toString());
      if (kept.every((value, index) => value === given[index])) {
        expect(decodeCursor(cursor, given.length)).toEqual(given);
      }
    }),
  );
});

test('whatever else comes is 400', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json().map((text) => Buffer.from(text).toString('base64url')),
    fc.constant('A'.repeat(5000)),
  );
  fc.assert(
    fc.property(hostile, fc.integer({ min: 1, max: 3 }), (cursor, count) => {
      const result = decoded(cursor, count);
      if (result instanceof HttpProblem) expect(result.status).toBe(400);
      else expect(result).toHaveLength(count);
    }),
  );
  for (const values of [[], ['a'], ['a', ''], ['a', 'b', 'c']]) {
    expect(decoded(encodeCursor(values), 2)).toMatchObject({ status: 400, parts: [{ parameter: 'cursor' }] });
  }
});
