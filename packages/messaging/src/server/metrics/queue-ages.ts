import type { Aws } from '../../clients';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const MAX_QUERIES = 500;
const PERIOD_SECONDS = 60;
/** SQS publishes once a minute, some minutes late. */
const LOOK_BACK_MS = 10 * 60_000;

/**
 * Seconds that the oldest message of each queue has waited, by CloudWatch's latest data point. Queues without one
 * are not in the answer: CloudWatch has none of queues that nobody uses.
 *
 * @throws MessagingError
 */
export async function queueAges(aws: Aws, queues: readonly string[]): Promise<Map<string, number>> {
  const ages = new Map<string, number>();
  for (let at = 0; at < queues.length; at += MAX_QUERIES) {
    const part = queues.slice(at, at + MAX_QUERIES);
    const results = await aws.attempt('asking CloudWatch for the age of messages', () => ask(aws, part));
    for (const { Id, Values } of results) {
      const age = Values?.[0];
      if (age !== undefined) ages.set(part[Number(Id?.slice(1))]!, age);
    }
  }
  return ages;
}

async function ask(aws: Aws, queues: readonly string[]) {
  const now = aws.clock.now();
  const client = await aws.cloudWatch();
  const { MetricDataResults = [] } = await client.getMetricData({
    StartTime: new Date(now - LOOK_BACK_MS),
    EndTime: new Date(now),
    ScanBy: 'TimestampDescending',
    MetricDataQueries: queues.map((queue, index) => ({
      Id: `q${index}`,
      MetricStat: {
        Metric: {
          Namespace: 'AWS/SQS',
          MetricName: 'ApproximateAgeOfOldestMessage',
          Dimensions: [{ Name: 'QueueName', Value: queue }],
        },
        Period: PERIOD_SECONDS,
        Stat: 'Maximum',
      },
    })),
  });
  return MetricDataResults;
}
