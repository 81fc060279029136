import { SqsQueueRedriveAllowPolicy } from '@cdktf/provider-aws/lib/sqs-queue-redrive-allow-policy';
import type { Construct } from 'constructs';
import { Lazy } from 'cdktf';
import { BaseQueue } from './base-queue';
import type { BaseQueueProps } from './base-queue';
import { requireThat } from './validate';

export interface DeadLetterQueueProps extends Pick<BaseQueueProps, 'name' | 'encryption' | 'fifo'> {
  /** 60-1209600. @default 1209600 (14 days, SQS's maximum) */
  readonly retentionSeconds?: number;
}

/**
 * Keeps what could not be consumed or delivered, for people to look at and send back. Only the queues that were named
 * as its sources may move messages here.
 *
 * Emits aws_sqs_queue, aws_sqs_queue_policy and aws_sqs_queue_redrive_allow_policy. Free up to a million requests a month,
 * then 0.40 USD a million.
 *
 * @example
 * const undelivered = new DeadLetterQueue(scope, 'undelivered', { name: 'orders-undelivered' });
 */
export class DeadLetterQueue extends BaseQueue {
  readonly redriveAllowPolicy: SqsQueueRedriveAllowPolicy;
  readonly retentionSeconds: number;
  private readonly sourceArns: string[] = [];

  constructor(scope: Construct, id: string, props: DeadLetterQueueProps) {
    const retentionSeconds = props.retentionSeconds ?? 1_209_600;
    super(scope, id, { ...props, retentionSeconds }, {});
    this.retentionSeconds = retentionSeconds;
    // A resource of its own: the source names this queue, so this queue cannot name the source.
    this.redriveAllowPolicy = new SqsQueueRedriveAllowPolicy(this, 'redrive-allow', {
      queueUrl: this.url,
      redriveAllowPolicy: Lazy.stringValue({ produce: () => this.renderRedriveAllow() }),
    });
  }

  /**
   * Lets the queue move messages here that were received too often.
   * @throws Error if only one of the two is FIFO, or if this one has ten sources
   */
  allowSource(queue: BaseQueue): void {
    const kindRule =
      'a FIFO queue needs FIFO dead letters, and a standard queue standard ones (SQS RedrivePolicy)';
    requireThat(this, queue.isFifo === this.isFifo, 'source', queue.name, kindRule);
    const rule = 'ten queues are its sources already, and SQS takes no more (SQS RedriveAllowPolicy)';
    requireThat(this, this.sourceArns.length < 10, 'source', queue.name, rule);
    this.sourceArns.push(queue.arn);
  }

  private renderRedriveAllow(): string {
    if (this.sourceArns.length === 0) return JSON.stringify({ redrivePermission: 'denyAll' });
    return JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: this.sourceArns });
  }
}
