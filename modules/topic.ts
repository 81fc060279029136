import { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import type { SnsTopicConfig } from '@cdktf/provider-aws/lib/sns-topic';
import { SnsTopicPolicy } from '@cdktf/provider-aws/lib/sns-topic-policy';
import { Construct } from 'constructs';
import { Account } from './account';
import type { EncryptionKey } from './encryption-key';
import type { LambdaFunction } from './function';
import { pathId } from './names';
import { denyInsecureTransport, PolicyDocument } from './policy';
import type { Queue } from './queue';
import { TopicToFunction } from './topic-to-function';
import type { SubscribeFunctionOptions } from './topic-to-function';
import { TopicToQueue } from './topic-to-queue';
import type { SubscribeQueueOptions } from './topic-to-queue';
import { requireMatch, requireThat } from './validate';

export interface TopicProps {
  readonly name: string;
  /** AWS's own key does not let other services (alarms, EventBridge, S3) publish. @default 'alias/aws/sns' */
  readonly encryptionKey?: EncryptionKey;
  /** X-Ray: `Active` makes SNS record spans of its own. @default 'PassThrough' */
  readonly tracing?: 'PassThrough' | 'Active';
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<SnsTopicConfig>;
}

/**
 * An SNS topic, encrypted, reachable by TLS only, open to this account alone.
 *
 * Emits aws_sns_topic and aws_sns_topic_policy. 0.50 USD a million publishes (each 64 KiB counts); delivery to queues
 * and functions is free.
 *
 * @example
 * const created = new Topic(scope, 'created', { name: 'orders-created', encryptionKey: key });
 * created.grantPublish(fn);
 * created.subscribeQueue(queue);
 */
export class Topic extends Construct {
  readonly topic: SnsTopic;
  readonly topicPolicy: SnsTopicPolicy;
  private readonly policy: PolicyDocument;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: TopicProps,
  ) {
    super(scope, id);
    const nameRule = 'up to 256 letters, digits, _ and - are allowed (SNS CreateTopic)';
    requireMatch(this, 'name', props.name, /^[a-zA-Z0-9_-]{1,256}$/, nameRule);
    this.topic = new SnsTopic(this, 'topic', {
      name: props.name,
      kmsMasterKeyId: props.encryptionKey?.arn ?? 'alias/aws/sns',
      signatureVersion: 2,
      tracingConfig: props.tracing ?? 'PassThrough',
      ...props.overrides,
    });
    this.policy = this.createPolicy();
    this.topicPolicy = new SnsTopicPolicy(this, 'policy', { arn: this.arn, policy: this.policy.json });
  }

  get name(): string {
    return this.props.name;
  }

  get arn(): string {
    return this.topic.arn;
  }

  /** Delivers to the queue; the body is the published message itself unless `rawMessageDelivery` is false. */
  subscribeQueue(queue: Queue, options: SubscribeQueueOptions = {}): TopicToQueue {
    return new TopicToQueue(this, `to-${pathId(queue)}`, { topic: this, queue, ...options });
  }

  /** Invokes the function for each message, without a queue between: an outage of some minutes ends in the dead letters. */
  subscribeFunction(fn: LambdaFunction, options: SubscribeFunctionOptions = {}): TopicToFunction {
    return new TopicToFunction(this, `to-${pathId(fn)}`, { topic: this, fn, ...options });
  }

  /** Lets the function's code publish. */
  grantPublish(fn: LambdaFunction): void {
    fn.grant({ sid: 'PublishMessages', actions: ['sns:Publish'], resources: [this.arn] });
    this.props.encryptionKey?.grantEncrypt(fn, 'sns');
  }

  /**
   * Lets CloudWatch alarms of this account publish.
   * @throws Error without an encryption key: alarms may not use AWS's own
   */
  allowAlarms(): void {
    const rule = "CloudWatch may not use AWS's own key, and alarms would be lost: give an EncryptionKey";
    const key = this.props.encryptionKey;
    requireThat(this, key !== undefined, 'encryptionKey', 'alias/aws/sns', rule);
    key?.admit('cloudwatch');
    const account = Account.of(this);
    this.policy.add({
      sid: 'Alarms',
      principal: { Service: 'cloudwatch.amazonaws.com' },
      actions: ['sns:Publish'],
      resources: [this.arn],
      condition: { ArnLike: { 'aws:SourceArn': [account.arn('cloudwatch', 'alarm:*')] } },
    });
  }

  private createPolicy(): PolicyDocument {
    const account = {
      sid: 'Account',
      principal: { AWS: Account.of(this).rootArn },
      actions: ['sns:Publish', 'sns:Subscribe', 'sns:GetTopicAttributes', 'sns:ListSubscriptionsByTopic'],
      resources: [this.arn],
    };
    return new PolicyDocument([account, denyInsecureTransport(['sns:Publish'], this.arn)]);
  }
}
