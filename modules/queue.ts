import { Lazy } from 'cdktf';
import type { SqsQueueConfig } from '@cdktf/provider-aws/lib/sqs-queue';
import type { Construct } from 'constructs';
import { BaseQueue } from './base-queue';
import type { BaseQueueProps } from './base-queue';
import { DeadLetterQueue } from './dead-letter-queue';
import { derivedName } from './fifo';
import type { LambdaFunction } from './function';
import { QueueToFunction } from './queue-to-function';
import type { ConsumeOptions } from './queue-to-function';
import { requireInteger, requireThat } from './validate';

export interface QueueProps extends Pick<BaseQueueProps, 'name' | 'encryption' | 'fifo'> {
  /** How long a received message stays hidden, 0-43200. @default 6 x the consumer's timeout + its batching window; 30 without a consumer */
  readonly visibilityTimeoutSeconds?: number;
  /** 60-1209600. @default 345600 (4 days) */
  readonly retentionSeconds?: number;
  /** How often a message is received before it goes to the dead letters, 1-1000; a function needs 5 or more. @default 5 */
  readonly maxReceiveCount?: number;
  /** Of the queue's own dead letters, 60-1209600; not below retentionSeconds. @default 1209600 (14 days) */
  readonly deadLetterRetentionSeconds?: number;
  /** Takes what was received too often; up to ten queues may share one. @default a queue of its own, `<name>-dead-letters` */
  readonly deadLetterQueue?: DeadLetterQueue;
  /** How long a receive waits for a first message, 0-20. @default 20 */
  readonly receiveWaitSeconds?: number;
  /** How long a new message stays hidden, 0-900. @default 0 */
  readonly delaySeconds?: number;
  /** What a message may have with its attributes, 1024-262144. @default 262144, as a topic's messages may */
  readonly maxMessageBytes?: number;
  /** Attributes of the resource that are set otherwise than here. @default none */
  readonly overrides?: Partial<SqsQueueConfig>;
}

/**
 * An SQS queue with its dead-letter queue, encrypted, reachable by TLS only, with a visibility timeout that suits its
 * consumer.
 *
 * Emits aws_sqs_queue and aws_sqs_queue_policy, for itself and for the dead letters, and
 * aws_sqs_queue_redrive_allow_policy. Free up to a million requests a month, then 0.40 USD a million (each 64 KiB of a
 * message counts); a function that waits for messages costs about 0.26 USD a month.
 *
 * @example
 * const orders = new Queue(scope, 'orders', { name: 'orders' });
 * topic.subscribeQueue(orders);
 * orders.consumeWith(fn, { batchSize: 10, maximumConcurrency: 5 });
 * const transfers = new Queue(scope, 'transfers', { name: 'transfers', fifo: { contentBasedDeduplication: true } });
 */
export class Queue extends BaseQueue {
  readonly deadLetterQueue: DeadLetterQueue;
  private consumer?: QueueToFunction;

  constructor(
    scope: Construct,
    id: string,
    readonly props: QueueProps,
  ) {
    const retentionSeconds = props.retentionSeconds ?? 345_600;
    const settings = {
      receiveWaitTimeSeconds: props.receiveWaitSeconds ?? 20,
      delaySeconds: props.delaySeconds ?? 0,
      maxMessageSize: props.maxMessageBytes ?? 262_144,
      ...props.overrides,
    };
    super(scope, id, { ...props, retentionSeconds }, settings);
    validate(this, props, retentionSeconds);
    this.deadLetterQueue = props.deadLetterQueue ?? this.createDeadLetterQueue();
    this.redriveTo(this.deadLetterQueue);
    this.deriveVisibilityTimeout();
  }

  get maxReceiveCount(): number {
    return this.props.maxReceiveCount ?? 5;
  }

  /** Follows the consumer where it was not given. */
  get visibilityTimeoutSeconds(): number {
    return this.props.visibilityTimeoutSeconds ?? this.consumer?.requiredVisibilitySeconds ?? 30;
  }

  /**
   * Invokes the function with batches of messages; a second consumer would steal messages from the first and is refused.
   * @throws Error if the queue's settings do not suit the function
   */
  consumeWith(fn: LambdaFunction, options: ConsumeOptions = {}): QueueToFunction {
    requireThat(this, this.consumer === undefined, 'consumer', fn.name, 'the queue has a consumer already');
    this.consumer = new QueueToFunction(this, 'consumer', { queue: this, fn, ...options });
    return this.consumer;
  }

  /** Lets Lambda receive and delete messages in the function's name. */
  grantConsume(fn: LambdaFunction): void {
    fn.grantIndirect({
      sid: 'ConsumeMessages',
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      resources: [this.arn],
    });
    this.key?.grantDecrypt(fn, 'sqs');
  }

  private createDeadLetterQueue(): DeadLetterQueue {
    const { encryption, fifo, deadLetterRetentionSeconds: retentionSeconds } = this.props;
    return new DeadLetterQueue(this, 'dead-letters', {
      name: derivedName(this.name, 'dead-letters'),
      encryption,
      // What a FIFO queue gives up on keeps the deduplication id that it came with; only the kind has to be the same.
      fifo: fifo && {},
      retentionSeconds,
    });
  }

  private redriveTo(queue: DeadLetterQueue): void {
    queue.allowSource(this);
    const { maxReceiveCount } = this;
    this.queue.redrivePolicy = JSON.stringify({ deadLetterTargetArn: queue.arn, maxReceiveCount });
  }

  /** The consumer may come later. */
  private deriveVisibilityTimeout(): void {
    this.queue.visibilityTimeoutSeconds = Lazy.numberValue({ produce: () => this.visibilityTimeoutSeconds });
  }
}

function validate(queue: Queue, props: QueueProps, retentionSeconds: number): void {
  const integer = (property: keyof QueueProps, min: number, max: number, source: string) =>
    requireInteger(queue, property, props[property] as number | undefined, { min, max }, source);
  integer('visibilityTimeoutSeconds', 0, 43_200, 'SQS VisibilityTimeout');
  integer('maxReceiveCount', 1, 1000, 'SQS RedrivePolicy');
  integer('receiveWaitSeconds', 0, 20, 'SQS ReceiveMessageWaitTimeSeconds');
  integer('delaySeconds', 0, 900, 'SQS DelaySeconds');
  // SQS takes 1 MiB by now; the provider does not.
  integer('maxMessageBytes', 1024, 262_144, 'MaximumMessageSize in hashicorp/aws 5.100');
  integer('deadLetterRetentionSeconds', 60, 1_209_600, 'SQS MessageRetentionPeriod');
  const ownRule = 'it is a setting of the queue that was given as deadLetterQueue';
  const both = props.deadLetterQueue !== undefined && props.deadLetterRetentionSeconds !== undefined;
  requireThat(queue, !both, 'deadLetterRetentionSeconds', props.deadLetterRetentionSeconds, ownRule);
  const kept = props.deadLetterQueue?.retentionSeconds ?? props.deadLetterRetentionSeconds ?? 1_209_600;
  const rule = `a dead letter's age counts from when it was first sent, so ${retentionSeconds} (retentionSeconds) or more is needed`;
  requireThat(queue, kept >= retentionSeconds, 'deadLetterRetentionSeconds', kept, rule);
}
