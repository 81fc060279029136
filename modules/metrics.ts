import type { BaseQueue } from './base-queue';
import type { LambdaFunction } from './function';
import type { MySqlDatabase } from './mysql-database';
import type { Table } from './table';

/** A CloudWatch metric, for alarms and dashboards. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: 'Average' | 'Maximum' | 'Minimum' | 'Sum';
}

type Statistic = Metric['statistic'];

export function queueMetrics(queue: BaseQueue) {
  const metric = (name: string, statistic: Statistic): Metric => {
    // Names, not references: what an alarm watches reads the same in the plan as in the console.
    return { namespace: 'AWS/SQS', name, dimensions: { QueueName: queue.name }, statistic };
  };
  return {
    deadLetters: metric('ApproximateNumberOfMessagesVisible', 'Maximum'),
    waiting: metric('ApproximateNumberOfMessagesVisible', 'Maximum'),
    oldestMessage: metric('ApproximateAgeOfOldestMessage', 'Maximum'),
  };
}

export function functionMetrics(fn: LambdaFunction) {
  const metric = (name: string, statistic: Statistic): Metric => {
    return { namespace: 'AWS/Lambda', name, dimensions: { FunctionName: fn.name }, statistic };
  };
  return {
    invocations: metric('Invocations', 'Sum'),
    errors: metric('Errors', 'Sum'),
    throttles: metric('Throttles', 'Sum'),
    duration: metric('Duration', 'Maximum'),
  };
}

export function databaseMetrics(database: MySqlDatabase) {
  const metric = (name: string, statistic: Statistic): Metric => {
    return { namespace: 'AWS/RDS', name, dimensions: { DBInstanceIdentifier: database.name }, statistic };
  };
  return {
    processor: metric('CPUUtilization', 'Average'),
    freeStorage: metric('FreeStorageSpace', 'Minimum'),
    connections: metric('DatabaseConnections', 'Maximum'),
  };
}

/** Throttled requests are counted for the table and for each global index by itself. */
export function tableMetrics(table: Table, index?: string) {
  const dimensions = {
    TableName: table.name,
    ...(index !== undefined && { GlobalSecondaryIndexName: index }),
  };
  const metric = (name: string): Metric => ({
    namespace: 'AWS/DynamoDB',
    name,
    dimensions,
    statistic: 'Sum',
  });
  return {
    throttledReads: metric('ReadThrottleEvents'),
    throttledWrites: metric('WriteThrottleEvents'),
    reads: metric('ConsumedReadCapacityUnits'),
    writes: metric('ConsumedWriteCapacityUnits'),
  };
}
