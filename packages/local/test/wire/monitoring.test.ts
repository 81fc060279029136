import { gzipSync } from 'node:zlib';
import type { PutMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { SmithyRpcV2CborProtocol } from '@smithy/core/cbor';
import { aws as runAws, testWithCli } from './aws-cli';
import { alarm, MonitoringRig, NOON } from './monitoring-rig';
import { clientConfig, FUNCTION_KEY, query } from './support';

const VERSION = '2010-08-01';

const rig = new MonitoringRig();

beforeAll(() => rig.start());
afterAll(() => rig.stop());

const put = (data: Partial<PutMetricDataCommandInput>) =>
  rig.client.send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData: [], ...data }));

describe('metrics', () => {
  const Metric = { Namespace: 'Shop', MetricName: 'Latency', Dimensions: [{ Name: 'Page', Value: 'cart' }] };
  const { Namespace: _, ...named } = Metric;

  it('are put and read', async () => {
    const start = rig.clock.now() - (rig.clock.now() % 60_000);
    const at = (seconds: number) => new Date(start + seconds * 1000);
    await rig.pass(60);
    await put({
      MetricData: [
        { ...named, Value: 5, Unit: 'Milliseconds', Timestamp: at(1) },
        { ...named, Values: [1, 2], Counts: [1, 2], Unit: 'Milliseconds', Timestamp: at(59) },
        {
          ...named,
          StatisticValues: { SampleCount: 2, Sum: 10, Minimum: 4, Maximum: 6 },
          Unit: 'Milliseconds',
          Timestamp: at(60),
        },
      ],
    });
    const range = { StartTime: at(30), EndTime: at(120) };
    const { Label, Datapoints } = await rig.client.send(
      new GetMetricStatisticsCommand({
        ...Metric,
        ...range,
        Period: 60,
        Statistics: ['Sum', 'Average', 'SampleCount', 'Minimum', 'Maximum'],
        ExtendedStatistics: ['p50'],
      }),
    );
    expect(Label).toBe('Latency');
    const Unit = 'Milliseconds';
    expect(Datapoints).toEqual([
      {
        ...{ Timestamp: at(0), Unit, Sum: 10, Average: 2.5, SampleCount: 4, Minimum: 1, Maximum: 5 },
        ExtendedStatistics: { p50: 2 },
      },
      {
        ...{ Timestamp: at(60), Unit, Sum: 10, Average: 5, SampleCount: 2, Minimum: 4, Maximum: 6 },
        ExtendedStatistics: {},
      },
    ]);
    const MetricStat = { Metric, Period: 60, Stat: 'Sum' };
    const MetricDataQueries = [
      { Id: 'sum', MetricStat },
      { Id: 'max', MetricStat: { ...MetricStat, Stat: 'Maximum', Period: 120 }, Label: 'most' },
      { Id: 'hidden', MetricStat, ReturnData: false },
    ];
    const { MetricDataResults } = await rig.client.send(
      new GetMetricDataCommand({ ...range, MetricDataQueries }),
    );
    expect(MetricDataResults).toEqual([
      { Id: 'sum', Label: 'Latency', Timestamps: [at(60), at(0)], Values: [10, 10], StatusCode: 'Complete' },
      { Id: 'max', Label: 'most', Timestamps: [at(0)], Values: [6], StatusCode: 'Complete' },
    ]);
    const first = await rig.client.send(
      new GetMetricDataCommand({
        ...range,
        MetricDataQueries: MetricDataQueries.slice(0, 1),
        ScanBy: 'TimestampAscending',
        MaxDatapoints: 1,
      }),
    );
    expect(first.MetricDataResults).toMatchObject([{ Timestamps: [at(0)], StatusCode: 'PartialData' }]);
    expect(first.NextToken).toBeDefined();
  });

  it('are found at once in all of time', async () => {
    const at = rig.clock.now() - (rig.clock.now() % 60_000);
    const metric = { Namespace: 'Shop', MetricName: 'Rare' };
    await put({ MetricData: [{ MetricName: 'Rare', Value: 7 }] });
    const MetricDataQueries = ['a', 'b', 'c'].map((Id) => ({
      Id,
      MetricStat: { Metric: metric, Period: Id === 'c' ? 10 : 60, Stat: 'Sum' },
    }));
    const ever = { StartTime: new Date(-8.64e15), EndTime: new Date(8.64e15) };
    const command = new GetMetricDataCommand({ ...ever, MetricDataQueries });
    const { MetricDataResults } = await rig.client.send(command);
    expect(MetricDataResults!.map(({ Values }) => Values![0])).toEqual([7, 7, 7]);
    expect(MetricDataResults![0]!.Timestamps).toEqual([new Date(at)]);
    const never = { ...metric, MetricName: 'Never' };
    const none = [{ Id: 'n', MetricStat: { Metric: never, Period: 60, Stat: 'Sum' } }];
    const empty = await rig.client.send(new GetMetricDataCommand({ ...ever, MetricDataQueries: none }));
    expect(empty.MetricDataResults![0]!.Values).toEqual([]);
    const beyond = await fetch(rig.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'GraniteServiceVersion20100801.GetMetricData',
      },
      body: JSON.stringify({ StartTime: -1e300, EndTime: 1e300, MetricDataQueries }),
    });
    expect(beyond.status).toBe(400);
    expect(await beyond.text()).toContain('StartTime is no timestamp');
  });

  it('are listed', async () => {
    await put({ MetricData: [{ ...named, Value: 1 }, { MetricName: 'Latency', Value: 1 }] }); // prettier-ignore
    const list = async (input: object) => (await rig.client.send(new ListMetricsCommand(input))).Metrics;
    const all = await list({ Namespace: 'Shop', MetricName: 'Latency' });
    expect(all).toEqual([Metric, { ...Metric, Dimensions: [] }]);
    expect(await list({ MetricName: 'Latency', Dimensions: [{ Name: 'Page' }] })).toEqual([Metric]);
    expect(await list({ Dimensions: [{ Name: 'Page', Value: 'home' }] })).toEqual([]);
    await rig.pass(4 * 3600);
    expect(await list({ Namespace: 'Shop', RecentlyActive: 'PT3H' })).toEqual([]);
    expect(await list({ Namespace: 'Shop', MetricName: 'Latency' })).toHaveLength(2);
  });

  it('come compressed, as SDKs send many', async () => {
    const MetricData = Array.from({ length: 300 }, () => ({
      ...{ MetricName: 'Many', Value: 1 },
      Dimensions: [{ Name: 'Noise', Value: 'same' }],
    }));
    await put({ MetricData });
    const body = gzipSync('{'.repeat(20_000_000));
    const headers = {
      'x-amz-target': 'GraniteServiceVersion20100801.PutMetricData',
      'content-encoding': 'gzip',
    };
    const bomb = await fetch(rig.url, { method: 'POST', headers, body });
    expect([bomb.status, await bomb.text()]).toEqual([
      400,
      expect.stringContaining('decompressed') as string,
    ]);
    const { Datapoints } = await rig.client.send(
      new GetMetricStatisticsCommand({
        Namespace: 'Shop',
        MetricName: 'Many',
        Dimensions: [{ Name: 'Noise', Value: 'same' }],
        StartTime: new Date(rig.clock.now()),
        EndTime: new Date(rig.clock.now() + 1),
        Period: 60,
        Statistics: ['SampleCount'],
      }),
    );
    expect(Datapoints).toMatchObject([{ SampleCount: 300 }]);
  });

  it.each<[string, Partial<PutMetricDataCommandInput>, string]>([
    [
      'of AWS',
      { Namespace: 'AWS/SQS', MetricData: [{ MetricName: 'a', Value: 1 }] },
      'InvalidParameterValue',
    ],
    ['without data', { MetricData: [] }, 'MissingRequiredParameter'],
    [
      'with two kinds of values',
      { MetricData: [{ MetricName: 'a', Value: 1, Values: [1] }] },
      'InvalidParameterCombination',
    ],
    [
      'that are old',
      { MetricData: [{ MetricName: 'a', Value: 1, Timestamp: new Date(0) }] },
      'InvalidParameterValue',
    ],
    [
      'of another resolution',
      { MetricData: [{ MetricName: 'a', Value: 1, StorageResolution: 10 }] },
      'InvalidParameterValue',
    ],
    ['out of range', { MetricData: [{ MetricName: 'a', Value: 2e108 * 2 }] }, 'InvalidParameterValue'],
    [
      'with counts for other values',
      { MetricData: [{ MetricName: 'a', Values: [1], Counts: [1, 2] }] },
      'InvalidParameterValue',
    ],
  ])('%s are refused', async (_name, input, code) => {
    await expect(put(input)).rejects.toMatchObject({ name: `${code}Exception` });
  });

  it('are not read with what CloudWatch refuses', async () => {
    const read = (more: object) =>
      rig.client.send(
        new GetMetricStatisticsCommand({
          ...{ Namespace: 'Shop', MetricName: 'a', Period: 60, Statistics: ['Sum'] },
          ...{ StartTime: new Date(NOON), EndTime: new Date(NOON + 60_000) },
          ...more,
        }),
      );
    const refused = async (more: object, name: string) =>
      expect(read(more)).rejects.toMatchObject({ name: `${name}Exception` });
    await refused({ EndTime: new Date(NOON + 86_460_000) }, 'InvalidParameterCombination');
    await refused({ EndTime: new Date(NOON) }, 'InvalidParameterValue');
    await refused({ Period: 45 }, 'InvalidParameterValue');
    await refused({ Statistics: undefined }, 'InvalidParameterCombination');
    await refused({ Statistics: ['Median'] }, 'InvalidParameterValue');
    const math = new GetMetricDataCommand({
      ...{ StartTime: new Date(NOON), EndTime: new Date(NOON + 60_000) },
      MetricDataQueries: [{ Id: 'a', Expression: 'b + 1' }],
    });
    await expect(rig.client.send(math)).rejects.toThrow('metric math (Expression) is not hosted');
  });
});

it('speaks CBOR', async () => {
  const cbor = new CloudWatchClient({
    ...clientConfig(rig.url),
    protocol: SmithyRpcV2CborProtocol,
  });
  await cbor.send(alarm('cbor', { Threshold: 1.5 }));
  const { MetricAlarms } = await cbor.send(new DescribeAlarmsCommand({ AlarmNames: ['cbor'] }));
  expect(MetricAlarms).toMatchObject([{ Threshold: 1.5, StateUpdatedTimestamp: new Date(rig.clock.now()) }]);
  const MetricData = [{ MetricName: 'Cbor', Value: 2, Timestamp: new Date(rig.clock.now() - 60_000) }];
  await cbor.send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData }));
  expect(rig.monitoring.metrics.list({ name: 'Cbor' })).toHaveLength(1);
  await expect(cbor.send(alarm('refused', { Period: 1 }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
  const missing = new DeleteAlarmsCommand({ AlarmNames: ['unknown'] });
  await expect(cbor.send(missing)).rejects.toMatchObject({ name: 'ResourceNotFound' });
  cbor.destroy();
});

it('speaks the Query protocol', async () => {
  const { url } = rig;
  const definition = {
    ...{ AlarmName: 'query', Namespace: 'Shop', MetricName: 'Orders', Statistic: 'Sum', Period: '60' },
    ...{ EvaluationPeriods: '1', ComparisonOperator: 'GreaterThanThreshold', Threshold: '1.5' },
    ...{ 'Dimensions.member.1.Name': 'Page', 'Dimensions.member.1.Value': 'a&b', ActionsEnabled: 'false' },
  };
  const made = await query(url, VERSION, { Action: 'PutMetricAlarm', ...definition });
  expect([made.status, made.text]).toEqual([
    200,
    expect.stringContaining('<PutMetricAlarmResponse') as string,
  ]);
  const found = await query(url, VERSION, { Action: 'DescribeAlarms', 'AlarmNames.member.1': 'query' });
  expect(found.text).toContain('<member><AlarmName>query</AlarmName>');
  expect(found.text).toContain(
    '<Dimensions><member><Name>Page</Name><Value>a&amp;b</Value></member></Dimensions>',
  );
  expect(found.text).toContain(
    `<StateUpdatedTimestamp>${new Date(rig.clock.now()).toISOString()}</StateUpdatedTimestamp>`,
  );
  expect(found.text).toContain('<ActionsEnabled>false</ActionsEnabled>');
  const refused = await query(url, VERSION, { Action: 'PutMetricAlarm', ...definition, Period: '61' });
  expect([refused.status, refused.text]).toEqual([
    400,
    expect.stringContaining('<Code>ValidationError</Code>') as string,
  ]);
  const gone = await query(url, VERSION, { Action: 'DeleteAlarms', 'AlarmNames.member.1': 'gone' });
  expect([gone.status, gone.text]).toEqual([
    404,
    expect.stringContaining('<Code>ResourceNotFound</Code>') as string,
  ]);
});

it('asks IAM for cloudwatch actions', async () => {
  const { guard } = rig.runtime;
  const fn = new CloudWatchClient(clientConfig(rig.url, FUNCTION_KEY));
  guard.rule = ({ action, resource }) => ({ kind: 'deny', message: `${action} on ${resource}` });
  const denied = async (answer: Promise<unknown>, message: string) =>
    expect(answer).rejects.toMatchObject({ name: 'AccessDenied', message });
  const arn = (name: string) => `arn:aws:cloudwatch:us-east-1:000000000000:alarm:${name}`;
  await denied(fn.send(alarm('a')), `cloudwatch:PutMetricAlarm on ${arn('a')}`);
  await denied(fn.send(new DescribeAlarmsCommand({})), 'cloudwatch:DescribeAlarms on *');
  const ofB = ({ resource }: { resource: string }) => resource === arn('b');
  guard.rule = (call) => (ofB(call) ? { kind: 'deny', message: call.resource } : { kind: 'allow' });
  await denied(fn.send(new DeleteAlarmsCommand({ AlarmNames: ['a', 'b'] })), arn('b'));
  guard.rule = ({ action, conditions }) => ({
    kind: 'deny',
    message: `${action} of ${conditions!().get('cloudwatch:namespace') as string}`,
  });
  const data = { Namespace: 'Shop', MetricData: [{ MetricName: 'a', Value: 1 }] };
  await denied(fn.send(new PutMetricDataCommand(data)), 'cloudwatch:PutMetricData of Shop');
  fn.destroy();
});

describe('the aws CLI', () => {
  testWithCli('puts an alarm and describes it', async () => {
    const { url } = rig;
    await runAws(
      url,
      ...[
        'cloudwatch',
        'put-metric-alarm',
        '--alarm-name',
        'cli',
        '--namespace',
        'Shop',
        '--metric-name',
        'Orders',
      ],
      ...['--statistic', 'Sum', '--period', '60', '--evaluation-periods', '1', '--threshold', '1'],
      ...['--comparison-operator', 'GreaterThanThreshold', '--dimensions', 'Name=Page,Value=cart'],
    );
    const described = await runAws(url, 'cloudwatch', 'describe-alarms', '--alarm-names', 'cli');
    expect(described).toMatchObject({
      MetricAlarms: [{ AlarmName: 'cli', Period: 60, Dimensions: [{ Name: 'Page', Value: 'cart' }] }],
    });
  });
});
