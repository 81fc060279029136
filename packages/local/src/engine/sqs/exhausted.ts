import { deadLettered } from '../../trace/hops';
import type { Content, Entry } from './message';
import { receivesHere } from './message';
import type { Queue } from './queue';
import type { QueueHost } from './queue-host';
import type { StagedMessage } from './queue-record';

/** One move of messages that were received too often. */
export class ExhaustedMessages {
  private readonly moved: (() => void)[] = [];

  constructor(
    private readonly source: Queue,
    private readonly host: QueueHost,
  ) {}

  restage(entry: Entry, content: Content): StagedMessage | undefined {
    // It may have been deleted, or the policy changed, while the messages were read.
    const target = this.host.deadLetterQueueOf(this.source);
    if (!target) return undefined;
    const times = receivesHere(entry);
    this.moved.push(() => this.tell(content.messageId, target, times));
    return target.stage(this.letter(content), {
      sentAt: entry.sentAt,
      availableAt: entry.sentAt,
      receiveCount: entry.receiveCount,
      firstReceivedAt: entry.receives?.firstAt ?? 0,
    });
  }

  /** Tells of the messages, once they are moved. */
  report(): void {
    for (const tell of this.moved) tell();
  }

  private tell(messageId: string, target: Queue, times: number): void {
    const { activity, tracer, clock } = this.host;
    const { label } = this.source;
    activity.event(
      'sqs',
      () => `${messageId} moved to ${target.label}: received ${times} times from ${label}`,
    );
    tracer?.record(deadLettered(messageId, label, target.label, times, clock.now()));
  }

  /**
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html: the
   * message id takes the place of the deduplication id, so that two messages that happen to share one both arrive.
   */
  private letter(content: Content): Content {
    const deduplicationId = this.source.settings.fifo ? content.messageId : undefined;
    return { ...content, deduplicationId, deadLetterSourceArn: this.source.arn };
  }
}
