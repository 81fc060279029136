import type { PutRecordsOutput } from '@aws-sdk/client-kinesis';
import type { Aws } from '../clients';
import type { MessagingError } from '../errors';
import { asMessagingError, refuse } from '../errors';
import { backOffMs } from '../queues/batch-results';
import { bytesOf, recordErrors } from './stream-errors';
import type { PutAllResult, PutFailure, StreamRecordInput } from './types';

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html */
const MAX_RECORDS = 500;
const MAX_BYTES = 5 * 1024 * 1024;
/** A shard that is full has room again within the second. */
const MAX_TRIES = 6;

interface Entry {
  readonly index: number;
  readonly Data: Uint8Array;
  readonly PartitionKey: string;
}

/**
 * Writes records in batches, one after the other. Kinesis takes some records of a batch and not others when a shard is full: those
 * are tried again, in their order, before the next batch. So records of one key keep their order from batch to batch; within a batch
 * one that had to be tried again comes after those that had not.
 */
export class BatchWriter {
  private put = 0;
  private readonly failed: PutFailure[] = [];

  constructor(
    private readonly aws: Aws,
    private readonly stream: string,
  ) {}

  async putAll(
    records: Iterable<StreamRecordInput> | AsyncIterable<StreamRecordInput>,
  ): Promise<PutAllResult> {
    for await (const batch of this.batches(records)) await this.write(batch);
    return { put: this.put, failed: this.failed.sort((a, b) => a.index - b.index) };
  }

  private async *batches(
    records: Iterable<StreamRecordInput> | AsyncIterable<StreamRecordInput>,
  ): AsyncGenerator<Entry[]> {
    let batch: Entry[] = [];
    let bytes = 0;
    let index = -1;
    for await (const record of records) {
      index++;
      const entry = this.entry(record, index);
      if (entry === undefined) continue;
      const size = entry.Data.byteLength + Buffer.byteLength(entry.PartitionKey);
      if (batch.length === MAX_RECORDS || (batch.length > 0 && bytes + size > MAX_BYTES)) {
        yield batch;
        batch = [];
        bytes = 0;
      }
      batch.push(entry);
      bytes += size;
    }
    if (batch.length > 0) yield batch;
  }

  private entry(record: StreamRecordInput, index: number): Entry | undefined {
    this.aws.checkOpen();
    try {
      refuse(recordErrors(record));
      return { index, Data: bytesOf(record.data), PartitionKey: record.partitionKey };
    } catch (error) {
      this.report(index, asMessagingError(error, `preparing record ${index}`));
      return undefined;
    }
  }

  private async write(batch: Entry[]): Promise<void> {
    let pending = batch;
    for (let tries = 1; pending.length > 0; tries++) {
      const answer = await this.call(pending);
      if (answer === undefined) return;
      pending = this.failures(pending, answer, tries === MAX_TRIES);
      if (pending.length > 0) await this.aws.clock.wait(backOffMs(tries));
    }
  }

  /** One call; undefined when it failed as a whole and all is reported. */
  private async call(batch: Entry[]): Promise<PutRecordsOutput | undefined> {
    const doing = `putting ${batch.length} records into stream "${this.stream}"`;
    try {
      return await this.aws.attempt(doing, async () => {
        const Records = batch.map(({ Data, PartitionKey }) => ({ Data, PartitionKey }));
        return (await this.aws.kinesis()).putRecords({ StreamName: this.stream, Records });
      });
    } catch (error) {
      for (const { index } of batch) this.report(index, asMessagingError(error, doing));
      return undefined;
    }
  }

  /** What is to be tried again: results come in the records' order. */
  private failures(batch: Entry[], { Records = [] }: PutRecordsOutput, isLast: boolean): Entry[] {
    const again = batch.filter((_, i) => Records[i]?.ErrorCode !== undefined);
    this.put += batch.length - again.length;
    if (!isLast) return again;
    for (const { ErrorCode, ErrorMessage } of Records) {
      if (ErrorCode === undefined) continue;
      const error = { name: ErrorCode, message: ErrorMessage };
      this.report(
        again.shift()!.index,
        asMessagingError(error, `putting a record into stream "${this.stream}"`),
      );
    }
    return [];
  }

  private report(index: number, { code, message }: MessagingError): void {
    this.failed.push({ index, code, detail: message });
  }
}
