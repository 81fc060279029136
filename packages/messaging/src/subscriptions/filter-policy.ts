import type { FieldError } from '../errors';
import type { FilterScope } from './types';

/** What an object in a list of values may ask for. */
const OPERATORS = new Set([
  'prefix',
  'suffix',
  'equals-ignore-case',
  'wildcard',
  'anything-but',
  'cidr',
  'exists',
  'numeric',
]);

/**
 * What is wrong with a filter policy, in SNS's own words where it has some. It sees what SNS would refuse by the policy's
 * form; what an operator's value may be and how many combinations are too many is left to SNS, whose refusal is 'invalid' as well.
 */
export function filterErrors(filter: unknown, scope: FilterScope): FieldError[] {
  const detail = isObject(filter) ? problem(filter, scope) : 'must be a JSON object';
  return detail === undefined
    ? []
    : [{ field: 'filter', detail: `Invalid parameter: FilterPolicy: ${detail}` }];
}

function problem(filter: Record<string, unknown>, scope: FilterScope): string | undefined {
  if (scope === 'attributes' && Object.values(filter).some((each) => isObject(each))) {
    return 'Filter policy scope MessageAttributes does not support nested filter policy';
  }
  const lists: [path: string, values: unknown[]][] = [];
  return collect(filter, [], lists) ?? firstProblem(lists);
}

/** The lists at the leaves of the policy. */
function collect(
  value: Record<string, unknown>,
  path: readonly string[],
  lists: [string, unknown[]][],
): string | undefined {
  for (const [key, each] of Object.entries(value)) {
    const here = [...path, key];
    if (Array.isArray(each) && key === '$or') {
      const branch = each.map((one) =>
        isObject(one) ? collect(one, here, lists) : `"$or" must hold objects\n at ${here.join('.')}`,
      );
      const found = branch.find((one) => one !== undefined);
      if (found !== undefined) return found;
    } else if (Array.isArray(each)) lists.push([here.join('.'), each]);
    else if (!isObject(each)) return `"${key}" must be an object or an array\n at ${here.join('.')}`;
    else {
      const found = collect(each, here, lists);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function firstProblem(lists: readonly [string, unknown[]][]): string | undefined {
  for (const [path, values] of lists) {
    if (values.length === 0) return `Empty arrays are not allowed\n at ${path}`;
    for (const value of values) {
      const found = valueProblem(value);
      if (found !== undefined) return `${found}\n at ${path}`;
    }
  }
  return undefined;
}

function valueProblem(value: unknown): string | undefined {
  if (Array.isArray(value)) return 'Match value must be String, number, true, false, or null';
  if (!isObject(value)) return undefined;
  const operators = Object.keys(value);
  if (operators.length !== 1) return 'Only one key allowed in match expression';
  return OPERATORS.has(operators[0]!) ? undefined : `Unrecognized match type ${operators[0]!.slice(0, 100)}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
