import type { Construct } from 'constructs';
import { leavesOf, requireComparisons } from './patterns';
import type { Dialect, Pattern } from './patterns';
import { requireThat } from './validate';

/**
 * Which messages of a queue, or records of a stream, reach its function. Lambda deletes the others from the queue, and passes over
 * them in a stream.
 *
 * A pattern on the record that the function would get: `{ body: { eventType: ['created'] } }` for JSON bodies,
 * `{ messageAttributes: { eventType: { stringValue: ['created'] } } }` for attributes,
 * `{ eventName: ['INSERT'], dynamodb: { NewImage: { kind: { S: ['order'] } } } }` for a table's stream,
 * `{ data: { kind: ['order'] } }` for JSON in a Kinesis stream.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
 */
export type MessageFilter = Pattern;

/** What a function gets batches of, and the fields of one. */
const FIELDS = {
  message:
    /^(messageId|receiptHandle|body|attributes|messageAttributes|md5OfBody|eventSource|eventSourceARN|awsRegion|\$or)$/,
  change:
    /^(eventID|eventName|eventVersion|eventSource|awsRegion|dynamodb|userIdentity|eventSourceARN|\$or)$/,
  // Lambda looks at the metadata as if it were beside the data:
  // https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-filtering.html
  record: /^(data|partitionKey|sequenceNumber|kinesisSchemaVersion|approximateArrivalTimestamp|\$or)$/,
};
const EXAMPLES = {
  message: 'body, messageAttributes, attributes, ...',
  change: 'eventName, dynamodb, userIdentity, ...',
  record: 'data, partitionKey, ...',
};

/** Those of Lambda: it has fewer than SNS. */
const DIALECT: Dialect = {
  operators: new Set(['prefix', 'suffix', 'equals-ignore-case', 'exists', 'numeric', 'anything-but']),
};
const LIMITS = { filters: 5, bytes: 4096 };

/** A queue's message, a change of a table's item, a record of a Kinesis stream. */
export type FilteredKind = keyof typeof FIELDS;

/**
 * The mapping's attributes for filters, of which one is enough.
 * @throws Error for what Lambda would refuse, or would accept and never match
 */
export function filterCriteria(
  construct: Construct,
  filters: readonly MessageFilter[] | undefined,
  kind: FilteredKind = 'message',
) {
  if (filters === undefined) return {};
  const countRule = `1 to ${LIMITS.filters} filters are allowed (Lambda FilterCriteria)`;
  const fits = filters.length >= 1 && filters.length <= LIMITS.filters;
  requireThat(construct, fits, 'number of filters', filters.length, countRule);
  filters.forEach((filter) => validate(construct, filter, kind));
  return { filterCriteria: { filter: filters.map((filter) => ({ pattern: JSON.stringify(filter) })) } };
}

function validate(construct: Construct, filter: MessageFilter, kind: FilteredKind): void {
  for (const key of Object.keys(filter)) {
    const rule = `a record's fields are ${EXAMPLES[kind]}`;
    requireThat(construct, FIELDS[kind].test(key), 'filter', key, rule);
  }
  for (const leaf of leavesOf(construct, filter)) requireComparisons(construct, leaf, DIALECT);
  const bytes = Buffer.byteLength(JSON.stringify(filter));
  const rule = `${LIMITS.bytes} bytes at most (Lambda FilterCriteria)`;
  requireThat(construct, bytes <= LIMITS.bytes, 'size of the filter', bytes, rule);
}
