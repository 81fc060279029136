import type { AlarmDefinition, AlarmState, StateOfAlarm } from './alarm';
import { COMPARISONS } from './alarm';
import type { Datapoint } from './evaluation';

/** Of an alarm that was never evaluated. */
export const UNCHECKED = 'Unchecked: Initial alarm creation';

/** Why there is no state but INSUFFICIENT_DATA. */
export function notEnough(missing: number): string {
  return `Insufficient Data: ${missing} ${missing === 1 ? 'datapoint was' : 'datapoints were'} unknown.`;
}

/**
 * In CloudWatch's words: `Threshold Crossed: 1 out of the last 1 datapoints [5.0 (21/11/26 12:00:00)] was greater than the threshold
 * (0.0) (minimum 1 datapoint for OK -> ALARM transition).`
 * @param present the newest first
 */
export function reasonOf(alarm: AlarmDefinition, to: AlarmState, present: readonly Datapoint[]): string {
  const { evaluationPeriods, datapointsToAlarm = evaluationPeriods, threshold } = alarm;
  const missing = evaluationPeriods - present.length;
  if (present.length === 0) {
    return `Threshold Crossed: no datapoints were received for ${count(missing, 'period')} and ${treated(alarm, missing)}.`;
  }
  const { text, breaches } = COMPARISONS[alarm.comparison];
  const decisive = present.filter(({ value }) => breaches(value, threshold) === (to === 'ALARM'));
  const list = decisive.map(({ at, value }) => `${decimal(value)} (${stamp(at)})`).join(', ');
  const verb = decisive.length === 1 ? 'was' : 'were';
  const not = to === 'ALARM' ? '' : 'not ';
  const found = `[${list}] ${verb} ${not}${text} the threshold (${decimal(threshold)})`;
  if (missing > 0 && alarm.treatMissingData !== 'missing' && alarm.treatMissingData !== 'ignore') {
    return `Threshold Crossed: ${count(decisive.length, 'datapoint')} ${found} and ${treated(alarm, missing)}.`;
  }
  const minimum = to === 'ALARM' ? datapointsToAlarm : evaluationPeriods - datapointsToAlarm + 1;
  const way = to === 'ALARM' ? 'OK -> ALARM' : 'ALARM -> OK';
  return (
    `Threshold Crossed: ${decisive.length} out of the last ${present.length} datapoints ${found} ` +
    `(minimum ${count(minimum, 'datapoint')} for ${way} transition).`
  );
}

/** JSON with what the state was decided by, as DescribeAlarms and notifications of functions have it. */
export function reasonData(
  alarm: AlarmDefinition,
  datapoints: readonly Datapoint[],
  decidedAt: number,
): string {
  const oldestFirst = [...datapoints].reverse();
  return JSON.stringify({
    version: '1.0',
    queryDate: timestamp(decidedAt),
    ...(oldestFirst.length > 0 && { startDate: timestamp(oldestFirst[0]!.at) }),
    ...(alarm.unit !== undefined && { unit: alarm.unit }),
    statistic: alarm.statistic,
    period: alarm.periodSeconds,
    recentDatapoints: oldestFirst.map(({ value }) => value),
    threshold: alarm.threshold,
    evaluatedDatapoints: datapoints.map(({ at, value, sampleCount }) => ({
      timestamp: timestamp(at),
      sampleCount,
      value,
    })),
  });
}

/** `2026-11-21T12:00:00.000+0000` */
export function timestamp(at: number): string {
  return new Date(at).toISOString().replace('Z', '+0000');
}

/** What an unevaluated alarm begins with. */
export function initialState(now: number): StateOfAlarm {
  return { value: 'INSUFFICIENT_DATA', reason: UNCHECKED, updatedAt: now, transitionedAt: now };
}

function treated({ treatMissingData }: AlarmDefinition, missing: number): string {
  const how = treatMissingData === 'breaching' ? 'Breaching' : 'NonBreaching';
  return `${count(missing, 'missing datapoint')} ${missing === 1 ? 'was' : 'were'} treated as [${how}]`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function decimal(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e7 ? value.toFixed(1) : String(value);
}

/** `21/11/26 12:00:00` */
function stamp(at: number): string {
  const iso = new Date(at).toISOString();
  return `${iso.slice(8, 10)}/${iso.slice(5, 7)}/${iso.slice(2, 4)} ${iso.slice(11, 19)}`;
}
