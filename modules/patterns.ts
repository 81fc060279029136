import { isIP } from 'node:net';
import type { Construct } from 'constructs';
import { requireThat } from './validate';

type Text = { readonly prefix: string } | { readonly suffix: string } | { readonly wildcard: string };
type IgnoreCase = { readonly 'equals-ignore-case': string };

/** Forms that event buses know beside those of topics and mappings: several texts, and ends without regard to case. */
type NestedText =
  | { readonly prefix: IgnoreCase }
  | { readonly suffix: IgnoreCase }
  | {
      readonly 'anything-but':
        | { readonly prefix: readonly string[] }
        | { readonly suffix: readonly string[] }
        | { readonly wildcard: readonly string[] }
        | { readonly 'equals-ignore-case': string | readonly string[] };
    };

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
  | NestedText
  | IgnoreCase
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

/** What a service takes of all this. */
export interface Dialect {
  readonly operators: ReadonlySet<Operator>;
  /** Numbers that are further from 0 are not compared. @default 1000000000 */
  readonly largest?: number;
  /** Whether the forms of `NestedText` are known. @default false */
  readonly nested?: boolean;
}

/**
 * Every field of a pattern, those of all branches of an `$or` included.
 * @param name what messages call the pattern
 * @throws Error where the pattern has no field, or an `$or` has fewer than two branches
 */
export function leavesOf(
  construct: Construct,
  pattern: Pattern,
  name = 'filter',
  above: readonly string[] = [],
): Leaf[] {
  const entries = isObject(pattern) ? Object.entries(pattern) : [];
  const at = [name, ...above].join('.');
  requireThat(construct, entries.length > 0, at, pattern, 'one field or more is needed');
  return entries.flatMap(([key, value]) => {
    if (key === '$or') {
      return branchesOf(construct, value, at).flatMap((branch) => leavesOf(construct, branch, name, above));
    }
    const path = [...above, key];
    if (!Array.isArray(value)) return leavesOf(construct, value as Pattern, name, path);
    const comparisons = value as readonly Comparison[];
    const rule = 'a list of one value or more is needed';
    requireThat(construct, comparisons.length > 0, [name, ...path].join('.'), comparisons, rule);
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
export function requireComparisons(
  construct: Construct,
  leaf: Leaf,
  dialect: Dialect,
  name = 'filter',
): void {
  const property = [name, ...leaf.path].join('.');
  for (const comparison of leaf.comparisons) {
    const problem = problemOf(comparison, dialect);
    requireThat(construct, problem === undefined, property, comparison, problem ?? '');
  }
}

function problemOf(comparison: Comparison, dialect: Dialect): string | undefined {
  if (typeof comparison === 'number') return numberProblem(comparison, dialect);
  if (!isObject(comparison)) return undefined;
  const [[operator, operand] = ['', undefined], ...more] = Object.entries(comparison);
  if (more.length > 0 || !dialect.operators.has(operator as Operator)) {
    return `one comparison of ${[...dialect.operators].join(', ')} is needed`;
  }
  return operandProblem(operator as Operator, operand, dialect);
}

function operandProblem(operator: Operator, operand: unknown, dialect: Dialect): string | undefined {
  switch (operator) {
    case 'exists':
      return typeof operand === 'boolean' ? undefined : 'exists takes true or false';
    case 'numeric':
      return numericProblem(operand, dialect);
    case 'cidr':
      return cidrProblem(operand);
    case 'anything-but':
      return anythingButProblem(operand, dialect);
    case 'wildcard':
      return wildcardProblem(operand, dialect);
    default:
      return textProblem(operator, operand, dialect);
  }
}

function textProblem(operator: Operator, operand: unknown, { nested }: Dialect): string | undefined {
  const inner = nested && operator !== 'equals-ignore-case' ? ignoredCase(operand) : operand;
  return isText(inner) ? undefined : `${operator} takes a text`;
}

/** `{ 'equals-ignore-case': 'x' }` as `x`. */
function ignoredCase(operand: unknown): unknown {
  if (!isObject(operand)) return operand;
  return Object.keys(operand).length === 1 ? operand['equals-ignore-case'] : undefined;
}

function isText(operand: unknown): boolean {
  return typeof operand === 'string' && operand !== '';
}

function numberProblem(value: number, { largest = 1e9 }: Dialect): string | undefined {
  return Math.abs(value) <= largest ? undefined : `numbers from -${largest} to ${largest} are compared`;
}

function numericProblem(operand: unknown, dialect: Dialect): string | undefined {
  const [first, low, second, high, ...more] = Array.isArray(operand) ? (operand as unknown[]) : [];
  const form = "numeric takes ['=', n], one bound, or a lower and an upper bound: ['>=', 0, '<', 10]";
  if (typeof low !== 'number' || more.length > 0) return form;
  if (second === undefined) {
    return ['=', '<', '<=', '>', '>='].includes(first as string) ? numberProblem(low, dialect) : form;
  }
  const ends = ['>', '>='].includes(first as string) && ['<', '<='].includes(second as string);
  if (!ends || typeof high !== 'number' || low >= high) return form;
  return numberProblem(low, dialect) ?? numberProblem(high, dialect);
}

function cidrProblem(operand: unknown): string | undefined {
  const [address = '', bits = ''] = String(operand).split('/');
  const version = isIP(address);
  const widest = version === 4 ? 32 : 128;
  const holds = version !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= widest;
  return holds ? undefined : 'cidr takes an address and a prefix length: 10.0.0.0/24';
}

function anythingButProblem(operand: unknown, dialect: Dialect): string | undefined {
  const { nested } = dialect;
  const kinds = nested ? 'prefix, suffix, wildcard or equals-ignore-case' : 'prefix, suffix or wildcard';
  const rule = `anything-but takes values of one kind, or one ${kinds}`;
  if (isObject(operand)) {
    const [[operator, inner] = ['', undefined], ...more] = Object.entries(operand);
    const known = ['prefix', 'suffix', 'wildcard', ...(nested ? ['equals-ignore-case'] : [])];
    if (!known.includes(operator) || more.length > 0) return rule;
    const texts: unknown[] = nested && Array.isArray(inner) ? inner : [inner];
    if (texts.length === 0) return rule;
    const plain = { ...dialect, nested: false };
    return texts.map((text) => operandProblem(operator as Operator, text, plain)).find((problem) => problem);
  }
  const values: unknown[] = Array.isArray(operand) ? operand : [operand];
  const [kind] = values.map((value) => typeof value);
  const alike = values.every((value) => typeof value === kind) && (kind === 'string' || kind === 'number');
  return alike ? undefined : rule;
}

/** Of event buses AWS says only that a pattern may be too complex. */
function wildcardProblem(operand: unknown, { nested }: Dialect): string | undefined {
  const rule = `wildcard takes a text with ${nested ? '' : 'up to three '}*, no two of them side by side`;
  if (!isText(operand) || String(operand).includes('**')) return rule;
  return nested || String(operand).split('*').length <= 4 ? undefined : rule;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
