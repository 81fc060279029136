import type { Logged } from '../streams';

export type StreamMode = 'PROVISIONED' | 'ON_DEMAND';

/** A shard as it is stored. */
export interface ShardRecord {
  readonly id: string;
  /** Those whose keys it took over. */
  readonly parents: readonly string[];
  /** The first and the last of its hash keys, decimal. */
  readonly from: string;
  readonly to: string;
  /** Its first sequence number may be this one. */
  readonly startsAt: string;
  /** No sequence number of it is beyond this one, once it is closed. */
  readonly endsAt?: string;
  /** Milliseconds since the epoch. */
  readonly closedAt?: number;
}

export interface ConsumerRecord {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** A stream as it is stored. */
export interface StreamRecord {
  /** Where its records are: another one for a stream that is made again under the same name. */
  readonly id: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly mode: StreamMode;
  readonly retentionHours: number;
  readonly shards: readonly ShardRecord[];
  /** How many shards it has had. */
  readonly shardCount: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly kmsKeyId?: string;
  readonly consumers: readonly ConsumerRecord[];
  /** Whether the stack made it. */
  readonly declared: boolean;
}

/** A data record as its shard keeps it. */
export interface DataRecord extends Logged {
  readonly key: string;
  /** Base64. */
  readonly data: string;
}

/** A record on its way into a stream. */
export interface NewDataRecord {
  readonly partitionKey: string;
  /** Base64. */
  readonly data: string;
  /** Instead of the MD5 of the partition key, decimal. */
  readonly explicitHashKey?: string;
}
