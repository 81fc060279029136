import type { Broker, Queue, Topic } from '../engine';
import type { Metric, MetricStore } from './metric-store';
import { single } from './statistics';
import type { StatisticSet } from './statistics';

/** CloudWatch gets a queue's metrics for six hours after the last thing that happened to it. */
const ACTIVE_MS = 6 * 3_600_000;
const COUNT = 'Count';

type TopicCounts = Topic['traffic'];

/** Reads once a minute what SQS and SNS tell CloudWatch. */
export class MessagingSources {
  /** Queue -> when something happened to it last. */
  private readonly active = new WeakMap<Queue, number>();
  private readonly counted = new WeakMap<Topic, TopicCounts>();

  constructor(
    private readonly broker: Broker,
    private readonly metrics: MetricStore,
  ) {}

  /** @param minute that has just ended: its beginning, in milliseconds since the epoch; `now` its end or later */
  sample(minute: number, now: number): void {
    for (const queue of this.broker.queues.all()) {
      if (!queue.record.internal) this.sampleQueue(queue, minute, now);
    }
    for (const topic of this.broker.topics.list()) this.sampleTopic(topic, minute);
  }

  /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html */
  private sampleQueue(queue: Queue, minute: number, now: number): void {
    const { sent, received, deleted, emptyReceives, sentBytes } = queue.traffic.take();
    const { visible, inFlight, delayed } = queue.depth();
    const messages = visible + inFlight + delayed;
    if (messages + sent + received + deleted + emptyReceives > 0) this.active.set(queue, now);
    if (now - (this.active.get(queue) ?? -Infinity) > ACTIVE_MS) return;
    const dimensions = [{ name: 'QueueName', value: queue.record.name }];
    const put = (name: string, statistics: StatisticSet, unit = COUNT) =>
      this.metrics.put({ metric: { namespace: 'AWS/SQS', name, dimensions }, at: minute, unit, statistics });
    const oldestSentAt = queue.oldestSentAt();
    const age = oldestSentAt === undefined ? 0 : Math.floor((now - oldestSentAt) / 1000);
    put('ApproximateNumberOfMessagesVisible', single(visible));
    put('ApproximateNumberOfMessagesNotVisible', single(inFlight));
    put('ApproximateNumberOfMessagesDelayed', single(delayed));
    put('ApproximateAgeOfOldestMessage', single(age), 'Seconds');
    put('NumberOfMessagesSent', single(sent));
    put('NumberOfMessagesReceived', single(received));
    put('NumberOfMessagesDeleted', single(deleted));
    put('NumberOfEmptyReceives', single(emptyReceives));
    if (sent > 0) put('SentMessageSize', { sampleCount: sent, ...sentBytes }, 'Bytes');
  }

  /** https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html */
  private sampleTopic(topic: Topic, minute: number): void {
    const now = { ...topic.traffic };
    const before = this.counted.get(topic);
    this.counted.set(topic, now);
    const dimensions = [{ name: 'TopicName', value: topic.record.name }];
    const put = (name: string, key: keyof TopicCounts) => {
      const count = now[key] - (before?.[key] ?? 0);
      if (count === 0) return;
      const metric: Metric = { namespace: 'AWS/SNS', name, dimensions };
      this.metrics.put({ metric, at: minute, unit: COUNT, statistics: single(count) });
    };
    put('NumberOfMessagesPublished', 'published');
    put('NumberOfNotificationsDelivered', 'delivered');
    put('NumberOfNotificationsFailed', 'failed');
    put('NumberOfNotificationsFilteredOut', 'filteredOut');
  }
}
