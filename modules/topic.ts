import { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import type { SnsTopicConfig } from '@cdktf/provider-aws/lib/sns-topic';
import { SnsTopicPolicy } from '@cdktf/provider-aws/lib/sns-topic-policy';
import { Construct } from 'constructs';
import { Account } from './account';
import { DeliveryLogs } from './delivery-logs';
import type { DeliveryLogsOptions } from './delivery-logs';
import type { EncryptionKey } from './encryption-key';
import { fifoName } from './fifo';
import type { TopicFifo } from './fifo';
import type { LambdaFunction } from './function';
import { pathId } from './names';
import { deliveryStatement, denyInsecureTransport, PolicyDocument } from './policy';
import type { Destination, EventSource, Grantee } from './policy';
import type { Queue } from './queue';
import { publishStatement, subscribeStatement } from './topic-sharing';
import type { ExternalPrincipal } from './topic-sharing';
import { TopicToEmail } from './topic-to-email';
import type { SubscribeEmailOptions } from './topic-to-email';
import { TopicToFunction } from './topic-to-function';
import type { SubscribeFunctionOptions } from './topic-to-function';
import { TopicToQueue } from './topic-to-queue';
import type { SubscribeQueueOptions } from './topic-to-queue';
import { TopicTracing } from './topic-tracing';
import { requireInteger, requireMatch, requireThat } from './validate';

export interface TopicProps {
  /** `.fifo` is added to the name of a FIFO topic. */
  readonly name: string;
  /** First in, first out within each message group; 0.30 USD a million publishes, and 0.01 a million deliveries. @default a standard topic */
  readonly fifo?: TopicFifo;
  /** AWS's own key does not let other services (alarms, EventBridge, S3) publish. @default 'alias/aws/sns' */
  readonly encryptionKey?: EncryptionKey;
  /** X-Ray: `Active` makes SNS record spans of its own, 5 USD a million. @default 'PassThrough' */
  readonly tracing?: 'PassThrough' | 'Active';
  /** Logs what became of deliveries. @default none; alarms on dead letters tell of failures */
  readonly deliveryLogs?: DeliveryLogsOptions;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<SnsTopicConfig>;
}

/**
 * An SNS topic, encrypted, reachable by TLS only, open to this account alone unless shared; a standard topic signs its
 * notifications by SHA-256 (signature version 2).
 *
 * Emits aws_sns_topic and aws_sns_topic_policy; see `DeliveryLogs`, `TopicTracing` and the subscriptions. 0.50 USD a million publishes (each
 * 64 KiB counts); delivery to queues and functions is free.
 *
 * @example
 * const created = new Topic(scope, 'created', { name: 'orders-created', encryptionKey: key });
 * created.grantPublish(fn);
 * created.subscribeQueue(queue);
 * created.allowSubscribe({ organization: 'o-a1b2c3d4e5' });
 */
export class Topic extends Construct implements Destination {
  readonly topic: SnsTopic;
  readonly topicPolicy: SnsTopicPolicy;
  readonly deliveryLogs?: DeliveryLogs;
  private readonly policy: PolicyDocument;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: TopicProps,
  ) {
    super(scope, id);
    validate(this, props);
    this.deliveryLogs = this.createDeliveryLogs();
    this.topic = new SnsTopic(this, 'topic', {
      name: this.name,
      kmsMasterKeyId: props.encryptionKey?.arn ?? 'alias/aws/sns',
      tracingConfig: props.tracing ?? 'PassThrough',
      ...kindSettings(props.fifo),
      ...this.deliveryLogs?.settings,
      dependsOn: this.deliveryLogs && [...this.deliveryLogs.logGroups, this.deliveryLogs.role.rolePolicy],
      ...props.overrides,
    });
    this.policy = this.createPolicy();
    this.topicPolicy = new SnsTopicPolicy(this, 'policy', { arn: this.arn, policy: this.policy.json });
    if (props.tracing === 'Active') TopicTracing.of(this);
  }

  get name(): string {
    return fifoName(this.props.name, this.props.fifo);
  }

  get arn(): string {
    return this.topic.arn;
  }

  get isFifo(): boolean {
    return this.props.fifo !== undefined;
  }

  /** Delivers to the queue; the body is the published message itself unless `rawMessageDelivery` is false. */
  subscribeQueue(queue: Queue, options: SubscribeQueueOptions = {}): TopicToQueue {
    return new TopicToQueue(this, `to-${pathId(queue)}`, { topic: this, queue, ...options });
  }

  /** Invokes the function for each message, without a queue between: an outage of some minutes ends in the dead letters. */
  subscribeFunction(fn: LambdaFunction, options: SubscribeFunctionOptions = {}): TopicToFunction {
    return new TopicToFunction(this, `to-${pathId(fn)}`, { topic: this, fn, ...options });
  }

  /** Mails to the address, once its owner has confirmed that. */
  subscribeEmail(address: string, options: SubscribeEmailOptions = {}): TopicToEmail {
    const id = `to-${address.replaceAll(/[^a-zA-Z0-9]+/g, '-')}`;
    return new TopicToEmail(this, id, { topic: this, address, ...options });
  }

  /** Lets the function's code publish. */
  grantPublish(fn: LambdaFunction): void {
    fn.grant({ sid: 'PublishMessages', actions: ['sns:Publish'], resources: [this.arn] });
    this.props.encryptionKey?.grantEncrypt(fn, 'sns');
  }

  /** Lets AWS publish here in somebody's name: records of a function's invocations. */
  grantDelivery(grantee: Grantee): void {
    grantee.grantIndirect({ sid: 'PublishRecords', actions: ['sns:Publish'], resources: [this.arn] });
    this.props.encryptionKey?.grantEncrypt(grantee, 'sns');
  }

  /** Lets another account, or every account of an organization, subscribe. Its own policies have to allow that, too. */
  allowSubscribe(external: ExternalPrincipal): void {
    this.policy.add(subscribeStatement(this, external));
  }

  /**
   * Lets another account, or every account of an organization, publish. Its own policies have to allow that, too.
   * @throws Error without an encryption key: other accounts may not use AWS's own
   */
  allowPublish(external: ExternalPrincipal): void {
    const statement = publishStatement(this, external);
    this.requireKey('other accounts').admitPublisher(statement);
    this.policy.add(statement);
  }

  /**
   * Lets CloudWatch alarms of this account publish.
   * @throws Error without an encryption key: alarms may not use AWS's own
   */
  allowAlarms(): void {
    this.requireKey('CloudWatch').admit('cloudwatch');
    const account = Account.of(this);
    this.policy.add({
      sid: 'Alarms',
      principal: { Service: 'cloudwatch.amazonaws.com' },
      actions: ['sns:Publish'],
      resources: [this.arn],
      condition: { ArnLike: { 'aws:SourceArn': [account.arn('cloudwatch', 'alarm:*')] } },
    });
  }

  /**
   * Lets a bucket or a rule publish.
   * @throws Error without an encryption key: S3 and EventBridge may not use AWS's own
   */
  allowDelivery(source: EventSource): void {
    this.requireKey(source.service === 's3' ? 'S3' : 'EventBridge').admit(source.service);
    this.policy.add(deliveryStatement(source, Account.of(this).id, ['sns:Publish'], this.arn));
  }

  private requireKey(who: string): EncryptionKey {
    const key = this.props.encryptionKey;
    const rule = `${who} may not use AWS's own key, and messages would be lost: give an EncryptionKey`;
    requireThat(this, key !== undefined, 'encryptionKey', 'alias/aws/sns', rule);
    return key!;
  }

  private createDeliveryLogs(): DeliveryLogs | undefined {
    const { deliveryLogs, encryptionKey } = this.props;
    if (!deliveryLogs) return undefined;
    return new DeliveryLogs(this, 'delivery-logs', { topicName: this.name, encryptionKey, ...deliveryLogs });
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

function kindSettings(fifo: TopicFifo | undefined): Partial<SnsTopicConfig> {
  // Signatures are for HTTP subscribers, which a FIFO topic cannot have: it does not take the setting.
  if (!fifo) return { signatureVersion: 2 };
  return {
    fifoTopic: true,
    contentBasedDeduplication: fifo.contentBasedDeduplication ?? false,
    fifoThroughputScope: fifo.throughputScope ?? 'Topic',
    ...(fifo.archiveDays && {
      archivePolicy: JSON.stringify({ MessageRetentionPeriod: String(fifo.archiveDays) }),
    }),
  };
}

function validate(topic: Topic, { fifo }: TopicProps): void {
  const nameRule =
    'up to 256 letters, digits, _ and - are allowed, with .fifo at the end of a FIFO topic only (SNS CreateTopic)';
  const pattern = fifo ? /^(?=.{6,256}$)[a-zA-Z0-9_-]+\.fifo$/ : /^[a-zA-Z0-9_-]{1,256}$/;
  requireMatch(topic, 'name', topic.name, pattern, nameRule);
  requireInteger(topic, 'fifo.archiveDays', fifo?.archiveDays, { min: 1, max: 365 }, 'SNS ArchivePolicy');
}
