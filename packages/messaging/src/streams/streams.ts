import type { StreamDescriptionSummary } from '@aws-sdk/client-kinesis';
import type { Aws } from '../clients';
import { isMessagingError, MessagingError, refuse } from '../errors';
import type { Page } from '../page';
import { page } from '../page';
import { BatchWriter } from './batch-writer';
import { StreamReader } from './reader';
import { bytesOf, readErrors, recordErrors, shardErrors } from './stream-errors';
import type {
  CreateStream,
  ListStreams,
  PutAllResult,
  PutRecord,
  ReadStream,
  StreamInfo,
  StreamMode,
  StreamPage,
  StreamRecordInput,
  StreamStatus,
  StreamSummary,
} from './types';

/** AWS takes about half a minute to make a stream. */
const WAIT_MS = 1_000;
const MAX_WAITS = 300;

/** Kinesis data streams: what is written stays to be read, in order, until it is too old. */
export class Streams {
  constructor(private readonly aws: Aws) {}

  /**
   * Makes a stream and waits until records can be written.
   * @throws MessagingError 'invalid', 'already-exists', 'timeout' when it is not ready after five minutes
   */
  async create({ name, shards, tags, wait = true }: CreateStream): Promise<StreamInfo> {
    this.aws.checkName('stream', name, 'name');
    refuse(shardErrors(shards));
    try {
      await this.aws.attempt(`creating stream "${name}"`, async () =>
        (await this.aws.kinesis()).createStream({
          StreamName: name,
          ...(shards === undefined
            ? { StreamModeDetails: { StreamMode: 'ON_DEMAND' as const } }
            : { ShardCount: shards, StreamModeDetails: { StreamMode: 'PROVISIONED' as const } }),
          ...(tags && { Tags: { ...tags } }),
        }),
      );
    } catch (error) {
      throw asExisting(error);
    }
    return wait ? this.active(name) : this.get(name);
  }

  async list(options: ListStreams = {}): Promise<Page<StreamSummary>> {
    const prefix = options.prefix ?? '';
    return page(
      `streams?prefix=${this.aws.settings.prefix}&${prefix}`,
      options,
      (NextToken) =>
        this.aws.attempt('listing streams', async () => {
          const answer = await (await this.aws.kinesis()).listStreams({ NextToken });
          return { items: (answer.StreamSummaries ?? []).map(summary), next: answer.NextToken };
        }),
      ({ name }) => this.aws.isVisible(name) && name.startsWith(prefix),
    );
  }

  /** @throws MessagingError 'not-found' */
  async get(name: string): Promise<StreamInfo> {
    this.aws.checkName('stream', name);
    const answer = await this.aws.attempt(`looking at stream "${name}"`, async () =>
      (await this.aws.kinesis()).describeStreamSummary({ StreamName: name }),
    );
    return info(answer.StreamDescriptionSummary!);
  }

  /** Deletes a stream with its records and its registered consumers. @throws MessagingError 'not-found' */
  async delete(name: string): Promise<void> {
    this.aws.checkName('stream', name);
    await this.aws.attempt(`deleting stream "${name}"`, async () =>
      (await this.aws.kinesis()).deleteStream({ StreamName: name, EnforceConsumerDeletion: true }),
    );
  }

  /** Writes one record. @throws MessagingError 'not-found', 'invalid', 'throttled' while its shard is full */
  async put(name: string, record: StreamRecordInput): Promise<PutRecord> {
    this.aws.checkName('stream', name);
    refuse(recordErrors(record));
    const answer = await this.aws.attempt(`putting a record into stream "${name}"`, async () =>
      (await this.aws.kinesis()).putRecord({
        StreamName: name,
        Data: bytesOf(record.data),
        PartitionKey: record.partitionKey,
      }),
    );
    return { shard: answer.ShardId!, sequenceNumber: answer.SequenceNumber! };
  }

  /**
   * Writes any number of records, 500 and 5 MiB a call; what a full shard does not take is tried again.
   * @throws MessagingError 'not-found'
   */
  async putAll(
    name: string,
    records: Iterable<StreamRecordInput> | AsyncIterable<StreamRecordInput>,
  ): Promise<PutAllResult> {
    // A stream that is missing is the caller's mistake, not each record's.
    await this.get(name);
    return new BatchWriter(this.aws, name).putAll(records);
  }

  /**
   * Reads records; `nextCursor` goes on where this ended. A page without records is no end: more may come.
   * @throws MessagingError 'not-found' for the stream or the shard, 'invalid', 'throttled' over five reads of a shard a second
   */
  async read(name: string, options: ReadStream = {}): Promise<StreamPage> {
    this.aws.checkName('stream', name);
    refuse(readErrors(options));
    return new StreamReader(this.aws, name).read(options);
  }

  private async active(name: string): Promise<StreamInfo> {
    for (let waits = 0; waits < MAX_WAITS; waits++) {
      const found = await this.get(name);
      if (found.status === 'active') return found;
      await this.aws.clock.wait(WAIT_MS);
    }
    throw new MessagingError(
      'timeout',
      `Stream "${name}" is made, and not ready after ${(WAIT_MS * MAX_WAITS) / 1000} s`,
    );
  }
}

/** The text of a record's data. @throws TypeError for bytes that are no UTF-8 */
export function recordText({ data }: { readonly data: Uint8Array }): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
}

function summary(given: {
  StreamName?: string;
  StreamARN?: string;
  StreamStatus?: string;
  StreamModeDetails?: { StreamMode?: string };
}): StreamSummary {
  return {
    name: given.StreamName!,
    arn: given.StreamARN!,
    status: given.StreamStatus!.toLowerCase() as StreamStatus,
    mode: modeOf(given.StreamModeDetails?.StreamMode),
  };
}

function info(given: StreamDescriptionSummary): StreamInfo {
  const { EncryptionType, KeyId } = given;
  return {
    ...summary(given),
    shards: given.OpenShardCount!,
    retentionHours: given.RetentionPeriodHours!,
    encryption: EncryptionType === 'KMS' ? { keyId: KeyId ?? 'alias/aws/kinesis' } : 'none',
    createdAt: given.StreamCreationTimestamp!,
  };
}

function modeOf(mode: string | undefined): StreamMode {
  return mode === 'ON_DEMAND' ? 'on-demand' : 'provisioned';
}

/** Kinesis has one word for a stream that is there and for one that is busy. */
function asExisting(error: unknown): unknown {
  if (!isMessagingError(error, 'conflict')) return error;
  return new MessagingError('already-exists', error.message, { cause: error.cause });
}
