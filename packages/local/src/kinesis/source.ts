import type { Store } from '../engine/store';
import { BEGINNING } from '../streams';
import type { LogEntry, SourceRecord, SourceShard, StartingPosition, StreamSource } from '../streams';
import { checkpointsOf } from './keys';
import type { Stream } from './stream';
import type { DataRecord } from './types';

/** A stream for event source mappings, whose checkpoints are in the same store. */
export class KinesisSource implements StreamSource {
  /** @param arn the stream's, or a consumer's */
  constructor(
    private readonly stream: Stream,
    readonly arn: string,
    private readonly store: Store,
  ) {}

  readonly retentionSeconds = (): number => this.stream.retentionMs / 1000;

  shards(): readonly SourceShard[] {
    return this.stream.record.shards;
  }

  async position(shardId: string, start: StartingPosition): Promise<string> {
    if (start.kind === 'LATEST') return this.stream.latest;
    return start.kind === 'AT_TIMESTAMP' ? this.stream.log(shardId).positionAt(start.at) : BEGINNING;
  }

  async read(shardId: string, after: string, limit: number): Promise<readonly SourceRecord[]> {
    const entries = await this.stream.log(shardId).read(after, limit);
    return entries.map((entry) => this.record(shardId, entry));
  }

  hasEnded(shardId: string, after: string): Promise<boolean> {
    return this.stream.hasEnded(shardId, after);
  }

  onChange(listener: () => void): () => void {
    return this.stream.listeners.add(listener);
  }

  async checkpoints(consumer: string): Promise<ReadonlyMap<string, string>> {
    const prefix = this.prefix(consumer);
    const found = new Map<string, string>();
    for await (const [key, value] of this.store.entries(prefix)) found.set(key.slice(prefix.length), value);
    return found;
  }

  keep(consumer: string, name: string, position: string): Promise<void> {
    return this.store.commit([{ type: 'put', key: this.prefix(consumer) + name, value: position }]);
  }

  async forget(consumer: string): Promise<void> {
    const names = [...(await this.checkpoints(consumer)).keys()];
    const prefix = this.prefix(consumer);
    await this.store.commit(names.map((name) => ({ type: 'del', key: prefix + name })));
  }

  private prefix(consumer: string): string {
    return checkpointsOf(this.stream.record.id, consumer);
  }

  /** @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html */
  private record(shardId: string, { sequenceNumber, body }: LogEntry<DataRecord>): SourceRecord {
    const kinesis = {
      kinesisSchemaVersion: '1.0',
      partitionKey: body.key,
      sequenceNumber,
      data: body.data,
      approximateArrivalTimestamp: body.at / 1000,
    };
    return {
      sequenceNumber,
      at: body.at,
      partitionKey: body.key,
      event: (roleArn) => ({
        kinesis,
        eventSource: 'aws:kinesis',
        eventVersion: '1.0',
        eventID: `${shardId}:${sequenceNumber}`,
        eventName: 'aws:kinesis:record',
        invokeIdentityArn: roleArn,
        awsRegion: this.arn.split(':')[3],
        eventSourceARN: this.arn,
      }),
      filterable: () => ({ document: kinesis, data: Buffer.from(body.data, 'base64').toString('utf8') }),
    };
  }
}
