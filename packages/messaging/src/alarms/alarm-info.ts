import { isDeepStrictEqual } from 'node:util';
import type { MetricAlarm, PutMetricAlarmInput, StateValue } from '@aws-sdk/client-cloudwatch';
import { alarmMetric, cloudWatchMetric, usualStatistic } from './measures';
import type { AlarmActions, AlarmComparison, AlarmInfo, AlarmState, CreateAlarm, MissingData } from './types';

const STATES: Readonly<Record<AlarmState, StateValue>> = {
  ok: 'OK',
  alarm: 'ALARM',
  'insufficient-data': 'INSUFFICIENT_DATA',
};

const COMPARISONS = {
  '>': 'GreaterThanThreshold',
  '>=': 'GreaterThanOrEqualToThreshold',
  '<': 'LessThanThreshold',
  '<=': 'LessThanOrEqualToThreshold',
} as const satisfies Record<AlarmComparison, string>;

const MISSING: Readonly<Record<MissingData, string>> = {
  missing: 'missing',
  'not-breaching': 'notBreaching',
  breaching: 'breaching',
  ignore: 'ignore',
};

const STATISTICS = {
  average: 'Average',
  sum: 'Sum',
  minimum: 'Minimum',
  maximum: 'Maximum',
  'sample-count': 'SampleCount',
} as const;

export function stateValue(state: AlarmState): StateValue {
  return STATES[state];
}

/** The library's word for CloudWatch's. */
function keyOf<K extends string>(
  words: Readonly<Record<K, string>>,
  word: string | undefined,
): K | undefined {
  return (Object.keys(words) as K[]).find((key) => words[key] === word);
}

export function alarmState(value: string | undefined): AlarmState {
  return keyOf(STATES, value) ?? 'insufficient-data';
}

/** An alarm as CloudWatch takes it. */
export function alarmInput(input: CreateAlarm, actions: AlarmActions): PutMetricAlarmInput {
  const { name, description, metric, threshold, periodSeconds = 60, evaluationPeriods = 1 } = input;
  const { namespace, name: metricName, dimensions, unit } = cloudWatchMetric(metric);
  return {
    AlarmName: name,
    AlarmDescription: description,
    Namespace: namespace,
    MetricName: metricName,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    Unit: unit as PutMetricAlarmInput['Unit'],
    ...statisticInput(input.statistic ?? usualStatistic(metric)),
    ComparisonOperator: COMPARISONS[input.comparison],
    Threshold: threshold,
    Period: periodSeconds,
    EvaluationPeriods: evaluationPeriods,
    DatapointsToAlarm: input.datapointsToAlarm ?? evaluationPeriods,
    TreatMissingData: MISSING[input.missingData ?? 'missing'],
    AlarmActions: actions.alarm,
    OKActions: actions.ok,
    InsufficientDataActions: actions.insufficientData,
  };
}

function statisticInput(statistic: string): Pick<PutMetricAlarmInput, 'Statistic' | 'ExtendedStatistic'> {
  const plain = STATISTICS[statistic as keyof typeof STATISTICS] as keyof typeof STATISTICS | undefined;
  return plain === undefined
    ? { ExtendedStatistic: statistic }
    : { Statistic: plain as unknown as PutMetricAlarmInput['Statistic'] };
}

/** What CloudWatch answers, as the library has it. */
export function alarmInfo(alarm: MetricAlarm): AlarmInfo {
  const evaluationPeriods = alarm.EvaluationPeriods ?? 1;
  return {
    name: alarm.AlarmName!,
    arn: alarm.AlarmArn!,
    description: alarm.AlarmDescription ?? '',
    state: alarmState(alarm.StateValue),
    stateReason: alarm.StateReason ?? '',
    stateChangedAt: alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp ?? new Date(0),
    metric: metricOf(alarm),
    statistic: keyOf(STATISTICS, alarm.Statistic) ?? alarm.ExtendedStatistic ?? null,
    comparison: keyOf(COMPARISONS, alarm.ComparisonOperator) ?? null,
    threshold: alarm.Threshold ?? null,
    periodSeconds: alarm.Period ?? null,
    evaluationPeriods,
    datapointsToAlarm: alarm.DatapointsToAlarm ?? evaluationPeriods,
    missingData: keyOf(MISSING, alarm.TreatMissingData) ?? 'missing',
    actionsEnabled: alarm.ActionsEnabled ?? true,
    actions: {
      alarm: alarm.AlarmActions ?? [],
      ok: alarm.OKActions ?? [],
      insufficientData: alarm.InsufficientDataActions ?? [],
    },
  };
}

function metricOf({ Namespace, MetricName, Dimensions = [], Unit }: MetricAlarm): AlarmInfo['metric'] {
  if (Namespace === undefined || MetricName === undefined) return null;
  const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name!, Value!]));
  return alarmMetric({ namespace: Namespace, name: MetricName, dimensions, unit: Unit || undefined });
}

/** Whether an alarm is the one that is asked for: what it looks at and whom it tells, not its state. */
export function isSame(info: AlarmInfo, input: CreateAlarm, actions: AlarmActions): boolean {
  const { statistic, evaluationPeriods = 1 } = input;
  const wanted: Partial<AlarmInfo> = {
    description: input.description ?? '',
    metric: alarmMetric(cloudWatchMetric(input.metric)),
    statistic: statistic ?? usualStatistic(input.metric),
    comparison: input.comparison,
    threshold: input.threshold,
    periodSeconds: input.periodSeconds ?? 60,
    evaluationPeriods,
    datapointsToAlarm: input.datapointsToAlarm ?? evaluationPeriods,
    missingData: input.missingData ?? 'missing',
  };
  const keys = Object.keys(wanted) as (keyof AlarmInfo)[];
  return (
    keys.every((key) => isDeepStrictEqual(info[key], wanted[key])) &&
    (['alarm', 'ok', 'insufficientData'] as const).every((state) =>
      isDeepStrictEqual(new Set(info.actions[state]), new Set(actions[state])),
    )
  );
}
