import type { Clock } from '../clock';
import { MessagingError } from '../errors';
import { Batcher } from './batcher';
import type { Delivery } from './delivery';
import type { QueueCalls, VisibilityEntry } from './queue-calls';
import { isPassing } from './queue-calls';

export interface HeartbeatOptions {
  readonly calls: QueueCalls;
  readonly clock: Clock;
  readonly visibilityMs: number;
  readonly heartbeatMs: number;
  /** The message could not be kept: others may have it. */
  onLost(delivery: Delivery, error: Error): void;
}

/** Looks so often in a heartbeat: a call that failed is made again before the visibility ends. */
const LOOKS = 4;

/** Keeps messages from others for as long as they are held, ten with one call. */
export class Heartbeat {
  private readonly held = new Set<Delivery>();
  private readonly visibility: Batcher<VisibilityEntry>;
  private readonly lookMs: number;
  private readonly stopped = new AbortController();
  private looking = false;

  constructor(private readonly options: HeartbeatOptions) {
    this.visibility = new Batcher((entries) => options.calls.changeVisibility(entries));
    this.lookMs = Math.max(1, Math.floor(options.heartbeatMs / LOOKS));
  }

  hold(delivery: Delivery): void {
    this.held.add(delivery);
    if (!this.looking) void this.look();
  }

  release(delivery: Delivery): void {
    this.held.delete(delivery);
  }

  /** Lets the message be seen after so many seconds; others may have it then. */
  async setVisible(delivery: Delivery, seconds: number): Promise<void> {
    this.release(delivery);
    // An extension that arrives later would take back what this one says.
    await delivery.extending;
    const allowed = delivery.allowedSeconds(seconds, this.options.clock.now());
    await this.visibility.add({ receiptHandle: delivery.receiptHandle, seconds: allowed });
  }

  stop(): void {
    this.held.clear();
    this.stopped.abort();
  }

  private async look(): Promise<void> {
    this.looking = true;
    const { signal } = this.stopped;
    while (this.held.size > 0 && !signal.aborted) {
      await this.options.clock.wait(this.lookMs, signal).catch(() => undefined);
      if (!signal.aborted) this.beat(this.options.clock.now());
    }
    this.looking = false;
  }

  private beat(now: number): void {
    for (const delivery of this.held) {
      if (now >= delivery.visibleAt) this.lose(delivery);
      // The next look would be late.
      else if (now + this.lookMs > delivery.extendAt) delivery.extending = this.extend(delivery, now);
    }
  }

  private async extend(delivery: Delivery, now: number): Promise<void> {
    const seconds = delivery.allowedSeconds(Math.ceil(this.options.visibilityMs / 1000), now);
    // SQS keeps it no longer; a zero would give it away at once.
    if (seconds === 0) return;
    delivery.extendAt = Infinity;
    const { receiptHandle } = delivery;
    try {
      await this.visibility.add({ receiptHandle, seconds });
      delivery.visibleAt = now + seconds * 1000;
      delivery.extendAt = now + this.options.heartbeatMs;
    } catch (error) {
      delivery.extendAt = 0;
      // A receipt that another receive has made void is not the message's last word.
      if (!isPassing(error) && delivery.receiptHandle === receiptHandle) this.lose(delivery, error as Error);
    }
  }

  private lose(delivery: Delivery, cause?: Error): void {
    if (!this.held.delete(delivery)) return;
    const { queue } = this.options.calls;
    const text = `Message "${delivery.messageId}" of queue "${queue}" could not be kept from others`;
    this.options.onLost(delivery, new MessagingError('conflict', text, { cause }));
  }
}
