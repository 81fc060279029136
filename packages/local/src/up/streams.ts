import { existsSync } from 'node:fs';
import { LazyKinesis } from '../kinesis';
import type { Kinesis, StreamMode } from '../kinesis';
import { rescaled } from '../kinesis/shards';
import type { Stream } from '../kinesis/stream';
import { UserError } from '../errors';
import type { StreamSources } from '../streams';
import type { Resource } from '../synth';
import { CONSUMER_REGISTERED } from '../synth/attributes/kinesis';
import type { RoomContext, RoomKind } from './rooms';

const LEAST_HOURS = 24;
const MAX_HOURS = 8760;
/** What AWS gives a new stream that scales by itself. */
const ON_DEMAND_SHARDS = 4;

/** Kinesis Data Streams, and streams of any kind as sources of functions. Kinesis is opened only where there are streams. */
export const streams: RoomKind = {
  name: 'kinesis',
  async open(context) {
    const { data, clock, reporter, resolver, dynamodb } = context;
    const folder = data.at('kinesis');
    const { region, accountId } = resolver;
    const kinesis = new LazyKinesis({ folder, clock, reporter, locale: { region, accountId } });
    const declared = resolver.resources('aws_kinesis_stream');
    if (declared.length > 0 || existsSync(folder)) await hostStreams(await kinesis.get(), declared, context);
    const sources: StreamSources = async (arn) => {
      if (arn.startsWith('arn:aws:dynamodb:')) return (await dynamodb.get()).stream(arn);
      return arn.startsWith('arn:aws:kinesis:') ? (await kinesis.get()).source(arn) : undefined;
    };
    return {
      wire: { kinesis, streams: sources },
      offers: { streams: sources, kinesis },
      stop: () => kinesis.close(),
      banner: () =>
        declared.length === 0 ? [] : [['streams', declared.map((each) => each.id('name')).join(', ')]],
    };
  },
};

/** Makes the stack's streams exist, and those that it no longer has disappear. @throws UserError */
async function hostStreams(
  kinesis: Kinesis,
  declared: readonly Resource[],
  context: RoomContext,
): Promise<void> {
  for (const resource of declared) await ensure(kinesis, resource, context);
  const names = new Set(declared.map((resource) => resource.id('name')));
  for (const stream of kinesis.list()) {
    const { name, declared: wasDeclared } = stream.record;
    if (!wasDeclared || names.has(name)) continue;
    if (await stream.isEmpty()) await kinesis.delete(stream);
    else context.reporter.warn('kinesis', `${name} is no longer in the stack but kept: it holds records`);
  }
}

async function ensure(kinesis: Kinesis, resource: Resource, { resolver }: RoomContext): Promise<void> {
  const name = resource.id('name');
  const mode = modeOf(resource);
  const shards = shardsOf(resource, mode);
  const settings = {
    name,
    mode,
    retentionHours: retentionOf(resource),
    tags: resource.textMap('tags'),
    kmsKeyId:
      resource.optionalText('encryption_type') === 'KMS' ? resource.optionalText('kms_key_id') : undefined,
    declared: true,
  };
  const stream = kinesis.find(name) ?? (await kinesis.create({ ...settings, shards }));
  const consumers = resolver
    .resources('aws_kinesis_stream_consumer')
    .filter((consumer) => consumer.text('stream_arn') === stream.arn)
    .map((consumer) => ({ name: consumer.text('name'), createdAt: Date.parse(CONSUMER_REGISTERED) }));
  await kinesis.save(stream, { ...stream.record, ...settings, consumers });
  // A stream that scales by itself keeps the shards that it has.
  if (mode === 'PROVISIONED' && stream.openShards.length !== shards) await rescale(kinesis, stream, shards);
}

function rescale(kinesis: Kinesis, stream: Stream, shards: number): Promise<void> {
  return kinesis.save(stream, rescaled(stream, shards, kinesis.now));
}

function modeOf(resource: Resource): StreamMode {
  const mode = resource.block('stream_mode_details')?.optionalText('stream_mode') ?? 'PROVISIONED';
  if (mode === 'PROVISIONED' || mode === 'ON_DEMAND') return mode;
  throw new UserError(`${resource.address}: the stream mode "${mode}" is neither PROVISIONED nor ON_DEMAND`);
}

function shardsOf(resource: Resource, mode: StreamMode): number {
  const count = resource.optionalNumber('shard_count') ?? 0;
  if (mode === 'ON_DEMAND') {
    if (count > 0) throw new UserError(`${resource.address}: an ON_DEMAND stream has no shard_count`);
    return ON_DEMAND_SHARDS;
  }
  if (Number.isInteger(count) && count >= 1) return count;
  throw new UserError(`${resource.address}: a PROVISIONED stream needs a shard_count of at least 1`);
}

function retentionOf(resource: Resource): number {
  const hours = resource.number('retention_period', LEAST_HOURS);
  if (Number.isInteger(hours) && hours >= LEAST_HOURS && hours <= MAX_HOURS) return hours;
  throw new UserError(
    `${resource.address}: the retention period of ${hours} hours is not from ${LEAST_HOURS} to ${MAX_HOURS}`,
  );
}
