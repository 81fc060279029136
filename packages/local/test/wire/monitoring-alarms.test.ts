import type { PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import {
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  DescribeAlarmsForMetricCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  ListTagsForResourceCommand,
  paginateDescribeAlarms,
  PutCompositeAlarmCommand,
  SetAlarmStateCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch';
import { alarm, MonitoringRig, NOON } from './monitoring-rig';

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:alerts';

const rig = new MonitoringRig();

beforeAll(() => rig.start());
afterAll(() => rig.stop());

async function names(input: ConstructorParameters<typeof DescribeAlarmsCommand>[0] = {}): Promise<unknown[]> {
  const { MetricAlarms } = await rig.client.send(new DescribeAlarmsCommand(input));
  return MetricAlarms!.map(({ AlarmName }) => AlarmName);
}

describe('alarms', () => {
  it('are described as they were put', async () => {
    const given = {
      AlarmDescription: 'too many',
      Dimensions: [{ Name: 'Region', Value: 'north' }],
      Unit: 'Count' as const,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      TreatMissingData: 'notBreaching',
      OKActions: [TOPIC],
      AlarmActions: [TOPIC],
      ActionsEnabled: false,
      Tags: [{ Key: 'team', Value: 'shop' }],
    };
    await rig.client.send(alarm('whole', given));
    const { MetricAlarms, CompositeAlarms } = await rig.client.send(
      new DescribeAlarmsCommand({ AlarmNames: ['whole', 'unknown'] }),
    );
    const { Tags: _, ...described } = given;
    expect(CompositeAlarms).toEqual([]);
    expect(MetricAlarms).toEqual([
      {
        AlarmName: 'whole',
        AlarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:whole',
        AlarmConfigurationUpdatedTimestamp: new Date(NOON),
        StateValue: 'INSUFFICIENT_DATA',
        StateReason: 'Unchecked: Initial alarm creation',
        StateUpdatedTimestamp: new Date(NOON),
        StateTransitionedTimestamp: new Date(NOON),
        InsufficientDataActions: [],
        MetricName: 'Orders',
        Namespace: 'Shop',
        Statistic: 'Sum',
        Period: 60,
        Threshold: 0,
        ComparisonOperator: 'GreaterThanThreshold',
        ...described,
      },
    ]);
  });

  it('are found by name, prefix, state, action and metric, page by page', async () => {
    const of = (name: string, more = {}) => rig.client.send(alarm(name, { MetricName: 'Found', ...more }));
    await of('find-b', { AlarmActions: [TOPIC] });
    await of('find-a', { ExtendedStatistic: 'p99', Statistic: undefined });
    await of('find-c', { Period: 300 });
    await rig.client.send(
      new SetAlarmStateCommand({ AlarmName: 'find-c', StateValue: 'ALARM', StateReason: 'a drill' }),
    );
    expect(await names({ AlarmNamePrefix: 'find-' })).toEqual(['find-a', 'find-b', 'find-c']);
    expect(await names({ AlarmNamePrefix: 'find-', StateValue: 'ALARM' })).toEqual(['find-c']);
    expect(await names({ AlarmNamePrefix: 'find-', ActionPrefix: 'arn:aws:sns' })).toEqual(['find-b']);
    expect(await names({ AlarmNamePrefix: 'find-', AlarmTypes: ['CompositeAlarm'] })).toEqual([]);
    const pages: unknown[][] = [];
    const paginator = paginateDescribeAlarms(
      { client: rig.client, pageSize: 2 },
      { AlarmNamePrefix: 'find-' },
    );
    for await (const { MetricAlarms } of paginator) pages.push(MetricAlarms!.map((each) => each.AlarmName));
    expect(pages).toEqual([['find-a', 'find-b'], ['find-c']]);
    const forMetric = async (more: object) => {
      const input = { Namespace: 'Shop', MetricName: 'Found', ...more };
      const { MetricAlarms } = await rig.client.send(new DescribeAlarmsForMetricCommand(input));
      return MetricAlarms!.map(({ AlarmName }) => AlarmName);
    };
    expect(await forMetric({})).toEqual(['find-a', 'find-b', 'find-c']);
    expect(await forMetric({ ExtendedStatistic: 'p99' })).toEqual(['find-a']);
    expect(await forMetric({ Period: 300 })).toEqual(['find-c']);
    expect(await forMetric({ Dimensions: [{ Name: 'a', Value: 'b' }] })).toEqual([]);
  });

  it('have a history', async () => {
    const metric = { MetricName: 'Historic', TreatMissingData: 'ignore' };
    await rig.client.send(alarm('historic', metric));
    await rig.client.send(alarm('historic', { ...metric, AlarmDescription: 'changed' }));
    const data = { AlarmName: 'historic', StateValue: 'ALARM', StateReason: 'a drill' } as const;
    rig.clock.advanceSeconds(1);
    await rig.client.send(new SetAlarmStateCommand({ ...data, StateReasonData: '{"a":1}' }));
    const history = (more: object) =>
      rig.client.send(new DescribeAlarmHistoryCommand({ AlarmName: 'historic', ...more }));
    const { AlarmHistoryItems: [newest, ...older] = [] } = await history({});
    expect(newest).toMatchObject({
      AlarmName: 'historic',
      AlarmType: 'MetricAlarm',
      Timestamp: new Date(rig.clock.now()),
      HistoryItemType: 'StateUpdate',
      HistorySummary: 'Alarm updated from INSUFFICIENT_DATA to ALARM',
    });
    expect(JSON.parse(newest!.HistoryData!)).toMatchObject({
      newState: { stateValue: 'ALARM', stateReason: 'a drill', stateReasonData: { a: 1 } },
    });
    const summaries = ['Alarm "historic" updated', 'Alarm "historic" created'];
    expect(older.map(({ HistorySummary }) => HistorySummary)).toEqual(summaries);
    const only = await history({ HistoryItemType: 'ConfigurationUpdate', ScanBy: 'TimestampAscending' });
    expect(only.AlarmHistoryItems!.map(({ HistorySummary }) => HistorySummary)).toEqual(summaries.reverse());
    expect((await history({ StartDate: new Date(rig.clock.now()) })).AlarmHistoryItems).toHaveLength(1);
    const first = await history({ MaxRecords: 2 });
    const second = await history({ MaxRecords: 2, NextToken: first.NextToken });
    expect([first, second].map((each) => each.AlarmHistoryItems!.length)).toEqual([2, 1]);
  });

  it('have tags, actions that can be switched off, and an end', async () => {
    await rig.client.send(alarm('tagged', { Tags: [{ Key: 'team', Value: 'shop' }] }));
    const { MetricAlarms } = await rig.client.send(new DescribeAlarmsCommand({ AlarmNames: ['tagged'] }));
    const ResourceARN = MetricAlarms![0]!.AlarmArn;
    await rig.client.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'stage', Value: 'dev' }] }));
    await rig.client.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['team'] }));
    const { Tags } = await rig.client.send(new ListTagsForResourceCommand({ ResourceARN }));
    expect(Tags).toEqual([{ Key: 'stage', Value: 'dev' }]);
    const enabled = () => rig.monitoring.alarms.get('tagged').definition.actionsEnabled;
    await rig.client.send(new DisableAlarmActionsCommand({ AlarmNames: ['tagged', 'unknown'] }));
    expect(enabled()).toBe(false);
    await rig.client.send(new EnableAlarmActionsCommand({ AlarmNames: ['tagged'] }));
    expect(enabled()).toBe(true);
    const unknown = rig.client.send(new DeleteAlarmsCommand({ AlarmNames: ['tagged', 'unknown'] }));
    await expect(unknown).rejects.toMatchObject({ name: 'ResourceNotFound' });
    expect(await names({ AlarmNames: ['tagged'] })).toEqual(['tagged']);
    await rig.client.send(new DeleteAlarmsCommand({ AlarmNames: ['tagged'] }));
    expect(await names({ AlarmNames: ['tagged'] })).toEqual([]);
    const tags = rig.client.send(new ListTagsForResourceCommand({ ResourceARN }));
    await expect(tags).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it.each<[string, Partial<PutMetricAlarmCommandInput>, string]>([
    ['a period of one second', { Period: 1 }, 'Period must be 10, 20, 30 or a multiple of 60'],
    ['a period of 90 seconds', { Period: 90 }, 'multiple of 60'],
    ['10 seconds of AWS', { Period: 10, Namespace: 'AWS/SQS' }, 'Period must not be less than 60 for the'],
    ['more than a day', { Period: 300, EvaluationPeriods: 289 }, 'more than one day'],
    ['more than a week', { Period: 3600, EvaluationPeriods: 169 }, 'more than seven days'],
    ['no evaluation periods', { EvaluationPeriods: 0 }, 'EvaluationPeriods must be at least 1'],
    ['more datapoints than periods', { DatapointsToAlarm: 2 }, 'DatapointsToAlarm must be from 1'],
    ['a long name', { AlarmName: 'a'.repeat(256) }, 'AlarmName must have 1 to 255 characters'],
    ['a name with a line feed', { AlarmName: 'a\nb' }, 'no control characters'],
    ['a name with half a character', { AlarmName: 'a\ud800' }, 'no control characters'],
    ['a long description', { AlarmDescription: 'a'.repeat(1025) }, 'AlarmDescription must not be longer'],
    ['no statistic', { Statistic: undefined }, 'One of Statistic and ExtendedStatistic'],
    ['two statistics', { ExtendedStatistic: 'p50' }, 'One of Statistic and ExtendedStatistic'],
    ['a strange statistic', { Statistic: undefined, ExtendedStatistic: 'p101' }, 'p101'],
    ['a strange comparison', { ComparisonOperator: 'Equal' as 'LessThanThreshold' }, 'ComparisonOperator'],
    ['a strange treatment', { TreatMissingData: 'guess' }, 'TreatMissingData must be one of'],
    ['a strange unit', { Unit: 'Apples' as 'Count' }, 'Apples'],
    ['six actions', { OKActions: Array.from('123456', (i) => TOPIC + i) }, '5 actions'],
    ['an action twice', { OKActions: [TOPIC, TOPIC] }, 'named once'],
    ['an action that is no ARN', { OKActions: ['alerts'] }, 'Invalid arn syntax: alerts'],
    ['a namespace with a colon', { Namespace: ':a' }, 'not begin with a colon'],
    [
      'two dimensions of a name',
      { Dimensions: [1, 2].map((i) => ({ Name: 'a', Value: `${i}` })) },
      'same name',
    ],
    ['metric math', { Metrics: [{ Id: 'a', Expression: 'a+b' }] }, 'metric math'],
    ['a tag of AWS', { Tags: [{ Key: 'aws:a', Value: 'b' }] }, 'does not begin with aws:'],
  ])('are refused with %s', async (_, input, message) => {
    await expect(rig.client.send(alarm('refused', input))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(message) as string,
    });
    expect(rig.monitoring.alarms.find('refused')).toBeUndefined();
  });

  it('are refused without what they need', async () => {
    const without = (name: keyof PutMetricAlarmCommandInput) =>
      rig.client.send(alarm('refused', { [name]: undefined }));
    for (const name of ['Threshold', 'Period', 'MetricName', 'ComparisonOperator'] as const) {
      await expect(without(name)).rejects.toMatchObject({
        name: 'MissingRequiredParameterException',
        message: expect.stringContaining(name) as string,
      });
    }
    const state = new SetAlarmStateCommand({ AlarmName: 'unknown', StateValue: 'OK', StateReason: '' });
    await expect(rig.client.send(state)).rejects.toMatchObject({ name: 'ResourceNotFound' });
    await rig.client.send(alarm('state'));
    const input = { AlarmName: 'state', StateValue: 'OK' as const, StateReason: 'x' };
    const long = new SetAlarmStateCommand({ ...input, StateReason: 'x'.repeat(1024) });
    await expect(rig.client.send(long)).rejects.toMatchObject({ name: 'ValidationException' });
    const noJson = new SetAlarmStateCommand({ ...input, StateReasonData: '{' });
    await expect(rig.client.send(noJson)).rejects.toMatchObject({ name: 'InvalidFormatFault' });
    const both = new DescribeAlarmsCommand({ AlarmNames: ['a'], AlarmNamePrefix: 'a' });
    await expect(rig.client.send(both)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('of other kinds are named as not hosted', async () => {
    const composite = new PutCompositeAlarmCommand({ AlarmName: 'c', AlarmRule: 'ALARM(a)' });
    await expect(rig.client.send(composite)).rejects.toThrow(
      'The operation PutCompositeAlarm of monitoring is not hosted by the local runtime.',
    );
  });
});
