import type { ConditionValues } from '../contracts';
import type { Statement } from './policy';
import { wildcardMatch } from './wildcard';

/** Values of condition keys, the keys in lower case. */
export type Context = ConditionValues;

type Comparison = (wanted: string, actual: string) => boolean;

const equals: Comparison = (wanted, actual) => wanted === actual;
const equalsIgnoringCase: Comparison = (wanted, actual) => wanted.toLowerCase() === actual.toLowerCase();
const like: Comparison = (wanted, actual) => wildcardMatch(wanted, actual);

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  StringEquals: equals,
  StringEqualsIgnoreCase: equalsIgnoringCase,
  StringLike: like,
  ArnEquals: like,
  ArnLike: like,
  Bool: equalsIgnoringCase,
  NumericEquals: (wanted, actual) => Number(actual) === Number(wanted),
  NumericLessThan: (wanted, actual) => Number(actual) < Number(wanted),
  NumericLessThanEquals: (wanted, actual) => Number(actual) <= Number(wanted),
  NumericGreaterThan: (wanted, actual) => Number(actual) > Number(wanted),
  NumericGreaterThanEquals: (wanted, actual) => Number(actual) >= Number(wanted),
};

const NEGATIONS: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
  NumericNotEquals: 'NumericEquals',
};

/**
 * Whether all conditions of a statement hold. One that is not understood here (an unknown operator or set operator)
 * never opens a door: it does not hold for an Allow, and holds for a Deny.
 */
export function conditionsHold(statement: Statement, context: Context): boolean {
  return Object.entries(statement.conditions).every(([operator, keys]) =>
    Object.entries(keys).every(
      ([key, wanted]) =>
        holds(operator, wanted, context.get(key.toLowerCase())) ?? statement.effect === 'Deny',
    ),
  );
}

/** The keys that a statement's conditions name, in lower case. */
export function conditionKeys(statement: Statement): string[] {
  return Object.values(statement.conditions).flatMap((keys) =>
    Object.keys(keys).map((key) => key.toLowerCase()),
  );
}

/**
 * Undefined where the operator is not understood.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
function holds(
  operator: string,
  wanted: readonly string[],
  given: string | readonly string[] | undefined,
): boolean | undefined {
  if (operator === 'Null') {
    return wanted.some((value) => (value === 'true') === (given === undefined));
  }
  const base = operator.replace(/^For(?:Any|All)Values?:/, '').replace(/IfExists$/, '');
  const negated = NEGATIONS[base];
  const compare = COMPARISONS[negated ?? base];
  if (compare === undefined) {
    return undefined;
  }
  const forAll = operator.startsWith('ForAllValues:');
  if (given === undefined) {
    const negatedAlone = negated !== undefined && !operator.startsWith('ForAnyValue:');
    return forAll || operator.endsWith('IfExists') || negatedAlone;
  }
  const passes = (actual: string) =>
    wanted.some((value) => compare(value, actual)) === (negated === undefined);
  const values = typeof given === 'string' ? [given] : given;
  return forAll ? values.every(passes) : values.some(passes);
}
