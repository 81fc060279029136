import { ServiceError } from '../engine';
import type { AlarmDefinition } from './alarm';
import { COMPARISONS } from './alarm';
import type { Metric } from './metric-store';
import { isStatistic } from './statistics';

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
const MAX_NAME = 255;
const MAX_DESCRIPTION = 1024;
const MAX_ACTIONS = 5;
const MAX_ARN = 1024;
const MAX_DIMENSIONS = 30;
const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3600;
const FINE_PERIODS = [10, 20, 30];
const TREATMENTS = ['missing', 'ignore', 'breaching', 'notBreaching'];
/** Halves of surrogate pairs too: they have no form in UTF-8, in which names are kept. */
const CONTROL = /[\p{Cc}\p{Cs}]/u;

/** Refuses what PutMetricAlarm refuses. @throws ServiceError ValidationError */
export function checkAlarm(alarm: AlarmDefinition): void {
  checkName(alarm.name);
  if ((alarm.description?.length ?? 0) > MAX_DESCRIPTION) {
    throw invalid(`AlarmDescription must not be longer than ${MAX_DESCRIPTION} characters`);
  }
  checkMetric(alarm.metric);
  checkPeriods(alarm);
  if (!Object.hasOwn(COMPARISONS, alarm.comparison)) {
    throw invalid(
      `ComparisonOperator must be one of ${Object.keys(COMPARISONS).join(', ')}, and is ${shown(alarm.comparison)}`,
    );
  }
  if (!Number.isFinite(alarm.threshold)) throw invalid('Threshold must be a number');
  if (!TREATMENTS.includes(alarm.treatMissingData)) {
    throw invalid(
      `TreatMissingData must be one of ${TREATMENTS.join(', ')}, and is ${shown(alarm.treatMissingData)}`,
    );
  }
  if (!isStatistic(alarm.statistic)) {
    throw invalid(
      `The statistic must be SampleCount, Average, Sum, Minimum, Maximum or a percentile as p99.9, and is ${shown(alarm.statistic)}`,
    );
  }
  checkActions(alarm);
}

export function checkName(name: string): void {
  if (name.length >= 1 && name.length <= MAX_NAME && !CONTROL.test(name)) return;
  throw invalid(`AlarmName must have 1 to ${MAX_NAME} characters, and no control characters`);
}

/** @throws ServiceError ValidationError */
export function checkMetric({ namespace, name, dimensions }: Metric): void {
  if (!/^[^:][^]{0,254}$/.test(namespace)) {
    throw invalid('Namespace must have 1 to 255 characters, and not begin with a colon');
  }
  if (!/^[^]{1,255}$/.test(name)) throw invalid('MetricName must have 1 to 255 characters');
  if (dimensions.length > MAX_DIMENSIONS) throw invalid(`There may be ${MAX_DIMENSIONS} dimensions at most`);
  for (const dimension of dimensions) {
    if (!/^[^:][^]{0,254}$/.test(dimension.name)) {
      throw invalid('The name of a dimension must have 1 to 255 characters, and not begin with a colon');
    }
    if (!/^[^]{1,1024}$/.test(dimension.value)) {
      throw invalid('The value of a dimension must have 1 to 1024 characters');
    }
  }
  if (new Set(dimensions.map((each) => each.name)).size < dimensions.length) {
    throw invalid('No two dimensions may have the same name');
  }
}

function checkPeriods({ periodSeconds, evaluationPeriods, datapointsToAlarm, metric }: AlarmDefinition) {
  const fine = FINE_PERIODS.includes(periodSeconds);
  if (!fine && (!Number.isInteger(periodSeconds) || periodSeconds < 60 || periodSeconds % 60 !== 0)) {
    throw invalid(`Period must be 10, 20, 30 or a multiple of 60, and is ${periodSeconds}`);
  }
  if (fine && metric.namespace.startsWith('AWS/')) {
    throw invalid(
      `Period must not be less than 60 for the namespace ${metric.namespace}, and is ${periodSeconds}`,
    );
  }
  if (!Number.isInteger(evaluationPeriods) || evaluationPeriods < 1) {
    throw invalid(`EvaluationPeriods must be at least 1, and is ${evaluationPeriods}`);
  }
  const { limit, words } =
    periodSeconds >= HOUR_SECONDS
      ? { limit: 7 * DAY_SECONDS, words: 'seven days with periods of an hour or more' }
      : { limit: DAY_SECONDS, words: 'one day with periods of less than an hour' };
  if (periodSeconds * evaluationPeriods > limit) {
    throw invalid(
      `Metrics cannot be checked across more than ${words}: EvaluationPeriods * Period must be ${limit} at most`,
    );
  }
  if (datapointsToAlarm === undefined) return;
  if (
    !Number.isInteger(datapointsToAlarm) ||
    datapointsToAlarm < 1 ||
    datapointsToAlarm > evaluationPeriods
  ) {
    throw invalid(
      `DatapointsToAlarm must be from 1 to EvaluationPeriods ${evaluationPeriods}, and is ${datapointsToAlarm}`,
    );
  }
}

function checkActions({ actions }: AlarmDefinition): void {
  for (const arns of Object.values(actions)) {
    if (arns.length > MAX_ACTIONS) throw invalid(`There may be ${MAX_ACTIONS} actions a state at most`);
    if (new Set(arns).size < arns.length) throw invalid('An action may be named once a state');
    const strange = arns.find((arn) => arn.length > MAX_ARN || !arn.startsWith('arn:'));
    if (strange !== undefined) throw invalid(`Invalid arn syntax: ${shown(strange)}`);
  }
}

export function invalid(message: string): ServiceError {
  return new ServiceError('ValidationError', message);
}

function shown(text: string): string {
  return text.slice(0, 100);
}
