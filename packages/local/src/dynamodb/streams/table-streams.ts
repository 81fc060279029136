import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock';
import type { Locale } from '../../engine/arn';
import type { StreamSource } from '../../streams';
import { allCheckpointsOf, recordsOf, STREAMS } from '../keys';
import type { Storage, Unit } from '../storage';
import { under } from '../storage';
import { streamArn } from '../table-description';
import type { TableRecord } from '../types';
import { changeOf, isChange } from './change';
import type { ItemChange } from './change';
import { TableStream } from './table-stream';
import type { StreamDescription } from './table-stream';
import { TableStreamSource } from './table-stream-source';

/** How long records, and streams that are over, can be read. */
export const RETENTION_MS = 24 * 60 * 60_000;

/** The streams of the tables: one for as long as a table has it turned on, with one shard. */
export class TableStreams {
  private readonly streams = new Map<string, TableStream>();
  /** By the id of the table. */
  private readonly open = new Map<string, TableStream>();

  constructor(
    private readonly storage: Storage,
    private readonly clock: Clock,
    private readonly locale: Locale,
  ) {}

  async restore(): Promise<void> {
    for await (const [, value] of this.storage.entries(under(STREAMS))) {
      const stream = this.add(JSON.parse(value) as StreamDescription);
      await stream.restore();
    }
  }

  /** The table with the stream that it then has: a new one where that is turned on, or shows something else. */
  follow(unit: Unit, wanted: TableRecord, before: TableRecord | undefined): TableRecord {
    const { streamViewType: view, streamLabel } = wanted.settings;
    const current = this.open.get(wanted.id);
    const isSame =
      current !== undefined &&
      current.description.view === view &&
      (streamLabel === undefined || current.description.label === streamLabel);
    if (!isSame && before !== undefined) this.end(unit, before);
    if (view === undefined) {
      return wanted;
    }
    if (isSame) return withLabel(wanted, current.description.label);
    const at = this.clock.now();
    const label = streamLabel ?? new Date(at).toISOString().replace('Z', '');
    this.begin(unit, {
      id: randomUUID(),
      tableId: wanted.id,
      tableName: wanted.definition.TableName,
      keySchema: wanted.definition.KeySchema,
      label,
      view,
      createdAt: at,
    });
    return withLabel(wanted, label);
  }

  /** Of a table that is deleted, or has no stream any more. */
  end(unit: Unit, { id }: TableRecord): void {
    const stream = this.open.get(id);
    if (stream === undefined) return;
    this.open.delete(id);
    stream.description = { ...stream.description, closedAt: this.clock.now(), closedAfter: stream.latest };
    unit.put(STREAMS + stream.description.id, JSON.stringify(stream.description));
    unit.afterwards(stream.ended);
  }

  append(unit: Unit, { id, definition }: TableRecord, change: ItemChange): void {
    const stream = this.open.get(id);
    if (stream === undefined || !isChange(change)) return;
    const body = changeOf(change, definition.KeySchema, stream.description.view, this.clock.now());
    unit.put(stream.log.key(stream.next()), JSON.stringify(body));
    unit.afterwards(stream.tell);
  }

  /** The newest one of that ARN. */
  find(arn: string): TableStream | undefined {
    return this.list().findLast(({ arn: other, description }) => other === arn && description.closedAt !== 0);
  }

  /** In the order in which they began, those that are over for a day included. */
  list(): TableStream[] {
    return [...this.streams.values()].sort((a, b) => a.description.createdAt - b.description.createdAt);
  }

  source(arn: string): StreamSource | undefined {
    const stream = this.find(arn);
    return stream && new TableStreamSource(stream, this.storage);
  }

  /** Clears what is past its retention: records, and streams that are over. */
  async trim(): Promise<void> {
    for (const stream of this.list()) {
      const { id, closedAt = Infinity } = stream.description;
      if (closedAt <= this.clock.now() - RETENTION_MS) await this.remove(id);
      else await this.clear(await stream.log.expired());
    }
  }

  private begin(unit: Unit, description: StreamDescription): void {
    const { arn } = this.add(description);
    // A table of the stack that is made again has the ARNs of the one before.
    const earlier = this.list().filter(
      (stream) => stream.arn === arn && stream.description.id !== description.id,
    );
    for (const stream of earlier) {
      stream.description = { ...stream.description, closedAt: 0 };
      unit.put(STREAMS + stream.description.id, JSON.stringify(stream.description));
    }
    unit.put(STREAMS + description.id, JSON.stringify(description));
  }

  private add(description: StreamDescription): TableStream {
    const { storage, clock, locale } = this;
    const stream = new TableStream({
      description,
      arn: streamArn(locale, description.tableName, description.label),
      region: locale.region,
      entries: (range) => storage.entries(range),
      clock,
      retentionMs: RETENTION_MS,
    });
    this.streams.set(description.id, stream);
    if (description.closedAt === undefined) this.open.set(description.tableId, stream);
    return stream;
  }

  private async remove(id: string): Promise<void> {
    this.streams.delete(id);
    await this.storage.clear(recordsOf(id));
    await this.storage.clear(allCheckpointsOf(id));
    await this.clear([STREAMS + id]);
  }

  private async clear(keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await this.storage.write((unit) => keys.forEach((key) => unit.delete(key)));
  }
}

function withLabel(record: TableRecord, streamLabel: string): TableRecord {
  return { ...record, settings: { ...record.settings, streamLabel } };
}
