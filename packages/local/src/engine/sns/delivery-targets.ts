import { asyncInvocationQueueArn } from '../../contracts';
import type { Statement } from '../../iam/policy';
import type { Locale } from '../arn';
import type { Queue } from '../sqs/queue';
import type { QueueRegistry } from '../sqs/queue-registry';
import { policyAllows } from '../resource-policy';

const SNS = 'sns.amazonaws.com';

/** Whether a function's resource policy lets SNS invoke it for a topic. */
export type InvokePermission = (functionArn: string, topicArn: string) => boolean;

/** A queue that takes the message, or why there is none. */
export type Target = { readonly queue: Queue } | { readonly refusal: string };

export interface DeliveryTargetsOptions {
  readonly queues: QueueRegistry;
  readonly locale: Locale;
  readonly mayInvoke: InvokePermission;
}

/** Where topics may deliver. What was decided is remembered: a publish asks for each subscription. */
export class DeliveryTargets {
  private readonly byPolicy = new WeakMap<readonly Statement[], Map<string, boolean>>();
  private readonly invocations = new Map<string, boolean>();

  constructor(private readonly options: DeliveryTargetsOptions) {}

  /** Asks the functions' permissions again. */
  forgetPermissions(): void {
    this.invocations.clear();
  }

  /** @param bytes the size of the message, attributes included. */
  queue(queueArn: string, topicArn: string, bytes: number): Target {
    const queue = this.options.queues.find(queueArn);
    if (!queue) return { refusal: 'the queue does not exist' };
    const { settings } = queue;
    // SNS may not use the managed key; on AWS the messages vanish without a trace.
    if (settings.kmsKeyId === 'alias/aws/sqs') return { refusal: 'SNS cannot use its key alias/aws/sqs' };
    if (!this.policyAllows(queue, topicArn)) {
      return {
        refusal: `its queue policy does not let ${SNS} send messages with this topic as aws:SourceArn`,
      };
    }
    if (bytes > settings.maximumMessageSize) {
      return {
        refusal: `the message is larger than the queue's MaximumMessageSize ${settings.maximumMessageSize}`,
      };
    }
    return { queue };
  }

  function(endpoint: string, topicArn: string): Target {
    const functionArn = endpoint.split(':').slice(0, 7).join(':');
    const queue = this.options.queues.find(asyncInvocationQueueArn(functionArn));
    if (!queue) return { refusal: 'the function does not exist' };
    const pair = `${functionArn} ${topicArn}`;
    let allowed = this.invocations.get(pair);
    if (allowed === undefined) {
      allowed = this.options.mayInvoke(functionArn, topicArn);
      this.invocations.set(pair, allowed);
    }
    if (allowed) return { queue };
    return { refusal: `no permission lets ${SNS} invoke the function with this topic as source ARN` };
  }

  /** Remembered as long as the queue's policy stays the same object. */
  private policyAllows(queue: Queue, topicArn: string): boolean {
    const { policy } = queue.settings;
    if (!policy) return false;
    const decisions = this.byPolicy.get(policy) ?? new Map<string, boolean>();
    this.byPolicy.set(policy, decisions);
    let allowed = decisions.get(topicArn);
    if (allowed === undefined) {
      allowed = policyAllows(policy, {
        service: SNS,
        action: 'sqs:SendMessage',
        resource: queue.arn,
        sourceArn: topicArn,
        sourceAccount: this.options.locale.accountId,
      });
      decisions.set(topicArn, allowed);
    }
    return allowed;
  }
}
