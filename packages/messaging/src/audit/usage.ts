import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Aws } from '../clients';
import type { RateLimit } from '../watcher/rate';

/** Messages of the days that were looked at. */
export interface Usage {
  readonly sent: number;
  readonly received: number;
}

const DAY_SECONDS = 86_400;
/** 500 metrics a call, two a queue: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const QUEUES_A_CALL = 250;
/** A month of days is far less than what one page holds; what has no end is not followed for ever. */
const MOST_PAGES = 100;

/** How much each queue was used, by CloudWatch's count. */
export async function readUsage(
  aws: Aws,
  queues: readonly string[],
  days: number,
  { rate, signal }: { readonly rate: RateLimit; readonly signal?: AbortSignal | undefined },
): Promise<Map<string, Usage>> {
  const usage = new Map<string, Usage>();
  const end = aws.clock.now();
  for (let first = 0; first < queues.length; first += QUEUES_A_CALL) {
    const names = queues.slice(first, first + QUEUES_A_CALL);
    const sums = new Map<string, number>();
    let token: string | undefined;
    for (let page = 0; page < MOST_PAGES && (page === 0 || token); page++) {
      await rate.take(signal);
      const { MetricDataResults = [], NextToken } = await aws.attempt('reading the use of queues', async () =>
        (await aws.cloudWatch()).getMetricData(
          {
            MetricDataQueries: names.flatMap(queriesOf),
            StartTime: new Date(end - days * DAY_SECONDS * 1000),
            EndTime: new Date(end),
            NextToken: token,
          },
          signal === undefined ? {} : { abortSignal: signal },
        ),
      );
      for (const { Id = '', Values = [] } of MetricDataResults) {
        sums.set(
          Id,
          Values.reduce((sum, value) => sum + value, sums.get(Id) ?? 0),
        );
      }
      token = NextToken;
    }
    names.forEach((name, index) => {
      usage.set(name, { sent: sums.get(`s${index}`) ?? 0, received: sums.get(`r${index}`) ?? 0 });
    });
  }
  return usage;
}

function queriesOf(queue: string, index: number): MetricDataQuery[] {
  const query = (id: string, MetricName: string): MetricDataQuery => ({
    Id: `${id}${index}`,
    MetricStat: {
      Metric: { Namespace: 'AWS/SQS', MetricName, Dimensions: [{ Name: 'QueueName', Value: queue }] },
      Period: DAY_SECONDS,
      Stat: 'Sum',
    },
  });
  return [query('s', 'NumberOfMessagesSent'), query('r', 'NumberOfMessagesReceived')];
}
