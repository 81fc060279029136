import { nameOfFunction } from '../iam';
import { UserError } from '../errors';
import { KNOWN_NAMESPACES, Monitoring } from '../monitoring';
import type { AlarmDefinition, Comparison, MissingData } from '../monitoring';
import { limitation } from '../synth';
import type { Resource } from '../synth';
import type { RoomContext, RoomKind } from './rooms';

/** Who invokes functions for alarms. */
const ALARMS_SERVICE = 'lambda.alarms.cloudwatch.amazonaws.com';
/** The names of more would fill the screen. */
const MAX_NAMES = 5;

/** Amazon CloudWatch: metrics of queues, topics and functions, and the alarms of the stack. */
export const alarms: RoomKind = {
  name: 'alarms',
  async open(context) {
    const { data, clock, broker, permissions } = context;
    const monitoring = await Monitoring.open({
      folder: data.at('alarms'),
      clock,
      broker,
      mayInvoke: (functionArn, alarmArn) =>
        permissions.mayInvoke(ALARMS_SERVICE, nameOfFunction(functionArn), alarmArn),
    });
    const declared = await hostAlarms(context, monitoring);
    return {
      wire: { monitoring },
      offers: { observer: monitoring.functions },
      start: () => monitoring.start(),
      stop: () => monitoring.stop(),
      banner: () => (declared.length === 0 ? [] : [['alarms', words(declared)]]),
    };
  },
};

/** Makes the stack's alarms exist, and those that it no longer has disappear. @throws UserError */
async function hostAlarms({ resolver }: RoomContext, monitoring: Monitoring): Promise<AlarmDefinition[]> {
  const resources = resolver
    .resources('aws_cloudwatch_metric_alarm')
    .filter(({ type, body }) => limitation(type, body) === undefined);
  const definitions = resources.map(definitionOf);
  await Promise.all(
    resources.map(async (resource, i) => {
      try {
        await monitoring.alarms.declare(definitions[i]!, resource.textMap('tags'));
      } catch (error) {
        throw new UserError(`${resource.address}: ${(error as Error).message}`);
      }
    }),
  );
  await monitoring.alarms.removeUndeclared(new Set(definitions.map(({ name }) => name)));
  return definitions;
}

function definitionOf(alarm: Resource): AlarmDefinition {
  const lowSamples = alarm.optionalText('evaluate_low_sample_count_percentiles');
  const datapoints = alarm.optionalNumber('datapoints_to_alarm');
  return {
    name: alarm.id('alarm_name'),
    description: alarm.optionalText('alarm_description'),
    metric: {
      namespace: alarm.text('namespace'),
      name: alarm.text('metric_name'),
      dimensions: Object.entries(alarm.textMap('dimensions')).map(([name, value]) => ({ name, value })),
    },
    unit: alarm.optionalText('unit'),
    statistic: alarm.optionalText('statistic') ?? alarm.text('extended_statistic'),
    periodSeconds: alarm.number('period', 0),
    evaluationPeriods: alarm.number('evaluation_periods', 0),
    // The provider does not send a zero.
    datapointsToAlarm: datapoints === 0 ? undefined : datapoints,
    comparison: alarm.text('comparison_operator') as Comparison,
    threshold: alarm.number('threshold', 0),
    treatMissingData: (alarm.optionalText('treat_missing_data') ?? 'missing') as MissingData,
    lowSamples: lowSamples === 'ignore' || lowSamples === 'evaluate' ? lowSamples : undefined,
    actionsEnabled: alarm.flag('actions_enabled', true),
    actions: {
      OK: alarm.texts('ok_actions'),
      ALARM: alarm.texts('alarm_actions'),
      INSUFFICIENT_DATA: alarm.texts('insufficient_data_actions'),
    },
  };
}

/** `a, b, c`, or how many they are, and which of them never get data here. */
function words(definitions: readonly AlarmDefinition[]): string {
  const names = definitions.map(({ name }) => name);
  const blind = definitions.map(({ metric }) => metric.namespace).filter((each) => isUnknown(each));
  const shown =
    names.length > MAX_NAMES ? `${names.length}: aws cloudwatch describe-alarms` : names.join(', ');
  const note =
    blind.length === 0 ? '' : ` (no data here for ${blind.length}: ${[...new Set(blind)].sort().join(', ')})`;
  return `${shown}${note}`;
}

function isUnknown(namespace: string): boolean {
  return namespace.startsWith('AWS/') && !KNOWN_NAMESPACES.has(namespace);
}
