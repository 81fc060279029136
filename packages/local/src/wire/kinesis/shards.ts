import { inUse, notFound } from '../../kinesis/errors';
import { fullShardId, merged, split } from '../../kinesis/shards';
import type { Stream } from '../../kinesis/stream';
import type { ShardRecord } from '../../kinesis/types';
import { page } from '../paging';
import type { Input, Operations, Output } from '../protocol';
import { isInput } from '../protocol';
import { kinesisOf, limited, namedStreamArn, onStream, requiredText, streamOf } from './input';

const MAX_PAGE = 10_000;
const PAGE = 1000;

/** The calls that are about the shards of a stream. */
export const shardOperations: Operations = {
  ListShards: {
    resource: namedStreamArn,
    run: async (input, call) => {
      const kinesis = await kinesisOf(call);
      const { name, after, token } = placeOf(input);
      const stream = name === undefined ? streamOf(kinesis, input) : kinesis.get(name);
      const all = filtered(shardsAfter(stream, after), input.ShardFilter);
      const size = limited(input, 'MaxResults', MAX_PAGE, PAGE);
      const shown = page(all, size, token, 'InvalidArgumentException');
      const next = shown.nextToken && JSON.stringify([stream.record.name, after, shown.nextToken]);
      return {
        Shards: shown.items.map(describeShard),
        ...(next !== undefined && { NextToken: Buffer.from(next).toString('base64') }),
      };
    },
  },
  SplitShard: onStream(async (input, stream, kinesis) => {
    const shard = openShard(stream, requiredText(input, 'ShardToSplit'));
    const at = requiredText(input, 'NewStartingHashKey');
    await kinesis.save(stream, split(stream, shard, at, kinesis.now));
    return {};
  }),
  MergeShards: onStream(async (input, stream, kinesis) => {
    const shard = openShard(stream, requiredText(input, 'ShardToMerge'));
    const other = openShard(stream, requiredText(input, 'AdjacentShardToMerge'));
    await kinesis.save(stream, merged(stream, shard, other, kinesis.now));
    return {};
  }),
};

/** Shards in the order of their ids, after one. */
export function shardsAfter({ record }: Stream, after: unknown): readonly ShardRecord[] {
  return typeof after === 'string'
    ? record.shards.filter(({ id }) => id > fullShardId(after))
    : record.shards;
}

export function describeShard({ id, parents, from, to, startsAt, endsAt }: ShardRecord): Output {
  const [ParentShardId, AdjacentParentShardId] = parents;
  return {
    ShardId: id,
    ParentShardId,
    AdjacentParentShardId,
    HashKeyRange: { StartingHashKey: from, EndingHashKey: to },
    SequenceNumberRange: { StartingSequenceNumber: startsAt, EndingSequenceNumber: endsAt },
  };
}

/** @throws ServiceError ResourceNotFoundException */
export function shardOf(stream: Stream, id: string): ShardRecord {
  const shard = stream.shard(fullShardId(id));
  if (shard) return shard;
  throw notFound(`Shard ${id} in stream ${stream.record.name}`);
}

function openShard(stream: Stream, id: string): ShardRecord {
  const shard = shardOf(stream, id);
  if (shard.endsAt === undefined) return shard;
  throw inUse(`Shard ${shard.id} in stream ${stream.record.name} is closed already.`);
}

/** A page that follows another names nothing but that one's token. */
function placeOf({ NextToken, ExclusiveStartShardId }: Input) {
  if (typeof NextToken !== 'string') return { after: ExclusiveStartShardId };
  const [name, after, token] = JSON.parse(Buffer.from(NextToken, 'base64').toString()) as string[];
  return { name, after, token };
}

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ShardFilter.html */
function filtered(shards: readonly ShardRecord[], filter: unknown): readonly ShardRecord[] {
  if (!isInput(filter)) return shards;
  const { Type: type, ShardId: id } = filter;
  if (type === 'AT_LATEST') return shards.filter(({ endsAt }) => endsAt === undefined);
  if (type === 'AFTER_SHARD_ID' && typeof id === 'string')
    return shards.filter((shard) => shard.id > fullShardId(id));
  const since = typeof filter.Timestamp === 'number' ? filter.Timestamp * 1000 : 0;
  return shards.filter(({ closedAt = Infinity }) => closedAt >= since);
}
