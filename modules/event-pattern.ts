import type { Construct } from 'constructs';
import { leavesOf, requireComparisons } from './patterns';
import type { Comparison, Dialect, Pattern } from './patterns';
import { requireThat } from './validate';

/** What one of an event's own fields must be. */
type Field = readonly Comparison[];

/**
 * Which events a rule takes: fields of the event's envelope, and of its `detail`, with what they must be. Several fields must
 * all be met. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export interface EventPattern {
  readonly source?: Field;
  readonly 'detail-type'?: Field;
  readonly detail?: Pattern;
  readonly account?: Field;
  readonly region?: Field;
  readonly resources?: Field;
  readonly time?: Field;
  readonly id?: Field;
  readonly version?: Field;
  /** Two patterns or more of which one is enough. */
  readonly $or?: readonly EventPattern[];
}

const FIELDS = [
  'source',
  'detail-type',
  'detail',
  'account',
  'region',
  'resources',
  'time',
  'id',
  'version',
  '$or',
];

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html */
const DIALECT: Dialect = {
  operators: new Set([
    'prefix',
    'suffix',
    'wildcard',
    'equals-ignore-case',
    'cidr',
    'exists',
    'numeric',
    'anything-but',
  ]),
  largest: 5e9,
  nested: true,
};
/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const LIMITS = { bytes: 2048, combinations: 1000 };

/**
 * The pattern as the rule has it.
 * @throws Error for what EventBridge would refuse, or would accept and never match
 */
export function eventPatternText(construct: Construct, pattern: EventPattern): string {
  requireFields(construct, pattern);
  const plain = pattern as Pattern;
  for (const leaf of leavesOf(construct, plain, 'pattern')) {
    requireComparisons(construct, leaf, DIALECT, 'pattern');
  }
  const found = combinations(plain);
  const manyRule = `$or has ${LIMITS.combinations} combinations of branches at most (EventBridge event patterns)`;
  requireThat(construct, found <= LIMITS.combinations, 'combinations in the pattern', found, manyRule);
  const text = JSON.stringify(pattern);
  const bytes = Buffer.byteLength(text);
  const rule = `${LIMITS.bytes} bytes at most (EventBridge quotas)`;
  requireThat(construct, bytes <= LIMITS.bytes, 'size of the pattern', bytes, rule);
  return text;
}

/** The envelope's fields are known: a pattern on another one matches nothing. */
function requireFields(construct: Construct, pattern: EventPattern): void {
  for (const key of Object.keys(pattern)) {
    const rule = `an event's fields are ${FIELDS.join(', ')}; your own are in detail`;
    requireThat(construct, FIELDS.includes(key), 'pattern', key, rule);
  }
  // What is no list is told of by `leavesOf`.
  const branches: readonly EventPattern[] = Array.isArray(pattern.$or) ? pattern.$or : [];
  for (const branch of branches) requireFields(construct, branch);
}

/** How many patterns without `$or` it would take to say the same. */
function combinations(pattern: Pattern): number {
  return Object.entries(pattern).reduce((product, [key, value]) => {
    if (key === '$or') return product * (value as Pattern[]).reduce((sum, one) => sum + combinations(one), 0);
    return Array.isArray(value) ? product : product * combinations(value as Pattern);
  }, 1);
}
