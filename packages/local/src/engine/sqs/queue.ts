import type { Timer } from '../../clock';
import type { Hop, ReceivedMessage, ReceiveOptions } from '../../contracts';
import { deleted, hidden, received } from '../../trace/hops';
import type { BrowsedMessage, BrowseOptions } from './browse';
import { browse } from './browse';
import type { Restage } from './departures';
import { Departures } from './departures';
import { invalidParameterValue, ServiceError } from '../errors';
import { ExhaustedMessages } from './exhausted';
import { handedOut } from './handed-out';
import type { Arrival, Content, Entry, Receipt } from './message';
import { countReceive, decodeReceipt, decodeRecord, encodeRecord, newEntry, receivesHere } from './message';
import type { QueueSettings } from './queue-attributes';
import { queueSettings } from './queue-attributes';
import type { QueueHost } from './queue-host';
import { QueueIndex } from './queue-index';
import { QueueMessages } from './queue-messages';
import type { QueueRecord, StagedMessage } from './queue-record';
import { ReceiveAttempts } from './receive-attempts';
import type { Operation } from '../store';
import { Traffic } from './traffic';
import { Waiters } from './waiters';

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
const MAX_IN_FLIGHT = 120_000;
const MAX_HIDDEN_MS = 43_200_000;
// What one receive moves at most, so that a queue full of dead letters does not hold up everything else.
const MAX_DEAD_LETTERS = 1000;

/** One queue: durable messages, their visibility, and the consumers that wait for them. */
export class Queue {
  readonly traffic = new Traffic();
  private state: QueueRecord;
  private parsed: QueueSettings;
  private removed = false;
  private readonly index: QueueIndex;
  private readonly messages: QueueMessages;
  private readonly waiters: Waiters<Entry>;
  private readonly attempts = new ReceiveAttempts();
  private readonly departures: Departures;
  private timer: Timer | undefined;
  private timerAt = Infinity;

  constructor(
    record: QueueRecord,
    private readonly host: QueueHost,
  ) {
    this.state = record;
    this.parsed = queueSettings(record.attributes);
    this.index = new QueueIndex(this.parsed.retentionSeconds * 1000, this.parsed.fifo);
    this.messages = new QueueMessages(host.store, record);
    this.waiters = new Waiters(host.clock);
    this.departures = new Departures(this.index, this.messages, host.store, (entry) => this.drop(entry));
  }

  get record(): QueueRecord {
    return this.state;
  }

  get arn(): string {
    return this.state.arn;
  }

  /** The queue's name for people. */
  get label(): string {
    const { internal, name } = this.state;
    if (!internal) return name;
    // `arn:aws:sns:<region>:<account>:<topic>:<id>:deliveries`, `arn:aws:lambda:<region>:<account>:function:<name>:async-invocations`
    const [, , service, , , topic, functionName] = name.split(':');
    return service === 'sns' ? `${topic} (deliveries)` : `${functionName} (asynchronous)`;
  }

  get settings(): QueueSettings {
    return this.parsed;
  }

  /** Changes what is stored about the queue; the caller writes the record. */
  update(changes: Partial<QueueRecord>): void {
    const { delaySeconds } = this.parsed;
    this.state = { ...this.state, ...changes };
    this.parsed = queueSettings(this.state.attributes);
    this.index.setRetention(this.parsed.retentionSeconds * 1000);
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-delay-queues.html: retroactive for FIFO only
    if (this.parsed.fifo && this.parsed.delaySeconds !== delaySeconds) {
      this.index.setDelay(this.parsed.delaySeconds * 1000);
    }
    this.tick();
  }

  /** How many messages are visible, in flight and delayed now. */
  depth(): { visible: number; inFlight: number; delayed: number } {
    this.advance();
    return { visible: this.index.visible, inFlight: this.index.inFlight, delayed: this.index.delayed };
  }

  /** When the oldest message was sent, as CloudWatch counts its age; milliseconds since the epoch, undefined where there is none. */
  oldestSentAt(): number | undefined {
    return this.index.oldestSentAt(!this.parsed.fifo);
  }

  /** A page of the queue's messages, in the order of their arrival, without touching any. */
  browse(options: BrowseOptions): Promise<{ messages: BrowsedMessage[]; next?: string }> {
    this.advance();
    return browse(this.index.entries, this.messages, this.parsed.fifo, options);
  }

  /** Prepares a message's write; commit the operations at once, so that sequence and store agree on the order. */
  stage(content: Content, arrival: Arrival): StagedMessage & { readonly sequence: number } {
    const { generation } = this.state;
    const value = encodeRecord(content, arrival);
    const entry = newEntry(this.host.nextSequence(), arrival, value.length);
    return {
      sequence: entry.sequence,
      operations: [this.messages.put(entry, value)],
      apply: () => {
        if (this.removed || this.state.generation !== generation) return;
        this.host.budget.hold(entry, content);
        this.index.insert(entry, content.groupId, arrival.availableAt, this.host.clock.now());
        this.schedule();
      },
    };
  }

  /** Puts a message in line that the store had at start. */
  restore(sequence: number, record: string, receives: string | undefined): void {
    const { content, arrival } = decodeRecord(record);
    const entry = newEntry(sequence, arrival, record.length);
    if (receives !== undefined) {
      const [count, firstAt] = receives.split(',').map(Number) as [number, number];
      entry.receives = { count, firstAt, inherited: arrival.receiveCount, lastAt: 0, stored: true };
    }
    this.host.budget.hold(entry, content);
    const delayed = arrival.availableAt > arrival.sentAt && this.parsed.fifo;
    const availableAt = delayed ? arrival.sentAt + this.parsed.delaySeconds * 1000 : arrival.availableAt;
    this.index.insert(entry, content.groupId, availableAt, this.host.clock.now());
  }

  async receive(options: ReceiveOptions): Promise<ReceivedMessage[]> {
    const { signal, waitSeconds } = options;
    if (signal?.aborted) return [];
    const take = () => this.repeat(options) ?? this.take(options);
    this.advance();
    // Neither a long poll nor a FIFO queue tells that the limit is reached.
    if (this.index.inFlight >= MAX_IN_FLIGHT && waitSeconds === 0 && !this.parsed.fifo) {
      throw new ServiceError('OverLimit', `Too many messages in flight: ${MAX_IN_FLIGHT}.`, 403);
    }
    let entries = take();
    if (entries.length === 0 && waitSeconds > 0 && !this.removed) {
      entries = await this.waiters.wait(take, waitSeconds * 1000, signal);
    }
    this.traffic.receive(entries.length);
    if (entries.length === 0) return [];
    const contents = await this.messages.load(entries);
    if (signal?.aborted) {
      this.giveBack(entries);
      return [];
    }
    const messages = entries.flatMap((entry, i) => {
      const content = contents[i];
      return content ? [handedOut(entry, content, this)] : [];
    });
    const { tracer, clock } = this.host;
    if (tracer)
      for (const each of messages) tracer.record(received(each, this.label, options.consumer, clock.now()));
    return messages;
  }

  /** Takes the messages out of circulation; the caller commits the operations. Unknown and stale handles are passed over. */
  remove(receiptHandles: readonly string[]): Operation[] {
    const operations: Operation[] = [];
    this.advance();
    for (const handle of receiptHandles) {
      const entry = this.entryOf(decodeReceipt(handle));
      if (!entry || entry.state === 'moving' || (this.parsed.fifo && entry.state !== 'in-flight')) continue;
      operations.push(...this.messages.deletions(entry));
      this.trace(entry, deleted);
      this.traffic.delete(1);
      this.drop(entry);
    }
    // A deletion may unlock a group, or make room among those in flight.
    this.schedule();
    return operations;
  }

  /**
   * Refuses a handle by which nothing may be deleted. A FIFO queue knows no late deletion: the message may be with another consumer.
   * @throws ServiceError ReceiptHandleIsInvalid, InvalidParameterValue
   */
  checkDeletion(receiptHandle: string): void {
    const receipt = this.parseReceipt(receiptHandle);
    if (!this.parsed.fifo) return;
    this.advance();
    const entry = this.index.entries.get(receipt.sequence);
    if (!entry || (entry.state === 'in-flight' && entry.receiveCount === receipt.receiveCount)) return;
    throw invalidParameterValue(
      `Value ${receiptHandle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
    );
  }

  /** @throws ServiceError ReceiptHandleIsInvalid: it is no handle of this queue. */
  parseReceipt(receiptHandle: string): Receipt {
    const receipt = decodeReceipt(receiptHandle);
    if (receipt?.queueId === this.state.id) return receipt;
    throw new ServiceError(
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${receiptHandle}" is not a valid receipt handle.`,
    );
  }

  /** @throws ServiceError ReceiptHandleIsInvalid, InvalidParameterValue, MessageNotInflight */
  changeVisibility(receiptHandle: string, seconds: number): void {
    this.advance();
    const entry = this.entryOf(this.parseReceipt(receiptHandle));
    if (!entry) {
      throw invalidParameterValue(
        `Value ${receiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not ` +
          'available for visibility timeout change.',
      );
    }
    if (entry.state !== 'in-flight') {
      throw new ServiceError('MessageNotInflight', 'The specified message is not in flight.');
    }
    const now = this.host.clock.now();
    if (now + seconds * 1000 - entry.receives!.lastAt > MAX_HIDDEN_MS) {
      throw invalidParameterValue(
        `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the ` +
          'message is beyond the limit [43200 seconds].',
      );
    }
    if (seconds === 0) this.index.show(entry);
    else this.index.hide(entry, now + seconds * 1000);
    this.trace(entry, (messageId, label, at) => hidden(messageId, label, seconds, at));
    this.schedule();
  }

  /**
   * Moves up to `limit` visible messages to other queues, in order. Resolves with how many are durable there: 0 where none was
   * visible or none could go.
   * @param alongside operations for the same write, by how many it moves.
   */
  moveOut(limit: number, restage: Restage, alongside: (moved: number) => Operation[]): Promise<number> {
    this.advance();
    const draw = this.index.draw();
    const entries: Entry[] = [];
    for (let entry = draw(); entry; entry = entries.length < limit ? draw() : undefined) {
      this.departures.take(entry);
      entries.push(entry);
    }
    return this.departures.move(entries, restage, alongside);
  }

  /** Resolves when the messages that are on their way to other queues are there. */
  departed(): Promise<void> {
    return this.departures.settled();
  }

  /** Forgets all messages. The caller writes the record with its new generation, then clears the prefixes in the store. */
  purge(): readonly [messages: string, receives: string] {
    const { prefixes } = this.messages;
    for (const entry of this.index.clear()) this.host.budget.release(entry);
    this.state = { ...this.state, generation: this.state.generation + 1 };
    this.messages.restart(this.state);
    return prefixes;
  }

  /** Ends the queue: waiting consumers get nothing. */
  dispose(): void {
    this.removed = true;
    this.timer?.cancel();
    this.waiters.releaseAll();
    for (const entry of this.index.clear()) this.host.budget.release(entry);
  }

  /** The store's keys of this queue's messages begin with one of these. */
  prefixes(): readonly [messages: string, receives: string] {
    return this.messages.prefixes;
  }

  /** Starts the clockwork after the queue's messages are restored. */
  start(): void {
    this.schedule();
  }

  /** The receive counts that are not stored yet; they travel with the next write. */
  takeUnsavedReceives(): Operation[] {
    return this.messages.takeUnsavedReceives();
  }

  private take(options: ReceiveOptions): Entry[] {
    const { maxMessages, visibilitySeconds = this.parsed.visibilitySeconds, attemptId } = options;
    const now = this.host.clock.now();
    const taken: Entry[] = [];
    const exhausted: Entry[] = [];
    const draw = this.index.draw();
    while (taken.length < maxMessages && exhausted.length < MAX_DEAD_LETTERS) {
      const entry = this.index.inFlight < MAX_IN_FLIGHT ? draw() : undefined;
      if (!entry) break;
      if (this.isExhausted(entry) && this.host.deadLetterQueueOf(this)) {
        this.departures.take(entry);
        exhausted.push(entry);
        continue;
      }
      countReceive(entry, now);
      this.index.hide(entry, now + visibilitySeconds * 1000);
      this.messages.noteReceive(entry);
      taken.push(entry);
    }
    if (exhausted.length > 0) this.moveToDeadLetters(exhausted);
    if (taken.length > 0) {
      if (attemptId !== undefined && this.parsed.fifo) this.attempts.add(attemptId, taken, now);
      this.host.expectReceives(this);
      this.tick();
    }
    return taken;
  }

  /** The messages of an earlier receive that is made again. */
  private repeat(options: ReceiveOptions): Entry[] | undefined {
    const { attemptId, visibilitySeconds = this.parsed.visibilitySeconds } = options;
    if (attemptId === undefined || !this.parsed.fifo) return undefined;
    const now = this.host.clock.now();
    const entries = this.attempts.find(attemptId, now);
    if (!entries) return undefined;
    for (const entry of entries) this.index.hide(entry, now + visibilitySeconds * 1000);
    this.attempts.renew(attemptId);
    this.tick();
    return [...entries];
  }

  /** Undoes a receive whose consumer has left. */
  private giveBack(entries: readonly Entry[]): void {
    for (const entry of [...entries].reverse()) {
      if (entry.state !== 'in-flight') continue;
      entry.receives!.count -= 1;
      this.index.show(entry, true);
    }
    this.schedule();
  }

  private isExhausted(entry: Entry): boolean {
    const { redrive } = this.parsed;
    return redrive !== undefined && receivesHere(entry) >= redrive.maxReceiveCount;
  }

  private moveToDeadLetters(entries: readonly Entry[]): void {
    const letters = new ExhaustedMessages(this, this.host);
    const moved = this.departures.move(entries, (entry, content) => letters.restage(entry, content));
    const moveOn = () => {
      letters.report();
      this.schedule();
    };
    // A failed write has been reported by the store; the messages are still here when it opens again.
    moved.then(moveOn).catch(() => undefined);
  }

  private entryOf(receipt: Receipt | undefined): Entry | undefined {
    if (receipt?.queueId !== this.state.id) return undefined;
    const entry = this.index.entries.get(receipt.sequence);
    return entry?.receiveCount === receipt.receiveCount ? entry : undefined;
  }

  /** A message whose content is not in memory has no such step in its trace: reading it would cost more than that is worth. */
  private trace(entry: Entry, hop: (messageId: string, label: string, at: number) => Hop): void {
    const { tracer, clock } = this.host;
    if (tracer && entry.content) tracer.record(hop(entry.content.messageId, this.label, clock.now()));
  }

  private drop(entry: Entry): void {
    this.index.remove(entry);
    this.messages.forgetReceive(entry);
    this.host.budget.release(entry);
  }

  private advance(): void {
    const expired = this.index.advance(this.host.clock.now());
    if (expired.length === 0) return;
    const operations = expired.flatMap((entry) => this.messages.deletions(entry));
    for (const entry of expired) this.drop(entry);
    // A failed write has been reported by the store; what expired is found expired again when it opens.
    this.host.store.commit(operations).catch(() => undefined);
  }

  /** Serves waiting consumers and sets the timer. */
  private schedule(): void {
    if (this.index.visible > 0) this.waiters.serve();
    this.tick();
  }

  private tick(): void {
    const next = this.index.nextEventAt;
    if (next === undefined || next >= this.timerAt || this.removed) return;
    this.timer?.cancel();
    this.timerAt = next;
    this.timer = this.host.clock.schedule(Math.max(0, next - this.host.clock.now()), () => {
      this.timerAt = Infinity;
      this.advance();
      this.schedule();
    });
  }
}
