import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import type { SnsTopicSubscriptionConfig } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import { Construct } from 'constructs';
import type { DeadLetterQueue } from './dead-letter-queue';
import { filterSettings } from './subscription-filter';
import type { SubscriptionFilter } from './subscription-filter';
import type { Topic } from './topic';
import { requireMatch, requireThat } from './validate';

export interface SubscribeEmailOptions {
  /** Which messages are mailed. @default all */
  readonly filter?: SubscriptionFilter;
  /** Mails the whole notification as JSON, for programs that read it. @default false, the message's text */
  readonly json?: boolean;
  /** Takes what SNS could not hand over. @default none: a mail that bounces is not undelivered for SNS */
  readonly deadLetterQueue?: DeadLetterQueue;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<SnsTopicSubscriptionConfig>;
}

export interface TopicToEmailProps extends SubscribeEmailOptions {
  readonly topic: Topic;
  readonly address: string;
}

/**
 * A mail address that gets a topic's messages, after its owner confirmed that by the link in a first mail; for people who
 * operate a system, not for its users. Terraform cannot delete a subscription that nobody confirmed. Made by
 * `topic.subscribeEmail`.
 *
 * Emits aws_sns_topic_subscription. A thousand mails a month are free, then 2 USD per 100,000.
 *
 * @example
 * topic.subscribeEmail('operations@example.com', { filter: { attributes: { severity: ['high'] } } });
 */
export class TopicToEmail extends Construct {
  readonly subscription: SnsTopicSubscription;

  constructor(scope: Construct, id: string, props: TopicToEmailProps) {
    super(scope, id);
    const { topic, address, deadLetterQueue } = props;
    validate(this, props);
    deadLetterQueue?.allowTopic(topic);
    this.subscription = new SnsTopicSubscription(this, 'subscription', {
      topicArn: topic.arn,
      protocol: props.json ? 'email-json' : 'email',
      endpoint: address,
      ...filterSettings(this, props.filter),
      ...(deadLetterQueue && {
        redrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetterQueue.arn }),
        dependsOn: [deadLetterQueue.queuePolicy],
      }),
      ...props.overrides,
    });
  }
}

function validate(edge: TopicToEmail, { topic, address, deadLetterQueue }: TopicToEmailProps): void {
  requireMatch(edge, 'address', address, /^[^@\s]+@[^@\s]+$/, 'a mail address is needed');
  const rule = 'a FIFO topic delivers to queues only';
  requireThat(edge, !topic.isFifo, 'topic', topic.name, rule);
  const deadRule = "dead letters of a standard topic's subscription go to a standard queue";
  requireThat(edge, !deadLetterQueue?.isFifo, 'deadLetterQueue', deadLetterQueue?.name, deadRule);
}
