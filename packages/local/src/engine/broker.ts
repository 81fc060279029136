import type { Clock } from '../clock';
import { systemClock } from '../clock';
import type {
  Mailbox,
  OutgoingMessage,
  QueueConsumer,
  ReceivedMessage,
  ReceiveOptions,
  Reporter,
  Tracer,
} from '../contracts';
import { sent } from '../trace/hops';
import { Activity } from './activity';
import type { Locale } from './arn';
import { localLocale } from './arn';
import { DeduplicationWindow } from './sqs/deduplication';
import type { InvokePermission } from './sns/delivery-targets';
import { checkDraft } from './sqs/draft';
import type { Draft } from './sqs/message';
import { ContentBudget } from './sqs/message';
import type { Publication } from './sns/notification';
import type { Published } from './sns/publisher';
import type { Queue } from './sqs/queue';
import type { AttributeMap } from './sqs/queue-attributes';
import type { NewMessage } from './sqs/queue-registry';
import { QueueRegistry } from './sqs/queue-registry';
import { Sns } from './sns/sns';
import { Store } from './store';
import type { SubscriptionRegistry, SubscriptionRequest } from './sns/subscription-registry';
import type { TopicRegistry } from './sns/topic-registry';

const DEFAULT_CONTENT_MEMORY = 64 * 1024 * 1024;

export interface BrokerOptions {
  /** Folder of the store; created if missing. */
  readonly folder: string;
  /** @default the system's clock */
  readonly clock?: Clock;
  /** @default nobody is told */
  readonly reporter?: Reporter;
  /** @default us-east-1, account 000000000000 */
  readonly locale?: Locale;
  /** Characters of message content kept in memory; the rest is read from the store when it is received. @default 64 Mi */
  readonly contentMemory?: number;
  /** Asked before SNS invokes a function. @default every topic may */
  readonly mayInvoke?: InvokePermission;
  /** Takes the mail to subscribers. @default such mail goes nowhere, with a warning */
  readonly mailbox?: Mailbox;
  /** @default nothing is traced */
  readonly tracer?: Tracer;
  /** Called once when the disk refuses a write: nothing is accepted from then on. @default a warning */
  readonly onStoreFailure?: (error: Error) => void;
}

/** What a sender is told. */
export interface SentMessage {
  readonly messageId: string;
  /** 20 digits; FIFO queues only. */
  readonly sequenceNumber?: string;
}

/** SNS and SQS: topics, subscriptions, queues and their messages, durable in one folder. */
export class Broker implements QueueConsumer {
  private readonly ensured = new Set<string>();

  private constructor(
    readonly queues: QueueRegistry,
    readonly activity: Activity,
    readonly locale: Locale,
    readonly sns: Sns,
    private readonly store: Store,
  ) {}

  get topics(): TopicRegistry {
    return this.sns.topics;
  }

  get subscriptions(): SubscriptionRegistry {
    return this.sns.subscriptions;
  }

  /**
   * Opens the store and restores what it holds; messages that were in flight are visible again.
   * @throws StoreInUseError another process holds the folder.
   */
  static async open(options: BrokerOptions): Promise<Broker> {
    const clock = options.clock ?? systemClock;
    const locale = options.locale ?? localLocale;
    const activity = new Activity(clock, options.reporter);
    const onFailure =
      options.onStoreFailure ??
      ((error: Error) => activity.warn('store', `cannot write to ${options.folder}: ${error.message}`));
    const store = await Store.open(options.folder, clock, onFailure);
    const budget = new ContentBudget(options.contentMemory ?? DEFAULT_CONTENT_MEMORY);
    const deduplication = new DeduplicationWindow(store, clock);
    const { mailbox, mayInvoke = () => true, tracer } = options;
    const shared = { store, clock, activity, locale, deduplication, tracer };
    const queues = new QueueRegistry({ ...shared, budget });
    await deduplication.restore();
    await queues.restore();
    const sns = new Sns({ ...shared, queues, mayInvoke, mailbox });
    await sns.restore();
    return new Broker(queues, activity, locale, sns, store);
  }

  /** Writes what is pending and closes the store; waiting consumers get nothing. */
  async close(): Promise<void> {
    await this.sns.outbound.stop();
    this.queues.close();
    await this.store.close();
  }

  /** Where the AWS endpoint listens, for the links in SNS envelopes. */
  setEndpointUrl(url: string): void {
    this.sns.endpointUrl = url;
  }

  /**
   * A queue of the stack: it has exactly these attributes (`Policy`, `RedrivePolicy` and `RedriveAllowPolicy` included, all as
   * the SQS API has them) and keeps its messages from run to run.
   * @throws ServiceError
   */
  async ensureQueue(
    name: string,
    attributes: AttributeMap = {},
    tags: Readonly<Record<string, string>> = {},
  ): Promise<{ arn: string }> {
    const queue = await this.queues.declare(name, attributes, tags);
    this.ensured.add(queue.arn);
    return { arn: queue.arn };
  }

  /** A queue that the AWS endpoint does not know, e.g. `asyncInvocationQueueArn`. It exists: the function can be subscribed. */
  async ensureInternalQueue(arn: string, attributes: AttributeMap = {}): Promise<void> {
    await this.queues.declareInternal(arn, attributes);
    this.ensured.add(arn);
  }

  /** A topic of the stack, with exactly these attributes as the SNS API has them. */
  async ensureTopic(
    name: string,
    attributes: AttributeMap = {},
    tags: Readonly<Record<string, string>> = {},
  ): Promise<{ arn: string }> {
    const { record } = await this.topics.declare(name, attributes, tags);
    this.ensured.add(record.arn);
    return { arn: record.arn };
  }

  /** A subscription of the stack, with exactly these attributes; it keeps its ARN from run to run. */
  async ensureSubscription(request: SubscriptionRequest): Promise<{ arn: string }> {
    const { arn } = await this.subscriptions.declare(request);
    this.ensured.add(arn);
    return { arn };
  }

  /**
   * Removes what an earlier stack declared and this one does not, as Terraform would have. A queue that still holds messages
   * stays, with a warning. Call it once, after everything is ensured.
   */
  async removeUndeclared(): Promise<void> {
    for (const { declared, arn } of this.subscriptions.list()) {
      if (declared && !this.ensured.has(arn)) await this.subscriptions.unsubscribe(arn);
    }
    for (const topic of this.topics.list()) {
      if (topic.record.declared && !this.ensured.has(topic.record.arn)) await this.topics.delete(topic);
    }
    for (const queue of this.queues.all()) {
      const wanted = this.ensured.has(queue.arn) || this.sns.outbound.owns(queue.arn);
      if (queue.record.declared && !wanted) await this.removeIfEmpty(queue);
    }
  }

  async receive(queueArn: string, options: ReceiveOptions): Promise<ReceivedMessage[]> {
    return this.queues.get(queueArn).receive(options);
  }

  async deleteMessages(queueArn: string, receiptHandles: readonly string[]): Promise<void> {
    const operations = this.queues.get(queueArn).remove(receiptHandles);
    if (operations.length > 0) await this.store.commit(operations);
  }

  /** Throws where the message is no longer in flight, as SQS does. */
  // eslint-disable-next-line @typescript-eslint/require-await -- errors reject, as the interface promises
  async changeVisibility(queueArn: string, receiptHandle: string, seconds: number): Promise<void> {
    this.queues.get(queueArn).changeVisibility(receiptHandle, seconds);
  }

  async send(queueArn: string, message: OutgoingMessage): Promise<SentMessage> {
    const draft = { ...message, senderId: this.locale.accountId };
    const [sent] = await this.sendAll(this.queues.get(queueArn), [draft]);
    return sent!;
  }

  /**
   * Sends in one write; resolves once it is durable, for each message with its id and, from a FIFO queue, its sequence number. A
   * duplicate has those of the first one.
   * @throws ServiceError for the first message that SQS would refuse; nothing is sent then.
   */
  async sendAll(queue: Queue, drafts: readonly Draft[]): Promise<SentMessage[]> {
    if (!queue.record.internal) for (const draft of drafts) checkDraft(queue, draft);
    const messages = drafts.map((draft) => this.queues.stage(queue, draft));
    const operations = messages.flatMap(({ staged }) => staged.operations);
    messages.forEach((message, i) => this.trace(queue, message, drafts[i]!));
    await this.store.commit(operations, () => messages.forEach(({ staged }) => staged.apply()));
    // Whoever uses an internal queue says what becomes of it.
    const told = queue.record.internal ? [] : messages;
    for (const { messageId, staged } of told) {
      const what = staged.operations.length > 0 ? 'sent' : 'sent again, a duplicate, not put';
      this.activity.event('sqs', () => `${messageId} ${what} to ${queue.label}`);
    }
    return messages.map(({ messageId, sequenceNumber }) => ({ messageId, sequenceNumber }));
  }

  /** Publishes in one write and resolves with the message ids; see `Publisher.publish`. */
  async publish(topicArn: string, publications: readonly Publication[]): Promise<string[]> {
    const published = await this.publishAll(topicArn, publications);
    return published.map(({ messageId }) => messageId);
  }

  /** As `publish`; resolves with the FIFO topic's sequence numbers too. */
  async publishAll(topicArn: string, publications: readonly Publication[]): Promise<Published[]> {
    return this.sns.publish(topicArn, publications);
  }

  /** Before the write: a consumer may have a message before its sender has the answer. A duplicate is no message. */
  private trace(queue: Queue, { messageId, staged }: NewMessage, draft: Draft): void {
    const { tracer, clock } = this.queues;
    if (staged.operations.length > 0) tracer?.record(sent(messageId, draft, queue.label, clock.now()));
  }

  private async removeIfEmpty(queue: Queue): Promise<void> {
    const { visible, inFlight, delayed } = queue.depth();
    const messages = visible + inFlight + delayed;
    if (messages === 0) return this.queues.delete(queue);
    this.activity.warn(
      'sqs',
      `${queue.record.name} is no longer in the stack but kept: it holds ${messages} messages`,
    );
  }
}
