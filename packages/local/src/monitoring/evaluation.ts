import type { AlarmDefinition, AlarmState } from './alarm';
import { COMPARISONS } from './alarm';
import type { MetricStore } from './metric-store';
import { isPercentile, statistic } from './statistics';
import { notEnough, reasonOf } from './state-reason';

/** A period of an alarm with data. */
export interface Datapoint {
  /** Its beginning; milliseconds since the epoch. */
  readonly at: number;
  readonly value: number;
  readonly sampleCount: number;
}

export interface Evaluation {
  readonly value: AlarmState;
  readonly reason: string;
  /** What it was decided by, the newest first. */
  readonly datapoints: readonly Datapoint[];
}

/** CloudWatch looks at more periods than it evaluates, in its documentation at two more. */
const MORE_PERIODS = 2;

/**
 * The periods that CloudWatch looks at, the newest first; undefined is missing.
 * @param end of the newest period; milliseconds since the epoch
 */
export function datapointsOf(
  alarm: AlarmDefinition,
  metrics: MetricStore,
  end: number,
): (Datapoint | undefined)[] {
  const { metric, unit, periodSeconds, evaluationPeriods } = alarm;
  const periodMs = periodSeconds * 1000;
  return Array.from({ length: evaluationPeriods + MORE_PERIODS }, (_, i) => {
    const at = end - (i + 1) * periodMs;
    const set = metrics.statistics(metric, at, at + periodMs, unit);
    const value = set && statistic(set, alarm.statistic);
    return value === undefined ? undefined : { at, value, sampleCount: set!.sampleCount };
  });
}

/**
 * What state an alarm goes to; undefined keeps the one that it has.
 * @param range the newest first
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function evaluate(
  alarm: AlarmDefinition,
  range: readonly (Datapoint | undefined)[],
): Evaluation | undefined {
  const present = range.filter((each) => each !== undefined).slice(0, alarm.evaluationPeriods);
  if (hasTooFewSamples(alarm, present)) return undefined;
  const { evaluationPeriods, datapointsToAlarm = evaluationPeriods, treatMissingData } = alarm;
  const breaching = present.filter((each) => breaches(alarm, each));
  const missing = evaluationPeriods - present.length;
  const result = (value: AlarmState): Evaluation => ({
    value,
    reason:
      value === 'INSUFFICIENT_DATA'
        ? notEnough(evaluationPeriods - present.length)
        : reasonOf(alarm, value, present),
    datapoints: present,
  });
  if (breaching.length >= datapointsToAlarm) return result('ALARM');
  if (missing === 0 || treatMissingData === 'notBreaching') return result('OK');
  if (treatMissingData === 'breaching') {
    return result(breaching.length + missing >= datapointsToAlarm ? 'ALARM' : 'OK');
  }
  if (breaching.length < present.length) return result('OK');
  if (treatMissingData === 'ignore') return undefined;
  // What breached so long ago, with nothing better since then, is an alarm, though there are few datapoints.
  const oldest = range.findLastIndex((each) => each !== undefined);
  return result(oldest + 1 >= datapointsToAlarm ? 'ALARM' : 'INSUFFICIENT_DATA');
}

export function breaches({ comparison, threshold }: AlarmDefinition, { value }: Datapoint): boolean {
  return COMPARISONS[comparison].breaches(value, threshold);
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html */
function hasTooFewSamples(
  { statistic: name, lowSamples }: AlarmDefinition,
  present: readonly Datapoint[],
): boolean {
  if (lowSamples !== 'ignore' || !isPercentile(name) || present.length === 0) return false;
  const share = Number(name.slice(1)) / 100;
  const needed = 10 / (share >= 0.5 ? 1 - share : share);
  return present.reduce((sum, { sampleCount }) => sum + sampleCount, 0) < needed;
}
