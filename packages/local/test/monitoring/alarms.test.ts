import { join } from 'node:path';
import { asyncInvocationQueueArn } from '../../src/contracts';
import { functionArn, localLocale } from '../../src/engine';
import { allowTopic, receive } from '../engine/support';
import { AlarmStore } from '../../src/monitoring/alarm-store';
import { definition, METRIC, TestMonitoring } from './support';

let rig: TestMonitoring;

beforeEach(async () => (rig = await new TestMonitoring().open()));
afterEach(() => rig.close());

/** A topic with a queue that gets what is published. */
async function topicWithQueue(
  attributes: Record<string, string> = {},
): Promise<[topic: string, queue: string]> {
  const { broker } = rig;
  const { arn: topicArn } = await broker.ensureTopic('alerts', attributes);
  const name = 'alerts-inbox';
  const { arn: queueArn } = await broker.ensureQueue(name);
  await broker.ensureQueue(name, { Policy: allowTopic(topicArn, queueArn) });
  await broker.ensureSubscription({ topicArn, protocol: 'sqs', endpoint: queueArn });
  return [topicArn, queueArn];
}

async function arrived(queueArn: string): Promise<{ subject: string; message: Record<string, unknown> }[]> {
  const messages = await receive(rig.broker, queueArn);
  await rig.broker.deleteMessages(
    queueArn,
    messages.map(({ receiptHandle }) => receiptHandle),
  );
  return messages.map(({ body }) => {
    const { Subject, Message } = JSON.parse(body) as { Subject: string; Message: string };
    return { subject: Subject, message: JSON.parse(Message) as Record<string, unknown> };
  });
}

describe('a metric that breaches', () => {
  it('is an alarm at the end of its minute, and none when its periods are over', async () => {
    await rig.put('orders', { treatMissingData: 'notBreaching' });
    await rig.pass(60);
    expect(rig.state()).toBe('OK');
    await rig.pass(30);
    rig.value(2);
    await rig.pass(29);
    expect(rig.state()).toBe('OK');
    await rig.pass(1);
    expect(rig.state()).toBe('ALARM');
    // CloudWatch goes on judging the last datapoint while it is among the three periods that it looks at.
    await rig.pass(179);
    expect(rig.state()).toBe('ALARM');
    await rig.pass(1);
    expect(rig.state()).toBe('OK');
  });

  it('is judged every minute over windows of its period', async () => {
    await rig.put('orders', { periodSeconds: 300, threshold: 4, treatMissingData: 'notBreaching' });
    await rig.pass(120);
    for (let i = 0; i < 5; i += 1) {
      rig.value(1);
      expect(rig.state()).toBe('OK');
      await rig.pass(60);
    }
    expect(rig.state()).toBe('ALARM');
    rig.value(0);
    await rig.pass(60);
    expect(rig.state()).toBe('OK');
  });

  it('is judged every ten seconds with periods of less than a minute', async () => {
    await rig.put('orders', { periodSeconds: 10 });
    await rig.pass(15);
    rig.value(1, true);
    await rig.pass(4);
    expect(rig.state()).toBe('INSUFFICIENT_DATA');
    await rig.pass(1);
    expect(rig.state()).toBe('ALARM');
  });

  it('is judged once an hour over more than a day', async () => {
    await rig.put('orders', { periodSeconds: 3600, evaluationPeriods: 25, datapointsToAlarm: 1 });
    await rig.pass(60);
    rig.value(1);
    await rig.pass(3480);
    expect(rig.state()).toBe('INSUFFICIENT_DATA');
    await rig.pass(60);
    expect(rig.state()).toBe('ALARM');
  });

  it('counts only with the unit that the alarm names', async () => {
    await rig.put('orders', { unit: 'Seconds' });
    rig.value(1);
    await rig.pass(60);
    expect(rig.state()).toBe('INSUFFICIENT_DATA');
  });
});

describe('SetAlarmState', () => {
  it('lasts until the next evaluation', async () => {
    await rig.put('orders', { treatMissingData: 'notBreaching' });
    await rig.pass(60);
    await rig.monitoring.alarms.setState('orders', 'ALARM', 'a drill');
    await rig.pass(59);
    expect(rig.monitoring.alarms.get('orders').state).toMatchObject({ value: 'ALARM', reason: 'a drill' });
    await rig.pass(1);
    expect(rig.state()).toBe('OK');
  });

  it('keeps a state that data do not contradict', async () => {
    await rig.put('orders', { treatMissingData: 'ignore' });
    await rig.monitoring.alarms.setState('orders', 'ALARM', 'a drill');
    await rig.pass(600);
    expect(rig.state()).toBe('ALARM');
  });
});

describe('actions', () => {
  it('tell a topic in the format of CloudWatch, once a transition', async () => {
    const [topicArn, queueArn] = await topicWithQueue();
    const metric = { ...METRIC, dimensions: [{ name: 'Region', value: 'north' }] };
    const actions = { ALARM: [topicArn], OK: [topicArn], INSUFFICIENT_DATA: [] };
    await rig.put('orders', { actions, description: 'too many', metric, treatMissingData: 'notBreaching' });
    const statistics = { sampleCount: 1, sum: 3, minimum: 3, maximum: 3 };
    rig.monitoring.metrics.put({ metric, at: rig.clock.now(), statistics });
    await rig.pass(60);
    const [first, ...others] = await arrived(queueArn);
    const { subject, message } = first!;
    expect(others).toEqual([]);
    expect(subject).toBe('ALARM: "orders" in US East (N. Virginia)');
    expect(message).toEqual({
      AlarmName: 'orders',
      AlarmDescription: 'too many',
      AWSAccountId: '000000000000',
      AlarmConfigurationUpdatedTimestamp: '2026-01-01T00:00:00.000+0000',
      NewStateValue: 'ALARM',
      NewStateReason: expect.stringContaining('3.0 (01/01/26 00:00:00)') as string,
      StateChangeTime: '2026-01-01T00:01:00.000+0000',
      Region: 'US East (N. Virginia)',
      AlarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:orders',
      OldStateValue: 'INSUFFICIENT_DATA',
      OKActions: [topicArn],
      AlarmActions: [topicArn],
      InsufficientDataActions: [],
      Trigger: {
        MetricName: 'Orders',
        Namespace: 'Shop',
        StatisticType: 'Statistic',
        Statistic: 'SUM',
        Unit: null,
        Dimensions: [{ value: 'north', name: 'Region' }],
        Period: 60,
        EvaluationPeriods: 1,
        ComparisonOperator: 'GreaterThanThreshold',
        Threshold: 0,
        TreatMissingData: 'notBreaching',
        EvaluateLowSampleCountPercentile: '',
      },
    });
    await rig.pass(120);
    expect(await arrived(queueArn)).toEqual([]);
    await rig.pass(60);
    expect((await arrived(queueArn)).map((each) => each.subject)).toEqual([
      'OK: "orders" in US East (N. Virginia)',
    ]);
    const items = await rig.monitoring.alarms.history('orders');
    expect(items.map(({ type }) => type)).toEqual([
      'Action',
      'StateUpdate',
      'Action',
      'StateUpdate',
      'ConfigurationUpdate',
    ]);
    expect(items[0]!.summary).toBe(`Successfully executed action ${topicArn}`);
    expect(items[3]!.summary).toBe('Alarm updated from INSUFFICIENT_DATA to ALARM');
  });

  it('do nothing while they are disabled', async () => {
    const [topicArn, queueArn] = await topicWithQueue();
    await rig.put('orders', { actions: { ALARM: [topicArn], OK: [], INSUFFICIENT_DATA: [] } });
    await rig.monitoring.alarms.enableActions(['orders', 'unknown'], false);
    rig.value(1);
    await rig.pass(60);
    expect(rig.state()).toBe('ALARM');
    expect(await arrived(queueArn)).toEqual([]);
    await rig.monitoring.alarms.enableActions(['orders'], true);
    await rig.monitoring.alarms.setState('orders', 'OK', 'a drill');
    await rig.monitoring.alarms.setState('orders', 'ALARM', 'a drill');
    await rig.monitoring.alarms.settled();
    expect(await arrived(queueArn)).toHaveLength(1);
  });

  const statement = (principal: object, condition?: object) =>
    JSON.stringify({
      Statement: {
        Effect: 'Allow',
        Principal: principal,
        Action: 'sns:Publish',
        Resource: '*',
        ...(condition && { Condition: condition }),
      },
    });
  const cloudWatch = { Service: 'cloudwatch.amazonaws.com' };
  const alarmArn = (name: string) => `arn:aws:cloudwatch:us-east-1:000000000000:alarm:${name}`;

  it.each([
    ['none', undefined, true],
    ['of the service', statement(cloudWatch), true],
    ['for its ARN', statement(cloudWatch, { ArnLike: { 'aws:SourceArn': alarmArn('*') } }), true],
    [
      'for the account',
      statement({ AWS: '*' }, { StringEquals: { 'AWS:SourceOwner': '000000000000' } }),
      true,
    ],
    ['for another ARN', statement(cloudWatch, { ArnLike: { 'aws:SourceArn': alarmArn('other') } }), false],
    ['of another service', statement({ Service: 'events.amazonaws.com' }), false],
  ])('heed the topic’s policy: %s', async (_, Policy, allowed) => {
    const [topicArn, queueArn] = await topicWithQueue(Policy === undefined ? {} : { Policy });
    await rig.put('orders', { actions: { ALARM: [topicArn], OK: [], INSUFFICIENT_DATA: [] } });
    await rig.monitoring.alarms.setState('orders', 'ALARM', 'a drill');
    await rig.monitoring.alarms.settled();
    expect(await arrived(queueArn)).toHaveLength(allowed ? 1 : 0);
    const [action] = await rig.monitoring.alarms.history('orders');
    expect(action!.summary.startsWith(allowed ? 'Successfully' : 'Failed')).toBe(true);
    expect(rig.reporter.warnings).toEqual(
      allowed ? [] : [expect.stringContaining(`policy does not let cloudwatch.amazonaws.com publish for`)],
    );
  });

  it('cannot reach a topic with SNS’s own key, or one that is gone, or what is not hosted', async () => {
    const [topicArn] = await topicWithQueue({ KmsMasterKeyId: 'alias/aws/sns' });
    const gone = 'arn:aws:sns:us-east-1:000000000000:gone';
    const instance = 'arn:aws:automate:us-east-1:ec2:stop';
    const actions = { ALARM: [topicArn, gone, instance], OK: [], INSUFFICIENT_DATA: [] };
    await rig.put('orders', { actions });
    await rig.monitoring.alarms.setState('orders', 'ALARM', 'a drill');
    await rig.monitoring.alarms.settled();
    expect([...rig.reporter.warnings].sort()).toEqual([
      expect.stringContaining('actions of automate are not hosted here'),
      expect.stringContaining('CloudWatch cannot use the key alias/aws/sns'),
      expect.stringContaining('the topic gone does not exist'),
    ]);
  });

  it('invoke functions that let alarms do so', async () => {
    const fn = functionArn(localLocale, 'f');
    const queueArn = asyncInvocationQueueArn(fn);
    await rig.broker.ensureInternalQueue(queueArn);
    const actions = { ALARM: [`${fn}:live`], OK: [fn], INSUFFICIENT_DATA: [] };
    await rig.put('orders', { actions, description: 'too many' });
    rig.value(4);
    await rig.pass(60);
    const [event] = await receive(rig.broker, queueArn);
    expect(event!.attributes).toEqual({ Qualifier: { dataType: 'String', value: 'live' } });
    expect(JSON.parse(event!.body)).toEqual({
      source: 'aws.cloudwatch',
      alarmArn: alarmArn('orders'),
      accountId: '000000000000',
      time: '2026-01-01T00:01:00.000+0000',
      region: 'us-east-1',
      alarmData: {
        alarmName: 'orders',
        state: {
          value: 'ALARM',
          reason: expect.stringContaining('Threshold Crossed') as string,
          reasonData: expect.stringContaining('"recentDatapoints":[4]') as string,
          timestamp: '2026-01-01T00:01:00.000+0000',
        },
        previousState: {
          value: 'INSUFFICIENT_DATA',
          reason: 'Unchecked: Initial alarm creation',
          timestamp: '2026-01-01T00:00:00.000+0000',
        },
        configuration: {
          description: 'too many',
          metrics: [
            {
              id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
              metricStat: {
                metric: { namespace: 'Shop', name: 'Orders', dimensions: {} },
                period: 60,
                stat: 'Sum',
              },
              returnData: true,
            },
          ],
        },
      },
    });
    rig.forbidden.add(`${fn} ${alarmArn('orders')}`);
    await rig.monitoring.alarms.setState('orders', 'OK', 'a drill');
    await rig.monitoring.alarms.settled();
    expect(await receive(rig.broker, queueArn)).toEqual([]);
    expect(rig.reporter.warnings).toEqual([
      expect.stringContaining('no permission lets lambda.alarms.cloudwatch.amazonaws.com invoke f'),
    ]);
  });
});

describe('alarms on disk', () => {
  it('come back with their state, and those of the stack go with it', async () => {
    await rig.put('orders', { treatMissingData: 'ignore' });
    await rig.monitoring.alarms.declare(definition({ name: 'declared' }), { team: 'shop' });
    await rig.monitoring.alarms.setState('orders', 'ALARM', 'a drill');
    await rig.monitoring.stop();
    await rig.open();
    expect(rig.state()).toBe('ALARM');
    expect(rig.monitoring.alarms.get('declared').tags).toEqual({ team: 'shop' });
    await rig.monitoring.alarms.removeUndeclared(new Set(['declared']));
    expect(rig.monitoring.alarms.size).toBe(2);
    await rig.monitoring.alarms.removeUndeclared(new Set());
    expect(rig.monitoring.alarms.list().map((each) => each.definition.name)).toEqual(['orders']);
    expect(await rig.monitoring.alarms.history('orders')).toHaveLength(2);
  });

  it('act at the start where an action was kept from it', async () => {
    const [topicArn, queueArn] = await topicWithQueue();
    await rig.put('orders', { actions: { ALARM: [topicArn], OK: [], INSUFFICIENT_DATA: [] } });
    // As a kill leaves it: the transition is written, its action is not done.
    const alarm = rig.monitoring.alarms.get('orders');
    const to = { ...alarm.state, value: 'ALARM' as const };
    await rig.monitoring.stop();
    const { clock, folder } = rig;
    const store = new AlarmStore({ folder: join(folder, 'alarms'), clock, onFailure: () => undefined });
    await store.save({ ...alarm, state: to, pending: [{ id: '1', from: alarm.state, to }] });
    await store.close();
    await rig.open();
    await rig.monitoring.alarms.settled();
    expect(await arrived(queueArn)).toHaveLength(1);
    expect(rig.monitoring.alarms.get('orders').pending).toEqual([]);
  });
});
