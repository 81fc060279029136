import { AwsError } from '../shared/aws-error';
import type { BatchItem } from '../shared/batch';
import type { Log } from '../shared/log';
import type { ObjectStore } from '../shared/object-store';
import { claimedKey, isGenuine } from './claim-check';
import { MAX_OBJECT_BYTES, MAX_PORTION_BYTES } from './limits';

export interface FetchOptions {
  /** Where large messages are; pointers to another one are not followed. */
  readonly bucket: string;
  readonly objects: Pick<ObjectStore, 'get'>;
  readonly log: Log;
}

/** An item whose body is a pointer to an object of that size. */
type OffloadedItem = BatchItem & { readonly offloadedBytes: number };

export function isOffloaded(item: BatchItem): item is OffloadedItem {
  return item.offloadedBytes !== undefined;
}

/** Groups of items that fit into memory together, in their order. */
export function portionsOf(items: readonly OffloadedItem[]): OffloadedItem[][] {
  const portions: OffloadedItem[][] = [];
  let bytes = Infinity;
  for (const item of items) {
    bytes += item.offloadedBytes;
    if (bytes <= MAX_PORTION_BYTES) {
      portions.at(-1)?.push(item);
    } else {
      portions.push([item]);
      bytes = item.offloadedBytes;
    }
  }
  return portions;
}

/**
 * The items with what their pointers lead to, fetched side by side. One that cannot be had fails alone: S3 may be back when it comes
 * again, and what is missing or not what was put there ends among the dead letters.
 */
export async function fetchBodies(
  items: readonly OffloadedItem[],
  options: FetchOptions,
): Promise<{ fetched: BatchItem[]; failedIds: string[] }> {
  const bodies = await Promise.all(items.map((item) => fetchBody(item, options)));
  const withBodies = items.map((item, index) => ({ ...item, body: bodies[index] }));
  return {
    fetched: withBodies.filter((item): item is OffloadedItem => item.body !== undefined),
    failedIds: withBodies.filter(({ body }) => body === undefined).map(({ id }) => id),
  };
}

/** @returns undefined if there is no such object now, or another one */
async function fetchBody(
  { id: itemId, body, offloadedBytes }: OffloadedItem,
  { bucket, objects, log }: FetchOptions,
): Promise<string | undefined> {
  const key = claimedKey(body, bucket);
  if (key === undefined || offloadedBytes > MAX_OBJECT_BYTES) {
    log.error('malformed message', { itemId });
    return undefined;
  }
  try {
    // No more than its portion was told: somebody who says less does not get more memory.
    const contents = await objects.get(key, offloadedBytes);
    if (isGenuine(key, contents)) return contents.toString();
    log.error('large message is not what was put there', { itemId, key });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    log.error('large message not read', { itemId, key, permanent: error.permanent, ...error.fields });
  }
  return undefined;
}
