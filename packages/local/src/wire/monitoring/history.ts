import type { HistoryItem } from '../../monitoring';
import { page } from '../paging';
import type { Call, Input, Operations, Output, WireContext } from '../protocol';
import { optionalInteger, optionalText, textList } from '../protocol';
import { alarmsOf, choice, monitoringOf, optionalMoment } from './input';

const MAX_PAGE = 100;

export const historyOperations: Operations = {
  DescribeAlarmHistory: {
    permission: 'cloudwatch:DescribeAlarmHistory',
    resource: ofAlarm,
    run: describeAlarmHistory,
  },
};

function ofAlarm(input: Input, context: WireContext): string {
  const name = optionalText(input, 'AlarmName');
  return name === undefined ? '*' : monitoringOf(context).alarms.arnOf(name);
}

async function describeAlarmHistory(input: Input, call: Call): Promise<Output> {
  const type = choice(input, 'HistoryItemType', ['ConfigurationUpdate', 'StateUpdate', 'Action']);
  const from = optionalMoment(input, 'StartDate') ?? -Infinity;
  const to = optionalMoment(input, 'EndDate') ?? Infinity;
  const types = textList(input, 'AlarmTypes');
  const oldestFirst = choice(input, 'ScanBy', SCANS) === 'TimestampAscending';
  const all = await alarmsOf(call).history(optionalText(input, 'AlarmName'));
  const found = all.filter(
    (item) =>
      (types.length === 0 || types.includes('MetricAlarm')) &&
      (type === undefined || item.type === type) &&
      item.at >= from &&
      item.at <= to,
  );
  const size = optionalInteger(input, 'MaxRecords', 1, MAX_PAGE) ?? MAX_PAGE;
  const ordered = oldestFirst ? found.reverse() : found;
  const { items, nextToken } = page(ordered, size, optionalText(input, 'NextToken'), 'InvalidNextToken');
  return { AlarmHistoryItems: items.map(render), NextToken: nextToken };
}

export const SCANS = ['TimestampDescending', 'TimestampAscending'];

function render({ alarmName, at, type, summary, data }: HistoryItem): Output {
  return {
    AlarmName: alarmName,
    AlarmType: 'MetricAlarm',
    Timestamp: new Date(at),
    HistoryItemType: type,
    HistorySummary: summary,
    HistoryData: data,
  };
}
