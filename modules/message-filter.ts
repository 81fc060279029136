import type { Construct } from 'constructs';
import { leavesOf, requireComparisons } from './patterns';
import type { Operator, Pattern } from './patterns';
import { requireThat } from './validate';

/**
 * Which messages of a queue reach its function. Lambda deletes the others from the queue.
 *
 * A pattern on the record that the function would get: `{ body: { eventType: ['created'] } }` for JSON bodies,
 * `{ messageAttributes: { eventType: { stringValue: ['created'] } } }` for attributes.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html
 */
export type MessageFilter = Pattern;

const FIELDS =
  /^(messageId|receiptHandle|body|attributes|messageAttributes|md5OfBody|eventSource|eventSourceARN|awsRegion|\$or)$/;
/** Those of Lambda: it has fewer than SNS. */
const OPERATORS: ReadonlySet<Operator> = new Set([
  'prefix',
  'suffix',
  'equals-ignore-case',
  'exists',
  'numeric',
  'anything-but',
]);
const LIMITS = { filters: 5, bytes: 4096 };

/**
 * The mapping's attributes for filters, of which one is enough.
 * @throws Error for what Lambda would refuse, or would accept and never match
 */
export function filterCriteria(construct: Construct, filters: readonly MessageFilter[] | undefined) {
  if (filters === undefined) return {};
  const countRule = `1 to ${LIMITS.filters} filters are allowed (Lambda FilterCriteria)`;
  const fits = filters.length >= 1 && filters.length <= LIMITS.filters;
  requireThat(construct, fits, 'number of filters', filters.length, countRule);
  filters.forEach((filter) => validate(construct, filter));
  return { filterCriteria: { filter: filters.map((filter) => ({ pattern: JSON.stringify(filter) })) } };
}

function validate(construct: Construct, filter: MessageFilter): void {
  for (const key of Object.keys(filter)) {
    requireThat(
      construct,
      FIELDS.test(key),
      'filter',
      key,
      "a record's fields are body, messageAttributes, attributes, ...",
    );
  }
  for (const leaf of leavesOf(construct, filter)) requireComparisons(construct, leaf, OPERATORS);
  const bytes = Buffer.byteLength(JSON.stringify(filter));
  const rule = `${LIMITS.bytes} bytes at most (Lambda FilterCriteria)`;
  requireThat(construct, bytes <= LIMITS.bytes, 'size of the filter', bytes, rule);
}
