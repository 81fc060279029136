import { LineRing } from '../../src/trace/line-ring';
import type { Place } from '../../src/trace/line-ring';

const START: Place = { sequence: 0, offset: 0 };

function readAll(ring: LineRing, from = START, bytes = 1000): { lines: string[]; place: Place } {
  const lines: string[] = [];
  let place = from;
  for (let part = ring.read(place, bytes); part !== undefined; part = ring.read(place, bytes)) {
    lines.push(...part.lines);
    place = part.next;
  }
  return { lines, place };
}

test('lines come back whole, in order, whatever they are made of', () => {
  const ring = new LineRing(2);
  expect(ring.read(START, 10)).toBeUndefined();
  const lines = ['a', 'ä€😀'.repeat(50), '', 'last'];
  for (const line of lines) ring.append(line);
  for (const bytes of [1, 7, 100_000]) expect(readAll(ring, START, bytes).lines).toEqual(lines);
});

test('a reader goes on where it was', () => {
  const ring = new LineRing(2);
  ring.append('one');
  const { place } = readAll(ring);
  expect(ring.read(place, 1000)).toBeUndefined();
  ring.append('two');
  expect(readAll(ring, place).lines).toEqual(['two']);
});

test('the oldest lines are forgotten, and a reader that was overtaken goes on with what is left', () => {
  const ring = new LineRing(2);
  const line = (n: number) => `${n} ${'x'.repeat(999)}`;
  ring.append(line(0));
  const { place } = readAll(ring);
  for (let n = 1; n <= 5000; n += 1) ring.append(line(n));
  const { lines } = readAll(ring, place);
  const numbers = lines.map((each) => parseInt(each, 10));
  expect(numbers.at(-1)).toBe(5000);
  expect(numbers[0]).toBeGreaterThan(2800);
  expect(numbers).toEqual(Array.from({ length: 5001 - numbers[0]! }, (_, n) => numbers[0]! + n));
});

test('a line that is too long is passed over', () => {
  const ring = new LineRing(2);
  ring.append('before');
  ring.append('x'.repeat(400_000));
  ring.append('after');
  expect(readAll(ring).lines).toEqual(['before', 'after']);
});
