import type { Dialect } from './dialect';
import { SNS_DIALECT } from './dialect';
import { oneOf } from './exact';
import type { Scalar, Test } from './scalar';
import { isScalar, PatternError } from './scalar';

/** What one property of a message must be. */
export interface Field {
  /** The names from the top, as the pattern has them. */
  readonly path: readonly string[];
  /** The path's names, those with dots taken apart: `a.b` and `a` with `b` inside mean the same. */
  readonly segments: readonly string[];
  readonly test: Test;
  /** Whether the property may be missing: `{"exists": false}`. */
  readonly orAbsent: boolean;
  /** How many values the pattern gives. */
  readonly values: number;
  /** The texts, where the pattern gives nothing else. */
  readonly texts: readonly string[] | undefined;
}

/** Fields that must all match. */
export type Alternative = readonly Field[];

const RESERVED = new Set([...Object.keys(SNS_DIALECT.operators), 'exists', 'exact']);
/** Deeper or wider than any pattern that AWS accepts. */
const MAX_DEPTH = 150;
const MAX_ALTERNATIVES = 1000;

/**
 * A pattern of SNS or EventBridge as alternatives of which one must match; `$or` makes several.
 * @throws PatternError
 */
export function parsePattern(json: string, dialect: Dialect = SNS_DIALECT): Alternative[] {
  let pattern: unknown;
  try {
    pattern = JSON.parse(json);
  } catch (error) {
    throw new PatternError(`failed to parse JSON. ${(error as Error).message}`);
  }
  if (!isObject(pattern)) throw new PatternError('Filter is not an object');
  if (!dialect.mayBeEmpty && Object.keys(pattern).length === 0) {
    throw new PatternError('Empty objects are not allowed');
  }
  return parseObject(pattern, [], dialect);
}

function parseObject(
  object: Readonly<Record<string, unknown>>,
  path: readonly string[],
  dialect: Dialect,
): Alternative[] {
  if (path.length > MAX_DEPTH) throw new PatternError('Filter policy is too complex');
  let alternatives: Alternative[] = [[]];
  for (const [name, value] of Object.entries(object)) {
    const more = parseMember(name, value, path, dialect);
    if (alternatives.length * more.length > MAX_ALTERNATIVES) {
      throw new PatternError('Filter policy is too complex');
    }
    alternatives = alternatives.flatMap((fields) => more.map((others) => [...fields, ...others]));
  }
  return alternatives;
}

function parseMember(name: string, value: unknown, path: readonly string[], dialect: Dialect): Alternative[] {
  if (name === '$or' && isOr(value)) return value.flatMap((each) => parseObject(each, path, dialect));
  const inner = [...path, name];
  if (Array.isArray(value)) return [[parseField(value, inner, dialect)]];
  if (!isObject(value)) throw new PatternError(`"${name}" must be an object or an array`, inner.join('.'));
  if (Object.keys(value).length === 0) {
    throw new PatternError('Empty objects are not allowed', inner.join('.'));
  }
  return parseObject(value, inner, dialect);
}

// https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html#or-operator: anything else is a property called $or.
function isOr(value: unknown): value is Record<string, unknown>[] {
  return (
    Array.isArray(value) &&
    value.length > 1 &&
    value.every((each) => isObject(each) && Object.keys(each).every((name) => !RESERVED.has(name)))
  );
}

function parseField(values: readonly unknown[], path: readonly string[], dialect: Dialect): Field {
  const name = path.join('.');
  if (values.length === 0) throw new PatternError('Empty arrays are not allowed', name);
  const exact = values.filter(isScalar);
  const tests: Test[] = exact.length > 0 ? [oneOf(exact)] : [];
  let orAbsent = false;
  values.forEach((value, i) => {
    if (isScalar(value)) return;
    const where = `${name}[${i}]`;
    if (!isObject(value)) {
      throw new PatternError('Match value must be String, number, true, false, or null', where);
    }
    if (isAbsence(value, where)) orAbsent = true;
    else tests.push(parseMatch(value, where, dialect));
  });
  return {
    path,
    segments: name.split('.'),
    test: tests.length === 1 ? tests[0]! : (value: Scalar) => tests.some((test) => test(value)),
    orAbsent,
    values: values.length,
    texts: values.every((value) => typeof value === 'string') ? values : undefined,
  };
}

function isAbsence(match: Readonly<Record<string, unknown>>, where: string): boolean {
  if (Object.keys(match).length !== 1 || !Object.hasOwn(match, 'exists')) return false;
  if (typeof match.exists !== 'boolean') {
    throw new PatternError('exists match pattern must be either true or false.', `${where}.exists`);
  }
  return !match.exists;
}

function parseMatch(match: Readonly<Record<string, unknown>>, where: string, { operators }: Dialect): Test {
  const [name, ...others] = Object.keys(match);
  if (name === undefined) throw new PatternError('Empty objects are not allowed', where);
  if (others.length > 0) throw new PatternError('Only one key allowed in match expression', where);
  if (name === 'exists') return () => true;
  if (!Object.hasOwn(operators, name)) throw new PatternError(`Unrecognized match type ${name}`, where);
  try {
    return operators[name]!(match[name]);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new PatternError(error.reason, `${where}.${name}: ${JSON.stringify(match[name]).slice(0, 200)}`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
