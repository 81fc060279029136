import { invalid } from '../errors';
import type { ReadStream } from './types';

/**
 * Where a shard is read from next. A sequence number holds as long as the stream keeps its records; Kinesis's own iterators
 * end after five minutes, but alone know how far a read without records came, so the newest is kept beside it.
 */
export interface ShardPosition {
  /** Id. */
  readonly shard: string;
  /** Sequence number of the last record that was read. */
  readonly after?: string;
  /** Where reading begins that has seen no record: the oldest one, or what arrives from a time on (ms since the epoch). */
  readonly from?: 'oldest' | number;
  readonly iterator?: { readonly token: string; readonly until: number };
}

/** Of all shards that are read; the first is the one whose turn it is. */
export interface StreamPosition {
  /** Whether the whole stream is read: the children of a closed shard, too. */
  readonly isWhole: boolean;
  readonly shards: readonly ShardPosition[];
}

/** Kinesis ends an iterator after 300 s; the rest is for clocks that differ and for the way. */
const ITERATOR_LIFE_MS = 240_000;

export function fresh(token: string, now: number): ShardPosition['iterator'] {
  return { token, until: now + ITERATOR_LIFE_MS };
}

export function isFresh(position: ShardPosition, now: number): boolean {
  return position.iterator !== undefined && position.iterator.until > now;
}

export function startOf(from: ReadStream['from'], now: number): 'oldest' | number {
  if (from === undefined || from === 'oldest') return 'oldest';
  return from === 'latest' ? now : from.getTime();
}

/** A position in a stream, for the reads to come. */
export function writeCursor(stream: string, { isWhole, shards }: StreamPosition): string {
  return Buffer.from(JSON.stringify({ stream, isWhole, shards })).toString('base64url');
}

/** @throws MessagingError 'invalid' for a cursor of another list: cursors come back from outside */
export function readCursor(stream: string, cursor: string): StreamPosition {
  const value = decoded(cursor);
  if (isObject(value) && value.stream === stream && isStreamPosition(value)) return value;
  throw invalid([{ field: 'cursor', detail: 'is not a cursor of this stream' }]);
}

function decoded(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}

function isStreamPosition(value: object): value is StreamPosition {
  const { isWhole, shards } = value as Record<string, unknown>;
  return (
    typeof isWhole === 'boolean' &&
    Array.isArray(shards) &&
    shards.length > 0 &&
    shards.every(isShardPosition)
  );
}

function isShardPosition(value: unknown): value is ShardPosition {
  if (!isObject(value) || typeof value.shard !== 'string') return false;
  const { after, from, iterator } = value;
  if (after === undefined ? from !== 'oldest' && !Number.isSafeInteger(from) : !isDigits(after)) return false;
  if (iterator === undefined) return true;
  return isObject(iterator) && typeof iterator.token === 'string' && Number.isSafeInteger(iterator.until);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isDigits(value: unknown): boolean {
  return typeof value === 'string' && /^\d{1,128}$/.test(value);
}
