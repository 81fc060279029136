import type { Clock } from '../clock';
import type { Range } from '../engine/store';
import { Listeners, RecordLog } from '../streams';
import { invalidArgument } from './errors';
import { contains, hashKeyOf, MAX_HASH_KEY } from './hash-keys';
import { recordsOf } from './keys';
import type { DataRecord, NewDataRecord, ShardRecord, StreamRecord } from './types';

// Kinesis's have 56 digits.
const DIGITS = 52;
const PREFIX = '4959';

export interface StreamOptions {
  readonly record: StreamRecord;
  readonly arn: string;
  readonly entries: (range: Range) => AsyncIterable<[string, string]>;
  readonly clock: Clock;
}

/** A record with its place. */
export interface Placed {
  readonly shardId: string;
  readonly sequenceNumber: string;
  /** In the store. */
  readonly key: string;
  readonly value: string;
}

/** A stream: its shards, each with the log of its records. Sequence numbers increase over all of them. */
export class Stream {
  readonly arn: string;
  /** What it is, as it will be once every write that is under way is done. */
  record: StreamRecord;
  readonly listeners = new Listeners();
  private readonly logs = new Map<string, RecordLog<DataRecord>>();
  /** Shards whose end is durable, and with it every record before. */
  private readonly ended: Set<string>;
  private last = 0n;

  constructor(private readonly options: StreamOptions) {
    this.arn = options.arn;
    this.record = options.record;
    this.ended = new Set(this.record.shards.filter(({ endsAt }) => endsAt !== undefined).map(({ id }) => id));
  }

  /** Goes on with the numbers where they were. */
  async restore(): Promise<void> {
    const numbers = this.record.shards.flatMap(({ startsAt, endsAt }) => [startsAt, endsAt ?? startsAt]);
    for (const { id } of this.record.shards) numbers.push((await this.log(id).last()) ?? numberOf(0n));
    this.last = BigInt([...numbers].sort().at(-1)!.slice(PREFIX.length));
  }

  /** Called when the record is durable. */
  settled({ shards }: StreamRecord): void {
    for (const { id, endsAt } of shards) if (endsAt !== undefined) this.ended.add(id);
    this.listeners.tell();
  }

  get openShards(): ShardRecord[] {
    return this.record.shards.filter(({ endsAt }) => endsAt === undefined);
  }

  shard(id: string): ShardRecord | undefined {
    return this.record.shards.find((shard) => shard.id === id);
  }

  log(shardId: string): RecordLog<DataRecord> {
    const known = this.logs.get(shardId);
    if (known !== undefined) return known;
    const { entries, clock } = this.options;
    const prefix = recordsOf(this.record.id, shardId);
    const log = new RecordLog<DataRecord>({ prefix, entries, clock, retentionMs: () => this.retentionMs });
    this.logs.set(shardId, log);
    return log;
  }

  get retentionMs(): number {
    return this.record.retentionHours * 3_600_000;
  }

  /** The newest sequence number that was given; its record may be on its way to the disk. */
  get latest(): string {
    return numberOf(this.last);
  }

  nextNumber(): string {
    this.last += 1n;
    return numberOf(this.last);
  }

  /** Gives a record its shard and its number. @throws ServiceError InvalidArgumentException */
  place({ partitionKey, data, explicitHashKey }: NewDataRecord): Placed {
    const hashKey = explicitHashKey === undefined ? hashKeyOf(partitionKey) : BigInt(explicitHashKey);
    const shard = this.openShards.find((each) => contains(each, hashKey));
    if (shard === undefined)
      throw invalidArgument(`The hash key ${hashKey} is not from 0 to ${MAX_HASH_KEY}.`);
    const sequenceNumber = this.nextNumber();
    const body: DataRecord = { at: this.options.clock.now(), key: partitionKey, data };
    const key = this.log(shard.id).key(sequenceNumber);
    return { shardId: shard.id, sequenceNumber, key, value: JSON.stringify(body) };
  }

  /** Whether a shard is closed, and nothing of it comes after the position. */
  async hasEnded(shardId: string, after: string): Promise<boolean> {
    if (this.shard(shardId) === undefined) return true;
    return this.ended.has(shardId) && (await this.log(shardId).read(after, 1)).length === 0;
  }

  async isEmpty(): Promise<boolean> {
    for (const { id } of this.record.shards) if ((await this.log(id).read('', 1)).length > 0) return false;
    return true;
  }
}

export function numberOf(count: bigint): string {
  return PREFIX + String(count).padStart(DIGITS, '0');
}
