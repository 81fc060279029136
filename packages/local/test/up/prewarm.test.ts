import { inTurn, prewarmLimit } from '../../src/up/prewarm';

const GB = 1024 ** 3;

test.each([
  [2, 16 * GB, 4],
  [8, 16 * GB, 16],
  // A sixteenth of the free memory is what counts where there is little of it.
  [8, 4 * GB, 5],
  [8, GB / 4, 1],
])(
  '%d processors and %d bytes of free memory start %d functions',
  (processors, freeMemoryBytes, functions) => {
    expect(prewarmLimit({ processors, freeMemoryBytes })).toBe(functions);
  },
);

test('what answers requests and what works behind it start in turn, each once', () => {
  expect(inTurn(['a', 'b', 'a', 'c'], ['x', 'b', 'y'])).toEqual(['a', 'x', 'b', 'c', 'y']);
  expect(inTurn([], ['x'])).toEqual(['x']);
});
