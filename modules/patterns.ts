import { isIP } from 'node:net';
import type { Construct } from 'constructs';
import { requireThat } from './validate';

type Text = { readonly prefix: string } | { readonly suffix: string } | { readonly wildcard: string };

/**
 * What a field must be, as AWS writes it: a value, or one comparison. A list of them is met by any; several fields must
 * all be met. https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policies.html
 */
export type Comparison =
  | string
  | number
  | boolean
  | null
  | Text
  | { readonly 'equals-ignore-case': string }
  | { readonly cidr: string }
  | { readonly exists: boolean }
  /** `['=', 5]`, or a range with its lower end first: `['>', 0, '<=', 100]`. */
  | { readonly numeric: readonly (string | number)[] }
  | { readonly 'anything-but': string | number | readonly (string | number)[] | Text };

/** Fields and what they must be; an object goes one level down; `$or` holds two or more patterns of which one is enough. */
export interface Pattern {
  readonly [key: string]: readonly (Comparison | Pattern)[] | Pattern;
}

/** One field of a pattern, with the names on the way to it. */
export interface Leaf {
  readonly path: readonly string[];
  readonly comparisons: readonly Comparison[];
}

export type Operator =
  'prefix' | 'suffix' | 'wildcard' | 'equals-ignore-case' | 'cidr' | 'exists' | 'numeric' | 'anything-but';

const LARGEST = 1e9;

/**
 * Every field of a pattern, those of all branches of an `$or` included.
 * @throws Error where the pattern has no field, or an `$or` has fewer than two branches
 */
export function leavesOf(construct: Construct, pattern: Pattern, above: readonly string[] = []): Leaf[] {
  const entries = Object.entries(pattern);
  const at = ['filter', ...above].join('.');
  requireThat(construct, entries.length > 0, at, pattern, 'one field or more is needed');
  return entries.flatMap(([key, value]) => {
    if (key === '$or') return branchesOf(construct, value, at).flatMap((b) => leavesOf(construct, b, above));
    const path = [...above, key];
    if (!Array.isArray(value)) return leavesOf(construct, value as Pattern, path);
    const comparisons = value as readonly Comparison[];
    const rule = 'a list of one value or more is needed';
    requireThat(construct, comparisons.length > 0, ['filter', ...path].join('.'), comparisons, rule);
    return [{ path, comparisons }];
  });
}

/** The patterns of an `$or`. */
export function branchesOf(construct: Construct, value: Pattern[string], at: string): readonly Pattern[] {
  const rule = 'two patterns or more are needed';
  const isList = Array.isArray(value) && value.length >= 2 && value.every(isObject);
  requireThat(construct, isList, `${at}.$or`, value, rule);
  return value as readonly Pattern[];
}

/** @throws Error unless each comparison of the field is one that the service knows, with operands that it takes */
export function requireComparisons(construct: Construct, leaf: Leaf, known: ReadonlySet<Operator>): void {
  const property = ['filter', ...leaf.path].join('.');
  for (const comparison of leaf.comparisons) {
    const problem = problemOf(comparison, known);
    requireThat(construct, problem === undefined, property, comparison, problem ?? '');
  }
}

function problemOf(comparison: Comparison, known: ReadonlySet<Operator>): string | undefined {
  if (typeof comparison === 'number') return numberProblem(comparison);
  if (!isObject(comparison)) return undefined;
  const [[operator, operand] = ['', undefined], ...more] = Object.entries(comparison);
  if (more.length > 0 || !known.has(operator as Operator)) {
    return `one comparison of ${[...known].join(', ')} is needed`;
  }
  return operandProblem(operator as Operator, operand);
}

function operandProblem(operator: Operator, operand: unknown): string | undefined {
  switch (operator) {
    case 'exists':
      return typeof operand === 'boolean' ? undefined : 'exists takes true or false';
    case 'numeric':
      return numericProblem(operand);
    case 'cidr':
      return cidrProblem(operand);
    case 'anything-but':
      return anythingButProblem(operand);
    case 'wildcard':
      return wildcardProblem(operand);
    default:
      return typeof operand === 'string' && operand !== '' ? undefined : `${operator} takes a text`;
  }
}

function numberProblem(value: number): string | undefined {
  return Math.abs(value) <= LARGEST ? undefined : 'numbers from -1000000000 to 1000000000 are compared';
}

function numericProblem(operand: unknown): string | undefined {
  const [first, low, second, high, ...more] = Array.isArray(operand) ? (operand as unknown[]) : [];
  const form = "numeric takes ['=', n], one bound, or a lower and an upper bound: ['>=', 0, '<', 10]";
  if (typeof low !== 'number' || more.length > 0) return form;
  if (second === undefined) {
    return ['=', '<', '<=', '>', '>='].includes(first as string) ? numberProblem(low) : form;
  }
  const ends = ['>', '>='].includes(first as string) && ['<', '<='].includes(second as string);
  if (!ends || typeof high !== 'number' || low >= high) return form;
  return numberProblem(low) ?? numberProblem(high);
}

function cidrProblem(operand: unknown): string | undefined {
  const [address = '', bits = ''] = String(operand).split('/');
  const version = isIP(address);
  const widest = version === 4 ? 32 : 128;
  const holds = version !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= widest;
  return holds ? undefined : 'cidr takes an address and a prefix length: 10.0.0.0/24';
}

function anythingButProblem(operand: unknown): string | undefined {
  const rule = 'anything-but takes values of one kind, or one prefix, suffix or wildcard';
  if (isObject(operand)) {
    const [[operator, inner] = ['', undefined], ...more] = Object.entries(operand);
    const isText = ['prefix', 'suffix', 'wildcard'].includes(operator) && more.length === 0;
    return isText ? operandProblem(operator as Operator, inner) : rule;
  }
  const values: unknown[] = Array.isArray(operand) ? operand : [operand];
  const [kind] = values.map((value) => typeof value);
  const alike = values.every((value) => typeof value === kind) && (kind === 'string' || kind === 'number');
  return alike ? undefined : rule;
}

function wildcardProblem(operand: unknown): string | undefined {
  const rule = 'wildcard takes a text with up to three *, no two of them side by side';
  if (typeof operand !== 'string' || operand === '' || operand.includes('**')) return rule;
  return operand.split('*').length <= 4 ? undefined : rule;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
