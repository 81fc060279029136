import { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue';
import type { SqsQueueConfig } from '@cdktf/provider-aws/lib/sqs-queue';
import { SqsQueuePolicy } from '@cdktf/provider-aws/lib/sqs-queue-policy';
import { Construct } from 'constructs';
import { EncryptionKey } from './encryption-key';
import type { LambdaFunction } from './function';
import { denyInsecureTransport, PolicyDocument } from './policy';
import type { Topic } from './topic';
import { requireInteger, requireMatch, requireThat } from './validate';

export interface BaseQueueProps {
  readonly name: string;
  /** A shared key, or the id, ARN or alias of a key whose policy is managed elsewhere. @default SSE-SQS, which is free */
  readonly encryption?: EncryptionKey | string;
  /** How long a message waits to be consumed, 60-1209600. */
  readonly retentionSeconds: number;
}

/** What every queue here has: encryption, one policy, TLS only. Use `Queue` or `DeadLetterQueue`. */
export abstract class BaseQueue extends Construct {
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
      name: base.name,
      messageRetentionSeconds: base.retentionSeconds,
      maxMessageSize: 262_144,
      ...encryptionSettings(base.encryption),
      ...settings,
    });
    this.policy = new PolicyDocument([denyInsecureTransport(['sqs:*'], this.queue.arn)]);
    this.queuePolicy = new SqsQueuePolicy(this, 'policy', {
      queueUrl: this.queue.url,
      policy: this.policy.json,
    });
  }

  get name(): string {
    return this.base.name;
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
    const { encryption } = this.base;
    const rule =
      "SNS may not use AWS's own key and drops the message: give an EncryptionKey or leave SSE-SQS on";
    requireThat(this, !isAwsManagedKey(encryption), 'encryption', encryption, rule);
    if (encryption instanceof EncryptionKey) encryption.admit('sns');
    this.policy.add({
      sid: 'Topics',
      principal: { Service: 'sns.amazonaws.com' },
      actions: ['sqs:SendMessage'],
      resources: [this.arn],
      condition: { ArnEquals: { 'aws:SourceArn': [topic.arn] } },
    });
  }

  /** Lets the function's code send messages here. */
  grantSend(fn: LambdaFunction): void {
    fn.grant({ sid: 'SendMessages', actions: ['sqs:SendMessage'], resources: [this.arn] });
    this.key?.grantEncrypt(fn, 'sqs');
  }

  /** Lets Lambda send the function's dead letters here, in its name. */
  grantSendIndirect(fn: LambdaFunction): void {
    fn.grantIndirect({ sid: 'SendDeadLetters', actions: ['sqs:SendMessage'], resources: [this.arn] });
    this.key?.grantEncrypt(fn, 'sqs');
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

function isAwsManagedKey(encryption: EncryptionKey | string | undefined): boolean {
  return typeof encryption === 'string' && encryption.endsWith('alias/aws/sqs');
}

function validate(queue: BaseQueue, props: BaseQueueProps): void {
  const nameRule = 'up to 80 letters, digits, _ and - are allowed (SQS CreateQueue)';
  requireMatch(queue, 'name', props.name, /^[a-zA-Z0-9_-]{1,80}$/, nameRule);
  const range = { min: 60, max: 1_209_600 };
  requireInteger(queue, 'retentionSeconds', props.retentionSeconds, range, 'SQS MessageRetentionPeriod');
}
