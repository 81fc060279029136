import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock';
import type { Tracer } from '../../contracts';
import { delivered, published, undelivered } from '../../trace/hops';
import type { Activity } from '../activity';
import type { Undelivered } from './undelivered';
import { contentDeduplicationId, deduplicationScope, sequenceNumber } from '../sqs/deduplication';
import type { DeduplicationWindow } from '../sqs/deduplication';
import type { DeliveryTargets, Target } from './delivery-targets';
import type { Draft } from '../sqs/message';
import { Notification } from './notification';
import type { Publication } from './notification';
import type { Outbound } from './outbound';
import { checkPublication, publicationSize } from './publication';
import type { StagedMessage } from '../sqs/queue-record';
import type { QueueRegistry } from '../sqs/queue-registry';
import type { Signer } from './signer';
import type { Operation, Store } from '../store';
import type { Subscription } from './subscription';
import type { Topic } from './topic';

/** What queues show as SenderId of messages from a topic. */
const SENDER_ID = 'SNS';
// https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html
const MAX_RAW_ATTRIBUTES = 10;

export interface PublisherOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly queues: QueueRegistry;
  readonly deduplication: DeduplicationWindow;
  readonly targets: DeliveryTargets;
  readonly undelivered: Undelivered;
  readonly outbound: Outbound;
  readonly signer: Signer;
  /** Base URL of the AWS endpoint, for the links in an envelope. */
  readonly endpointUrl: () => string;
  readonly tracer: Tracer | undefined;
}

/** What a publisher is told. */
export interface Published {
  readonly messageId: string;
  /** 20 digits; FIFO topics only. */
  readonly sequenceNumber?: string;
}

/** A publication that a topic has accepted, and who gets it. */
interface Accepted {
  readonly notification: Notification;
  readonly recipients: readonly Subscription[];
  /** What else is to be written. */
  readonly operations: readonly Operation[];
}

interface Delivery {
  readonly staged: StagedMessage;
  /** In the queue; undefined for a text message, which is in none. */
  readonly messageId?: string;
  /** Where it goes, for people. */
  readonly label: string;
}

/** Delivers what is published to a topic: to all its subscriptions in one write, or to none. */
export class Publisher {
  constructor(private readonly options: PublisherOptions) {}

  /**
   * Resolves once everything is durable, for each publication with its id and, from a FIFO topic, its sequence number. A
   * duplicate has those of the first one.
   * @throws ServiceError for the first publication that SNS would refuse; nothing is published then.
   */
  async publish(topic: Topic, publications: readonly Publication[]): Promise<Published[]> {
    for (const publication of publications) checkPublication(publication, topic);
    const { fifo, signatureVersion } = topic.settings;
    const accepted: Accepted[] = [];
    const published = publications.map((publication): Published => {
      const known = fifo ? this.duplicateOf(topic, publication) : undefined;
      if (known) return known;
      const one = fifo ? this.acceptInOrder(topic, publication) : this.accept(topic, publication);
      accepted.push(one);
      return {
        messageId: one.notification.messageId,
        sequenceNumber: one.notification.options.sequenceNumber,
      };
    });
    // FIFO topics do not sign, and wait for nothing: what they accept is written in the order in which it came.
    if (!fifo) await this.sign(accepted, signatureVersion);
    await this.write(topic, accepted);
    return published;
  }

  private accept(topic: Topic, publication: Publication, sequence?: number): Accepted {
    const notification = new Notification(publication, {
      messageId: randomUUID(),
      topicArn: topic.record.arn,
      timestamp: new Date(this.options.clock.now()).toISOString(),
      endpointUrl: this.options.endpointUrl(),
      sequenceNumber: sequence === undefined ? undefined : sequenceNumber(sequence),
    });
    return { notification, recipients: topic.recipients(notification), operations: [] };
  }

  private duplicateOf(topic: Topic, publication: Publication): Published | undefined {
    const { deduplication } = this.options;
    const first = deduplication.find(scopeOf(topic, publication), deduplicationIdOf(publication));
    return first && { messageId: first.messageId, sequenceNumber: sequenceNumber(first.sequence) };
  }

  private acceptInOrder(topic: Topic, publication: Publication): Accepted {
    const { deduplication, queues } = this.options;
    const sequence = queues.nextSequence();
    const deduplicationId = deduplicationIdOf(publication);
    const accepted = this.accept(topic, { ...publication, deduplicationId }, sequence);
    const { messageId } = accepted.notification;
    const remembered = deduplication.remember(scopeOf(topic, publication), deduplicationId, {
      messageId,
      sequence,
    });
    return { ...accepted, operations: [remembered] };
  }

  private async sign(accepted: readonly Accepted[], version: '1' | '2'): Promise<void> {
    await Promise.all(
      accepted.map(async ({ notification, recipients }) => {
        const protocols = new Set<Subscription['record']['protocol']>();
        for (const { isSigned, record } of recipients) if (isSigned) protocols.add(record.protocol);
        if (protocols.size > 0) await notification.sign(protocols, this.options.signer, version);
      }),
    );
  }

  private async write(topic: Topic, accepted: readonly Accepted[]): Promise<void> {
    topic.traffic.published += accepted.length;
    const reached = accepted.map(({ notification, recipients }) => {
      this.trace(notification, topic);
      // Some may have left while the signature was made.
      return recipients.flatMap((each) =>
        topic.has(each) ? (this.deliver(notification, each, topic) ?? []) : [],
      );
    });
    const staged = reached.flat().map((delivery) => delivery.staged);
    const operations = [
      ...accepted.flatMap((each) => each.operations),
      ...staged.flatMap((each) => each.operations),
    ];
    // A duplicate's answer waits for the first one's write.
    if (staged.length > 0 || topic.settings.fifo) {
      await this.options.store.commit(operations, () => staged.forEach((message) => message.apply()));
    }
    accepted.forEach(({ notification }, i) => this.report(topic, notification, reached[i]!));
  }

  private deliver(
    notification: Notification,
    subscription: Subscription,
    topic: Topic,
  ): Delivery | undefined {
    const delivery = this.stage(notification, subscription, topic);
    const { tracer, clock } = this.options;
    const { messageId } = notification;
    if (delivery) tracer?.record(delivered(messageId, delivery.messageId, delivery.label, clock.now()));
    return delivery;
  }

  private stage(
    notification: Notification,
    subscription: Subscription,
    { traffic }: Topic,
  ): Delivery | undefined {
    const { protocol, endpoint } = subscription.record;
    if (protocol !== 'sqs' && protocol !== 'lambda') {
      const letter = this.options.outbound.stage(notification, subscription);
      return { ...letter, label: endpoint };
    }
    const target = this.targetOf(notification, subscription);
    if ('queue' in target) {
      traffic.delivered += 1;
      const message = this.options.queues.stage(target.queue, draftFor(notification, subscription));
      return { ...message, label: target.queue.label };
    }
    traffic.failed += 1;
    const { tracer, clock } = this.options;
    tracer?.record(undelivered(notification.messageId, endpoint, target.refusal, clock.now()));
    const bytes = publicationSize(notification.publication);
    const draft = queueDraft(notification, subscription, subscription.settings.deadLetterArn ?? '');
    const dead = this.options.undelivered.stage(subscription, draft, bytes, target.refusal);
    return dead && { ...dead, label: dead.queue.label };
  }

  private targetOf(notification: Notification, { record, settings }: Subscription): Target {
    const { publication, topicArn } = notification;
    if (record.protocol === 'lambda') return this.options.targets.function(record.endpoint, topicArn);
    if (settings.raw && Object.keys(publication.attributes ?? {}).length > MAX_RAW_ATTRIBUTES) {
      return { refusal: `raw delivery carries no more than ${MAX_RAW_ATTRIBUTES} message attributes` };
    }
    return this.options.targets.queue(record.endpoint, topicArn, publicationSize(publication));
  }

  /** Before the write: a consumer may have a message before the publisher has its answer. */
  private trace({ messageId, publication }: Notification, { record }: Topic): void {
    const { tracer, clock } = this.options;
    tracer?.record(published(messageId, publication, record.name, clock.now()));
  }

  private report(topic: Topic, notification: Notification, reached: readonly Delivery[]): void {
    this.options.activity.event('sns', () => {
      const targets = reached.map(({ label }) => label).join(', ');
      return `${notification.messageId} published to ${topic.record.name} -> ${targets || 'nobody'}`;
    });
  }
}

function scopeOf({ record, settings }: Topic, { groupId }: Publication): string {
  return deduplicationScope(record.id, settings.deduplicatesByGroup ? groupId : undefined);
}

function deduplicationIdOf({ deduplicationId, message }: Publication): string {
  return deduplicationId ?? contentDeduplicationId(message);
}

function draftFor(notification: Notification, subscription: Subscription): Draft {
  const { protocol, endpoint } = subscription.record;
  if (protocol === 'sqs') return queueDraft(notification, subscription, endpoint);
  return {
    body: notification.lambdaEvent(subscription.arn),
    traceHeader: notification.publication.traceHeader,
    senderId: SENDER_ID,
  };
}

function queueDraft(
  notification: Notification,
  { record, settings, arn }: Subscription,
  queueArn: string,
): Draft {
  const { attributes, traceHeader, groupId, deduplicationId } = notification.publication;
  // A FIFO topic keeps its groups from standard queues (https://docs.aws.amazon.com/sns/latest/dg/fifo-message-grouping.html); a
  // standard topic's group is for them, who share fairly by it.
  const group = queueArn.endsWith('.fifo') || deduplicationId === undefined ? groupId : undefined;
  return {
    body: settings.raw ? notification.textFor(record.protocol) : notification.envelope(record.protocol, arn),
    ...(settings.raw && { attributes }),
    traceHeader,
    groupId: group,
    ...(queueArn.endsWith('.fifo') && { deduplicationId }),
    senderId: SENDER_ID,
  };
}
