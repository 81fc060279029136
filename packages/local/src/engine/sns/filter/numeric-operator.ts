import type { Scalar, Test } from './scalar';
import { PatternError } from './scalar';

// https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
const LARGEST = 1_000_000_000;
const DIGITS = 100_000;

type Comparison = (value: number, bound: number) => boolean;

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** A number as patterns compare it: five digits after the point. */
export function comparable(value: number): number {
  return Math.round(value * DIGITS);
}

/** `{"numeric": ["=", 5]}`, `{"numeric": [">", 0, "<=", 150]}` */
export function numeric(operand: unknown): Test {
  if (!Array.isArray(operand)) throw new PatternError('Value of numeric must be an array.');
  const [operator, first, upperOperator, second] = operand as unknown[];
  if (typeof operator !== 'string') {
    throw new PatternError(
      `Invalid member in numeric match: ${operand.length === 0 ? ']' : quoted(operator)}`,
    );
  }
  if (!Object.hasOwn(COMPARISONS, operator)) {
    throw new PatternError(`Unrecognized numeric range operator: ${operator}`);
  }
  const lower = bound(operator, first);
  if (operand.length === 2) return within((value) => COMPARISONS[operator]!(value, lower));
  if (!operator.startsWith('>')) throw new PatternError('Too many elements in numeric expression');
  if (typeof upperOperator !== 'string') {
    throw new PatternError(`Bad value in numeric range: ${quoted(upperOperator)}`);
  }
  if (upperOperator !== '<' && upperOperator !== '<=') {
    throw new PatternError(`Bad numeric range operator: ${upperOperator}`);
  }
  const upper = bound(upperOperator, second);
  if (operand.length > 4) throw new PatternError('Too many terms in numeric range expression');
  if (lower >= upper) throw new PatternError('Bottom must be less than top');
  return within((value) => COMPARISONS[operator]!(value, lower) && COMPARISONS[upperOperator]!(value, upper));
}

function bound(operator: string, value: unknown): number {
  const name = operator === '=' ? 'equals' : operator;
  if (typeof value !== 'number') throw new PatternError(`Value of ${name} must be numeric`);
  if (Math.abs(value) > LARGEST) {
    throw new PatternError(`Value must be between ${-LARGEST} and ${LARGEST}, inclusive, and is ${value}`);
  }
  return comparable(value);
}

function within(holds: (value: number) => boolean): Test {
  return (value: Scalar) =>
    typeof value === 'number' && Math.abs(value) <= LARGEST && holds(comparable(value));
}

function quoted(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
