import type { Kinesis } from '../../kinesis';
import { constraint, invalidArgument } from '../../kinesis/errors';
import { MAX_HASH_KEY } from '../../kinesis/hash-keys';
import type { Stream } from '../../kinesis/stream';
import type { NewDataRecord, ShardRecord } from '../../kinesis/types';
import { before, BEGINNING, checkAge, decodeIterator, encodeIterator } from '../../streams';
import type { Input, Operations, Output, WireContext } from '../protocol';
import { isInput } from '../protocol';
import { kinesisOf, limited, namedStreamArn, onStream, requiredText } from './input';
import { shardOf } from './shards';

// https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
const MAX_RECORD_BYTES = 1024 * 1024;
const MAX_REQUEST_BYTES = 5 * 1024 * 1024;
const MAX_REQUEST_RECORDS = 500;
const MAX_PARTITION_KEY = 256;
const MAX_READ_RECORDS = 10_000;
/** 10 MiB, in base64. */
const MAX_READ_CHARACTERS = (10 * 1024 * 1024 * 4) / 3;
const ITERATOR_LIFE_MS = 5 * 60_000;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** The calls that write and read records. */
export const recordOperations: Operations = {
  PutRecord: onStream(async (input, stream, kinesis) => {
    const [placed] = await kinesis.put(stream, [newRecord(input)]);
    const { shardId: ShardId, sequenceNumber: SequenceNumber } = placed!;
    return { ShardId, SequenceNumber, EncryptionType: encryption(stream) };
  }),
  PutRecords: onStream(async (input, stream, kinesis) => {
    const placed = await kinesis.put(stream, newRecords(input));
    const Records = placed.map(({ shardId, sequenceNumber }) => ({
      SequenceNumber: sequenceNumber,
      ShardId: shardId,
    }));
    return { FailedRecordCount: 0, Records, EncryptionType: encryption(stream) };
  }),
  GetShardIterator: onStream(async (input, stream, kinesis) => {
    const shard = shardOf(stream, requiredText(input, 'ShardId'));
    const after = await start(stream, shard, input, kinesis.now);
    return { ShardIterator: token(stream, shard.id, after, kinesis.now) };
  }),
  GetRecords: {
    resource: readStreamArn,
    run: async (input, call) => records(input, await kinesisOf(call)),
  },
};

/** For permissions: the iterator names the stream where the call does not. */
function readStreamArn(input: Input, context: WireContext): string {
  const StreamName = decodeIterator(input.ShardIterator)?.stream.split('/')[0];
  return namedStreamArn({ StreamName, ...input }, context);
}

function newRecords(input: Input): NewDataRecord[] {
  const { Records: given } = input;
  if (!Array.isArray(given) || given.length < 1 || given.length > MAX_REQUEST_RECORDS) {
    const count = Array.isArray(given) ? `${given.length} records` : 'null';
    throw constraint('records', count, `Member must have length from 1 to ${MAX_REQUEST_RECORDS}`);
  }
  const made = given.map((each) => newRecord(isInput(each) ? each : {}));
  const bytes = made.reduce((sum, record) => sum + sizeOf(record), 0);
  if (bytes <= MAX_REQUEST_BYTES) return made;
  throw invalidArgument(`Records size exceeds 5 MB limit: ${bytes} bytes`);
}

/** @throws ServiceError ValidationException, InvalidArgumentException */
function newRecord(input: Input): NewDataRecord {
  const { Data: data, ExplicitHashKey: explicitHashKey } = input;
  const partitionKey = requiredText(input, 'PartitionKey');
  if (partitionKey.length > MAX_PARTITION_KEY) {
    throw constraint(
      'partitionKey',
      partitionKey,
      `Member must have length less than or equal to ${MAX_PARTITION_KEY}`,
    );
  }
  if (typeof data !== 'string') throw constraint('data', 'null', 'Member must not be null');
  if (!BASE64.test(data)) throw constraint('data', data, 'Member must be base64');
  if (explicitHashKey !== undefined && !isHashKey(explicitHashKey)) {
    throw invalidArgument(`Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1].`);
  }
  const record = { partitionKey, data, explicitHashKey };
  if (sizeOf(record) <= MAX_RECORD_BYTES) return record;
  throw constraint(
    'data',
    `${sizeOf(record)} bytes`,
    `Member must have length less than or equal to ${MAX_RECORD_BYTES}`,
  );
}

function isHashKey(value: unknown): value is string {
  return typeof value === 'string' && /^(?:0|[1-9]\d{0,38})$/.test(value) && BigInt(value) <= MAX_HASH_KEY;
}

/** Bytes of the data and the partition key. */
function sizeOf({ data, partitionKey }: NewDataRecord): number {
  return Buffer.byteLength(data, 'base64') + Buffer.byteLength(partitionKey);
}

/** @throws ServiceError InvalidArgumentException, ValidationException */
async function start(stream: Stream, shard: ShardRecord, input: Input, now: number): Promise<string> {
  const type = requiredText(input, 'ShardIteratorType');
  const { StartingSequenceNumber: given, Timestamp: seconds } = input;
  switch (type) {
    case 'TRIM_HORIZON':
      return BEGINNING;
    case 'LATEST':
      return stream.latest;
    case 'AT_TIMESTAMP': {
      if (typeof seconds !== 'number') throw invalidArgument('Must specify timestampInMillis parameter.');
      if (seconds * 1000 > now) {
        throw invalidArgument(
          'The timestampInMillis parameter cannot be greater than the currentTimestampInMillis.',
        );
      }
      return stream.log(shard.id).positionAt(seconds * 1000);
    }
    case 'AT_SEQUENCE_NUMBER':
    case 'AFTER_SEQUENCE_NUMBER':
      return type === 'AT_SEQUENCE_NUMBER'
        ? before(numberIn(shard, stream, given))
        : numberIn(shard, stream, given);
    default:
      throw constraint(
        'shardIteratorType',
        type,
        'Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]',
      );
  }
}

function numberIn(shard: ShardRecord, stream: Stream, given: unknown): string {
  const { startsAt, endsAt = stream.latest } = shard;
  if (typeof given === 'string' && given.length === startsAt.length && given >= startsAt && given <= endsAt) {
    return given;
  }
  throw invalidArgument(
    `StartingSequenceNumber ${String(given)} used in GetShardIterator on shard ${shard.id} in stream ${stream.record.name} ` +
      'is invalid.',
  );
}

async function records(input: Input, kinesis: Kinesis): Promise<Output> {
  const iterator = decodeIterator(requiredText(input, 'ShardIterator'));
  const limit = limited(input, 'Limit', MAX_READ_RECORDS, MAX_READ_RECORDS);
  if (iterator === undefined) throw invalidArgument('Invalid ShardIterator.');
  checkAge(iterator, kinesis.now, ITERATOR_LIFE_MS);
  const [name, id] = iterator.stream.split('/');
  const stream = kinesis.get(name!);
  if (stream.record.id !== id) throw invalidArgument('The ShardIterator is of a stream that was deleted.');
  const shard = shardOf(stream, iterator.shardId);
  const entries = await stream.log(shard.id).read(iterator.after, limit, MAX_READ_CHARACTERS);
  const last = entries.at(-1);
  const next = last?.sequenceNumber ?? iterator.after;
  const [following] = await stream.log(shard.id).read(next, 1);
  const isOver = following === undefined && (await stream.hasEnded(shard.id, next));
  return {
    Records: entries.map(({ sequenceNumber, body }) => ({
      SequenceNumber: sequenceNumber,
      ApproximateArrivalTimestamp: body.at / 1000,
      Data: body.data,
      PartitionKey: body.key,
      EncryptionType: encryption(stream),
    })),
    MillisBehindLatest:
      following === undefined || last === undefined ? 0 : Math.max(0, kinesis.now - last.body.at),
    ...(isOver
      ? { ChildShards: children(stream, shard) }
      : { NextShardIterator: token(stream, shard.id, next, kinesis.now) }),
  };
}

function children({ record }: Stream, { id }: ShardRecord): Output[] {
  return record.shards
    .filter(({ parents }) => parents.includes(id))
    .map(({ id: ShardId, parents: ParentShards, from, to }) => ({
      ShardId,
      ParentShards,
      HashKeyRange: { StartingHashKey: from, EndingHashKey: to },
    }));
}

function token({ record }: Stream, shardId: string, after: string, at: number): string {
  return encodeIterator({ stream: `${record.name}/${record.id}`, shardId, after, at });
}

function encryption({ record }: Stream): string | undefined {
  return record.kmsKeyId === undefined ? undefined : 'KMS';
}
