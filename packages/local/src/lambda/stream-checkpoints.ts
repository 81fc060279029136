import { createHash } from 'node:crypto';
import { BEGINNING } from '../streams';
import type { StreamSource } from '../streams';

/** Which of a shard's lanes a record belongs to: all records of a partition key are in one. */
export function laneOf(partitionKey: string, lanes: number): number {
  return lanes === 1 ? 0 : createHash('md5').update(partitionKey).digest().readUInt32BE(0) % lanes;
}

/** How far a mapping is in a shard, lane by lane. */
export class ShardCheckpoint {
  private constructor(
    private readonly source: StreamSource,
    private readonly consumer: string,
    private readonly shardId: string,
    private readonly positions: string[],
  ) {}

  /**
   * @param kept what {@link save} wrote; where it was for another number of lanes all go on where the slowest was
   * @param start where there is nothing kept
   */
  static of(
    source: StreamSource,
    consumer: string,
    shardId: string,
    lanes: number,
    kept: string | undefined,
    start: string,
  ): ShardCheckpoint {
    const before = kept === undefined ? [start] : (JSON.parse(kept) as string[]);
    const slowest = [...before].sort()[0] ?? BEGINNING;
    const positions = before.length === lanes ? before : Array.from({ length: lanes }, () => slowest);
    return new ShardCheckpoint(source, consumer, shardId, positions);
  }

  position(lane: number): string {
    return this.positions[lane]!;
  }

  /** In memory: goes to the disk with the next {@link save}. */
  advance(lane: number, position: string): void {
    this.positions[lane] = position;
  }

  /** Resolves once everything up to now is durable. */
  save(): Promise<void> {
    return this.source.keep(this.consumer, this.shardId, JSON.stringify(this.positions));
  }

  /** Whether no lane has anything left to do, ever. */
  async isThrough(): Promise<boolean> {
    const ended = await Promise.all(this.positions.map((each) => this.source.hasEnded(this.shardId, each)));
    return ended.every((each) => each);
  }
}
