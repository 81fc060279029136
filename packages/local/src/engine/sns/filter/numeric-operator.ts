import type { Scalar, Test } from './scalar';
import { PatternError } from './scalar';

/** Digits after the point at which numbers are equal. */
const DIGITS = 5;

/** Which numbers a service compares. */
export interface NumericRules {
  /** In both directions. */
  readonly largest: number;
  /** After the point. */
  readonly digits: number;
}

type Comparison = (value: number, bound: number) => boolean;

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** A number as patterns compare it. */
export function comparable(value: number, digits = DIGITS): number {
  return Math.round(value * 10 ** digits);
}

/** `{"numeric": ["=", 5]}`, `{"numeric": [">", 0, "<=", 150]}` */
export const numeric =
  (rules: NumericRules) =>
  (operand: unknown): Test => {
    const holds = parse(operand, rules);
    return (value: Scalar) =>
      typeof value === 'number' && Math.abs(value) <= rules.largest && holds(comparable(value, rules.digits));
  };

function parse(operand: unknown, rules: NumericRules): (value: number) => boolean {
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
  const lower = bound(operator, first, rules);
  if (operand.length === 2) return (value) => COMPARISONS[operator]!(value, lower);
  if (!operator.startsWith('>')) throw new PatternError('Too many elements in numeric expression');
  if (typeof upperOperator !== 'string') {
    throw new PatternError(`Bad value in numeric range: ${quoted(upperOperator)}`);
  }
  if (upperOperator !== '<' && upperOperator !== '<=') {
    throw new PatternError(`Bad numeric range operator: ${upperOperator}`);
  }
  const upper = bound(upperOperator, second, rules);
  if (operand.length > 4) throw new PatternError('Too many terms in numeric range expression');
  if (lower >= upper) throw new PatternError('Bottom must be less than top');
  return (value) => COMPARISONS[operator]!(value, lower) && COMPARISONS[upperOperator]!(value, upper);
}

function bound(operator: string, value: unknown, { largest, digits }: NumericRules): number {
  const name = operator === '=' ? 'equals' : operator;
  if (typeof value !== 'number') throw new PatternError(`Value of ${name} must be numeric`);
  if (Math.abs(value) > largest) {
    throw new PatternError(`Value must be between ${-largest} and ${largest}, inclusive, and is ${value}`);
  }
  return comparable(value, digits);
}

function quoted(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
