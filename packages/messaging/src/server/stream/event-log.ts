import { randomBytes } from 'node:crypto';
import { toCloudEvent } from '../../events';
import type { EventName, MessagingEvent } from '../../events';

/** What an entry costs beside its text. */
const ENTRY_BYTES = 200;

/** An event as streams send it. */
export interface LogEntry {
  /** From 1, without holes. */
  readonly sequence: number;
  readonly name: EventName;
  /** Name of the queue, topic, subscription or alarm; undefined for errors. */
  readonly resource: string | undefined;
  /** CloudEvent as JSON, in one line. */
  readonly json: string;
}

/** Events that cannot be had any more, and why. */
export interface Gap {
  /** `expired`: they left the buffer; `restarted`: they were in another process, or before it. */
  readonly reason: 'expired' | 'restarted';
  /** How many; null where nobody knows. */
  readonly missed: number | null;
}

/** Where a reader goes on. */
export interface Position {
  readonly next: number;
  readonly gap: Gap | undefined;
}

export interface EventLogOptions {
  readonly maxEvents: number;
  readonly maxBytes: number;
  /** @default made of the time and chance: later ones sort behind earlier ones */
  readonly epoch?: string;
}

/**
 * The latest events, bounded in number and size. Readers keep only how far they are: a slow one costs nothing, and whoever
 * comes back finds what was missed as long as it is here.
 */
export class EventLog {
  readonly epoch: string;
  private readonly ring: (LogEntry | undefined)[];
  private readonly listeners = new Set<() => void>();
  private first = 1;
  private next = 1;
  private bytes = 0;
  private isTelling = false;

  constructor(private readonly options: EventLogOptions) {
    this.ring = new Array<LogEntry | undefined>(options.maxEvents);
    this.epoch = options.epoch ?? `${Date.now().toString(36)}${randomBytes(3).toString('hex')}`;
  }

  /** Sequence of the latest event; 0 where there was none. */
  get last(): number {
    return this.next - 1;
  }

  get size(): { readonly events: number; readonly bytes: number } {
    return { events: this.next - this.first, bytes: this.bytes };
  }

  append(event: MessagingEvent): void {
    const cloudEvent = toCloudEvent(event);
    const entry = {
      sequence: this.next,
      name: event.name,
      resource: cloudEvent.subject,
      json: JSON.stringify(cloudEvent),
    };
    if (this.size.events === this.options.maxEvents) this.dropFirst();
    this.ring[entry.sequence % this.options.maxEvents] = entry;
    this.next += 1;
    this.bytes += sizeOf(entry);
    while (this.bytes > this.options.maxBytes && this.size.events > 1) this.dropFirst();
    this.tell();
  }

  /** Undefined: not there yet, or not any more. */
  entry(sequence: number): LogEntry | undefined {
    return sequence >= this.first && sequence < this.next
      ? this.ring[sequence % this.options.maxEvents]
      : undefined;
  }

  /** Unique across restarts: `epoch.sequence`. */
  idOf(sequence: number): string {
    return `${this.epoch}.${sequence}`;
  }

  /** Where somebody goes on who has seen the event with that id; undefined: with what comes. */
  after(id: string | undefined): Position {
    if (id === undefined || id === '') return { next: this.next, gap: undefined };
    const [, epoch, digits] = /^(\w+)\.(\d{1,15})$/.exec(id) ?? [];
    const seen = Number(digits);
    if (epoch !== this.epoch || seen > this.last) {
      return { next: this.first, gap: { reason: 'restarted', missed: null } };
    }
    return this.from(seen + 1);
  }

  /** Where a reader that is that far goes on. */
  from(sequence: number): Position {
    if (sequence >= this.first) return { next: sequence, gap: undefined };
    return { next: this.first, gap: { reason: 'expired', missed: this.first - sequence } };
  }

  /** Calls the listener soon after events came, once for many. @returns ends it */
  onAppend(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  private tell(): void {
    if (this.isTelling || this.listeners.size === 0) return;
    this.isTelling = true;
    setImmediate(() => {
      this.isTelling = false;
      for (const listener of [...this.listeners]) listener();
    });
  }

  private dropFirst(): void {
    const slot = this.first % this.options.maxEvents;
    this.bytes -= sizeOf(this.ring[slot]!);
    this.ring[slot] = undefined;
    this.first += 1;
  }
}

function sizeOf({ json }: LogEntry): number {
  return Buffer.byteLength(json) + ENTRY_BYTES;
}
