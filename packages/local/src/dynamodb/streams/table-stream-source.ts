import type { SourceRecord, SourceShard, StartingPosition, StreamSource } from '../../streams';
import { BEGINNING } from '../../streams';
import type { LogEntry } from '../../streams';
import { checkpointsOf } from '../keys';
import type { Storage } from '../storage';
import { under } from '../storage';
import type { Change } from './change';
import type { TableStream } from './table-stream';

/** A table's stream for event source mappings, whose checkpoints are in the same store. */
export class TableStreamSource implements StreamSource {
  constructor(
    private readonly stream: TableStream,
    private readonly storage: Storage,
  ) {}

  get arn(): string {
    return this.stream.arn;
  }

  readonly retentionSeconds = (): number => this.stream.retentionMs / 1000;

  shards(): readonly SourceShard[] {
    return [{ id: this.stream.shardId, parents: [] }];
  }

  position(_shardId: string, start: StartingPosition): Promise<string> {
    return Promise.resolve(start.kind === 'LATEST' ? this.stream.latest : BEGINNING);
  }

  async read(_shardId: string, after: string, limit: number): Promise<readonly SourceRecord[]> {
    const entries = await this.stream.log.read(after, limit);
    return entries.map((entry) => this.record(entry));
  }

  hasEnded(_shardId: string, after: string): Promise<boolean> {
    return this.stream.hasEnded(after);
  }

  onChange(listener: () => void): () => void {
    return this.stream.listeners.add(listener);
  }

  async checkpoints(consumer: string): Promise<ReadonlyMap<string, string>> {
    const prefix = this.prefix(consumer);
    const found = new Map<string, string>();
    for await (const [key, value] of this.storage.entries(under(prefix)))
      found.set(key.slice(prefix.length), value);
    return found;
  }

  keep(consumer: string, name: string, position: string): Promise<void> {
    return this.storage.write((unit) => unit.put(this.prefix(consumer) + name, position));
  }

  async forget(consumer: string): Promise<void> {
    const names = [...(await this.checkpoints(consumer)).keys()];
    await this.storage.write((unit) => names.forEach((name) => unit.delete(this.prefix(consumer) + name)));
  }

  private prefix(consumer: string): string {
    return checkpointsOf(this.stream.description.id, consumer);
  }

  private record(entry: LogEntry<Change>): SourceRecord {
    const { stream, arn } = this;
    const { by, keys, at } = entry.body;
    const { AttributeName } = stream.description.keySchema[0]!;
    const event = () => ({
      ...stream.record(entry),
      eventSourceARN: arn,
      ...(by && { userIdentity: { principalId: by.principalId, type: by.type } }),
    });
    return {
      sequenceNumber: entry.sequenceNumber,
      at,
      partitionKey: JSON.stringify(keys[AttributeName]),
      event,
      filterable: () => ({ document: event() }),
    };
  }
}
