import type { Message } from '@aws-sdk/client-sqs';
import type { Aws } from '../clients';
import { isMessagingError } from '../errors';
import { isFifo } from '../names';
import type { ReceivedMessage } from '../queues/types';
import { Backoff } from './backoff';
import type { Delivery } from './delivery';
import { asError } from './failure';
import { Hand } from './hand';
import { Poller } from './poller';
import { isPassing, QueueCalls } from './queue-calls';
import { timingOf } from './settings';
import type { ConsumeOptions, ConsumerStats, StopOptions } from './types';

export interface ConsumerParts {
  readonly aws: Aws;
  readonly queue: string;
  readonly options: Omit<ConsumeOptions<never>, 'parse'>;
  open(raw: Message): Promise<ReceivedMessage>;
  handle(message: ReceivedMessage, delivery: Delivery): Promise<unknown>;
}

const DEFAULT_CONCURRENCY = 10;
const DEFAULT_WAIT_SECONDS = 20;
const DEFAULT_GRACE_MS = 30_000;
/** What one poll brings at most. */
const MESSAGES_A_POLL = 10;
/** SQS's default, for a queue whose own may not be asked for. */
const DEFAULT_VISIBILITY_SECONDS = 30;
/** What handlers get to react to their signal before their messages are given back. */
const LAST_WORDS_MS = 1_000;
/** SQS does not know at once that a poll was ended: what is given back before that, the ended poll would take. */
const QUIET_MS = 100;
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 30_000;

/**
 * Takes messages from a queue and has them handled, at most `concurrency` at a time. A message is deleted only when its handler is
 * done; until then a heartbeat keeps it from others. In a FIFO queue the messages of a group are handled one after the other, and one
 * that fails holds back the later ones.
 *
 * `messaging.receive` makes it; it begins at once.
 */
export class Consumer {
  readonly queue: string;
  /**
   * Resolves when the consumer was stopped and has nothing left in hand; rejects when it ended by itself because the queue is gone.
   * Nobody has to wait for it.
   */
  readonly finished: Promise<void>;
  private readonly calls: QueueCalls;
  private readonly concurrency: number;
  /** Nothing more is received. */
  private readonly stopping = new AbortController();
  /** Handlers are not waited for any more. */
  private readonly graceOver = new AbortController();
  private hand?: Hand;
  private polls = 0;
  private emptyPolls = 0;
  private failedCalls = 0;
  private endedBy?: Error;

  constructor(private readonly parts: ConsumerParts) {
    this.queue = parts.queue;
    this.calls = new QueueCalls(parts.aws, parts.queue);
    this.concurrency = parts.options.concurrency ?? DEFAULT_CONCURRENCY;
    this.finished = this.run(parts.aws.track({ close: () => this.stop() }));
    // A rejection that nobody waits for must not end the process.
    this.finished.catch(() => undefined);
  }

  get stats(): ConsumerStats {
    const { polls, emptyPolls } = this;
    const hand = this.hand?.stats ?? NOTHING;
    return { ...hand, polls, emptyPolls, errors: hand.errors + this.failedCalls };
  }

  /**
   * Receives no more. What runs may finish within the grace; then its signal aborts, and what is not done is given back, to be
   * received at once. Called again with less grace it ends sooner. Resolves when nothing is left in hand; never rejects.
   */
  async stop({ graceMs = DEFAULT_GRACE_MS }: StopOptions = {}): Promise<void> {
    void this.endGrace(graceMs);
    this.stopping.abort();
    await this.finished.catch(() => undefined);
  }

  private async endGrace(graceMs: number): Promise<void> {
    if (graceMs > 0) await this.clock.wait(graceMs, this.graceOver.signal).catch(() => undefined);
    this.graceOver.abort();
  }

  private get clock() {
    return this.parts.aws.clock;
  }

  private async run(untrack: () => void): Promise<void> {
    const { signal } = this.parts.options;
    const stop = () => void this.stop();
    signal?.addEventListener('abort', stop);
    // Lets the constructor finish first.
    await Promise.resolve();
    if (signal?.aborted) stop();
    try {
      await this.work();
    } finally {
      signal?.removeEventListener('abort', stop);
      this.graceOver.abort();
      untrack();
    }
    if (this.endedBy !== undefined) throw this.endedBy;
  }

  private async work(): Promise<void> {
    const stopped = aborted(this.stopping.signal);
    // An endpoint that does not answer keeps nobody from stopping.
    const visibilitySeconds = await Promise.race([this.visibilitySeconds(), stopped]);
    if (visibilitySeconds === undefined || this.stopping.signal.aborted) return;
    const poller = this.begin(visibilitySeconds);
    await stopped;
    await this.handBack(this.hand!, poller.stop());
  }

  private begin(visibilityTimeoutSeconds: number): Poller {
    const { options, aws } = this.parts;
    const {
      waitSeconds = DEFAULT_WAIT_SECONDS,
      batchDelete = true,
      retryAfterSeconds,
      heartbeatSeconds,
    } = options;
    const timing = timingOf(visibilityTimeoutSeconds, heartbeatSeconds, isFifo(this.queue));
    const { calls, concurrency } = this;
    const onRoom = () => poller.wake();
    const hand = new Hand({
      ...{ aws, calls, timing, concurrency, batchDelete, retryAfterSeconds },
      open: (raw) => this.parts.open(raw),
      handle: (message, delivery) => this.parts.handle(message, delivery),
      onRoom,
    });
    const poller = new Poller({
      clock: this.clock,
      most: Math.ceil(concurrency / MESSAGES_A_POLL),
      enough: Math.min(concurrency, MESSAGES_A_POLL),
      receive: (max, signal) => calls.receive({ max, waitSeconds, visibilityTimeoutSeconds, signal }),
      room: () => hand.room,
      onMessages: (messages) => hand.take(messages),
      onPoll: (count) => this.countPoll(count),
      onError: (error) => this.report(error),
      onGone: (error) => this.endBy(error),
    });
    this.hand = hand;
    poller.wake();
    return poller;
  }

  /** The option, or the queue's own: asked for until it is known. */
  private async visibilitySeconds(): Promise<number> {
    const { visibilityTimeoutSeconds } = this.parts.options;
    if (visibilityTimeoutSeconds !== undefined) return visibilityTimeoutSeconds;
    const backoff = new Backoff(FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS);
    while (!this.stopping.signal.aborted) {
      try {
        // A timeout of zero hands every message to the next one who asks.
        return (await this.calls.visibilityTimeout()) || DEFAULT_VISIBILITY_SECONDS;
      } catch (error) {
        // Who may only receive and delete says with each receive how long.
        if (isMessagingError(error, 'denied') || this.stopping.signal.aborted) break;
        if (!isPassing(error)) this.endBy(asError(error));
        else this.report(asError(error));
      }
      await this.clock.wait(backoff.next(), this.stopping.signal).catch(() => undefined);
    }
    return DEFAULT_VISIBILITY_SECONDS;
  }

  /** @param polled when the last poll has ended */
  private async handBack(hand: Hand, polled: Promise<void>): Promise<void> {
    const over = new AbortController();
    const quiet = polled.then(() => this.clock.wait(QUIET_MS, over.signal)).catch(() => undefined);
    const empty = Promise.all([hand.close(quiet), polled]);
    await Promise.race([empty, aborted(this.graceOver.signal)]);
    hand.abort();
    await Promise.race([empty, this.clock.wait(LAST_WORDS_MS, over.signal).catch(() => undefined)]);
    over.abort();
    await hand.drop();
  }

  private countPoll(count: number): void {
    this.polls += 1;
    if (count === 0) this.emptyPolls += 1;
  }

  private report(error: Error): void {
    this.failedCalls += 1;
    this.parts.aws.events.emit('error', error);
  }

  private endBy(error: Error): void {
    if (this.endedBy !== undefined) return;
    this.endedBy = error;
    // A queue of that name that is made later may have another URL.
    this.parts.aws.rememberQueueUrl(this.queue);
    this.report(error);
    void this.stop();
  }
}

const NOTHING = {
  received: 0,
  handled: 0,
  failed: 0,
  deleted: 0,
  returned: 0,
  lost: 0,
  errors: 0,
  running: 0,
  waiting: 0,
};

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
