import type { GetRecordsOutput, Shard } from '@aws-sdk/client-kinesis';
import type { Aws } from '../clients';
import { isMessagingError, MessagingError } from '../errors';
import { fresh, isFresh, readCursor, startOf, writeCursor } from './cursor';
import type { ShardPosition } from './cursor';
import type { ReadStream, StreamPage, StreamRecord } from './types';

const DEFAULT_LIMIT = 100;
/** Answers without records, of a shard whose records are further on. */
const MAX_EMPTY_READS = 5;

/** What a read of one shard gave. */
interface ShardRead {
  readonly records: StreamRecord[];
  /** undefined where the shard is closed and read to its end. */
  readonly next: ShardPosition | undefined;
  /** The shards that took over from a closed one. */
  readonly children: readonly string[];
  readonly millisBehindLatest: number;
}

/** Reads a stream's shards, in turns. */
export class StreamReader {
  constructor(
    private readonly aws: Aws,
    private readonly stream: string,
  ) {}

  async read(options: ReadStream): Promise<StreamPage> {
    const { limit = DEFAULT_LIMIT, cursor } = options;
    const isWhole = options.shard === undefined;
    const begin =
      cursor === undefined ? { isWhole, shards: await this.start(options) } : readCursor(this.stream, cursor);
    const records: StreamRecord[] = [];
    const ahead: ShardPosition[] = [];
    const behind = [...begin.shards];
    let millisBehindLatest = 0;
    while (behind.length > 0 && records.length < limit) {
      const read = await this.readShard(behind.shift()!, limit - records.length);
      records.push(...read.records);
      millisBehindLatest = Math.max(millisBehindLatest, read.millisBehindLatest);
      if (read.next !== undefined) ahead.push(read.next);
      else if (begin.isWhole) this.follow(read.children, behind, ahead);
    }
    // Those that were not reached are first the next time.
    const shards = [...behind, ...ahead];
    const nextCursor =
      shards.length === 0 ? null : writeCursor(this.stream, { isWhole: begin.isWhole, shards });
    return { records: records.sort(byArrival), nextCursor, millisBehindLatest };
  }

  /** A child of two shards that became one is told of by both. */
  private follow(
    children: readonly string[],
    behind: ShardPosition[],
    ahead: readonly ShardPosition[],
  ): void {
    const known = new Set([...behind, ...ahead].map(({ shard }) => shard));
    for (const shard of children) if (!known.has(shard)) behind.push({ shard, from: 'oldest' });
  }

  /** Where a first read begins: children of a closed shard are read after it. */
  private async start({ from, shard }: ReadStream): Promise<ShardPosition[]> {
    const begin = startOf(from, this.aws.clock.now());
    const isLatest = from === 'latest';
    const shards = await this.shards();
    const chosen = shards.filter((each) =>
      shard === undefined ? isFirst(each, shards, isLatest) : each.ShardId === shard,
    );
    if (chosen.length === 0) {
      const what = shard === undefined ? 'no shard' : `no shard "${shard}"`;
      throw new MessagingError('not-found', `Stream "${this.stream}" has ${what}`);
    }
    const positions = chosen.map(({ ShardId }) => ({ shard: ShardId!, from: begin }));
    return isLatest ? Promise.all(positions.map((position) => this.latest(position))) : positions;
  }

  /** Kinesis knows best what is latest: its iterator counts, and the time only when that has ended. */
  private async latest(position: ShardPosition): Promise<ShardPosition> {
    const token = await this.aws.attempt(`reading stream "${this.stream}"`, async () => {
      const kinesis = await this.aws.kinesis();
      const { ShardIterator } = await kinesis.getShardIterator({
        StreamName: this.stream,
        ShardId: position.shard,
        ShardIteratorType: 'LATEST',
      });
      return ShardIterator!;
    });
    return { ...position, iterator: fresh(token, this.aws.clock.now()) };
  }

  private async shards(): Promise<Shard[]> {
    const shards: Shard[] = [];
    await this.aws.attempt(`listing shards of stream "${this.stream}"`, async () => {
      const kinesis = await this.aws.kinesis();
      let NextToken: string | undefined;
      do {
        const answer = await kinesis.listShards(NextToken ? { NextToken } : { StreamName: this.stream });
        shards.push(...(answer.Shards ?? []));
        NextToken = answer.NextToken || undefined;
      } while (NextToken !== undefined);
    });
    return shards;
  }

  private async readShard(position: ShardPosition, limit: number): Promise<ShardRead> {
    let at = position;
    for (let empty = 1; ; empty++) {
      const answer = await this.records(at, limit);
      const {
        Records = [],
        NextShardIterator: token,
        MillisBehindLatest: millis = 0,
        ChildShards = [],
      } = answer;
      const last = Records.at(-1);
      const next: ShardPosition | undefined = token
        ? {
            shard: at.shard,
            ...(last === undefined
              ? { ...startIn(at), iterator: fresh(token, this.aws.clock.now()) }
              : { after: last.SequenceNumber! }),
          }
        : undefined;
      // A shard may have nothing for a while and records after that; only reading on tells.
      if (last === undefined && next !== undefined && millis > 0 && empty < MAX_EMPTY_READS) {
        at = next;
        continue;
      }
      return {
        records: Records.map((record) => ({
          data: record.Data!,
          partitionKey: record.PartitionKey!,
          sequenceNumber: record.SequenceNumber!,
          at: record.ApproximateArrivalTimestamp ?? new Date(this.aws.clock.now()),
          shard: at.shard,
        })),
        next,
        children: ChildShards.map(({ ShardId }) => ShardId!),
        millisBehindLatest: millis,
      };
    }
  }

  private async records(position: ShardPosition, Limit: number): Promise<GetRecordsOutput> {
    const { iterator } = position;
    if (iterator !== undefined && isFresh(position, this.aws.clock.now())) {
      try {
        return await this.call(position, iterator.token, Limit);
      } catch (error) {
        if (!isMessagingError(error, 'invalid') || !isExpired(error)) throw error;
      }
    }
    return this.call(position, undefined, Limit);
  }

  private call(position: ShardPosition, token: string | undefined, Limit: number): Promise<GetRecordsOutput> {
    return this.aws.attempt(`reading stream "${this.stream}"`, async () => {
      const kinesis = await this.aws.kinesis();
      const ShardIterator = token ?? (await this.iterator(position));
      return kinesis.getRecords({ ShardIterator, Limit });
    });
  }

  private async iterator({ shard, after, from }: ShardPosition): Promise<string | undefined> {
    const kinesis = await this.aws.kinesis();
    const { ShardIterator } = await kinesis.getShardIterator({
      StreamName: this.stream,
      ShardId: shard,
      ...(after !== undefined
        ? { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' as const, StartingSequenceNumber: after }
        : typeof from === 'number'
          ? { ShardIteratorType: 'AT_TIMESTAMP' as const, Timestamp: new Date(from) }
          : { ShardIteratorType: 'TRIM_HORIZON' as const }),
    });
    return ShardIterator;
  }
}

function startIn({ after, from }: ShardPosition): Pick<ShardPosition, 'after' | 'from'> {
  return after === undefined ? { from } : { after };
}

/** Whether nothing that is read comes before a shard; from now on only open ones are of interest. */
function isFirst(shard: Shard, all: readonly Shard[], isLatest: boolean): boolean {
  if (isLatest) return shard.SequenceNumberRange?.EndingSequenceNumber === undefined;
  const ids = new Set(all.map(({ ShardId }) => ShardId));
  return !ids.has(shard.ParentShardId) && !ids.has(shard.AdjacentParentShardId);
}

function isExpired({ cause }: MessagingError): boolean {
  return cause instanceof Error && cause.name === 'ExpiredIteratorException';
}

/** Records of one shard stay in their order: their times do not fall. */
function byArrival(a: StreamRecord, b: StreamRecord): number {
  return a.at.getTime() - b.at.getTime();
}
