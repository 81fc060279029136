import { isDeepStrictEqual } from 'node:util';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { AwsError } from '../shared/aws-error';
import type { JsonObject } from '../shared/json-attributes';
import type { Log } from '../shared/log';
import type { Change, ChangeKind, Changes } from './changes';
import { contentOf, type Item } from './item';
import { toItem } from './items';

/** DynamoDB's sequence numbers have 21 to 40 digits. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html */
const SEQUENCE_DIGITS = 40;
/** One change takes that long at most: no other is begun when less is left. */
const RESERVE_MS = 10_000;

export interface RecordChangesOptions {
  readonly changes: Changes;
  readonly log: Log;
  /** Milliseconds that this invocation may still take. */
  readonly remainingMs: () => number;
}

/**
 * Records changes in the order of the stream. Lambda tries again from the first one that is reported, so the ones behind it
 * are left to it.
 */
export async function recordChanges(
  { Records }: DynamoDBStreamEvent,
  options: RecordChangesOptions,
): Promise<DynamoDBBatchResponse> {
  for (const [index, record] of Records.entries()) {
    if (options.remainingMs() >= RESERVE_MS && (await recordOne(record, options))) continue;
    options.log.warn('changes put off', { count: Records.length - index });
    return { batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber ?? '' }] };
  }
  return { batchItemFailures: [] };
}

async function recordOne(record: DynamoDBRecord, { changes, log }: RecordChangesOptions): Promise<boolean> {
  const change = changeOf(record);
  if (!change) {
    log.error('malformed record', { sequence: record.dynamodb?.SequenceNumber });
    return false;
  }
  const { id, sequence, kind, traceparent } = change;
  try {
    await changes.put(change);
    log.info('change recorded', { id, sequence, kind, traceparent });
    return true;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    log.error('change not recorded', { id, sequence, permanent: error.permanent, ...error.fields });
    return false;
  }
}

const KINDS: Readonly<Record<string, ChangeKind>> = {
  INSERT: 'created',
  MODIFY: 'changed',
  REMOVE: 'deleted',
};

/** @returns undefined for a record that is none of an item */
function changeOf({ eventName = 'MODIFY', dynamodb = {} }: DynamoDBRecord): Change | undefined {
  const { OldImage, NewImage, SequenceNumber, ApproximateCreationDateTime: seconds } = dynamodb;
  const [before, after] = [imageOf(OldImage), imageOf(NewImage)];
  const { item, traceparent } = after ?? before ?? {};
  const kind = KINDS[eventName];
  if (!item?.id || !kind || !SequenceNumber || seconds === undefined) return undefined;
  return {
    id: item.id,
    sequence: SequenceNumber.padStart(SEQUENCE_DIGITS, '0'),
    kind,
    at: new Date(seconds * 1000).toISOString(),
    version: item.version,
    changes: changedFields(before?.item, after?.item),
    // The trace of a deletion is not that of the item's last write.
    ...(after && traceparent !== undefined && { traceparent }),
  };
}

function imageOf(image: NonNullable<DynamoDBRecord['dynamodb']>['NewImage']) {
  if (image === undefined) return undefined;
  const attributes = image as Record<string, AttributeValue>;
  return { item: toItem(attributes), traceparent: attributes.traceparent?.S };
}

/** `{"price": {"from": 9, "to": 9.5}}`; without `from` the field is new, without `to` it is gone. */
function changedFields(before: Item | undefined, after: Item | undefined): JsonObject {
  const [from, to] = [before, after].map((item) => (item ? (contentOf(item) as JsonObject) : {})) as [
    JsonObject,
    JsonObject,
  ];
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
  const changed = names.filter((name) => !isDeepStrictEqual(from[name], to[name]));
  const field = (name: string): JsonObject => ({
    ...(from[name] !== undefined && { from: from[name] }),
    ...(to[name] !== undefined && { to: to[name] }),
  });
  return Object.fromEntries(changed.map((name) => [name, field(name)]));
}
