import { comparable } from './numeric-operator';
import type { Scalar, Test } from './scalar';

/** Whether a value is one of these; numbers are equal up to five digits after the point, and text is no number. */
export function oneOf(values: readonly Scalar[]): Test {
  const numbers = new Set(
    values.filter((value) => typeof value === 'number').map((value) => comparable(value)),
  );
  const others = new Set(values.filter((value) => typeof value !== 'number'));
  return (value) => (typeof value === 'number' ? numbers.has(comparable(value)) : others.has(value));
}
