import type { FieldError } from '../errors';
import { nameErrors } from '../names';
import { isWhole } from '../options';
import { QUEUE_MEASURES, TOPIC_MEASURES } from './measures';
import { targetErrors } from './target-errors';
import type { AlarmMetric, AlarmStatistic, CreateAlarm } from './types';

const DAY = 86_400;
const HOUR = 3600;
const WEEK = 7 * DAY;
const SUB_MINUTE = [10, 20, 30];
const COMPARISONS = ['>', '>=', '<', '<='];
const MISSING_DATA = ['missing', 'not-breaching', 'breaching', 'ignore'];
const STATISTICS: readonly AlarmStatistic[] = ['average', 'sum', 'minimum', 'maximum', 'sample-count'];
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html */
const EXTENDED = /^(?:p|tm)(?:100(?:\.0{1,2})?|\d{1,2}(?:\.\d{1,2})?)$/;
const MAX_DIMENSIONS = 30;
const MAX_DESCRIPTION = 1024;

/**
 * Everything that is wrong with a new alarm. CloudWatch takes some of it and then never evaluates the alarm, such as a period
 * of ten seconds over a metric that has a point a minute.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
export function alarmErrors(input: CreateAlarm): FieldError[] {
  return [
    ...nameErrors('alarm', input.name),
    ...descriptionErrors(input),
    ...metricErrors(input.metric),
    ...comparisonErrors(input),
    ...periodErrors(input),
    ...targetErrors(input),
  ];
}

function descriptionErrors({ description = '' }: CreateAlarm): FieldError[] {
  if (description.length <= MAX_DESCRIPTION) return [];
  return [{ field: 'description', detail: `must have up to ${MAX_DESCRIPTION} characters` }];
}

function metricErrors(metric: AlarmMetric): FieldError[] {
  if ('queue' in metric) {
    return [
      ...nameErrors('queue', metric.queue, 'metric.queue'),
      ...oneOf(QUEUE_MEASURES, metric.measure, 'metric.measure'),
    ];
  }
  if ('topic' in metric) {
    return [
      ...nameErrors('topic', metric.topic, 'metric.topic'),
      ...oneOf(TOPIC_MEASURES, metric.measure, 'metric.measure'),
    ];
  }
  const errors: FieldError[] = [];
  for (const field of ['namespace', 'name'] as const) {
    if (!isText(metric[field], 255)) {
      errors.push({ field: `metric.${field}`, detail: 'must have 1 to 255 characters' });
    }
  }
  return [...errors, ...dimensionErrors(metric.dimensions ?? {})];
}

function dimensionErrors(dimensions: Readonly<Record<string, string>>): FieldError[] {
  const field = 'metric.dimensions';
  const entries = Object.entries(dimensions);
  if (entries.length > MAX_DIMENSIONS) return [{ field, detail: `must be up to ${MAX_DIMENSIONS}` }];
  const isRight = entries.every(([name, value]) => isText(name, 255) && isText(value, 1024));
  return isRight ? [] : [{ field, detail: 'names have 1 to 255 characters, values 1 to 1024' }];
}

function comparisonErrors(input: CreateAlarm): FieldError[] {
  const { statistic, comparison, threshold, missingData } = input;
  const errors = oneOf(COMPARISONS, comparison, 'comparison');
  if (!Number.isFinite(threshold)) errors.push({ field: 'threshold', detail: 'must be a number' });
  if (missingData !== undefined) errors.push(...oneOf(MISSING_DATA, missingData, 'missingData'));
  if (statistic !== undefined && !EXTENDED.test(statistic)) {
    errors.push(...oneOf([...STATISTICS, 'p0 to p100', 'tm0 to tm100'], statistic, 'statistic'));
  }
  return errors;
}

function periodErrors({
  metric,
  periodSeconds = 60,
  evaluationPeriods = 1,
  datapointsToAlarm,
}: CreateAlarm): FieldError[] {
  const errors: FieldError[] = [];
  const isMinutes = isWhole(periodSeconds, 60, WEEK) && periodSeconds % 60 === 0;
  if (!isMinutes && !SUB_MINUTE.includes(periodSeconds)) {
    errors.push({ field: 'periodSeconds', detail: 'must be 10, 20, 30 or a multiple of 60' });
  } else if (!isMinutes && isAwsMetric(metric)) {
    errors.push({
      field: 'periodSeconds',
      detail: 'must be a multiple of 60: the metric has a data point a minute',
    });
  }
  if (!isWhole(evaluationPeriods, 1, DAY)) {
    errors.push({ field: 'evaluationPeriods', detail: 'must be a whole number of at least 1' });
  } else if (!isWhole(datapointsToAlarm ?? 1, 1, evaluationPeriods)) {
    errors.push({
      field: 'datapointsToAlarm',
      detail: `must be a whole number from 1 to evaluationPeriods (${evaluationPeriods})`,
    });
  }
  return errors.length > 0 ? errors : rangeErrors(periodSeconds, evaluationPeriods);
}

function rangeErrors(periodSeconds: number, evaluationPeriods: number): FieldError[] {
  const seconds = periodSeconds * evaluationPeriods;
  const [most, words] =
    periodSeconds < HOUR ? [DAY, 'a day for periods under an hour'] : [WEEK, 'seven days'];
  if (seconds <= most) return [];
  const detail = `periodSeconds * evaluationPeriods is ${seconds}: must be up to ${most}, ${words}`;
  return [{ field: 'evaluationPeriods', detail }];
}

function isAwsMetric(metric: AlarmMetric): boolean {
  return 'measure' in metric || metric.namespace.startsWith('AWS/');
}

function oneOf(values: readonly string[], value: string, field: string): FieldError[] {
  return values.includes(value) ? [] : [{ field, detail: `must be one of ${values.join(', ')}` }];
}

function isText(value: unknown, most: number): boolean {
  return typeof value === 'string' && value.length >= 1 && value.length <= most;
}
