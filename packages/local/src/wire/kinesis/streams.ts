import type { Kinesis } from '../../kinesis';
import { constraint, inUse, invalidArgument, limitExceeded } from '../../kinesis/errors';
import { rescaled } from '../../kinesis/shards';
import type { Stream } from '../../kinesis/stream';
import type { StreamMode } from '../../kinesis';
import type { Input, Operations, Output } from '../protocol';
import { isInput } from '../protocol';
import { kinesisOf, limited, onStream, requiredText, namedStreamArn, streamName, tagsOf } from './input';
import { describeShard, shardsAfter } from './shards';

const LEAST_HOURS = 24;
const MAX_HOURS = 8760;
const MAX_SHARDS = 10_000;
const MAX_TAGS = 50;
/** What AWS gives a new stream that scales by itself. */
const ON_DEMAND_SHARDS = 4;

/** The calls that are about streams themselves. What takes AWS seconds is done when they answer. */
export const streamOperations: Operations = {
  CreateStream: {
    resource: namedStreamArn,
    run: async (input, call) => create(input, await kinesisOf(call)),
  },
  DeleteStream: onStream(async (input, stream, kinesis) => {
    if (stream.record.consumers.length > 0 && input.EnforceConsumerDeletion !== true) {
      throw inUse(`Stream ${stream.record.name} has registered consumers; set EnforceConsumerDeletion.`);
    }
    await kinesis.delete(stream);
    return {};
  }),
  DescribeStream: onStream((input, stream) => {
    const limit = limited(input, 'Limit', MAX_SHARDS, 100);
    const all = shardsAfter(stream, input.ExclusiveStartShardId);
    return {
      StreamDescription: {
        ...describe(stream),
        Shards: all.slice(0, limit).map(describeShard),
        HasMoreShards: all.length > limit,
      },
    };
  }),
  DescribeStreamSummary: onStream((_input, stream) => ({
    StreamDescriptionSummary: {
      ...describe(stream),
      OpenShardCount: stream.openShards.length,
      ConsumerCount: stream.record.consumers.length,
    },
  })),
  DescribeLimits: {
    run: async (_input, call) => {
      const streams = (await kinesisOf(call)).list();
      const open = streams.reduce((sum, { openShards }) => sum + openShards.length, 0);
      const onDemand = streams.filter(({ record }) => record.mode === 'ON_DEMAND').length;
      return {
        ShardLimit: 500,
        OpenShardCount: open,
        OnDemandStreamCount: onDemand,
        OnDemandStreamCountLimit: 50,
      };
    },
  },
  ListStreams: { run: async (input, call) => list(input, await kinesisOf(call)) },
  IncreaseStreamRetentionPeriod: onStream((input, stream, kinesis) => {
    const hours = retention(input);
    if (hours < stream.record.retentionHours) throw invalidArgument(shorter('greater', hours, stream));
    return setRetention(kinesis, stream, hours);
  }),
  DecreaseStreamRetentionPeriod: onStream((input, stream, kinesis) => {
    const hours = retention(input);
    if (hours > stream.record.retentionHours) throw invalidArgument(shorter('less', hours, stream));
    return setRetention(kinesis, stream, hours);
  }),
  UpdateShardCount: onStream(async (input, stream, kinesis) => {
    const { name, mode } = stream.record;
    if (mode === 'ON_DEMAND') throw inUse(`Stream ${name} is on demand: its shards are not scaled by calls.`);
    const TargetShardCount = limited(input, 'TargetShardCount', MAX_SHARDS, NaN);
    const CurrentShardCount = stream.openShards.length;
    if (TargetShardCount > 2 * CurrentShardCount || TargetShardCount < CurrentShardCount / 2) {
      throw limitExceeded('A call can at most double the number of shards, or halve it.');
    }
    await kinesis.save(stream, rescaled(stream, TargetShardCount, kinesis.now));
    return { StreamName: name, StreamARN: stream.arn, CurrentShardCount, TargetShardCount };
  }),
  UpdateStreamMode: onStream(async (input, stream, kinesis) => {
    await kinesis.save(stream, { ...stream.record, mode: modeOf(input) });
    return {};
  }),
  StartStreamEncryption: onStream(async (input, stream, kinesis) => {
    await kinesis.save(stream, { ...stream.record, kmsKeyId: requiredText(input, 'KeyId') });
    return {};
  }),
  StopStreamEncryption: onStream(async (_input, stream, kinesis) => {
    await kinesis.save(stream, { ...stream.record, kmsKeyId: undefined });
    return {};
  }),
  AddTagsToStream: onStream((input, stream, kinesis) => {
    return setTags(kinesis, stream, { ...stream.record.tags, ...tagsOf(input.Tags) });
  }),
  RemoveTagsFromStream: onStream((input, stream, kinesis) => {
    const removed = new Set<unknown>(Array.isArray(input.TagKeys) ? input.TagKeys : []);
    const left = Object.entries(stream.record.tags).filter(([key]) => !removed.has(key));
    return setTags(kinesis, stream, Object.fromEntries(left));
  }),
  ListTagsForStream: onStream((input, stream) => {
    const limit = limited(input, 'Limit', MAX_TAGS, MAX_TAGS);
    const { ExclusiveStartTagKey: after } = input;
    const all = Object.entries(stream.record.tags)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .filter(([key]) => typeof after !== 'string' || key > after);
    const Tags = all.slice(0, limit).map(([Key, Value]) => ({ Key, Value }));
    return { Tags, HasMoreTags: all.length > limit };
  }),
};

async function create(input: Input, kinesis: Kinesis): Promise<Output> {
  const mode = modeOf(input);
  const shards = limited(input, 'ShardCount', MAX_SHARDS, mode === 'ON_DEMAND' ? ON_DEMAND_SHARDS : NaN);
  const tags = tagsOf(input.Tags ?? {});
  await kinesis.create({
    name: streamName(input),
    mode,
    shards,
    retentionHours: LEAST_HOURS,
    tags,
    declared: false,
  });
  return {};
}

function list(input: Input, kinesis: Kinesis): Output {
  const limit = limited(input, 'Limit', 10_000, 100);
  const after = input.ExclusiveStartStreamName ?? input.NextToken;
  const all = kinesis.list().filter(({ record }) => typeof after !== 'string' || record.name > after);
  const shown = all.slice(0, limit);
  const HasMoreStreams = all.length > limit;
  return {
    StreamNames: shown.map(({ record }) => record.name),
    StreamSummaries: shown.map((stream) => {
      const { StreamName, StreamARN, StreamStatus, StreamModeDetails, StreamCreationTimestamp } =
        describe(stream);
      return { StreamName, StreamARN, StreamStatus, StreamModeDetails, StreamCreationTimestamp };
    }),
    HasMoreStreams,
    ...(HasMoreStreams && { NextToken: shown.at(-1)!.record.name }),
  };
}

function describe({ record, arn }: Stream) {
  return {
    StreamName: record.name,
    StreamARN: arn,
    StreamStatus: 'ACTIVE',
    StreamModeDetails: { StreamMode: record.mode },
    RetentionPeriodHours: record.retentionHours,
    StreamCreationTimestamp: record.createdAt / 1000,
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: record.kmsKeyId === undefined ? 'NONE' : 'KMS',
    ...(record.kmsKeyId !== undefined && { KeyId: record.kmsKeyId }),
  };
}

function modeOf({ StreamModeDetails: details }: Input): StreamMode {
  const mode = isInput(details) ? details.StreamMode : 'PROVISIONED';
  if (mode === 'PROVISIONED' || mode === 'ON_DEMAND') return mode;
  throw constraint(
    'streamModeDetails.streamMode',
    mode,
    'Member must satisfy enum value set: [PROVISIONED, ON_DEMAND]',
  );
}

function retention(input: Input): number {
  return limited(input, 'RetentionPeriodHours', MAX_HOURS, NaN, LEAST_HOURS);
}

function shorter(which: string, hours: number, { record }: Stream): string {
  return `Requested retention period ${hours} hours must be ${which} than or equal to the current ${record.retentionHours}.`;
}

async function setRetention(kinesis: Kinesis, stream: Stream, retentionHours: number): Promise<Output> {
  await kinesis.save(stream, { ...stream.record, retentionHours });
  return {};
}

async function setTags(kinesis: Kinesis, stream: Stream, tags: Record<string, string>): Promise<Output> {
  if (Object.keys(tags).length > MAX_TAGS) throw limitExceeded(`A stream has at most ${MAX_TAGS} tags.`);
  await kinesis.save(stream, { ...stream.record, tags });
  return {};
}
