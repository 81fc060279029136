/** Where an event source mapping begins in a stream that it has not read yet. */
export type StartingPosition =
  | { readonly kind: 'TRIM_HORIZON' }
  | { readonly kind: 'LATEST' }
  /** Milliseconds since the epoch. */
  | { readonly kind: 'AT_TIMESTAMP'; readonly at: number };

/** A record of a stream, as event source mappings handle it. */
export interface SourceRecord {
  readonly sequenceNumber: string;
  /** When it arrived, in milliseconds since the epoch. */
  readonly at: number;
  /** Records with the same one keep their order, however many batches of a shard run at once. */
  readonly partitionKey: string;
  /** As functions get it. @param roleArn of the function */
  event(roleArn: string): Readonly<Record<string, unknown>>;
  /** What filter criteria look at; `data` is text that patterns may look into as JSON. */
  filterable(): { readonly document: Readonly<Record<string, unknown>>; readonly data?: string };
}

export interface SourceShard {
  readonly id: string;
  /** Shards whose records come before this one's. */
  readonly parents: readonly string[];
}

/** A stream as an event source mapping reads it. A position is the sequence number after which to go on. */
export interface StreamSource {
  readonly arn: string;
  readonly retentionSeconds: () => number;
  shards(): readonly SourceShard[];
  position(shardId: string, start: StartingPosition): Promise<string>;
  /** What is durable after a position, in order. */
  read(shardId: string, after: string, limit: number): Promise<readonly SourceRecord[]>;
  /** Whether nothing will ever come after a position. */
  hasEnded(shardId: string, after: string): Promise<boolean>;
  /** Tells of new records and shards, once they are durable. @returns ends it */
  onChange(listener: () => void): () => void;
  /** Where a consumer is, by the names that it gave. */
  checkpoints(consumer: string): Promise<ReadonlyMap<string, string>>;
  /** Resolves once it is durable. @param name of a place of the consumer's own: a shard, or a part of one */
  keep(consumer: string, name: string, position: string): Promise<void>;
  forget(consumer: string): Promise<void>;
}

/** Streams by their ARNs; undefined for what is none that is hosted. */
export type StreamSources = (streamArn: string) => Promise<StreamSource | undefined>;
