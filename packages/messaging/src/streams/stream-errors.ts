import type { FieldError } from '../errors';
import { isWhole } from '../options';
import type { ReadStream, StreamRecordInput } from './types';

const MAX_PARTITION_KEY = 256;
const MAX_SHARDS = 10_000;
const MAX_READ = 10_000;
const SHARD = /^[A-Za-z0-9_.-]{1,128}$/;

export function shardErrors(shards: number | undefined): FieldError[] {
  if (shards === undefined || isWhole(shards, 1, MAX_SHARDS)) return [];
  return [{ field: 'shards', detail: `must be a whole number from 1 to ${MAX_SHARDS}` }];
}

/** What is wrong with a record. */
export function recordErrors({ data, partitionKey }: StreamRecordInput): FieldError[] {
  const errors: FieldError[] = [];
  if (typeof data !== 'string' && !(data instanceof Uint8Array)) {
    errors.push({ field: 'data', detail: 'must be text or bytes' });
  }
  const length = typeof partitionKey === 'string' ? [...partitionKey].length : 0;
  if (length < 1 || length > MAX_PARTITION_KEY) {
    errors.push({ field: 'partitionKey', detail: `must have 1 to ${MAX_PARTITION_KEY} characters` });
  }
  return errors;
}

/** What is wrong with a read. */
export function readErrors({ from = 'oldest', shard, limit = 1, cursor }: ReadStream): FieldError[] {
  const errors: FieldError[] = [];
  const isStart = from === 'oldest' || from === 'latest' || !Number.isNaN(from.getTime());
  if (!isStart) errors.push({ field: 'from', detail: 'must be oldest, latest or a date' });
  if (shard !== undefined && !SHARD.test(shard)) {
    errors.push({ field: 'shard', detail: 'must be the id of a shard, such as shardId-000000000000' });
  }
  if (shard !== undefined && cursor !== undefined) {
    errors.push({ field: 'shard', detail: 'is part of the cursor' });
  }
  if (!isWhole(limit, 1, MAX_READ)) {
    errors.push({ field: 'limit', detail: `must be a whole number from 1 to ${MAX_READ}` });
  }
  return errors;
}

/** A record's data as Kinesis takes it. */
export function bytesOf(data: string | Uint8Array): Uint8Array {
  return typeof data === 'string' ? Buffer.from(data) : data;
}
