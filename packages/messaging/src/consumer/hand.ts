import { setMaxListeners } from 'node:events';
import type { Message } from '@aws-sdk/client-sqs';
import type { Aws } from '../clients';
import { MessagingError } from '../errors';
import type { FailureReason } from '../events';
import type { ReceivedMessage } from '../queues/types';
import { Deletions } from './deletions';
import { Delivery } from './delivery';
import { asError, Failure, Later } from './failure';
import { Heartbeat } from './heartbeat';
import { Lanes } from './lanes';
import type { QueueCalls } from './queue-calls';
import type { Timing } from './settings';
import type { ConsumeOptions, ConsumerStats } from './types';

export interface HandOptions {
  readonly aws: Aws;
  readonly calls: QueueCalls;
  readonly timing: Timing;
  readonly concurrency: number;
  readonly batchDelete: boolean;
  readonly retryAfterSeconds: ConsumeOptions['retryAfterSeconds'];
  /** The message as the library has it: its body fetched from S3, taken out of a topic's envelope. */
  open(raw: Message): Promise<ReceivedMessage>;
  handle(message: ReceivedMessage, delivery: Delivery): Promise<unknown>;
  /** There is room for more. */
  onRoom(): void;
}

/** Handled messages that wait for their deletion, or FIFO messages for their turn, a handler: more are not taken. */
const MOST_BEHIND = 10;

/** Why a message is not done. */
interface Unhandled {
  readonly reason: FailureReason;
  readonly error: Error;
  readonly message?: ReceivedMessage;
}

/** What was received and is neither deleted nor given back. */
export class Hand {
  readonly counts = { received: 0, handled: 0, failed: 0, deleted: 0, returned: 0, lost: 0, errors: 0 };
  private readonly lanes = new Lanes();
  private readonly held = new Map<string, Delivery>();
  private readonly heartbeat: Heartbeat;
  private readonly deletions: Deletions;
  /** Nothing new is begun. */
  private readonly closing = new AbortController();
  private running = 0;
  private readonly returning = new Set<Promise<void>>();
  /** Nobody here would take what is given back. */
  private quiet?: Promise<void>;
  private tellEmpty: () => void = () => undefined;

  constructor(private readonly options: HandOptions) {
    // Every deletion that is tried again listens.
    setMaxListeners(0, this.closing.signal);
    const { calls, timing, batchDelete, aws } = options;
    const onLost = (delivery: Delivery, error: Error) => this.lost(delivery, error);
    this.heartbeat = new Heartbeat({ calls, clock: aws.clock, ...timing, onLost });
    this.deletions = new Deletions(calls, aws.clock, { batch: batchDelete });
  }

  get stats(): Omit<ConsumerStats, 'polls' | 'emptyPolls'> {
    return { ...this.counts, running: this.running, waiting: this.lanes.waiting };
  }

  /** How many more messages can be taken. */
  get room(): number {
    const { concurrency } = this.options;
    const behind = this.held.size - this.running;
    return behind >= concurrency * MOST_BEHIND ? 0 : concurrency - this.running;
  }

  take(messages: readonly Message[]): void {
    const now = this.options.aws.clock.now();
    for (const raw of messages) {
      const delivery = new Delivery(raw, now, this.options.timing);
      if (this.closing.signal.aborted) this.takeBack(delivery);
      else this.takeOne(delivery);
    }
  }

  /** From a poll that was open when the consumer stopped. */
  private takeBack(delivery: Delivery): void {
    if (!this.held.has(delivery.messageId)) this.held.set(delivery.messageId, delivery);
    void this.giveBack(delivery);
  }

  /** Gives back what waits, once it is quiet, and begins nothing more. Resolves when nothing is left. */
  async close(quiet: Promise<void>): Promise<void> {
    this.quiet = quiet;
    this.closing.abort();
    const returned = this.lanes.clear().map((delivery) => this.giveBack(delivery));
    const empty = new Promise<void>((resolve) => (this.tellEmpty = resolve));
    if (this.held.size === 0) this.tellEmpty();
    await Promise.all([...returned, empty]);
  }

  /** Tells the handlers that run. */
  abort(): void {
    for (const delivery of this.held.values()) {
      delivery.abort(
        new MessagingError('closed', `The consumer of queue "${this.options.calls.queue}" was stopped`),
      );
    }
  }

  /** Gives back whatever is not done, although its handler may still run; what is being deleted is left. */
  async drop(): Promise<void> {
    const left = [...this.held.values()];
    this.heartbeat.stop();
    for (const delivery of left) {
      if (delivery.state === 'waiting' || delivery.state === 'running') void this.giveBack(delivery);
    }
    // Also what was being given back when the last words were over.
    await Promise.all(this.returning);
    for (const delivery of left) this.let(delivery, new MessagingError('closed', 'The consumer was stopped'));
  }

  private takeOne(delivery: Delivery): void {
    const before = this.held.get(delivery.messageId);
    // The same message must not be handled twice at once, here at least.
    if (before !== undefined) {
      before.takeOver(delivery);
      return this.heartbeat.hold(before);
    }
    this.counts.received += 1;
    this.held.set(delivery.messageId, delivery);
    this.heartbeat.hold(delivery);
    if (this.lanes.enter(delivery)) this.start(delivery);
  }

  private start(delivery: Delivery): void {
    delivery.state = 'running';
    this.running += 1;
    void this.process(delivery);
  }

  private async process(delivery: Delivery): Promise<void> {
    const outcome = this.deletions.wasHandled(delivery.messageId) ? undefined : await this.handle(delivery);
    // Given back while its handler ran.
    if (delivery.state === 'over') return this.freed();
    // The next of a group may take this one's place, but not before this one is gone from the queue.
    const grouped = delivery.groupId !== undefined;
    if (!grouped) this.freed();
    const done = outcome === undefined || !('error' in outcome);
    const error = done ? await this.finish(delivery, outcome) : await this.fail(delivery, outcome);
    if (grouped) this.running -= 1;
    this.let(delivery, error);
    if (grouped) this.advance(delivery, error === undefined);
    this.options.onRoom();
  }

  private freed(): void {
    this.running -= 1;
    this.options.onRoom();
  }

  private async handle(delivery: Delivery): Promise<ReceivedMessage | Unhandled> {
    let message: ReceivedMessage;
    try {
      message = await this.options.open(delivery.raw);
    } catch (error) {
      return { reason: 'payload', error: asError(error) };
    }
    const { messageId, receiveCount } = delivery;
    this.options.aws.events.emit('message.received', { resource: this.queue, messageId, receiveCount });
    try {
      await this.options.handle(message, delivery);
      this.counts.handled += 1;
      return message;
    } catch (thrown) {
      if (thrown instanceof Failure) return { reason: thrown.reason, error: thrown.cause, message };
      return { reason: 'handler', error: asError(thrown), message };
    }
  }

  /** @returns why the message is still there, if it is */
  private async finish(delivery: Delivery, message?: ReceivedMessage): Promise<Error | undefined> {
    delivery.state = 'done';
    try {
      await this.deletions.delete(delivery, this.closing.signal);
    } catch (error) {
      this.report(error);
      return asError(error);
    }
    this.counts.deleted += 1;
    const { messageId } = delivery;
    this.options.aws.events.emit('message.deleted', { resource: this.queue, messageId });
    await this.discard(message);
    return undefined;
  }

  /** The object in S3 of a large message goes with it, where the options say so. */
  private async discard(message: ReceivedMessage | undefined): Promise<void> {
    if (message?.large)
      await this.options.aws.large.discard(message.receiptHandle).catch((error) => this.report(error));
  }

  /** @returns the error, for those who wait for the message */
  private async fail(delivery: Delivery, { reason, error, message }: Unhandled): Promise<Error> {
    // It is told already that somebody else may have it.
    if (delivery.lost) return error;
    if (this.closing.signal.aborted && delivery.signal.aborted) {
      await this.giveBack(delivery);
      return error;
    }
    if (!(error instanceof Later)) this.tellFailed(delivery, reason, error);
    const seconds = this.retryAfter(error, message);
    if (seconds !== undefined) await this.setVisible(delivery, seconds);
    return error;
  }

  private retryAfter(error: Error, message: ReceivedMessage | undefined): number | undefined {
    if (error instanceof Later) return error.seconds;
    const { retryAfterSeconds } = this.options;
    if (typeof retryAfterSeconds !== 'function') return retryAfterSeconds;
    try {
      return message && retryAfterSeconds(message, error);
    } catch (thrown) {
      this.report(thrown);
      return undefined;
    }
  }

  private tellFailed(delivery: Delivery, reason: FailureReason, error: Error): void {
    this.counts.failed += 1;
    const { messageId, receiveCount } = delivery;
    const resource = this.queue;
    this.options.aws.events.emit('message.failed', { resource, messageId, receiveCount, reason, error });
  }

  private lost(delivery: Delivery, error: Error): void {
    delivery.lost = true;
    this.counts.lost += 1;
    if (delivery.state !== 'running') return;
    this.tellFailed(delivery, 'visibility-lost', error);
    delivery.abort(error);
  }

  /** The next of the group, unless what came before it was not done: the group's order would be lost. */
  private advance(before: Delivery, done: boolean): void {
    const next = done ? this.lanes.next(before) : undefined;
    if (next !== undefined && !next.lost) return this.start(next);
    if (next !== undefined) this.let(next);
    for (const left of this.lanes.leave(before)) void this.giveBack(left);
  }

  private giveBack(delivery: Delivery): Promise<void> {
    // Its handler may still run: what it says from now on is too late.
    delivery.state = 'over';
    this.counts.returned += 1;
    const returned = this.makeVisible(delivery).finally(() => this.returning.delete(returned));
    this.returning.add(returned);
    return returned;
  }

  private async makeVisible(delivery: Delivery): Promise<void> {
    await this.quiet;
    if (!delivery.lost) await this.setVisible(delivery, 0);
    this.let(delivery, new MessagingError('closed', 'The message was given back'));
  }

  private async setVisible(delivery: Delivery, seconds: number): Promise<void> {
    await this.heartbeat.setVisible(delivery, seconds).catch((error) => this.report(error));
  }

  private let(delivery: Delivery, error?: Error): void {
    this.heartbeat.release(delivery);
    if (this.held.get(delivery.messageId) === delivery) this.held.delete(delivery.messageId);
    delivery.settled(error);
    if (this.held.size === 0) this.tellEmpty();
  }

  private report(error: unknown): void {
    this.counts.errors += 1;
    this.options.aws.events.emit('error', asError(error));
  }

  private get queue(): string {
    return this.options.calls.queue;
  }
}
