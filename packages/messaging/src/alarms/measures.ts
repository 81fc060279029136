import type { AlarmMetric, AlarmStatistic, CustomMetric, QueueMeasure, TopicMeasure } from './types';

/** A metric as CloudWatch has it. */
export interface CloudWatchMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly unit?: string;
}

interface Source<M extends string> {
  readonly namespace: string;
  readonly dimension: string;
  readonly metrics: Readonly<Record<M, readonly [name: string, statistic: AlarmStatistic]>>;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html */
const QUEUE: Source<QueueMeasure> = {
  namespace: 'AWS/SQS',
  dimension: 'QueueName',
  metrics: {
    visible: ['ApproximateNumberOfMessagesVisible', 'maximum'],
    'in-flight': ['ApproximateNumberOfMessagesNotVisible', 'maximum'],
    delayed: ['ApproximateNumberOfMessagesDelayed', 'maximum'],
    'oldest-age': ['ApproximateAgeOfOldestMessage', 'maximum'],
    sent: ['NumberOfMessagesSent', 'sum'],
    received: ['NumberOfMessagesReceived', 'sum'],
    deleted: ['NumberOfMessagesDeleted', 'sum'],
    'empty-receives': ['NumberOfEmptyReceives', 'sum'],
  },
};

/** https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html */
const TOPIC: Source<TopicMeasure> = {
  namespace: 'AWS/SNS',
  dimension: 'TopicName',
  metrics: {
    published: ['NumberOfMessagesPublished', 'sum'],
    delivered: ['NumberOfNotificationsDelivered', 'sum'],
    failed: ['NumberOfNotificationsFailed', 'sum'],
    filtered: ['NumberOfNotificationsFilteredOut', 'sum'],
  },
};

export const QUEUE_MEASURES = Object.keys(QUEUE.metrics) as QueueMeasure[];
export const TOPIC_MEASURES = Object.keys(TOPIC.metrics) as TopicMeasure[];

/** What CloudWatch calls it. */
export function cloudWatchMetric(metric: AlarmMetric): CloudWatchMetric {
  if ('queue' in metric) return named(QUEUE, metric.measure, metric.queue);
  if ('topic' in metric) return named(TOPIC, metric.measure, metric.topic);
  const { namespace, name, dimensions = {}, unit } = metric;
  return { namespace, name, dimensions, unit };
}

function named<M extends string>(source: Source<M>, measure: M, resource: string): CloudWatchMetric {
  const { namespace, dimension, metrics } = source;
  return { namespace, name: metrics[measure][0], dimensions: { [dimension]: resource } };
}

/** What fits the metric when nothing is said: the peak of a level, the sum of a count. */
export function usualStatistic(metric: AlarmMetric): AlarmStatistic {
  if ('queue' in metric) return QUEUE.metrics[metric.measure][1];
  if ('topic' in metric) return TOPIC.metrics[metric.measure][1];
  return 'average';
}

/** A queue's or a topic's measure where the metric is one, the metric under its CloudWatch name otherwise. */
export function alarmMetric(metric: CloudWatchMetric): AlarmMetric {
  const queue = measured(QUEUE, metric);
  if (queue) return { queue: queue.resource, measure: queue.measure };
  const topic = measured(TOPIC, metric);
  if (topic) return { topic: topic.resource, measure: topic.measure };
  const { namespace, name, dimensions, unit } = metric;
  return { namespace, name, dimensions, ...(unit !== undefined && { unit }) } satisfies CustomMetric;
}

function measured<M extends string>(
  source: Source<M>,
  { namespace, name, dimensions, unit }: CloudWatchMetric,
): { resource: string; measure: M } | undefined {
  const resource = dimensions[source.dimension];
  const isAlone = Object.keys(dimensions).length === 1;
  if (namespace !== source.namespace || resource === undefined || !isAlone || unit !== undefined)
    return undefined;
  const measure = (Object.keys(source.metrics) as M[]).find((each) => source.metrics[each][0] === name);
  return measure === undefined ? undefined : { resource, measure };
}
