/**
 * Where things are in the store. Table names have no slash, so that no prefix is the beginning of another:
 * `t/<name>` tables, `g/<id>` items of deleted tables that are still to be cleared, `o/<token>` idempotency tokens, below the
 * id of a table `i/<id>/` items, `x/<id>/<index>/` index entries and `e/<id>/<seconds>/` expiry times; `s/<id>` streams, and
 * below the id of a stream `r/<id>/<sequence number>` records and `c/<id>/<consumer>/` how far its consumers are.
 */
export const TABLES = 't/';
export const GARBAGE = 'g/';
export const TOKENS = 'o/';
export const STREAMS = 's/';

export const itemsOf = (tableId: string): string => `i/${tableId}/`;
export const indexOf = (tableId: string, index: string): string => `x/${tableId}/${index}/`;
export const allIndexesOf = (tableId: string): string => `x/${tableId}/`;
export const expiryOf = (tableId: string): string => `e/${tableId}/`;
export const recordsOf = (streamId: string): string => `r/${streamId}/`;
export const allCheckpointsOf = (streamId: string): string => `c/${streamId}/`;
export const checkpointsOf = (streamId: string, consumer: string): string => `c/${streamId}/${consumer}/`;

const SECONDS_DIGITS = 12;

/** Expiry times sort as numbers do. */
export function expiryKey(tableId: string, seconds: number, itemKey: string): string {
  return `${expiryOf(tableId)}${String(seconds).padStart(SECONDS_DIGITS, '0')}/${itemKey}`;
}

/** Everything that expired before a second. */
export function expiredBefore(tableId: string, seconds: number): { gte: string; lt: string } {
  return { gte: expiryOf(tableId), lt: expiryKey(tableId, seconds, '') };
}

/** The item in a key that {@link expiryKey} made. */
export function itemKeyOfExpiry(tableId: string, key: string): string {
  return key.slice(expiryOf(tableId).length + SECONDS_DIGITS + 1);
}
