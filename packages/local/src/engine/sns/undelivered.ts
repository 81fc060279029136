import type { Activity } from '../activity';
import { nameOf } from '../arn';
import type { DeliveryTargets } from './delivery-targets';
import type { Draft } from '../sqs/message';
import type { Queue } from '../sqs/queue';
import type { StagedMessage } from '../sqs/queue-record';
import type { QueueRegistry } from '../sqs/queue-registry';
import type { Subscription } from './subscription';

/** Puts what a subscriber did not take into the subscription's dead-letter queue. */
export class Undelivered {
  private readonly warned = new Set<string>();

  constructor(
    private readonly queues: QueueRegistry,
    private readonly targets: DeliveryTargets,
    private readonly activity: Activity,
  ) {}

  /**
   * Prepares the write and warns, once for each cause; undefined where the message is lost.
   * @param bytes the size of the message, attributes included.
   */
  stage(
    { record, settings }: Subscription,
    draft: Draft,
    bytes: number,
    reason: string,
  ): { queue: Queue; messageId: string; staged: StagedMessage } | undefined {
    const subject = `${nameOf(record.topicArn)} cannot deliver to ${record.endpoint}: ${reason}`;
    const { deadLetterArn } = settings;
    if (deadLetterArn === undefined) {
      this.warnOnce(`${subject}; the subscription has no dead-letter queue, so its messages are lost`);
      return undefined;
    }
    const target = this.targets.queue(deadLetterArn, record.topicArn, bytes);
    if ('refusal' in target) {
      this.warnOnce(
        `${subject}; its dead-letter queue refuses too, so its messages are lost: ${target.refusal}`,
      );
      return undefined;
    }
    this.warnOnce(`${subject}; its messages go to the dead-letter queue ${nameOf(deadLetterArn)}`);
    return { queue: target.queue, ...this.queues.stage(target.queue, draft) };
  }

  private warnOnce(text: string): void {
    if (this.warned.has(text)) return;
    this.warned.add(text);
    this.activity.warn('sns', text);
  }
}
