import type { AlarmDefinition, AlarmRecord, AlarmState, Comparison, MissingData } from '../../monitoring';
import { invalid, isPercentile, sameMetric, SIMPLE_STATISTICS } from '../../monitoring';
import { ServiceError } from '../../engine';
import { page } from '../paging';
import type { Call, Input, Operations, Output, WireContext } from '../protocol';
import { optionalInteger, optionalText, text, textList } from '../protocol';
import {
  alarmsOf,
  choice,
  flag,
  metricOf,
  monitoringOf,
  number,
  optionalNumber,
  optionalUnit,
  renderDimensions,
} from './input';
import { tagsOf } from './tags';

const MAX_PAGE = 100;
const DEFAULT_PAGE = 50;
const MAX_NAMES = 100;
const MAX_REASON = 1023;
const MAX_REASON_DATA = 4000;
const STATES = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];
/** What PutMetricAlarm takes that is not hosted. */
const NOT_HOSTED: Readonly<Record<string, string>> = {
  Metrics: 'metric math and alarms on several metrics',
  ThresholdMetricId: 'anomaly detection',
  EvaluationCriteria: 'PromQL alarms',
  EvaluationInterval: 'PromQL alarms',
};

const ofAlarm = (input: Input, context: WireContext) =>
  monitoringOf(context).alarms.arnOf(text(input, 'AlarmName'));
const ofAlarms = (action: string) => ({
  permissions: (input: Input, context: WireContext) =>
    textList(input, 'AlarmNames').map((name) => ({
      action: `cloudwatch:${action}`,
      resource: monitoringOf(context).alarms.arnOf(name),
    })),
});

export const alarmOperations: Operations = {
  PutMetricAlarm: { permission: 'cloudwatch:PutMetricAlarm', resource: ofAlarm, run: putMetricAlarm },
  DescribeAlarms: { permission: 'cloudwatch:DescribeAlarms', run: describeAlarms },
  DescribeAlarmsForMetric: { permission: 'cloudwatch:DescribeAlarmsForMetric', run: describeAlarmsForMetric },
  DeleteAlarms: { ...ofAlarms('DeleteAlarms'), run: deleteAlarms },
  SetAlarmState: { permission: 'cloudwatch:SetAlarmState', resource: ofAlarm, run: setAlarmState },
  EnableAlarmActions: { ...ofAlarms('EnableAlarmActions'), run: enable(true) },
  DisableAlarmActions: { ...ofAlarms('DisableAlarmActions'), run: enable(false) },
};

async function putMetricAlarm(input: Input, call: Call): Promise<Output> {
  await alarmsOf(call).put(definitionOf(input), tagsOf(input));
  return {};
}

function definitionOf(input: Input): AlarmDefinition {
  for (const [name, what] of Object.entries(NOT_HOSTED)) {
    if (input[name] === undefined || input[name] === '') continue;
    throw invalid(`${name}: ${what} are not hosted by the local runtime`);
  }
  const lowSamples = choice(input, 'EvaluateLowSampleCountPercentile', ['evaluate', 'ignore']);
  return {
    name: text(input, 'AlarmName'),
    description: optionalText(input, 'AlarmDescription'),
    metric: metricOf(input),
    unit: optionalUnit(input),
    statistic: statisticOf(input),
    periodSeconds: number(input, 'Period'),
    evaluationPeriods: number(input, 'EvaluationPeriods'),
    datapointsToAlarm: optionalNumber(input, 'DatapointsToAlarm'),
    comparison: text(input, 'ComparisonOperator') as Comparison,
    threshold: number(input, 'Threshold'),
    treatMissingData: (optionalText(input, 'TreatMissingData') ?? 'missing') as MissingData,
    lowSamples: lowSamples as AlarmDefinition['lowSamples'],
    actionsEnabled: flag(input, 'ActionsEnabled', true),
    actions: {
      OK: textList(input, 'OKActions'),
      ALARM: textList(input, 'AlarmActions'),
      INSUFFICIENT_DATA: textList(input, 'InsufficientDataActions'),
    },
  };
}

function statisticOf(input: Input): string {
  const simple = choice(input, 'Statistic', SIMPLE_STATISTICS);
  const extended = optionalText(input, 'ExtendedStatistic');
  if ((simple === undefined) === (extended === undefined)) {
    throw invalid('One of Statistic and ExtendedStatistic must be set, and not both');
  }
  if (extended !== undefined && !isPercentile(extended)) {
    throw invalid(
      `The value ${extended.slice(0, 50)} for parameter ExtendedStatistic is invalid: percentiles as p99.9 are hosted here`,
    );
  }
  return simple ?? extended!;
}

function describeAlarms(input: Input, call: Call): Output {
  const names = textList(input, 'AlarmNames');
  const prefix = optionalText(input, 'AlarmNamePrefix');
  if (names.length > 0 && prefix !== undefined) {
    throw invalid('AlarmNames and AlarmNamePrefix cannot be set both');
  }
  checkCount(names);
  const state = choice(input, 'StateValue', STATES);
  const action = optionalText(input, 'ActionPrefix') ?? '';
  const types = textList(input, 'AlarmTypes');
  const alarms = alarmsOf(call)
    .list()
    .filter(
      ({ definition, state: { value } }) =>
        (types.length === 0 || types.includes('MetricAlarm')) &&
        (names.length === 0 || names.includes(definition.name)) &&
        definition.name.startsWith(prefix ?? '') &&
        (state === undefined || value === state) &&
        (action === '' ||
          Object.values(definition.actions)
            .flat()
            .some((arn) => arn.startsWith(action))),
    );
  const size = optionalInteger(input, 'MaxRecords', 1, MAX_PAGE) ?? Math.max(DEFAULT_PAGE, names.length);
  const { items, nextToken } = page(alarms, size, optionalText(input, 'NextToken'), 'InvalidNextToken');
  return { CompositeAlarms: [], MetricAlarms: items.map(render), NextToken: nextToken };
}

function describeAlarmsForMetric(input: Input, call: Call): Output {
  const metric = metricOf(input);
  const statistic = optionalText(input, 'Statistic') ?? optionalText(input, 'ExtendedStatistic');
  const period = optionalNumber(input, 'Period');
  const unit = optionalUnit(input);
  const alarms = alarmsOf(call)
    .list()
    .filter(
      ({ definition }) =>
        sameMetric(definition.metric, metric) &&
        (statistic === undefined || definition.statistic === statistic) &&
        (period === undefined || definition.periodSeconds === period) &&
        (unit === undefined || definition.unit === unit),
    );
  return { MetricAlarms: alarms.map(render) };
}

async function deleteAlarms(input: Input, call: Call): Promise<Output> {
  await alarmsOf(call).delete(namesOf(input));
  return {};
}

function enable(enabled: boolean) {
  return async (input: Input, call: Call): Promise<Output> => {
    await alarmsOf(call).enableActions(namesOf(input), enabled);
    return {};
  };
}

async function setAlarmState(input: Input, call: Call): Promise<Output> {
  const name = text(input, 'AlarmName');
  const value = choice(input, 'StateValue', STATES);
  if (value === undefined)
    throw new ServiceError('MissingParameter', 'The parameter StateValue is required.');
  const reason = optionalText(input, 'StateReason');
  if (reason === undefined)
    throw new ServiceError('MissingParameter', 'The parameter StateReason is required.');
  if (reason.length > MAX_REASON)
    throw invalid(`StateReason must not be longer than ${MAX_REASON} characters`);
  const data = optionalText(input, 'StateReasonData');
  if (data !== undefined) checkReasonData(data);
  await alarmsOf(call).setState(name, value as AlarmState, reason, data);
  return {};
}

function checkReasonData(data: string): void {
  if (data.length > MAX_REASON_DATA) {
    throw invalid(`StateReasonData must not be longer than ${MAX_REASON_DATA} characters`);
  }
  try {
    JSON.parse(data);
  } catch {
    throw new ServiceError('InvalidFormat', 'StateReasonData is not JSON.');
  }
}

function namesOf(input: Input): string[] {
  const names = textList(input, 'AlarmNames');
  if (names.length === 0) throw new ServiceError('MissingParameter', 'The parameter AlarmNames is required.');
  checkCount(names);
  return names;
}

function checkCount(names: readonly string[]): void {
  if (names.length > MAX_NAMES) throw invalid(`AlarmNames may have ${MAX_NAMES} names at most`);
}

function render({ definition, arn, configuredAt, state }: AlarmRecord): Output {
  const { metric, statistic, actions } = definition;
  return {
    AlarmName: definition.name,
    AlarmArn: arn,
    AlarmDescription: definition.description,
    AlarmConfigurationUpdatedTimestamp: new Date(configuredAt),
    ActionsEnabled: definition.actionsEnabled,
    OKActions: actions.OK,
    AlarmActions: actions.ALARM,
    InsufficientDataActions: actions.INSUFFICIENT_DATA,
    StateValue: state.value,
    StateReason: state.reason,
    StateReasonData: state.reasonData,
    StateUpdatedTimestamp: new Date(state.updatedAt),
    StateTransitionedTimestamp: new Date(state.transitionedAt),
    MetricName: metric.name,
    Namespace: metric.namespace,
    ...(isPercentile(statistic) ? { ExtendedStatistic: statistic } : { Statistic: statistic }),
    Dimensions: renderDimensions(metric),
    Period: definition.periodSeconds,
    Unit: definition.unit,
    EvaluationPeriods: definition.evaluationPeriods,
    DatapointsToAlarm: definition.datapointsToAlarm,
    Threshold: definition.threshold,
    ComparisonOperator: definition.comparison,
    TreatMissingData: definition.treatMissingData,
    EvaluateLowSampleCountPercentile: definition.lowSamples,
  };
}
