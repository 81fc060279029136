import { randomUUID } from 'node:crypto';
import type { Clock, Timer } from '../clock';
import type { Reporter } from '../contracts';
import type { Locale } from '../engine/arn';
import type { Operation } from '../engine/store';
import { Store } from '../engine/store';
import type { StreamSource } from '../streams';
import { inUse, notFound } from './errors';
import { allCheckpointsOf, allRecordsOf, GARBAGE, STREAMS } from './keys';
import { firstShards } from './shards';
import { KinesisSource } from './source';
import type { Placed } from './stream';
import { numberOf, Stream } from './stream';
import type { NewDataRecord, StreamRecord } from './types';

export interface KinesisOptions {
  /** Of the store; made if missing. */
  readonly folder: string;
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly locale: Locale;
}

/** What a new stream is made of. */
export interface NewStream extends Pick<
  StreamRecord,
  'name' | 'mode' | 'retentionHours' | 'tags' | 'declared'
> {
  readonly shards: number;
  readonly kmsKeyId?: string;
}

const TRIM_MS = 60_000;

/** Kinesis Data Streams, durable in one folder: what is acknowledged is on the disk. */
export class Kinesis {
  private readonly streams = new Map<string, Stream>();
  private timer: Timer | undefined;
  private background: Promise<void> = Promise.resolve();
  private stopped = false;

  private constructor(
    readonly options: KinesisOptions,
    private readonly store: Store,
  ) {}

  /** @throws StoreInUseError */
  static async open(options: KinesisOptions): Promise<Kinesis> {
    const { folder, clock, reporter } = options;
    const store = await Store.open(folder, clock, ({ message }) =>
      reporter.warn('kinesis', `cannot write to ${folder}: ${message}`),
    );
    const kinesis = new Kinesis(options, store);
    await kinesis.restore();
    kinesis.schedule();
    return kinesis;
  }

  get now(): number {
    return this.options.clock.now();
  }

  arnOf(name: string): string {
    const { region, accountId } = this.options.locale;
    return `arn:aws:kinesis:${region}:${accountId}:stream/${name}`;
  }

  /** In the order of their names. */
  list(): Stream[] {
    return [...this.streams.values()].sort((a, b) => (a.record.name < b.record.name ? -1 : 1));
  }

  find(name: string): Stream | undefined {
    return this.streams.get(name);
  }

  /** @throws ServiceError ResourceNotFoundException */
  get(name: string): Stream {
    const stream = this.streams.get(name);
    if (stream) return stream;
    throw notFound(`Stream ${name} under account ${this.options.locale.accountId}`);
  }

  /** A stream for event source mappings, by its ARN or that of a consumer of it. */
  source(arn: string): StreamSource | undefined {
    const [streamArn, consumer] = arn.split('/consumer/') as [string, string | undefined];
    const stream = this.list().find((each) => each.arn === streamArn);
    const name = consumer?.split(':')[0];
    const isThere = name === undefined || stream?.record.consumers.some((each) => each.name === name);
    return stream && isThere ? new KinesisSource(stream, arn, this.store) : undefined;
  }

  /** @throws ServiceError ResourceInUseException */
  async create({ shards, ...settings }: NewStream): Promise<Stream> {
    const { name } = settings;
    if (this.streams.has(name)) {
      throw inUse(`Stream ${name} under account ${this.options.locale.accountId} already exists.`);
    }
    const record: StreamRecord = {
      ...settings,
      id: randomUUID(),
      createdAt: this.now,
      shards: firstShards(shards, numberOf(0n)),
      shardCount: shards,
      consumers: [],
    };
    const stream = this.add(record);
    await this.save(stream, record);
    return stream;
  }

  /** Resolves once it is durable. */
  async save(stream: Stream, record: StreamRecord): Promise<void> {
    stream.record = record;
    const operations: Operation[] = [
      { type: 'put', key: STREAMS + record.name, value: JSON.stringify(record) },
    ];
    await this.store.commit(operations, () => stream.settled(record));
  }

  async delete({ record: { name, id } }: Stream): Promise<void> {
    this.streams.delete(name);
    await this.store.commit([
      { type: 'del', key: STREAMS + name },
      { type: 'put', key: GARBAGE + id, value: '' },
    ]);
    this.clearLater(id);
  }

  /** Resolves with their places once they are durable. @throws ServiceError InvalidArgumentException */
  async put(stream: Stream, records: readonly NewDataRecord[]): Promise<Placed[]> {
    const placed = records.map((record) => stream.place(record));
    const operations = placed.map(({ key, value }): Operation => ({ type: 'put', key, value }));
    await this.store.commit(operations, () => stream.listeners.tell());
    return placed;
  }

  async close(): Promise<void> {
    this.stopped = true;
    this.timer?.cancel();
    await this.background;
    await this.store.close();
  }

  private async restore(): Promise<void> {
    for await (const [, value] of this.store.entries(STREAMS)) {
      await this.add(JSON.parse(value) as StreamRecord).restore();
    }
    for await (const [key] of this.store.entries(GARBAGE)) this.clearLater(key.slice(GARBAGE.length));
  }

  private add(record: StreamRecord): Stream {
    const stream = new Stream({
      record,
      arn: this.arnOf(record.name),
      entries: (range) => this.store.range(range),
      clock: this.options.clock,
    });
    this.streams.set(record.name, stream);
    return stream;
  }

  private schedule(): void {
    this.timer = this.options.clock.schedule(TRIM_MS, () => {
      this.inBackground(() => this.trim());
      if (!this.stopped) this.schedule();
    });
  }

  /** Clears what is past its retention: records, and shards that were closed. */
  private async trim(): Promise<void> {
    for (const stream of this.list()) {
      for (const { id } of stream.record.shards) {
        const keys = await stream.log(id).expired();
        if (keys.length > 0) await this.store.commit(keys.map((key) => ({ type: 'del', key })));
      }
      const horizon = this.now - stream.retentionMs;
      const shards = stream.record.shards.filter(({ closedAt = Infinity }) => closedAt > horizon);
      if (shards.length < stream.record.shards.length) await this.save(stream, { ...stream.record, shards });
    }
  }

  private clearLater(id: string): void {
    this.inBackground(async () => {
      await this.store.clear(allRecordsOf(id));
      await this.store.clear(allCheckpointsOf(id));
      await this.store.commit([{ type: 'del', key: GARBAGE + id }]);
    });
  }

  /** What fails is done again at the next start, or the next time. */
  private inBackground(work: () => Promise<void>): void {
    this.background = this.background.then(work).catch((error: Error) => {
      this.options.reporter.warn('kinesis', `cannot clear what is past its retention: ${error.message}`);
    });
  }
}
