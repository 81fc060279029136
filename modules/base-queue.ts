import { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue';
import type { SqsQueueConfig } from '@cdktf/provider-aws/lib/sqs-queue';
import { SqsQueuePolicy } from '@cdktf/provider-aws/lib/sqs-queue-policy';
import { Construct } from 'constructs';
import { Account } from './account';
import { EncryptionKey } from './encryption-key';
import type { KeyUser } from './encryption-key';
import { fifoName } from './fifo';
import type { QueueFifo } from './fifo';
import type { LambdaFunction } from './function';
import { deliveryStatement, denyInsecureTransport, PolicyDocument } from './policy';
import type { Destination, EventSource, Grantee } from './policy';
import type { Topic } from './topic';
import { requireInteger, requireMatch, requireThat } from './validate';

export interface BaseQueueProps {
  /** `.fifo` is added to the name of a FIFO queue. */
  readonly name: string;
  /** First in, first out within each message group; 0.50 USD a million requests. @default a standard queue */
  readonly fifo?: QueueFifo;
  /** A shared key, or the id, ARN or alias of a key whose policy is managed elsewhere. @default SSE-SQS, which is free */
  readonly encryption?: EncryptionKey | string;
  /** How long a message waits to be consumed, 60-1209600. */
  readonly retentionSeconds: number;
}

/** What every queue here has: encryption, one policy, TLS only. Use `Queue` or `DeadLetterQueue`. */
export abstract class BaseQueue extends Construct implements Destination {
  readonly queue: SqsQueue;
  readonly queuePolicy: SqsQueuePolicy;
  private readonly policy: PolicyDocument;

  constructor(
    scope: Construct,
    id: string,
    private readonly base: BaseQueueProps,
    settings: Omit<SqsQueueConfig, 'name'>,
  ) {
    super(scope, id);
    validate(this, base);
    this.queue = new SqsQueue(this, 'queue', {
      name: this.name,
      messageRetentionSeconds: base.retentionSeconds,
      maxMessageSize: 262_144,
      ...encryptionSettings(base.encryption),
      ...fifoSettings(base.fifo),
      ...settings,
    });
    this.policy = new PolicyDocument([denyInsecureTransport(['sqs:*'], this.queue.arn)]);
    this.queuePolicy = new SqsQueuePolicy(this, 'policy', {
      queueUrl: this.queue.url,
      policy: this.policy.json,
    });
  }

  get name(): string {
    return fifoName(this.base.name, this.base.fifo);
  }

  get isFifo(): boolean {
    return this.base.fifo !== undefined;
  }

  get arn(): string {
    return this.queue.arn;
  }

  get url(): string {
    return this.queue.url;
  }

  /**
   * Lets the topic deliver here. All topics share one statement with a list of ARNs.
   * @throws Error if the queue is encrypted by `alias/aws/sqs`: SNS may not use that key, and messages vanish silently
   */
  allowTopic(topic: Topic): void {
    this.openKeyTo('sns', 'SNS');
    this.policy.add({
      sid: 'Topics',
      principal: { Service: 'sns.amazonaws.com' },
      actions: ['sqs:SendMessage'],
      resources: [this.arn],
      condition: { ArnEquals: { 'aws:SourceArn': [topic.arn] } },
    });
  }

  /**
   * Lets a bucket or a rule deliver here. All of them share one statement a service.
   * @throws Error if the queue is encrypted by `alias/aws/sqs`, which S3 and EventBridge may not use
   */
  allowDelivery(source: EventSource): void {
    this.openKeyTo(source.service, source.service === 's3' ? 'S3' : 'EventBridge');
    this.policy.add(deliveryStatement(source, Account.of(this).id, ['sqs:SendMessage'], this.arn));
  }

  /** Lets the function's code send messages here. */
  grantSend(fn: LambdaFunction): void {
    fn.grant({ sid: 'SendMessages', actions: ['sqs:SendMessage'], resources: [this.arn] });
    this.key?.grantEncrypt(fn, 'sqs');
  }

  /** Lets AWS send here in somebody's name: what a function or a schedule gave up on. */
  grantDelivery(grantee: Grantee): void {
    grantee.grantIndirect({ sid: 'SendDeadLetters', actions: ['sqs:SendMessage'], resources: [this.arn] });
    this.key?.grantEncrypt(grantee, 'sqs');
  }

  private openKeyTo(user: KeyUser, service: string): void {
    const { encryption } = this.base;
    const rule = `${service} may not use AWS's own key and drops the message: give an EncryptionKey or leave SSE-SQS on`;
    requireThat(this, !isAwsManagedKey(encryption), 'encryption', encryption, rule);
    this.key?.admit(user);
  }

  /** The shared key, where it is one. */
  protected get key(): EncryptionKey | undefined {
    return this.base.encryption instanceof EncryptionKey ? this.base.encryption : undefined;
  }
}

function encryptionSettings(encryption: EncryptionKey | string | undefined) {
  if (encryption === undefined) return { sqsManagedSseEnabled: true };
  const kmsMasterKeyId = typeof encryption === 'string' ? encryption : encryption.arn;
  // Five minutes is SQS's own default: KMS is asked once for each of them, not for each message.
  return { kmsMasterKeyId, kmsDataKeyReusePeriodSeconds: 300 };
}

function fifoSettings(fifo: QueueFifo | undefined) {
  return (
    fifo && {
      fifoQueue: true,
      contentBasedDeduplication: fifo.contentBasedDeduplication ?? false,
      deduplicationScope: fifo.deduplicationScope ?? 'queue',
      fifoThroughputLimit: fifo.throughputLimit ?? 'perQueue',
    }
  );
}

function isAwsManagedKey(encryption: EncryptionKey | string | undefined): boolean {
  return typeof encryption === 'string' && encryption.endsWith('alias/aws/sqs');
}

function validate(queue: BaseQueue, { fifo, retentionSeconds }: BaseQueueProps): void {
  const nameRule =
    'up to 80 letters, digits, _ and - are allowed, with .fifo at the end of a FIFO queue only (SQS CreateQueue)';
  const pattern = fifo ? /^(?=.{6,80}$)[a-zA-Z0-9_-]+\.fifo$/ : /^[a-zA-Z0-9_-]{1,80}$/;
  requireMatch(queue, 'name', queue.name, pattern, nameRule);
  const range = { min: 60, max: 1_209_600 };
  requireInteger(queue, 'retentionSeconds', retentionSeconds, range, 'SQS MessageRetentionPeriod');
  const { deduplicationScope = 'queue', throughputLimit = 'perQueue' } = fifo ?? {};
  const scopeRule = 'perMessageGroupId needs the deduplicationScope messageGroup (SQS FifoThroughputLimit)';
  const suits = throughputLimit === 'perQueue' || deduplicationScope === 'messageGroup';
  requireThat(queue, suits, 'fifo.throughputLimit', throughputLimit, scopeRule);
}
