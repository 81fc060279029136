import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock';
import { asyncInvocationQueueArn } from '../contracts';
import type { Statement } from '../iam/policy';
import type { Activity } from './activity';
import type { Locale } from './arn';
import { nameOf } from './arn';
import type { Draft } from './message';
import type { Notification, Publication } from './notification';
import { envelope, lambdaEvent, messageFor } from './notification';
import { checkPublication, publicationSize } from './publication';
import type { Queue } from './queue';
import type { StagedMessage } from './queue-record';
import type { QueueRegistry } from './queue-registry';
import { policyAllows } from './resource-policy';
import type { Store } from './store';
import type { SubscriptionRecord } from './subscription';
import { deadLetterTargetOf, isRaw } from './subscription';
import type { Topic } from './topic-registry';
import { maximumMessageSize } from './topic-registry';

const SNS = 'sns.amazonaws.com';
/** What queues show as SenderId of messages from a topic. */
const SENDER_ID = 'SNS';
// https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html
const MAX_RAW_ATTRIBUTES = 10;

/** Whether a function's resource policy lets SNS invoke it for a topic. */
export type InvokePermission = (functionArn: string, topicArn: string) => boolean;

export interface PublisherOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly locale: Locale;
  readonly queues: QueueRegistry;
  readonly mayInvoke: InvokePermission;
}

interface Delivery {
  readonly queue: Queue;
  readonly staged: StagedMessage;
}

type Target = { readonly queue: Queue } | { readonly refusal: string };

/** Delivers what is published to a topic: all its queues in one write, or none. */
export class Publisher {
  /** Base URL of the AWS endpoint, for the links in an envelope. */
  endpointUrl = 'http://127.0.0.1';
  private readonly warned = new Set<string>();
  private readonly decisions = new WeakMap<readonly Statement[], Map<string, boolean>>();

  constructor(private readonly options: PublisherOptions) {}

  /**
   * Resolves with the message ids once everything is durable in every subscribed queue.
   * @throws ServiceError for the first publication that SNS would refuse; nothing is published then.
   */
  async publish(topic: Topic, publications: readonly Publication[]): Promise<string[]> {
    const limit = maximumMessageSize(topic);
    for (const publication of publications) checkPublication(publication, limit);
    const timestamp = new Date(this.options.clock.now()).toISOString();
    const topicArn = topic.record.arn;
    const notifications = publications.map((publication): Notification => {
      return { ...publication, messageId: randomUUID(), topicArn, timestamp, endpointUrl: this.endpointUrl };
    });
    const staged: StagedMessage[] = [];
    const reached = notifications.map((notification) => {
      const deliveries = topic.subscriptions.flatMap(
        (subscription) => this.deliver(notification, subscription) ?? [],
      );
      staged.push(...deliveries.map((delivery) => delivery.staged));
      return deliveries.map((delivery) => delivery.queue);
    });
    if (staged.length > 0) {
      const operations = staged.flatMap((message) => message.operations);
      await this.options.store.commit(operations, () => staged.forEach((message) => message.apply()));
    }
    notifications.forEach((notification, i) => this.report(topic, notification, reached[i]!));
    return notifications.map((notification) => notification.messageId);
  }

  private deliver(notification: Notification, subscription: SubscriptionRecord): Delivery | undefined {
    const target = this.targetOf(subscription, notification);
    if ('queue' in target) {
      return this.stage(target.queue, draftFor(notification, subscription));
    }
    const deadLetterArn = deadLetterTargetOf(subscription);
    const subject = `${nameOf(notification.topicArn)} cannot deliver to ${subscription.endpoint}: ${target.refusal}`;
    if (deadLetterArn === undefined) {
      this.warnOnce(`${subject}; the subscription has no dead-letter queue, so its messages are lost`);
      return undefined;
    }
    const deadLetters = this.queueTarget(deadLetterArn, notification);
    if ('refusal' in deadLetters) {
      this.warnOnce(
        `${subject}; its dead-letter queue refuses too, so its messages are lost: ${deadLetters.refusal}`,
      );
      return undefined;
    }
    this.warnOnce(`${subject}; its messages go to the dead-letter queue ${nameOf(deadLetterArn)}`);
    const draft = isRaw(subscription) ? rawDraft(notification) : enveloped(notification, subscription);
    return this.stage(deadLetters.queue, draft);
  }

  private targetOf(subscription: SubscriptionRecord, notification: Notification): Target {
    if (subscription.protocol === 'sqs') {
      if (isRaw(subscription) && Object.keys(notification.attributes ?? {}).length > MAX_RAW_ATTRIBUTES) {
        return { refusal: `raw delivery carries no more than ${MAX_RAW_ATTRIBUTES} message attributes` };
      }
      return this.queueTarget(subscription.endpoint, notification);
    }
    const functionArn = subscription.endpoint.split(':').slice(0, 7).join(':');
    const queue = this.options.queues.find(asyncInvocationQueueArn(functionArn));
    if (!queue) return { refusal: 'the function does not exist' };
    if (this.options.mayInvoke(functionArn, notification.topicArn)) return { queue };
    return { refusal: `no permission lets ${SNS} invoke the function with this topic as source ARN` };
  }

  private queueTarget(queueArn: string, notification: Notification): Target {
    const queue = this.options.queues.find(queueArn);
    if (!queue) return { refusal: 'the queue does not exist' };
    const { settings } = queue;
    // SNS may not use the managed key; on AWS the messages vanish without a trace.
    if (settings.kmsKeyId === 'alias/aws/sqs') return { refusal: 'SNS cannot use its key alias/aws/sqs' };
    if (!this.policyAllows(queue, notification.topicArn)) {
      return {
        refusal: `its queue policy does not let ${SNS} send messages with this topic as aws:SourceArn`,
      };
    }
    if (publicationSize(notification) > settings.maximumMessageSize) {
      return {
        refusal: `the message is larger than the queue's MaximumMessageSize ${settings.maximumMessageSize}`,
      };
    }
    return { queue };
  }

  /** Remembered as long as the queue's policy stays the same object. */
  private policyAllows(queue: Queue, topicArn: string): boolean {
    const { policy } = queue.settings;
    if (!policy) return false;
    const decisions = this.decisions.get(policy) ?? new Map<string, boolean>();
    this.decisions.set(policy, decisions);
    let allowed = decisions.get(topicArn);
    if (allowed === undefined) {
      allowed = policyAllows(policy, {
        service: SNS,
        action: 'sqs:SendMessage',
        resource: queue.arn,
        sourceArn: topicArn,
        sourceAccount: this.options.locale.accountId,
      });
      decisions.set(topicArn, allowed);
    }
    return allowed;
  }

  private stage(queue: Queue, draft: Draft): Delivery {
    return { queue, staged: this.options.queues.stage(queue, draft).staged };
  }

  private report(topic: Topic, notification: Notification, reached: readonly Queue[]): void {
    this.options.activity.event('sns', () => {
      const targets = reached.map((queue) => queue.label).join(', ');
      return `${notification.messageId} published to ${topic.record.name} -> ${targets || 'nobody'}`;
    });
  }

  private warnOnce(text: string): void {
    if (this.warned.has(text)) return;
    this.warned.add(text);
    this.options.activity.warn('sns', text);
  }
}

function draftFor(notification: Notification, subscription: SubscriptionRecord): Draft {
  if (subscription.protocol === 'lambda') {
    return {
      body: lambdaEvent(notification, subscription.arn),
      traceHeader: notification.traceHeader,
      senderId: SENDER_ID,
    };
  }
  return isRaw(subscription) ? rawDraft(notification) : enveloped(notification, subscription);
}

function rawDraft(notification: Notification): Draft {
  const { attributes, traceHeader } = notification;
  return { body: messageFor(notification, 'sqs'), attributes, traceHeader, senderId: SENDER_ID };
}

function enveloped(notification: Notification, subscription: SubscriptionRecord): Draft {
  return {
    body: envelope(notification, subscription.arn),
    traceHeader: notification.traceHeader,
    senderId: SENDER_ID,
  };
}
