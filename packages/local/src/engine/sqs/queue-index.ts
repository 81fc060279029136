import { FifoLine } from './fifo-line';
import { IndexedHeap } from './indexed-heap';
import type { Line } from './line';
import { StandardLine } from './line';
import type { Entry } from './message';
import { receivesHere } from './message';

/** What is received so often without being deleted is no longer the oldest. */
const MANY_RECEIVES = 3;
/** Bounds what is looked at where nearly all are such messages. */
const MAX_LOOKS = 1000;

/**
 * The state of a queue's messages in memory: which are visible, delayed or in flight, and when that changes next. Knows nothing
 * of the store, of consumers or of the time of day.
 */
export class QueueIndex {
  /** By sequence, in its order. */
  readonly entries = new Map<number, Entry>();
  visible = 0;
  inFlight = 0;
  delayed = 0;
  private readonly line: Line;
  private readonly events = new IndexedHeap<Entry>();

  constructor(
    private retentionMs: number,
    fifo: boolean,
  ) {
    this.line = fifo ? new FifoLine() : new StandardLine();
  }

  /** When the next message becomes visible or expires. */
  get nextEventAt(): number | undefined {
    return this.events.first?.eventAt;
  }

  insert(entry: Entry, groupId: string | undefined, availableAt: number, now: number): void {
    this.entries.set(entry.sequence, entry);
    if (availableAt > now) {
      entry.state = 'delayed';
      this.delayed += 1;
      this.events.update(entry, Math.min(availableAt, this.expiry(entry)));
    } else {
      entry.state = 'visible';
      this.visible += 1;
      this.events.update(entry, this.expiry(entry));
    }
    this.line.enter(entry, groupId);
  }

  /** Begins a receive; see `Line.draw`. The caller hides or moves what it draws. */
  draw(): () => Entry | undefined {
    return this.line.draw();
  }

  /** Hides a message that was drawn, or one in flight for another while. */
  hide(entry: Entry, until: number): void {
    this.uncount(entry);
    const drawn = entry.state === 'visible';
    entry.state = 'in-flight';
    this.inFlight += 1;
    if (drawn) this.line.hide(entry);
    this.events.update(entry, Math.min(until, this.expiry(entry)));
  }

  /** Makes a hidden message visible. */
  show(entry: Entry, first = false): void {
    const from = entry.state;
    this.uncount(entry);
    entry.state = 'visible';
    this.visible += 1;
    this.line.show(entry, from, first);
    this.events.update(entry, this.expiry(entry));
  }

  /** Takes a message that was drawn out of circulation until it is removed. */
  startMove(entry: Entry): void {
    this.line.leave(entry);
    this.uncount(entry);
    entry.state = 'moving';
    this.inFlight += 1;
    this.events.remove(entry);
  }

  /** Puts a message back before all others; those of a group in reverse order. */
  cancelMove(entry: Entry, groupId: string | undefined): void {
    this.uncount(entry);
    entry.state = 'visible';
    this.visible += 1;
    this.line.reenter(entry, groupId);
    this.events.update(entry, this.expiry(entry));
  }

  remove(entry: Entry): void {
    if (entry.state === 'gone') return;
    if (entry.state !== 'moving') this.line.leave(entry);
    this.uncount(entry);
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
    // Expired messages are mostly the oldest ones: dropping them here keeps a queue that nobody reads from growing for ever.
    if (expired.length > 0) this.line.trim();
    return expired;
  }

  /**
   * When the oldest message was sent. A standard queue passes over what was received three times and more.
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
   */
  oldestSentAt(passesOver: boolean): number | undefined {
    let looks = 0;
    for (const entry of this.entries.values()) {
      if (!passesOver || receivesHere(entry) < MANY_RECEIVES) return entry.sentAt;
      looks += 1;
      if (looks === MAX_LOOKS) return undefined;
    }
    return undefined;
  }

  setRetention(retentionMs: number): void {
    if (this.retentionMs === retentionMs) return;
    const wakeTimes = [...this.entries.values()].map((entry) => {
      const hidden = entry.state === 'delayed' || entry.state === 'in-flight';
      return [entry, hidden ? entry.eventAt : Infinity] as const;
    });
    this.retentionMs = retentionMs;
    for (const [entry, wakeAt] of wakeTimes) {
      if (entry.state !== 'moving') this.events.update(entry, Math.min(wakeAt, this.expiry(entry)));
    }
  }

  /** Changes the delay of the messages that are still delayed. */
  setDelay(delayMs: number): void {
    for (const entry of this.entries.values()) {
      if (entry.state !== 'delayed') continue;
      this.events.update(entry, Math.min(entry.sentAt + delayMs, this.expiry(entry)));
    }
  }

  clear(): Entry[] {
    const all = [...this.entries.values()];
    for (const entry of all) {
      entry.state = 'gone';
      entry.place = undefined;
    }
    this.entries.clear();
    this.line.clear();
    this.events.clear();
    this.visible = 0;
    this.inFlight = 0;
    this.delayed = 0;
    return all;
  }

  private expiry(entry: Entry): number {
    return entry.sentAt + this.retentionMs;
  }

  private uncount(entry: Entry): void {
    if (entry.state === 'visible') this.visible -= 1;
    else if (entry.state === 'delayed') this.delayed -= 1;
    else this.inFlight -= 1;
  }
}
