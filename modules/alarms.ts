import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { Construct } from 'constructs';
import { Dashboard } from './dashboard';
import type { DeadLetterQueue } from './dead-letter-queue';
import type { EncryptionKey } from './encryption-key';
import type { LambdaFunction } from './function';
import type { Metric } from './metrics';
import { databaseMetrics, functionMetrics, queueMetrics, tableMetrics } from './metrics';
import type { MySqlDatabase } from './mysql-database';
import { pathId } from './names';
import type { Queue } from './queue';
import type { Table } from './table';
import { Topic } from './topic';
import { requireInteger } from './validate';

export interface AlarmsProps {
  /** Prefix of the alarms' names, and the name of topic and dashboard. */
  readonly name: string;
  /** Encrypts the alarm topic; alarms cannot publish through AWS's own key. */
  readonly encryptionKey: EncryptionKey;
  /** Who gets a mail, after confirming it once. @default nobody; subscribe to the topic */
  readonly emailAddresses?: readonly string[];
  /** Everything watched on one page; 3 USD a month beyond the account's third. @default false */
  readonly dashboard?: boolean;
}

/**
 * Alarms about what people must look at, all to one encrypted topic, and a dashboard of what they watch.
 *
 * Emits aws_cloudwatch_metric_alarm, aws_sns_topic with its policy, aws_sns_topic_subscription a mail address, and
 * aws_cloudwatch_dashboard. 0.10 USD a month for each alarm.
 *
 * @example
 * const alarms = new Alarms(scope, 'alarms', { name: 'orders', encryptionKey: key });
 * alarms.watchDeadLetters(queue.deadLetterQueue);
 * alarms.watchFunction(fn);
 */
export class Alarms extends Construct {
  readonly topic: Topic;
  readonly dashboard?: Dashboard;
  readonly alarms: CloudwatchMetricAlarm[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AlarmsProps,
  ) {
    super(scope, id);
    this.topic = new Topic(this, 'topic', {
      name: `${props.name}-alarms`,
      encryptionKey: props.encryptionKey,
    });
    this.topic.allowAlarms();
    props.emailAddresses?.forEach((address) => this.topic.subscribeEmail(address));
    this.dashboard = props.dashboard ? new Dashboard(this, 'dashboard', { name: props.name }) : undefined;
  }

  /** A first message among the dead letters: something was given up on. */
  watchDeadLetters(queue: DeadLetterQueue): void {
    const { deadLetters } = queueMetrics(queue);
    this.watch(queue, `Dead letters: ${queue.name}`, [
      {
        metric: deadLetters,
        id: 'depth',
        threshold: 0,
        periods: 1,
        text: 'Messages that were given up on wait here',
      },
    ]);
  }

  /** @param maxAgeSeconds how long the oldest message may wait @default 300 */
  watchQueue(queue: Queue, maxAgeSeconds = 300): void {
    requireInteger(this, 'maxAgeSeconds', maxAgeSeconds, { min: 1, max: 1_209_600 }, 'SQS retention');
    const { oldestMessage, waiting } = queueMetrics(queue);
    this.watch(
      queue,
      `Queue: ${queue.name}`,
      [
        {
          metric: oldestMessage,
          id: 'age',
          threshold: maxAgeSeconds,
          periods: 3,
          text: `The oldest message has waited for over ${maxAgeSeconds} seconds: consumers fail or cannot keep up`,
        },
      ],
      [waiting],
    );
  }

  /** Any error in five minutes; any throttle in three of them. */
  watchFunction(fn: LambdaFunction): void {
    const { errors, throttles, duration, invocations } = functionMetrics(fn);
    this.watch(
      fn,
      `Function: ${fn.name}`,
      [
        { metric: errors, id: 'errors', threshold: 0, periods: 1, text: 'Invocations failed; see the log' },
        {
          metric: throttles,
          id: 'throttles',
          threshold: 0,
          periods: 3,
          text: 'Invocations were refused: the reserved or the account concurrency is used up',
        },
      ],
      [invocations, duration],
    );
  }

  /** Processor above 80 %, storage below 2 GiB, connections above `maxConnections`. */
  watchDatabase(database: MySqlDatabase, maxConnections: number): void {
    requireInteger(this, 'maxConnections', maxConnections, { min: 1, max: 100_000 }, 'MySQL max_connections');
    const { processor, freeStorage, connections } = databaseMetrics(database);
    this.watch(database, `Database: ${database.name}`, [
      {
        metric: processor,
        id: 'processor',
        threshold: 80,
        periods: 3,
        text: 'The processor is over 80 % busy',
      },
      {
        metric: freeStorage,
        id: 'storage',
        threshold: 2 * 1024 ** 3,
        below: true,
        periods: 1,
        text: 'Less than 2 GiB are free',
      },
      {
        metric: connections,
        id: 'connections',
        threshold: maxConnections,
        periods: 3,
        text: `More than ${maxConnections} connections are open`,
      },
    ]);
  }

  /** Throttled reads and writes in two periods of five minutes: an on-demand table has a hot key, or met an account's limit. */
  watchTable(table: Table): void {
    const { reads, writes } = tableMetrics(table);
    const parts = [undefined, ...Object.keys(table.props.globalIndexes ?? {})];
    const conditions = parts.flatMap((index) => {
      const { throttledReads, throttledWrites } = tableMetrics(table, index);
      const of = index === undefined ? 'the table' : `its index ${index}`;
      const prefix = index === undefined ? '' : `${index}-`;
      return [
        throttle(throttledReads, `${prefix}throttled-reads`, `Reads of ${of}`),
        throttle(throttledWrites, `${prefix}throttled-writes`, `Writes to ${of}`),
      ];
    });
    this.watch(table, `Table: ${table.name}`, conditions, [reads, writes]);
  }

  private watch(watched: Construct, title: string, conditions: AlarmCondition[], more: Metric[] = []): void {
    for (const condition of conditions) this.alarms.push(this.createAlarm(watched, condition));
    this.dashboard?.add(title, [...conditions.map(({ metric }) => metric), ...more]);
  }

  private createAlarm(
    watched: Construct,
    { metric, id, ...condition }: AlarmCondition,
  ): CloudwatchMetricAlarm {
    const name = `${pathId(watched)}-${id}`;
    return new CloudwatchMetricAlarm(this, name, {
      alarmName: `${this.props.name}-${name}`,
      alarmDescription: condition.text,
      namespace: metric.namespace,
      metricName: metric.name,
      dimensions: { ...metric.dimensions },
      statistic: metric.statistic,
      period: 300,
      evaluationPeriods: condition.periods,
      threshold: condition.threshold,
      comparisonOperator: condition.below ? 'LessThanThreshold' : 'GreaterThanThreshold',
      // Metrics of queues and functions without traffic are not sent at all.
      treatMissingData: 'notBreaching',
      actionsEnabled: true,
      alarmActions: [this.topic.arn],
      okActions: [this.topic.arn],
    });
  }
}

interface AlarmCondition {
  readonly metric: Metric;
  readonly id: string;
  readonly threshold: number;
  /** Alarms below the threshold rather than above it. @default false */
  readonly below?: boolean;
  /** Five-minute periods in a row. */
  readonly periods: number;
  /** What it means, for whoever gets the mail. */
  readonly text: string;
}

function throttle(metric: Metric, id: string, what: string): AlarmCondition {
  return {
    metric,
    id,
    threshold: 0,
    periods: 2,
    text: `${what} are throttled: one key is hot, or a limit is met`,
  };
}
