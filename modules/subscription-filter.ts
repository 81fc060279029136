import type { Construct } from 'constructs';
import { branchesOf, leavesOf, requireComparisons } from './patterns';
import type { Comparison, Dialect, Pattern } from './patterns';
import { requireThat } from './validate';

/** Attributes and what they must be; `$or` holds two or more of these. Attributes have no levels. */
export interface AttributeFilter {
  readonly [attribute: string]: readonly (Comparison | AttributeFilter)[];
}

/**
 * Which messages a subscription gets, judged by SNS before it delivers: by the message's attributes, or by its body, which
 * has to be JSON then (other bodies are not delivered).
 */
export type SubscriptionFilter = { readonly attributes: AttributeFilter } | { readonly body: Pattern };

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
};
/** https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
const LIMITS = { keys: 5, combinations: 150, bytes: 256 * 1024 };

/**
 * The subscription's attributes for a filter.
 * @throws Error for what SNS would refuse, or would accept and never match
 */
export function filterSettings(construct: Construct, filter: SubscriptionFilter | undefined) {
  if (filter === undefined) return {};
  const inBody = 'body' in filter;
  const pattern: Pattern = inBody ? filter.body : filter.attributes;
  validate(construct, pattern, inBody);
  return {
    filterPolicy: JSON.stringify(pattern),
    filterPolicyScope: inBody ? 'MessageBody' : 'MessageAttributes',
  };
}

function validate(construct: Construct, pattern: Pattern, inBody: boolean): void {
  const leaves = leavesOf(construct, pattern);
  for (const leaf of leaves) {
    const levels = 'attributes have no levels: filter by the body';
    requireThat(construct, inBody || leaf.path.length === 1, 'filter', leaf.path.join('.'), levels);
    requireComparisons(construct, leaf, DIALECT);
  }
  const keys = new Set(leaves.map(({ path }) => JSON.stringify(path))).size;
  const source = '(SNS filter policy constraints)';
  const keyRule = `a filter has ${LIMITS.keys} keys at most ${source}`;
  requireThat(construct, keys <= LIMITS.keys, 'number of keys in the filter', keys, keyRule);
  const found = combinations(construct, pattern, inBody ? 1 : 0);
  const rule = `a filter has ${LIMITS.combinations} combinations at most: its lists' lengths, multiplied ${source}`;
  requireThat(construct, found <= LIMITS.combinations, 'number of combinations in the filter', found, rule);
  const bytes = Buffer.byteLength(JSON.stringify(pattern));
  requireThat(
    construct,
    bytes <= LIMITS.bytes,
    'size of the filter',
    bytes,
    `${LIMITS.bytes} bytes at most ${source}`,
  );
}

/** In bodies each list counts as often as it has levels above it and itself; the branches of an `$or` add up. */
function combinations(construct: Construct, pattern: Pattern, level: number): number {
  return Object.entries(pattern).reduce((product, [key, value]) => {
    if (key === '$or') {
      const branches = branchesOf(construct, value, 'filter');
      return product * branches.reduce((sum, branch) => sum + combinations(construct, branch, level), 0);
    }
    if (Array.isArray(value)) return product * value.length * Math.max(level, 1);
    return product * combinations(construct, value as Pattern, level + 1);
  }, 1);
}
