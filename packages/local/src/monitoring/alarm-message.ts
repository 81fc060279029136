import { createHash } from 'node:crypto';
import type { Locale } from '../engine';
import type { AlarmDefinition, AlarmRecord, StateOfAlarm, Transition } from './alarm';
import { mailText } from './alarm-mail';
import { timestamp } from './state-reason';
import { SIMPLE_STATISTICS } from './statistics';

// https://docs.aws.amazon.com/general/latest/gr/rande.html
const REGIONS: Readonly<Record<string, string>> = {
  'us-east-1': 'US East (N. Virginia)',
  'us-east-2': 'US East (Ohio)',
  'us-west-1': 'US West (N. California)',
  'us-west-2': 'US West (Oregon)',
  'ca-central-1': 'Canada (Central)',
  'eu-central-1': 'EU (Frankfurt)',
  'eu-central-2': 'EU (Zurich)',
  'eu-north-1': 'EU (Stockholm)',
  'eu-south-1': 'EU (Milan)',
  'eu-west-1': 'EU (Ireland)',
  'eu-west-2': 'EU (London)',
  'eu-west-3': 'EU (Paris)',
  'ap-northeast-1': 'Asia Pacific (Tokyo)',
  'ap-south-1': 'Asia Pacific (Mumbai)',
  'ap-southeast-1': 'Asia Pacific (Singapore)',
  'ap-southeast-2': 'Asia Pacific (Sydney)',
  'sa-east-1': 'South America (Sao Paulo)',
};
/** A subject of SNS has no more. */
const MAX_SUBJECT = 100;

/** What a topic gets: JSON in CloudWatch's format, and text for those who read mail. */
export function topicMessage(
  alarm: AlarmRecord,
  transition: Transition,
  { region, accountId }: Locale,
): { readonly subject: string; readonly message: string; readonly messageStructure: 'json' } {
  const { definition, arn, configuredAt } = alarm;
  const { from, to } = transition;
  const place = REGIONS[region] ?? region;
  const name = definition.name.replace(/[^\x20-\x7e]/g, '?');
  const { OK, ALARM, INSUFFICIENT_DATA } = definition.actions;
  const message = {
    AlarmName: definition.name,
    AlarmDescription: definition.description ?? null,
    AWSAccountId: accountId,
    AlarmConfigurationUpdatedTimestamp: timestamp(configuredAt),
    NewStateValue: to.value,
    NewStateReason: to.reason,
    StateChangeTime: timestamp(to.transitionedAt),
    Region: place,
    AlarmArn: arn,
    OldStateValue: from.value,
    OKActions: OK,
    AlarmActions: ALARM,
    InsufficientDataActions: INSUFFICIENT_DATA,
    Trigger: trigger(definition),
  };
  return {
    subject: `${to.value}: "${name}" in ${place}`.slice(0, MAX_SUBJECT).trim(),
    message: JSON.stringify({
      default: JSON.stringify(message),
      email: mailText(alarm, transition, accountId, place),
    }),
    messageStructure: 'json',
  };
}

function trigger(alarm: AlarmDefinition) {
  const simple = (SIMPLE_STATISTICS as readonly string[]).includes(alarm.statistic);
  return {
    MetricName: alarm.metric.name,
    Namespace: alarm.metric.namespace,
    ...(simple
      ? { StatisticType: 'Statistic', Statistic: alarm.statistic.toUpperCase() }
      : { StatisticType: 'ExtendedStatistic', ExtendedStatistic: alarm.statistic }),
    Unit: alarm.unit ?? null,
    Dimensions: alarm.metric.dimensions.map(({ name, value }) => ({ value, name })),
    Period: alarm.periodSeconds,
    EvaluationPeriods: alarm.evaluationPeriods,
    ...(alarm.datapointsToAlarm !== undefined && { DatapointsToAlarm: alarm.datapointsToAlarm }),
    ComparisonOperator: alarm.comparison,
    Threshold: alarm.threshold,
    TreatMissingData: alarm.treatMissingData,
    EvaluateLowSampleCountPercentile: alarm.lowSamples ?? '',
  };
}

/**
 * What a function gets.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
 */
export function functionEvent(
  { definition, arn }: AlarmRecord,
  { from, to }: Transition,
  { region, accountId }: Locale,
): string {
  return JSON.stringify({
    source: 'aws.cloudwatch',
    alarmArn: arn,
    accountId,
    time: timestamp(to.transitionedAt),
    region,
    alarmData: {
      alarmName: definition.name,
      state: stateOf(to),
      previousState: stateOf(from),
      configuration: {
        ...(definition.description !== undefined && { description: definition.description }),
        metrics: [metricOf(definition)],
      },
    },
  });
}

function stateOf({ value, reason, reasonData, transitionedAt }: StateOfAlarm) {
  return { value, reason, reasonData, timestamp: timestamp(transitionedAt) };
}

function metricOf({ metric, periodSeconds, statistic, unit }: AlarmDefinition) {
  const { namespace, name, dimensions } = metric;
  return {
    id: createHash('sha256').update(`${namespace}\n${name}`).digest('hex').slice(0, 32),
    metricStat: {
      metric: {
        namespace,
        name,
        dimensions: Object.fromEntries(dimensions.map((each) => [each.name, each.value])),
      },
      period: periodSeconds,
      stat: statistic,
      ...(unit !== undefined && { unit }),
    },
    returnData: true,
  };
}
