import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Logged } from '../../streams';
import { itemSize } from '../dynalite';
import type { AttributeValue, Item, KeyElement, StreamViewType } from '../types';

/** Who changed an item, where it was no caller. */
export interface ServiceIdentity {
  readonly type: 'Service';
  readonly principalId: string;
}

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html */
export const TIME_TO_LIVE: ServiceIdentity = { type: 'Service', principalId: 'dynamodb.amazonaws.com' };

/** A change of an item: undefined is an item that does not exist. */
export interface ItemChange {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  readonly by?: ServiceIdentity;
}

/** A change as the stream keeps it: what its view type shows. */
export interface Change extends Logged {
  readonly event: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly keys: Item;
  readonly after?: Item;
  readonly before?: Item;
  readonly by?: ServiceIdentity;
}

/** Whether the item is another one than before; a write that changes nothing makes no record. */
export function isChange({ before, after }: ItemChange): boolean {
  return !isDeepStrictEqual(before, after) && !isDeepStrictEqual(unordered(before), unordered(after));
}

export function changeOf(
  { before, after, by }: ItemChange,
  keySchema: readonly KeyElement[],
  view: StreamViewType,
  at: number,
): Change {
  const item = (after ?? before)!;
  const keys = keySchema.map(({ AttributeName }) => [AttributeName, item[AttributeName]!] as const);
  const event = before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY';
  const shows = (image: StreamViewType) => view === image || view === 'NEW_AND_OLD_IMAGES';
  return {
    at,
    event,
    keys: Object.fromEntries(keys),
    ...(after !== undefined && shows('NEW_IMAGE') && { after }),
    ...(before !== undefined && shows('OLD_IMAGE') && { before }),
    ...(by !== undefined && { by }),
  };
}

/** What tells where a change comes from. */
export interface Origin {
  readonly streamId: string;
  readonly region: string;
  readonly view: StreamViewType;
  readonly sequenceNumber: string;
}

/**
 * A change as GetRecords shows it, and functions get it, but for the names in `userIdentity`.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
 */
export function streamRecord(change: Change, { streamId, region, view, sequenceNumber }: Origin) {
  const { at, event, keys, after, before } = change;
  const SizeBytes = [keys, after, before].reduce((sum, image) => sum + (image ? itemSize(image) : 0), 0);
  return {
    eventID: createHash('md5').update(`${streamId} ${sequenceNumber}`).digest('hex'),
    eventName: event,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(at / 1000),
      Keys: keys,
      ...(after && { NewImage: after }),
      ...(before && { OldImage: before }),
      SequenceNumber: sequenceNumber,
      SizeBytes,
      StreamViewType: view,
    },
  };
}

const SETS = new Set(['SS', 'NS', 'BS']);

/** The same value for sets with the same members. */
function unordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unordered);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value as AttributeValue).map(([name, member]) => {
    const isSet = SETS.has(name) && Array.isArray(member) && member.every((each) => typeof each === 'string');
    return [name, isSet ? [...member].sort() : unordered(member)] as const;
  });
  return Object.fromEntries(members);
}
