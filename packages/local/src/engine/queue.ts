import type { Clock, Timer } from '../clock';
import type { ReceivedMessage, ReceiveOptions } from '../contracts';
import type { Activity } from './activity';
import { nameOf } from './arn';
import { sequenceNumber } from './deduplication';
import { invalidParameterValue, ServiceError } from './errors';
import type { Arrival, Content, ContentBudget, Receipt } from './message';
import { decodeReceipt, decodeRecord, encodeReceipt, encodeRecord, Entry, sequenceKey } from './message';
import type { QueueSettings } from './queue-attributes';
import { queueSettings } from './queue-attributes';
import { QueueIndex } from './queue-index';
import type { QueueRecord, StagedMessage } from './queue-record';
import { MESSAGES, prefixOf, RECEIVES } from './queue-record';
import type { Operation, Store } from './store';
import { Waiters } from './waiters';

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
const MAX_IN_FLIGHT = 120_000;
const MAX_HIDDEN_MS = 43_200_000;

/** What a queue needs of its surroundings. */
export interface QueueHost {
  readonly store: Store;
  readonly clock: Clock;
  readonly budget: ContentBudget;
  readonly activity: Activity;
  nextSequence(): number;
  /** Where the queue's dead letters go; undefined if that queue is missing or refuses them. */
  deadLetterQueueOf(queue: Queue): Queue | undefined;
  /** The queue has receive counts to store with the next write. */
  expectReceives(queue: Queue): void;
}

/** One queue: durable messages, their visibility, and the consumers that wait for them. */
export class Queue {
  private state: QueueRecord;
  private parsed: QueueSettings;
  private removed = false;
  private readonly index: QueueIndex;
  private readonly waiters: Waiters<Entry>;
  private readonly unsavedReceives = new Set<Entry>();
  private prefix: string;
  private timer: Timer | undefined;
  private timerAt = Infinity;

  constructor(
    record: QueueRecord,
    private readonly host: QueueHost,
  ) {
    this.state = record;
    this.parsed = queueSettings(record.attributes);
    this.index = new QueueIndex(this.parsed.retentionSeconds * 1000);
    this.waiters = new Waiters(host.clock);
    this.prefix = prefixOf(record);
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
    return internal ? `${nameOf(name.slice(0, name.lastIndexOf(':')))} (asynchronous)` : name;
  }

  get settings(): QueueSettings {
    return this.parsed;
  }

  /** Changes what is stored about the queue; the caller writes the record. */
  update(changes: Partial<QueueRecord>): void {
    this.state = { ...this.state, ...changes };
    this.parsed = queueSettings(this.state.attributes);
    this.index.setRetention(this.parsed.retentionSeconds * 1000);
    this.tick();
  }

  /** How many messages are visible, in flight and delayed now. */
  depth(): { visible: number; inFlight: number; delayed: number } {
    this.advance();
    return { visible: this.index.visible, inFlight: this.index.inFlight, delayed: this.index.delayed };
  }

  /** Prepares a message's write; commit the operation at once, so that sequence and store agree on the order. */
  stage(content: Content, arrival: Arrival): StagedMessage & { readonly sequence: number } {
    const { generation } = this.state;
    const value = encodeRecord(content, arrival);
    const entry = newEntry(this.host.nextSequence(), arrival, value.length);
    return {
      sequence: entry.sequence,
      operations: [{ type: 'put', key: this.messageKey(entry.sequence), value }],
      apply: () => {
        if (this.removed || this.state.generation !== generation) return;
        this.host.budget.hold(entry, content);
        this.index.insert(entry, this.host.clock.now());
        this.schedule();
      },
    };
  }

  /** Puts a message in line that the store had at start. */
  restore(sequence: number, record: string, receives: string | undefined): void {
    const { content, arrival } = decodeRecord(record);
    const entry = newEntry(sequence, arrival, record.length);
    if (receives !== undefined) {
      const [receiveCount, firstReceivedAt] = receives.split(',').map(Number);
      entry.receiveCount = receiveCount!;
      entry.firstReceivedAt = firstReceivedAt!;
      entry.receivesStored = true;
    }
    this.host.budget.hold(entry, content);
    this.index.insert(entry, this.host.clock.now());
  }

  async receive(options: ReceiveOptions): Promise<ReceivedMessage[]> {
    const { signal, waitSeconds } = options;
    if (signal?.aborted) return [];
    const take = () => this.take(options.maxMessages, options.visibilitySeconds);
    this.advance();
    if (this.index.inFlight >= MAX_IN_FLIGHT) {
      throw new ServiceError('OverLimit', `Too many messages in flight: ${MAX_IN_FLIGHT}.`, 403);
    }
    let entries = take();
    if (entries.length === 0 && waitSeconds > 0 && !this.removed) {
      entries = await this.waiters.wait(take, waitSeconds * 1000, signal);
    }
    if (entries.length === 0) return [];
    const contents = await this.load(entries);
    if (signal?.aborted) {
      this.giveBack(entries);
      return [];
    }
    return entries.flatMap((entry, i) => {
      const content = contents[i];
      return content ? [this.handOut(entry, content)] : [];
    });
  }

  /** Takes the messages out of circulation; the caller commits the operations. Unknown and stale handles are passed over. */
  remove(receiptHandles: readonly string[]): Operation[] {
    const operations: Operation[] = [];
    for (const handle of receiptHandles) {
      const entry = this.entryOf(decodeReceipt(handle));
      if (!entry || entry.state === 'moving') continue;
      operations.push(...this.deletions(entry));
      this.drop(entry);
    }
    return operations;
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
    if (now + seconds * 1000 - entry.lastReceivedAt > MAX_HIDDEN_MS) {
      throw invalidParameterValue(
        `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the ` +
          'message is beyond the limit [43200 seconds].',
      );
    }
    if (seconds === 0) this.index.show(entry);
    else this.index.hide(entry, now + seconds * 1000);
    this.schedule();
  }

  /** Forgets all messages. The caller writes the record with its new generation, then clears the prefixes in the store. */
  purge(): readonly [messages: string, receives: string] {
    const prefixes = this.prefixes();
    for (const entry of this.index.clear()) this.host.budget.release(entry);
    this.unsavedReceives.clear();
    this.state = { ...this.state, generation: this.state.generation + 1 };
    this.prefix = prefixOf(this.state);
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
    return [MESSAGES + this.prefix, RECEIVES + this.prefix];
  }

  /** Starts the clockwork after the queue's messages are restored. */
  start(): void {
    this.schedule();
  }

  /** The receive counts that are not stored yet; they travel with the next write. */
  takeUnsavedReceives(): Operation[] {
    const operations: Operation[] = [];
    for (const entry of this.unsavedReceives) {
      entry.receivesStored = true;
      const value = `${entry.receiveCount},${entry.firstReceivedAt}`;
      operations.push({ type: 'put', key: this.receivesKey(entry.sequence), value });
    }
    this.unsavedReceives.clear();
    return operations;
  }

  private take(maxMessages: number, visibilitySeconds = this.parsed.visibilitySeconds): Entry[] {
    const now = this.host.clock.now();
    const taken: Entry[] = [];
    while (taken.length < maxMessages) {
      const entry = this.index.shift();
      if (!entry) break;
      if (this.exhausted(entry) && this.startMove(entry)) continue;
      entry.receiveCount += 1;
      entry.lastReceivedAt = now;
      if (entry.firstReceivedAt === 0) entry.firstReceivedAt = now;
      this.index.hide(entry, now + visibilitySeconds * 1000);
      this.unsavedReceives.add(entry);
      taken.push(entry);
    }
    if (taken.length > 0) {
      this.host.expectReceives(this);
      this.tick();
    }
    return taken;
  }

  /** Undoes a receive whose consumer has left. */
  private giveBack(entries: readonly Entry[]): void {
    for (const entry of [...entries].reverse()) {
      if (entry.state !== 'in-flight') continue;
      entry.receiveCount -= 1;
      this.index.show(entry, true);
    }
    this.schedule();
  }

  private async load(entries: readonly Entry[]): Promise<(Content | undefined)[]> {
    const missing = entries.filter((entry) => !entry.content);
    if (missing.length === 0) return entries.map((entry) => entry.content);
    const records = await this.host.store.getMany(missing.map((entry) => this.messageKey(entry.sequence)));
    const loaded = new Map(missing.map((entry, i) => [entry, records[i]]));
    return entries.map((entry) => {
      const record = loaded.get(entry);
      return entry.content ?? (record === undefined ? undefined : decodeRecord(record).content);
    });
  }

  private handOut(entry: Entry, content: Content): ReceivedMessage {
    const { sequence, receiveCount } = entry;
    return {
      messageId: content.messageId,
      receiptHandle: encodeReceipt({ queueId: this.state.id, sequence, receiveCount }),
      body: content.body,
      attributes: content.attributes,
      traceHeader: content.traceHeader,
      senderId: content.senderId,
      sentAt: entry.sentAt,
      firstReceivedAt: entry.firstReceivedAt,
      receiveCount,
      deadLetterSourceArn: content.deadLetterSourceArn,
      groupId: content.groupId,
      deduplicationId: content.deduplicationId,
      sequenceNumber: this.parsed.fifo ? sequenceNumber(sequence) : undefined,
    };
  }

  private exhausted(entry: Entry): boolean {
    const { redrive } = this.parsed;
    return (
      redrive !== undefined && entry.receiveCount - entry.inheritedReceiveCount >= redrive.maxReceiveCount
    );
  }

  private startMove(entry: Entry): boolean {
    const target = this.host.deadLetterQueueOf(this);
    if (!target) return false;
    this.index.startMove(entry);
    // Written after the move it would be left over in the store.
    this.unsavedReceives.delete(entry);
    // A failed write has been reported by the store; the message is still in this queue when it opens again.
    this.move(entry, target).catch(() => undefined);
    return true;
  }

  private async move(entry: Entry, target: Queue): Promise<void> {
    const [content] = await this.load([entry]);
    if (!content || entry.state !== 'moving') return;
    const { sentAt, receiveCount, firstReceivedAt } = entry;
    const staged = target.stage(
      { ...content, deadLetterSourceArn: this.arn },
      { sentAt, availableAt: sentAt, receiveCount, firstReceivedAt },
    );
    await this.host.store.commit([...staged.operations, ...this.deletions(entry)], () => {
      staged.apply();
      this.drop(entry);
    });
    const received = receiveCount - entry.inheritedReceiveCount;
    this.host.activity.event(
      'sqs',
      () => `${content.messageId} moved to ${target.label}: received ${received} times from ${this.label}`,
    );
  }

  private entryOf(receipt: Receipt | undefined): Entry | undefined {
    if (receipt?.queueId !== this.state.id) return undefined;
    const entry = this.index.entries.get(receipt.sequence);
    return entry?.receiveCount === receipt.receiveCount ? entry : undefined;
  }

  private drop(entry: Entry): void {
    this.index.remove(entry);
    this.unsavedReceives.delete(entry);
    this.host.budget.release(entry);
  }

  private deletions(entry: Entry): Operation[] {
    const operations: Operation[] = [{ type: 'del', key: this.messageKey(entry.sequence) }];
    if (entry.receivesStored) operations.push({ type: 'del', key: this.receivesKey(entry.sequence) });
    return operations;
  }

  private advance(): void {
    const expired = this.index.advance(this.host.clock.now());
    if (expired.length === 0) return;
    const operations = expired.flatMap((entry) => this.deletions(entry));
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

  private messageKey(sequence: number): string {
    return MESSAGES + this.prefix + sequenceKey(sequence);
  }

  private receivesKey(sequence: number): string {
    return RECEIVES + this.prefix + sequenceKey(sequence);
  }
}

function newEntry(sequence: number, arrival: Arrival, size: number): Entry {
  const entry = new Entry(sequence, arrival.sentAt, arrival.availableAt, size);
  entry.receiveCount = arrival.receiveCount;
  entry.inheritedReceiveCount = arrival.receiveCount;
  entry.firstReceivedAt = arrival.firstReceivedAt;
  return entry;
}
