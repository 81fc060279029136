import type { Clock } from '../../clock';
import type { Mailbox, ReceivedMessage } from '../../contracts';
import type { Activity } from '../activity';
import { nameOf } from '../arn';
import type { Undelivered } from './undelivered';
import type { DeliveryPolicy } from './delivery-policy';
import { effectiveDelivery, retryDelays } from './delivery-policy';
import type { Outcome } from './http-sender';
import { HttpSender } from './http-sender';
import type { Letter } from './letter';
import { notificationLetter } from './letter';
import { mail } from './mail-sender';
import type { Notification } from './notification';
import { OutboundWorker } from './outbound-worker';
import type { Queue } from '../sqs/queue';
import type { StagedMessage } from '../sqs/queue-record';
import type { QueueRegistry } from '../sqs/queue-registry';
import type { Store } from '../store';
import type { Subscription, SubscriptionRecord } from './subscription';
import type { TopicRegistry } from './topic-registry';

const QUEUE_SUFFIX = ':deliveries';
const SENDER_ID = 'SNS';
/** Endpoints that are no URLs; https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html */
const MAIL_RETRY = {
  minDelayTarget: 10,
  maxDelayTarget: 600,
  numRetries: 50,
  numNoDelayRetries: 0,
  numMinDelayRetries: 2,
  numMaxDelayRetries: 38,
  backoffFunction: 'exponential',
} as const;

export interface OutboundOptions {
  readonly queues: QueueRegistry;
  readonly topics: TopicRegistry;
  readonly store: Store;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly undelivered: Undelivered;
  readonly mailbox: Mailbox | undefined;
}

/** A letter whose write is prepared. */
export interface StagedLetter {
  readonly staged: StagedMessage;
  /** In the subscription's queue; undefined for what is in none. */
  readonly messageId?: string;
}

/**
 * Deliveries that leave the engine: HTTP, mail, SMS. Each subscription has an internal queue of its own, so that what was
 * accepted survives a crash, an endpoint that hangs keeps up nobody else, and a retry is a message that becomes visible again.
 */
export class Outbound {
  private readonly workers = new Map<string, OutboundWorker>();
  private readonly http: HttpSender;

  constructor(private readonly options: OutboundOptions) {
    this.http = new HttpSender(options.clock);
  }

  /** Ends the queues of subscriptions that are gone. Call it once the subscriptions are restored. */
  async clear(): Promise<void> {
    for (const queue of this.options.queues.all()) {
      if (queue.arn.endsWith(QUEUE_SUFFIX) && !this.owns(queue.arn)) await this.options.queues.delete(queue);
    }
  }

  /** Whether the queue is that of a subscription. */
  owns(queueArn: string): boolean {
    return this.workers.has(queueArn.slice(0, -QUEUE_SUFFIX.length)) && queueArn.endsWith(QUEUE_SUFFIX);
  }

  /** Whether letters to the subscription can be staged. */
  isReady({ arn, protocol }: SubscriptionRecord): boolean {
    return !isOutbound(protocol) || this.workers.has(arn);
  }

  /** Makes a subscription's queue and starts its deliveries, where its protocol needs that. */
  async open({ arn, topicArn, protocol }: SubscriptionRecord): Promise<void> {
    if (!isOutbound(protocol)) return;
    const queue = await this.options.queues.declareInternal(arn + QUEUE_SUFFIX, {});
    if (this.workers.has(arn)) return;
    const find = () => this.options.topics.find(topicArn)?.members.get(arn);
    const worker = new OutboundWorker({
      queue,
      clock: this.options.clock,
      rate: () => this.policyOf(find()).maxReceivesPerSecond,
      deliver: async (message, signal) => {
        const subscription = find();
        if (subscription) await this.deliver(subscription, queue, message, signal);
      },
      onError: ({ message }) => this.options.activity.warn('sns', `deliveries of ${arn}: ${message}`),
    });
    this.workers.set(arn, worker);
    worker.start();
  }

  /** Ends a subscription's deliveries; what waits is forgotten. */
  async close({ arn }: SubscriptionRecord): Promise<void> {
    const worker = this.workers.get(arn);
    if (!worker) return;
    this.workers.delete(arn);
    await worker.stop();
    await this.options.queues.delete(this.queueOf(arn));
  }

  /** Stops all deliveries; what is not delivered waits for the next start. */
  async stop(): Promise<void> {
    await Promise.all([...this.workers.values()].map((worker) => worker.stop()));
    this.http.close();
  }

  /** Prepares a notification's delivery. */
  stage(notification: Notification, subscription: Subscription): StagedLetter {
    const { record } = subscription;
    if (record.protocol !== 'sms') {
      return this.put(record, notificationLetter(notification, subscription));
    }
    const text = notification.textFor('sms');
    const apply = () => {
      const topic = this.options.topics.find(record.topicArn);
      if (topic) topic.traffic.delivered += 1;
      this.text(record.endpoint, text);
    };
    return { staged: { operations: [], apply } };
  }

  stageLetter(record: SubscriptionRecord, letter: Letter): StagedMessage {
    return this.put(record, letter).staged;
  }

  /** A text message ends in the mailbox, and as a line of the log. */
  text(number: string, message: string): void {
    const { mailbox, activity } = this.options;
    const tell = (place: string) => activity.event('sms', () => `to ${number}: ${message}${place}`);
    if (!mailbox) return tell('');
    mailbox.deliverText(number, message).then(
      (place) => tell(` (${place})`),
      ({ message: reason }: Error) => activity.warn('sms', `to ${number}: ${reason}`),
    );
  }

  private put({ arn }: SubscriptionRecord, letter: Letter): StagedLetter {
    const draft = { body: JSON.stringify(letter), senderId: SENDER_ID };
    return this.options.queues.stage(this.queueOf(arn), draft);
  }

  private queueOf(subscriptionArn: string): Queue {
    return this.options.queues.get(subscriptionArn + QUEUE_SUFFIX);
  }

  private policyOf(subscription: Subscription | undefined): DeliveryPolicy {
    const { record, settings } = subscription ?? {};
    const topic = record && this.options.topics.find(record.topicArn);
    const none = { disableSubscriptionOverrides: false };
    if (!topic || isMail(record.protocol)) return { ...effectiveDelivery(none), retry: MAIL_RETRY };
    return effectiveDelivery(topic.settings.delivery, settings?.delivery);
  }

  /** Never rejects. */
  private async deliver(
    subscription: Subscription,
    queue: Queue,
    message: ReceivedMessage,
    signal: AbortSignal,
  ): Promise<void> {
    const letter = JSON.parse(message.body) as Letter;
    try {
      const outcome = await this.send(subscription, letter, signal);
      // What was broken off is as if it had not been tried.
      if (!signal.aborted) await this.settle(subscription, queue, message, letter, outcome);
    } catch (error) {
      const text = `${letter.messageId} to ${subscription.record.endpoint}: ${(error as Error).message}`;
      this.options.activity.warn('sns', text);
    }
  }

  private send(subscription: Subscription, letter: Letter, signal: AbortSignal): Promise<Outcome> {
    const { record } = subscription;
    if (isMail(record.protocol)) {
      const displayName = this.options.topics.find(record.topicArn)?.record.attributes.DisplayName;
      return mail(this.options.mailbox, record, letter, displayName);
    }
    return this.http.post(record, letter, this.policyOf(subscription).contentType, signal);
  }

  private async settle(
    subscription: Subscription,
    queue: Queue,
    message: ReceivedMessage,
    letter: Letter,
    outcome: Outcome,
  ): Promise<void> {
    const { activity, store } = this.options;
    const what = `${letter.messageId} from ${nameOf(subscription.record.topicArn)} to ${subscription.record.endpoint}`;
    const topic = this.options.topics.find(subscription.record.topicArn);
    if (outcome.kind === 'done') {
      if (topic && letter.type === 'Notification') topic.traffic.delivered += 1;
      await store.commit(queue.remove([message.receiptHandle]));
      activity.event('sns', () => `${what}: ${outcome.answer}`);
      return;
    }
    const delay = retryDelays(this.policyOf(subscription).retry)[message.receiveCount - 1];
    if (outcome.kind === 'failed' && delay !== undefined) {
      queue.changeVisibility(message.receiptHandle, delay);
      activity.warn('sns', `${what}: ${outcome.reason}; again in ${Math.round(delay)} s`);
      return;
    }
    activity.warn('sns', `${what}: ${outcome.reason}; given up after ${message.receiveCount} attempts`);
    if (topic && letter.type === 'Notification') topic.traffic.failed += 1;
    await this.giveUp(subscription, queue, message, letter, outcome.reason);
  }

  private async giveUp(
    subscription: Subscription,
    queue: Queue,
    message: ReceivedMessage,
    letter: Letter,
    reason: string,
  ): Promise<void> {
    const { undelivered, store } = this.options;
    const draft = { body: letter.body, attributes: letter.attributes, senderId: SENDER_ID };
    // Only messages are dead letters; a request for a confirmation is of no use to anyone else.
    const dead =
      letter.type === 'Notification'
        ? undelivered.stage(subscription, draft, letter.bytes, reason)?.staged
        : undefined;
    const operations = [...(dead?.operations ?? []), ...queue.remove([message.receiptHandle])];
    await store.commit(operations, dead?.apply);
  }
}

function isMail(protocol: string): boolean {
  return protocol === 'email' || protocol === 'email-json';
}

function isOutbound(protocol: string): boolean {
  return isMail(protocol) || protocol === 'http' || protocol === 'https';
}
