import type { Message } from '@aws-sdk/client-sqs';
import type { Clock } from '../clock';
import { isMessagingError } from '../errors';
import { Backoff } from './backoff';

export interface PollerOptions {
  readonly clock: Clock;
  /** Polls at a time. */
  readonly most: number;
  /** Messages that a poll is worth while there are more than can be handled. */
  readonly enough: number;
  receive(max: number, signal: AbortSignal): Promise<readonly Message[]>;
  /** How many more messages can be taken. */
  room(): number;
  /** Called with at least one message; also with what came when the poller had just been stopped. */
  onMessages(messages: readonly Message[]): void;
  onPoll(count: number): void;
  onError(error: Error): void;
  /** The queue is gone. */
  onGone(error: Error): void;
}

/** What a receive takes at most: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
const MOST_MESSAGES = 10;
/** An answer without messages that comes sooner is followed by a pause: a queue is not asked in a busy loop. */
const EMPTY_POLL_MS = 1_000;
const GATHER_MS = 5;
/** A queue with messages answers sooner. */
const LAST_ANSWERS_MS = 500;
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 30_000;

/**
 * Long polls for as many messages as there is room for: one poll at a time, another one with each that came back full, one less
 * with each that came back empty.
 */
export class Poller {
  private readonly open = new Set<AbortController>();
  private readonly polls = new Set<Promise<void>>();
  private readonly backoff = new Backoff(FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS);
  private readonly stopped = new AbortController();
  /** Messages that open polls may bring. */
  private asked = 0;
  private wanted = 1;
  private pausing = false;
  private waking = false;
  private gathering = false;
  /** The last poll came back full. */
  private crowded = false;

  constructor(private readonly options: PollerOptions) {}

  /** There is room, or may be. */
  wake(): void {
    if (this.waking) return;
    this.waking = true;
    // Handlers that end together make room together.
    setImmediate(() => {
      this.waking = false;
      this.fill();
    });
  }

  private fill(gathered = false): void {
    while (this.open.size < this.wanted && !this.pausing && !this.stopped.signal.aborted) {
      const max = Math.min(MOST_MESSAGES, this.options.room() - this.asked);
      if (max <= 0) return;
      if (this.crowded && max < this.options.enough && !gathered) return void this.gather();
      const poll = this.poll(max).finally(() => this.polls.delete(poll));
      this.polls.add(poll);
    }
  }

  /** There is more than can be handled: a moment later a poll can ask for more than the one message that there is room for now. */
  private async gather(): Promise<void> {
    if (this.gathering) return;
    this.gathering = true;
    await this.options.clock.wait(GATHER_MS, this.stopped.signal).catch(() => undefined);
    this.gathering = false;
    this.fill(true);
  }

  /**
   * Polls no more, and ends what is open: at once where the queue was empty, else when the answers are there, which are on their
   * way. What arrives after that comes again when its visibility timeout ends.
   */
  async stop(): Promise<void> {
    this.stopped.abort();
    if (this.crowded) await this.answers();
    for (const poll of this.open) poll.abort();
  }

  private async answers(): Promise<void> {
    const over = new AbortController();
    const late = this.options.clock.wait(LAST_ANSWERS_MS, over.signal).catch(() => undefined);
    await Promise.race([Promise.all(this.polls), late]);
    over.abort();
  }

  private async poll(max: number): Promise<void> {
    const poll = new AbortController();
    this.open.add(poll);
    this.asked += max;
    const began = this.options.clock.now();
    try {
      const messages = await this.options.receive(max, poll.signal);
      this.asked -= max;
      this.backoff.reset();
      this.options.onPoll(messages.length);
      if (messages.length > 0) this.took(messages, max);
      else await this.cameBackEmpty(began);
    } catch (error) {
      this.asked -= max;
      await this.failed(error as Error);
    } finally {
      this.open.delete(poll);
    }
    this.wake();
  }

  private took(messages: readonly Message[], max: number): void {
    this.crowded = messages.length >= max;
    if (this.crowded) this.wanted = Math.min(this.options.most, this.wanted + 1);
    this.options.onMessages(messages);
  }

  private async cameBackEmpty(began: number): Promise<void> {
    this.crowded = false;
    this.wanted = Math.max(1, this.wanted - 1);
    const early = EMPTY_POLL_MS - (this.options.clock.now() - began);
    if (early > 0 && this.open.size === 1) await this.pause(early);
  }

  private async failed(error: Error): Promise<void> {
    if (this.stopped.signal.aborted) return;
    this.wanted = 1;
    if (isMessagingError(error, 'not-found')) return this.options.onGone(error);
    this.options.onError(error);
    // Polls that fail together are one failure.
    if (!this.pausing) await this.pause(this.backoff.next());
  }

  private async pause(ms: number): Promise<void> {
    this.pausing = true;
    await this.options.clock.wait(ms, this.stopped.signal).catch(() => undefined);
    this.pausing = false;
  }
}
