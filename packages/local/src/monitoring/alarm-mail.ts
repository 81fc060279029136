import type { AlarmDefinition, AlarmRecord, Transition } from './alarm';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];

/** What subscribers by mail get: for people, where everyone else gets JSON. @param place name of the region */
export function mailText(
  { definition, arn }: AlarmRecord,
  { from, to }: Transition,
  accountId: string,
  place: string,
): string {
  const { name, description = '', metric, actions } = definition;
  const at = moment(to.transitionedAt);
  const dimensions = metric.dimensions.map((each) => `${each.name} = ${each.value}`).join(', ');
  return [
    `Your Amazon CloudWatch alarm "${name}" in ${place} is in the state ${to.value} since ${at}:`,
    to.reason,
    '',
    ...section('Alarm', {
      Name: name,
      Description: description,
      'State change': `${from.value} -> ${to.value}`,
      Timestamp: at,
      'AWS account': accountId,
      ARN: arn,
    }),
    'Threshold:',
    `- ALARM when the metric is ${definition.comparison} ${definition.threshold} ${howLong(definition)}`,
    '',
    ...section('Metric', {
      Namespace: metric.namespace,
      Name: metric.name,
      Dimensions: `[${dimensions}]`,
      Period: `${definition.periodSeconds} seconds`,
      Statistic: definition.statistic,
      Unit: definition.unit ?? 'not specified',
      'Missing data': definition.treatMissingData,
    }),
    ...section('Actions', {
      OK: actions.OK.join(', '),
      ALARM: actions.ALARM.join(', '),
      INSUFFICIENT_DATA: actions.INSUFFICIENT_DATA.join(', '),
    }),
  ].join('\n');
}

function section(title: string, lines: Readonly<Record<string, string>>): string[] {
  const width = Math.max(...Object.keys(lines).map(({ length }) => length)) + 1;
  return [
    `${title}:`,
    ...Object.entries(lines).map(([name, text]) => `- ${`${name}:`.padEnd(width)} ${text}`),
    '',
  ];
}

function howLong({ periodSeconds, evaluationPeriods, datapointsToAlarm }: AlarmDefinition): string {
  const needed = datapointsToAlarm ?? evaluationPeriods;
  return `for at least ${needed} of the last ${evaluationPeriods} periods of ${periodSeconds} seconds`;
}

/** `Saturday 21 November, 2026 12:00:00 UTC` */
function moment(at: number): string {
  const date = new Date(at);
  const [day, month] = [DAYS[date.getUTCDay()], MONTHS[date.getUTCMonth()]];
  return `${day} ${date.getUTCDate()} ${month}, ${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)} UTC`;
}
