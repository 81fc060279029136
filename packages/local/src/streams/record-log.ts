import type { Clock } from '../clock';
import type { Range } from '../engine/store';

/** What the log itself knows of a record; the rest is the service's. */
export interface Logged {
  /** When it arrived, in milliseconds since the epoch. */
  readonly at: number;
}

export interface LogEntry<Body extends Logged> {
  readonly sequenceNumber: string;
  readonly body: Body;
  /** Of the body as it is stored. */
  readonly characters: number;
}

export interface RecordLogOptions {
  /** Of its keys; ends with a slash. */
  readonly prefix: string;
  /** Durable entries of the store. */
  readonly entries: (range: Range) => AsyncIterable<[string, string]>;
  readonly clock: Clock;
  readonly retentionMs: () => number;
}

/** Before the first record of a log. */
export const BEGINNING = '';

/**
 * The records of a shard in the order of their sequence numbers, below a prefix of a store that others write to. A position in
 * it is the sequence number after which to go on; all numbers of a log have the same count of digits, so they sort as text.
 */
export class RecordLog<Body extends Logged> {
  constructor(private readonly options: RecordLogOptions) {}

  key(sequenceNumber: string): string {
    return this.options.prefix + sequenceNumber;
  }

  /** The newest durable sequence number, also of a record that is past its retention; undefined where there was none. */
  async last(): Promise<string | undefined> {
    for await (const [key] of this.range({ reverse: true, limit: 1 })) return this.numberIn(key);
    return undefined;
  }

  /**
   * The durable records after a position that are not past their retention.
   * @param maxCharacters of the bodies together; one record is read whatever its size
   */
  async read(after: string, limit: number, maxCharacters = Infinity): Promise<LogEntry<Body>[]> {
    const entries: LogEntry<Body>[] = [];
    const horizon = this.horizon;
    let characters = 0;
    for await (const [key, value] of this.range({ after })) {
      const body = JSON.parse(value) as Body;
      if (body.at <= horizon) continue;
      characters += value.length;
      if (entries.length > 0 && characters > maxCharacters) break;
      entries.push({ sequenceNumber: this.numberIn(key), body, characters: value.length });
      if (entries.length >= limit) break;
    }
    return entries;
  }

  /** The position from which the records of that time and later ones follow. */
  async positionAt(time: number): Promise<string> {
    let position = BEGINNING;
    for await (const [key, value] of this.range({})) {
      if ((JSON.parse(value) as Body).at >= time) break;
      position = this.numberIn(key);
    }
    return position;
  }

  /** Keys of what is past its retention. The newest record stays: by it the numbers go on after a restart. */
  async expired(): Promise<string[]> {
    const keys: string[] = [];
    const horizon = this.horizon;
    for await (const [key, value] of this.range({})) {
      if ((JSON.parse(value) as Body).at > horizon) return keys;
      keys.push(key);
    }
    return keys.slice(0, -1);
  }

  private get horizon(): number {
    return this.options.clock.now() - this.options.retentionMs();
  }

  private numberIn(key: string): string {
    return key.slice(this.options.prefix.length);
  }

  private range({ after = BEGINNING, ...rest }: { after?: string; reverse?: boolean; limit?: number }) {
    const { prefix, entries } = this.options;
    return entries({ gt: prefix + after, lt: `${prefix.slice(0, -1)}0`, ...rest });
  }
}

/** The position just before a sequence number. */
export function before(sequenceNumber: string): string {
  return String(BigInt(sequenceNumber) - 1n).padStart(sequenceNumber.length, '0');
}
