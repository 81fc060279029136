import type { Clock } from '../clock';
import type { StreamMappingConfig } from '../contracts';
import type { Activity } from '../engine/activity';
import { BEGINNING, Changes } from '../streams';
import type { SourceShard, StartingPosition, StreamSource, StreamSources } from '../streams';
import { FilterCriteria } from './event-filter';
import type { Functions } from './functions';
import { ShardCheckpoint } from './stream-checkpoints';
import { StreamLane, streamName } from './stream-lane';
import type { Targets } from './targets';

export interface StreamMappingOptions {
  readonly config: StreamMappingConfig;
  readonly uuid: string;
  /** @default there are none */
  readonly streams?: StreamSources;
  readonly functions: Functions;
  readonly targets: Targets;
  readonly clock: Clock;
  readonly activity: Activity;
}

/**
 * An event source mapping from a stream to a function. Each shard is read from where the mapping was when it was stopped or
 * killed, in order; shards that others were split or merged into begin when those are through.
 */
export class StreamMapping {
  /** As GetEventSourceMapping tells it. */
  lastResult = 'No records processed';
  /** Whether it knows its place in every shard, so that it misses nothing from now on. */
  isReady = false;
  private readonly ending = new AbortController();
  private readonly changes: Changes;
  private readonly filter: FilterCriteria;
  private readonly through = new Set<string>();
  private readonly lanes = new Map<string, Promise<void>>();
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: StreamMappingOptions) {
    this.changes = new Changes(options.clock);
    this.filter = new FilterCriteria(options.config.filterPatterns ?? [], 'data');
  }

  /** @param after what reads the same stream for the same mapping and is to end first */
  start(after: Promise<void> = Promise.resolve()): void {
    if (!this.options.config.enabled) return;
    this.running = after
      .then(() => this.run())
      .catch((error: Error) => {
        if (!this.ending.signal.aborted) this.warn(error.message);
      });
  }

  /** Takes no more records; resolves when the batches that are under way are settled and its place is kept. */
  async stop(): Promise<void> {
    this.ending.abort();
    this.changes.happened();
    await this.running;
  }

  async forget(): Promise<void> {
    const source = await this.source();
    await source?.forget(this.consumer);
  }

  private async run(): Promise<void> {
    if (this.ending.signal.aborted) return;
    const source = await this.source();
    if (source === undefined) {
      this.lastResult = 'PROBLEM: Stream not found';
      this.warn('there is no such stream, so it gets no records');
      return;
    }
    const end = source.onChange(this.changes.happened);
    try {
      await this.read(source);
    } finally {
      end();
    }
  }

  private async read(source: StreamSource): Promise<void> {
    const { signal } = this.ending;
    const kept = await source.checkpoints(this.consumer);
    const checkpoints = new Map<string, ShardCheckpoint>();
    // Shards that appear later hold what comes after those that were there: nothing of them is to be left out.
    const start = kept.size === 0 ? this.options.config.startingPosition : undefined;
    await Promise.all(
      source.shards().map(async ({ id }) => {
        const position = start === undefined ? BEGINNING : await source.position(id, start);
        const checkpoint = this.checkpoint(source, id, kept.get(id), position);
        checkpoints.set(id, checkpoint);
        if (start !== undefined) await checkpoint.save();
      }),
    );
    this.isReady = true;
    while (!signal.aborted) {
      const { seen } = this.changes;
      for (const shard of this.due(source.shards())) {
        const checkpoint =
          checkpoints.get(shard.id) ?? this.checkpoint(source, shard.id, undefined, BEGINNING);
        checkpoints.set(shard.id, checkpoint);
        this.lanes.set(shard.id, this.readShard(source, shard, checkpoint));
      }
      await this.changes.since(seen);
    }
    await Promise.all(this.lanes.values());
    await Promise.all([...checkpoints.values()].map((checkpoint) => checkpoint.save()));
  }

  /** Shards that are not read yet, and whose parents are through. */
  private due(shards: readonly SourceShard[]): SourceShard[] {
    const there = new Set(shards.map(({ id }) => id));
    const isOpen = (parent: string) => there.has(parent) && !this.through.has(parent);
    return shards.filter(({ id, parents }) => !this.lanes.has(id) && !parents.some(isOpen));
  }

  private checkpoint(
    source: StreamSource,
    shardId: string,
    kept: string | undefined,
    start: string,
  ): ShardCheckpoint {
    const { parallelizationFactor } = this.options.config;
    return ShardCheckpoint.of(source, this.consumer, shardId, parallelizationFactor, kept, start);
  }

  private async readShard(
    source: StreamSource,
    { id: shardId }: SourceShard,
    checkpoint: ShardCheckpoint,
  ): Promise<void> {
    const { signal } = this.ending;
    const lanes = Array.from({ length: this.options.config.parallelizationFactor }, (_, lane) =>
      new StreamLane({
        ...this.options,
        source,
        shardId,
        lane,
        checkpoint,
        changes: this.changes,
        filter: this.filter,
        signal,
        onResult: (text) => (this.lastResult = text),
      }).run(),
    );
    await Promise.all(lanes);
    if (signal.aborted) return;
    this.through.add(shardId);
    this.changes.happened();
  }

  private source(): Promise<StreamSource | undefined> {
    const { streams, config } = this.options;
    return streams?.(config.streamArn) ?? Promise.resolve(undefined);
  }

  /** A mapping that is to begin elsewhere is another one on AWS, too. */
  private get consumer(): string {
    const { uuid, config } = this.options;
    return `${uuid}-${startName(config.startingPosition)}`;
  }

  private warn(text: string): void {
    const { activity, config } = this.options;
    activity.warn(config.functionName, `${streamName(config.streamArn)}: ${text}`);
  }
}

function startName(start: StartingPosition): string {
  return start.kind === 'AT_TIMESTAMP' ? `${start.kind}-${start.at}` : start.kind;
}
