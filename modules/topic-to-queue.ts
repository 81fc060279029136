import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import type { SnsTopicSubscriptionConfig } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import { Construct } from 'constructs';
import type { DeadLetterQueue } from './dead-letter-queue';
import type { Queue } from './queue';
import { filterSettings } from './subscription-filter';
import type { SubscriptionFilter } from './subscription-filter';
import type { Topic } from './topic';
import { requireThat } from './validate';

export interface SubscribeQueueOptions {
  /** Which messages are delivered. @default all */
  readonly filter?: SubscriptionFilter;
  /** Puts the published message into the queue as it is, rather than inside SNS's envelope. @default true */
  readonly rawMessageDelivery?: boolean;
  /** Takes what SNS could not deliver; FIFO for a FIFO topic, whatever the queue is. @default the queue's own dead letters */
  readonly deadLetterQueue?: DeadLetterQueue;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<SnsTopicSubscriptionConfig>;
}

export interface TopicToQueueProps extends SubscribeQueueOptions {
  readonly topic: Topic;
  readonly queue: Queue;
}

/**
 * A queue's subscription to a topic. Both the queue and the dead letters admit this topic and no other. Made by
 * `topic.subscribeQueue`.
 *
 * A FIFO topic keeps the order for FIFO queues only; standard queues get its messages in any order, perhaps twice. A
 * standard topic cannot deliver to a FIFO queue.
 *
 * Emits aws_sns_topic_subscription; the statements go into the queues' policies and the key's. Free, but for filters on
 * bodies: 0.09 USD a GB of what they look at.
 *
 * @example
 * topic.subscribeQueue(queue, { filter: { attributes: { eventType: ['created', { prefix: 'change' }] } } });
 */
export class TopicToQueue extends Construct {
  readonly subscription: SnsTopicSubscription;

  constructor(scope: Construct, id: string, props: TopicToQueueProps) {
    super(scope, id);
    const { topic, queue, deadLetterQueue = queue.deadLetterQueue } = props;
    requireSameKinds(this, topic, queue, deadLetterQueue);
    queue.allowTopic(topic);
    deadLetterQueue.allowTopic(topic);
    this.subscription = new SnsTopicSubscription(this, 'subscription', {
      topicArn: topic.arn,
      protocol: 'sqs',
      endpoint: queue.arn,
      rawMessageDelivery: props.rawMessageDelivery ?? true,
      redrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetterQueue.arn }),
      ...filterSettings(this, props.filter),
      // SNS does not retry what a queue refuses: the first message must find the policies in place.
      dependsOn: [queue.queuePolicy, deadLetterQueue.queuePolicy],
      ...props.overrides,
    });
  }
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html: dead letters are of the topic's kind, not the queue's. */
function requireSameKinds(
  edge: TopicToQueue,
  topic: Topic,
  queue: Queue,
  deadLetters: DeadLetterQueue,
): void {
  const queueRule = 'a standard topic cannot deliver to a FIFO queue: make the topic FIFO';
  requireThat(edge, topic.isFifo || !queue.isFifo, 'queue', queue.name, queueRule);
  const kind = topic.isFifo ? 'FIFO' : 'standard';
  const rule = `dead letters of a ${kind} topic's subscription go to a ${kind} queue: give another deadLetterQueue`;
  requireThat(edge, topic.isFifo === deadLetters.isFifo, 'deadLetterQueue', deadLetters.name, rule);
}
