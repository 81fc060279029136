import type { EventLog, Gap, LogEntry } from './event-log';
import type { EventFilter } from './filter';

/** What a reader finds next. */
export type Item =
  | { readonly kind: 'event'; readonly id: string; readonly entry: LogEntry }
  /** `id` is where to go on after it. */
  | { readonly kind: 'gap'; readonly id: string; readonly gap: Gap };

/** Looks through the log at its own pace. */
export class EventReader {
  private cursor: number;
  private gap: Gap | undefined;

  /** @param lastId of the last event that was seen; undefined: only what comes */
  constructor(
    private readonly log: EventLog,
    public filter: EventFilter,
    lastId: string | undefined,
  ) {
    const { next, gap } = log.after(lastId);
    this.cursor = next;
    this.gap = gap;
  }

  /** Of the last event that was looked at: whoever comes back with it misses nothing. */
  get position(): string {
    return this.log.idOf(this.cursor - 1);
  }

  /** The next event of the filter; undefined where there is none yet. */
  next(): Item | undefined {
    const { next, gap } = this.log.from(this.cursor);
    this.cursor = next;
    const missed = this.gap ?? gap;
    this.gap = undefined;
    if (missed !== undefined) return { kind: 'gap', id: this.position, gap: missed };
    for (let entry = this.log.entry(this.cursor); entry; entry = this.log.entry(this.cursor)) {
      this.cursor += 1;
      if (this.filter.accepts(entry)) return { kind: 'event', id: this.position, entry };
    }
    return undefined;
  }
}
