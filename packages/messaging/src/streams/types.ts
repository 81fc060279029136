export type StreamMode = 'on-demand' | 'provisioned';

export type StreamStatus = 'creating' | 'active' | 'updating' | 'deleting';

export interface CreateStream {
  /** 1-128 letters, digits, `_`, `.` and `-`. */
  readonly name: string;
  /** Absent, the stream scales by itself (on demand). */
  readonly shards?: number;
  readonly tags?: Readonly<Record<string, string>>;
  /** Whether to wait until the stream takes records. @default true */
  readonly wait?: boolean;
}

export interface ListStreams {
  /** Names that begin so. */
  readonly prefix?: string;
  /** 1-1000. @default 100 */
  readonly limit?: number;
  readonly cursor?: string;
}

export interface StreamSummary {
  readonly name: string;
  readonly arn: string;
  readonly status: StreamStatus;
  readonly mode: StreamMode;
}

export interface StreamInfo extends StreamSummary {
  /** Open ones. */
  readonly shards: number;
  readonly retentionHours: number;
  readonly encryption: { readonly keyId: string } | 'none';
  readonly createdAt: Date;
}

export interface StreamRecordInput {
  /** Text goes as UTF-8. Up to 1 MiB with the partition key. */
  readonly data: string | Uint8Array;
  /** 1-256 characters; records of one key keep their order. */
  readonly partitionKey: string;
}

export interface PutRecord {
  readonly shard: string;
  readonly sequenceNumber: string;
}

export interface PutFailure {
  /** Position among the records that were given. */
  readonly index: number;
  readonly code: string;
  readonly detail: string;
}

export interface PutAllResult {
  /** How many records are in the stream. */
  readonly put: number;
  readonly failed: PutFailure[];
}

export interface ReadStream {
  /** Where a read without a cursor begins. @default 'oldest' */
  readonly from?: 'oldest' | 'latest' | Date;
  /** Id of the only shard to read. @default all of them */
  readonly shard?: string;
  /** 1-10,000. @default 100 */
  readonly limit?: number;
  /** Of the read before: goes on where that ended, however long ago within the stream's retention. */
  readonly cursor?: string;
}

export interface StreamRecord {
  readonly data: Uint8Array;
  readonly partitionKey: string;
  readonly sequenceNumber: string;
  /** When it arrived. */
  readonly at: Date;
  readonly shard: string;
}

export interface StreamPage {
  readonly records: StreamRecord[];
  /** null when every shard that is read is closed and read to its end. */
  readonly nextCursor: string | null;
  /** Of the shard that is furthest behind. */
  readonly millisBehindLatest: number;
}
