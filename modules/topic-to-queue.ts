import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import type { SnsTopicSubscriptionConfig } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import { Construct } from 'constructs';
import type { DeadLetterQueue } from './dead-letter-queue';
import type { Queue } from './queue';
import type { Topic } from './topic';

export interface SubscribeQueueOptions {
  /** Puts the published message into the queue as it is, rather than inside SNS's envelope. @default true */
  readonly rawMessageDelivery?: boolean;
  /** Takes what SNS could not deliver. @default the queue's own dead letters */
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
 * Emits aws_sns_topic_subscription; the statements go into the queues' policies and the key's. Free.
 *
 * @example
 * topic.subscribeQueue(queue, { rawMessageDelivery: false });
 */
export class TopicToQueue extends Construct {
  readonly subscription: SnsTopicSubscription;

  constructor(scope: Construct, id: string, props: TopicToQueueProps) {
    super(scope, id);
    const { topic, queue, deadLetterQueue = queue.deadLetterQueue } = props;
    queue.allowTopic(topic);
    deadLetterQueue.allowTopic(topic);
    this.subscription = new SnsTopicSubscription(this, 'subscription', {
      topicArn: topic.arn,
      protocol: 'sqs',
      endpoint: queue.arn,
      rawMessageDelivery: props.rawMessageDelivery ?? true,
      redrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetterQueue.arn }),
      // SNS does not retry what a queue refuses: the first message must find the policies in place.
      dependsOn: [queue.queuePolicy, deadLetterQueue.queuePolicy],
      ...props.overrides,
    });
  }
}
