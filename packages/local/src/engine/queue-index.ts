import { Deque } from './deque';
import { IndexedHeap } from './indexed-heap';
import type { Entry } from './message';

/**
 * The state of a queue's messages in memory: which are visible, delayed or in flight, and when that changes next. Knows nothing
 * of the store, of consumers or of the time of day.
 */
export class QueueIndex {
  readonly entries = new Map<number, Entry>();
  visible = 0;
  inFlight = 0;
  delayed = 0;
  private readonly ready = new Deque<Entry>();
  private readonly events = new IndexedHeap<Entry>();

  constructor(private retentionMs: number) {}

  /** When the next message becomes visible or expires. */
  get nextEventAt(): number | undefined {
    return this.events.first?.eventAt;
  }

  insert(entry: Entry, now: number): void {
    this.entries.set(entry.sequence, entry);
    if (entry.availableAt > now) {
      entry.state = 'delayed';
      this.delayed += 1;
      this.events.update(entry, Math.min(entry.availableAt, this.expiry(entry)));
    } else {
      this.show(entry);
    }
  }

  /** Takes the next visible message out of the line; the caller hides, moves or shows it again. */
  shift(): Entry | undefined {
    for (;;) {
      const entry = this.ready.shift();
      if (entry === undefined || entry.state === 'visible') return entry;
    }
  }

  /** Hides a message that was shifted, or one in flight for another while. */
  hide(entry: Entry, until: number): void {
    this.leave(entry);
    entry.state = 'in-flight';
    this.inFlight += 1;
    this.events.update(entry, Math.min(until, this.expiry(entry)));
  }

  /** Makes a hidden or new message visible. */
  show(entry: Entry, first = false): void {
    if (entry.state !== 'visible' || entry.heapIndex >= 0) this.leave(entry);
    entry.state = 'visible';
    this.visible += 1;
    if (first) this.ready.unshift(entry);
    else this.ready.push(entry);
    this.events.update(entry, this.expiry(entry));
  }

  /** Takes a shifted message out of circulation until it is removed. */
  startMove(entry: Entry): void {
    this.leave(entry);
    entry.state = 'moving';
    this.inFlight += 1;
    this.events.remove(entry);
  }

  remove(entry: Entry): void {
    if (entry.state === 'gone') return;
    this.leave(entry);
    entry.state = 'gone';
    this.events.remove(entry);
    this.entries.delete(entry.sequence);
  }

  /** Shows what is due by now; returns what expired, already removed. */
  advance(now: number): Entry[] {
    const expired: Entry[] = [];
    for (;;) {
      const entry = this.events.first;
      if (entry === undefined || entry.eventAt > now) break;
      if (this.expiry(entry) <= now) {
        this.remove(entry);
        expired.push(entry);
      } else {
        this.show(entry);
      }
    }
    if (expired.length > 0) this.trim();
    return expired;
  }

  setRetention(retentionMs: number): void {
    const before = this.retentionMs;
    if (before === retentionMs) return;
    const wakeTimes = [...this.entries.values()].map((entry) => {
      const hidden = entry.state === 'delayed' || entry.state === 'in-flight';
      return [entry, hidden ? entry.eventAt : Infinity] as const;
    });
    this.retentionMs = retentionMs;
    for (const [entry, wakeAt] of wakeTimes) {
      if (entry.state !== 'moving') this.events.update(entry, Math.min(wakeAt, this.expiry(entry)));
    }
  }

  clear(): Entry[] {
    const all = [...this.entries.values()];
    for (const entry of all) entry.state = 'gone';
    this.entries.clear();
    this.ready.clear();
    this.events.clear();
    this.visible = 0;
    this.inFlight = 0;
    this.delayed = 0;
    return all;
  }

  private expiry(entry: Entry): number {
    return entry.sentAt + this.retentionMs;
  }

  private leave(entry: Entry): void {
    if (entry.state === 'visible') this.visible -= 1;
    else if (entry.state === 'delayed') this.delayed -= 1;
    else this.inFlight -= 1;
  }

  // Expired messages are mostly the oldest ones: dropping them here keeps a queue that nobody reads from growing for ever.
  private trim(): void {
    while (this.ready.peek()?.state === 'gone') this.ready.shift();
  }
}
