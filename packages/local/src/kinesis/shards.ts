import { invalidArgument } from './errors';
import type { HashRange } from './hash-keys';
import { contains, overlap, uniformRanges } from './hash-keys';
import type { Stream } from './stream';
import type { ShardRecord, StreamRecord } from './types';

const ID = /^shardId-(\d{12})$/;

/** The shards of a new stream. */
export function firstShards(count: number, startsAt: string): ShardRecord[] {
  return uniformRanges(count).map((range, i) => ({ id: shardId(i), parents: [], ...range, startsAt }));
}

/** A stream whose open shards are as many as wanted, each with as many hash keys. */
export function rescaled(stream: Stream, count: number, now: number): StreamRecord {
  return replaced(stream, stream.openShards, uniformRanges(count), now);
}

/** @throws ServiceError InvalidArgumentException */
export function split(
  stream: Stream,
  shard: ShardRecord,
  newStartingHashKey: string,
  now: number,
): StreamRecord {
  const at = /^\d+$/.test(newStartingHashKey) ? BigInt(newStartingHashKey) : -1n;
  if (!contains(shard, at) || at === BigInt(shard.from)) {
    throw invalidArgument(
      `NewStartingHashKey ${newStartingHashKey} used in SplitShard() on shard ${shard.id} in stream ` +
        `${stream.record.name} is not both greater than one plus the shard's StartingHashKey ${shard.from} and less ` +
        `than the shard's EndingHashKey ${shard.to}.`,
    );
  }
  const halves = [
    { from: shard.from, to: String(at - 1n) },
    { from: String(at), to: shard.to },
  ];
  return replaced(stream, [shard], halves, now);
}

/** @throws ServiceError InvalidArgumentException */
export function merged(stream: Stream, a: ShardRecord, b: ShardRecord, now: number): StreamRecord {
  const [low, high] = BigInt(a.from) < BigInt(b.from) ? [a, b] : [b, a];
  if (BigInt(low.to) + 1n !== BigInt(high.from)) {
    throw invalidArgument(
      `Shards ${a.id} and ${b.id} in stream ${stream.record.name} are not an adjacent pair of shards eligible for merging`,
    );
  }
  return replaced(stream, [low, high], [{ from: low.from, to: high.to }], now);
}

/** Closes shards and gives their hash keys to new ones. */
function replaced(
  stream: Stream,
  old: readonly ShardRecord[],
  ranges: readonly HashRange[],
  now: number,
): StreamRecord {
  const { record } = stream;
  const endsAt = stream.nextNumber();
  const startsAt = stream.nextNumber();
  const shards = record.shards.map((shard) =>
    old.includes(shard) ? { ...shard, endsAt, closedAt: now } : shard,
  );
  const added = ranges.map((range, i): ShardRecord => {
    const parents = old.filter((shard) => overlap(shard, range)).map(({ id }) => id);
    return { id: shardId(record.shardCount + i), parents, ...range, startsAt };
  });
  return { ...record, shards: [...shards, ...added], shardCount: record.shardCount + added.length };
}

/** A shard's id in its short or its long form, as the API takes both. */
export function fullShardId(id: string): string {
  return ID.test(id) || !/^\d+$/.test(id) ? id : shardId(Number(id));
}

function shardId(number: number): string {
  return `shardId-${String(number).padStart(12, '0')}`;
}
