import type { Clock } from '../../clock';
import type { Range } from '../../engine/store';
import { Listeners, RecordLog } from '../../streams';
import type { LogEntry } from '../../streams';
import { recordsOf } from '../keys';
import type { KeyElement, StreamViewType } from '../types';
import type { Change } from './change';
import { streamRecord } from './change';

/** A stream as it is stored. */
export interface StreamDescription {
  readonly id: string;
  readonly tableId: string;
  readonly tableName: string;
  readonly keySchema: readonly KeyElement[];
  readonly label: string;
  readonly view: StreamViewType;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** When it was turned off, in milliseconds since the epoch. */
  readonly closedAt?: number;
  /** Its last sequence number, once it is over. */
  readonly closedAfter?: string;
}

export interface TableStreamOptions {
  readonly description: StreamDescription;
  readonly arn: string;
  readonly region: string;
  readonly entries: (range: Range) => AsyncIterable<[string, string]>;
  readonly clock: Clock;
  readonly retentionMs: number;
}

// DynamoDB's have 21 to 40 digits.
const FIRST = '100000000000000000001';

/** A table's stream: the log of its changes. */
export class TableStream {
  description: StreamDescription;
  readonly arn: string;
  readonly log: RecordLog<Change>;
  readonly listeners = new Listeners();
  readonly tell = (): void => this.listeners.tell();
  private following = BigInt(FIRST);
  private isOver: boolean;

  constructor(private readonly options: TableStreamOptions) {
    const { description, arn, entries, clock, retentionMs } = options;
    this.description = description;
    this.arn = arn;
    this.isOver = description.closedAt !== undefined;
    const prefix = recordsOf(description.id);
    this.log = new RecordLog({ prefix, entries, clock, retentionMs: () => retentionMs });
  }

  async restore(): Promise<void> {
    const last = await this.log.last();
    if (last !== undefined) this.following = BigInt(last) + 1n;
  }

  get shardId(): string {
    const { createdAt, id } = this.description;
    return `shardId-${String(createdAt).padStart(20, '0')}-${id.slice(0, 8)}`;
  }

  get firstNumber(): string {
    return FIRST;
  }

  /** The newest sequence number that was given; it may be on its way to the disk. */
  get latest(): string {
    return String(this.following - 1n);
  }

  next(): string {
    const number = String(this.following);
    this.following += 1n;
    return number;
  }

  get retentionMs(): number {
    return this.options.retentionMs;
  }

  record({ sequenceNumber, body }: LogEntry<Change>) {
    const { id: streamId, view } = this.description;
    return streamRecord(body, { streamId, region: this.options.region, view, sequenceNumber });
  }

  /** Called when its end is durable, and with it every record before. */
  readonly ended = (): void => {
    this.isOver = true;
    this.tell();
  };

  /** Whether it is over, and nothing comes after the position. */
  async hasEnded(after: string): Promise<boolean> {
    if (!this.isOver) return false;
    return (await this.log.read(after, 1)).length === 0;
  }
}
