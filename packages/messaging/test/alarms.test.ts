import { ManualClock } from '../../local/test/support/manual-clock';
import type { AlarmMetric, CreateAlarm, Messaging } from '../src';
import { startCloud } from './support';
import type { Cloud } from './support';
import { until } from './waiting';

const ARN = 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:';
const TOPIC_ARN = 'arn:aws:sns:us-east-1:000000000000:';

const clock = new ManualClock(Date.UTC(2026, 0, 1, 12));
let cloud: Cloud;
let messaging: Messaging;
let made = 0;

beforeAll(async () => {
  cloud = await startCloud({ clock });
  cloud.runtime.invoker.functions.set('worker', () => ({}));
  messaging = cloud.open();
});

afterAll(() => cloud.close());

/** An alarm as soon as there is something in a queue. */
function input(more: Partial<CreateAlarm> = {}): CreateAlarm {
  return {
    name: `alarm-${++made}`,
    metric: { queue: 'orders', measure: 'visible' },
    comparison: '>',
    threshold: 0,
    ...more,
  };
}

const create = (more: Partial<CreateAlarm> = {}) => messaging.alarms.create(input(more));
const refusal = (...fields: string[]) => ({
  code: 'invalid',
  errors: fields.map((field) => expect.objectContaining({ field }) as object),
});

async function topicNames(prefix: string): Promise<string[]> {
  return (await messaging.topics.list({ prefix })).items.map(({ name }) => name);
}

const permissions = () => cloud.runtime.functionPermissions.added('worker');

async function subscribers(topic: string) {
  const { items } = await messaging.subscriptions.list({ topic });
  return items.map(({ protocol, endpoint }) => `${protocol} ${endpoint.split(':').pop()}`).sort();
}

describe('an alarm', () => {
  it('is made with what is usual, and told of', async () => {
    const told: unknown[] = [];
    messaging.events.once('resource.created', (event) => told.push(event));
    const info = await create({ name: 'orders waiting', description: 'Orders wait' });
    expect(info).toMatchObject({
      name: 'orders waiting',
      arn: `${ARN}orders waiting`,
      description: 'Orders wait',
      state: 'insufficient-data',
      metric: { queue: 'orders', measure: 'visible' },
      statistic: 'maximum',
      comparison: '>',
      threshold: 0,
      periodSeconds: 60,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      missingData: 'missing',
      actionsEnabled: true,
      actions: { alarm: [], ok: [], insufficientData: [] },
    });
    expect(info.stateChangedAt).toBeInstanceOf(Date);
    expect(await messaging.alarms.get('orders waiting')).toEqual(info);
    expect(told).toMatchObject([{ type: 'alarm', name: 'orders waiting', arn: info.arn }]);
  });

  it('is made with everything that is said', async () => {
    const said = {
      metric: { namespace: 'Shop', name: 'Latency', dimensions: { Page: 'cart' }, unit: 'Seconds' },
      statistic: 'p99.5',
      comparison: '<=',
      threshold: -1.5,
      periodSeconds: 30,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      missingData: 'not-breaching',
    } as const;
    expect(await create(said)).toMatchObject(said);
  });

  it.each<[AlarmMetric, string, string, string]>([
    [{ queue: 'q', measure: 'visible' }, 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'maximum'],
    [{ queue: 'q', measure: 'in-flight' }, 'AWS/SQS', 'ApproximateNumberOfMessagesNotVisible', 'maximum'],
    [{ queue: 'q', measure: 'delayed' }, 'AWS/SQS', 'ApproximateNumberOfMessagesDelayed', 'maximum'],
    [{ queue: 'q', measure: 'oldest-age' }, 'AWS/SQS', 'ApproximateAgeOfOldestMessage', 'maximum'],
    [{ queue: 'q', measure: 'sent' }, 'AWS/SQS', 'NumberOfMessagesSent', 'sum'],
    [{ queue: 'q', measure: 'received' }, 'AWS/SQS', 'NumberOfMessagesReceived', 'sum'],
    [{ queue: 'q', measure: 'deleted' }, 'AWS/SQS', 'NumberOfMessagesDeleted', 'sum'],
    [{ queue: 'q', measure: 'empty-receives' }, 'AWS/SQS', 'NumberOfEmptyReceives', 'sum'],
    [{ topic: 't', measure: 'published' }, 'AWS/SNS', 'NumberOfMessagesPublished', 'sum'],
    [{ topic: 't', measure: 'delivered' }, 'AWS/SNS', 'NumberOfNotificationsDelivered', 'sum'],
    [{ topic: 't', measure: 'failed' }, 'AWS/SNS', 'NumberOfNotificationsFailed', 'sum'],
    [{ topic: 't', measure: 'filtered' }, 'AWS/SNS', 'NumberOfNotificationsFilteredOut', 'sum'],
  ])('of %j is on the metric of AWS', async (metric, namespace, name, statistic) => {
    const info = await create({ metric });
    expect(info).toMatchObject({ metric, statistic });
    const [dimension, resource] = 'queue' in metric ? ['QueueName', 'q'] : ['TopicName', 't'];
    const { definition } = cloud.runtime.monitoring.alarms.get(info.name);
    expect(definition.metric).toMatchObject({ namespace, name });
    expect(definition.metric.dimensions).toEqual([{ name: dimension, value: resource }]);
  });

  it.each<[Partial<CreateAlarm>, ...string[]]>([
    [{ name: '' }, 'name'],
    [{ description: 'x'.repeat(1025) }, 'description'],
    [{ metric: { queue: 'a b', measure: 'visible' } }, 'metric.queue'],
    [{ metric: { queue: 'q', measure: 'published' as 'sent' } }, 'metric.measure'],
    [{ metric: { topic: '', measure: 'sent' as 'failed' } }, 'metric.topic', 'metric.measure'],
    [{ metric: { namespace: '', name: '' } }, 'metric.namespace', 'metric.name'],
    [{ metric: { namespace: 'a', name: 'b', dimensions: { c: '' } } }, 'metric.dimensions'],
    [{ statistic: 'median' as 'sum' }, 'statistic'],
    [{ statistic: 'p101' }, 'statistic'],
    [{ comparison: '=' as '>' }, 'comparison'],
    [{ threshold: NaN }, 'threshold'],
    [{ missingData: 'zero' as 'ignore' }, 'missingData'],
    [{ periodSeconds: 1 }, 'periodSeconds'],
    [{ periodSeconds: 90 }, 'periodSeconds'],
    [{ periodSeconds: 10 }, 'periodSeconds'],
    [{ metric: { namespace: 'AWS/EC2', name: 'CPUUtilization' }, periodSeconds: 30 }, 'periodSeconds'],
    [{ evaluationPeriods: 0 }, 'evaluationPeriods'],
    [{ evaluationPeriods: 1.5 }, 'evaluationPeriods'],
    [{ evaluationPeriods: 3, datapointsToAlarm: 4 }, 'datapointsToAlarm'],
    [{ datapointsToAlarm: 0 }, 'datapointsToAlarm'],
    [{ periodSeconds: 3540, evaluationPeriods: 25 }, 'evaluationPeriods'],
    [{ periodSeconds: 3600, evaluationPeriods: 169 }, 'evaluationPeriods'],
  ])('is refused before CloudWatch is asked: %j', async (more, ...fields) => {
    await expect(create(more)).rejects.toMatchObject(refusal(...fields));
  });

  it('may look back a day by short periods, and a week by periods of an hour', async () => {
    await create({ periodSeconds: 60, evaluationPeriods: 1440 });
    await create({ periodSeconds: 3600, evaluationPeriods: 168 });
    await create({ metric: { namespace: 'Shop', name: 'Orders' }, periodSeconds: 10 });
  });

  it('made again is the same one, and with other settings one that is there', async () => {
    const said = input({ statistic: 'sum', missingData: 'breaching' });
    const first = await messaging.alarms.create(said);
    const told: unknown[] = [];
    const forget = messaging.events.onAny((event) => told.push(event));
    expect(await messaging.alarms.create(said)).toEqual(first);
    forget();
    expect(told).toEqual([]);
    for (const other of [
      { threshold: 1 },
      { statistic: 'average' as const },
      { notify: { ok: [{ sms: '+12065550100' }] } },
    ]) {
      await expect(messaging.alarms.create({ ...said, ...other })).rejects.toMatchObject({
        code: 'already-exists',
      });
    }
    expect(await topicNames(said.name)).toEqual([]);
  });

  it('has a state that can be set, with a history and an event', async () => {
    const { name, arn } = await create();
    const told: unknown[] = [];
    const on = (event: unknown) => told.push(event);
    messaging.events.on('alarm.state', on);
    const change = { state: 'alarm', reason: 'a test' } as const;
    expect(await messaging.alarms.setState(name, change)).toMatchObject({
      state: 'alarm',
      stateReason: 'a test',
    });
    await messaging.alarms.setState(name, change);
    messaging.events.off('alarm.state', on);
    expect(told).toEqual([{ name, arn, from: 'insufficient-data', to: 'alarm', reason: 'a test' }]);
    const { items, nextCursor } = await messaging.alarms.history(name);
    expect(nextCursor).toBeNull();
    expect(items.map(({ kind }) => kind).sort()).toEqual(['configuration', 'state']);
    expect(items.every(({ at, summary }) => at instanceof Date && summary.length > 0)).toBe(true);
    const first = await messaging.alarms.history(name, { limit: 1 });
    const second = await messaging.alarms.history(name, { limit: 1, cursor: first.nextCursor! });
    expect([...first.items, ...second.items]).toEqual(items);
  });

  it.each([
    [{ state: 'ALARM' as 'alarm', reason: 'x' }, 'state'],
    [{ state: 'ok' as const, reason: 'x'.repeat(1024) }, 'reason'],
  ])('has no such state: %j', async (change, field) => {
    const { name } = await create();
    await expect(messaging.alarms.setState(name, change)).rejects.toMatchObject(refusal(field));
  });

  it('is deleted once', async () => {
    const { name } = await create();
    const told: unknown[] = [];
    messaging.events.once('resource.deleted', (event) => told.push(event));
    await messaging.alarms.delete(name);
    expect(told).toMatchObject([{ type: 'alarm', name }]);
    for (const call of [
      () => messaging.alarms.get(name),
      () => messaging.alarms.delete(name),
      () => messaging.alarms.history(name),
      () => messaging.alarms.setState(name, { state: 'ok', reason: '' }),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'not-found' });
    }
  });

  it('is listed by pages, by prefix and by state', async () => {
    const shop = cloud.open({ prefix: 'shop-' });
    for (const name of ['shop-a', 'shop-b', 'shop-b2']) await shop.alarms.create(input({ name }));
    await shop.alarms.setState('shop-b', { state: 'ok', reason: '' });
    const first = await shop.alarms.list({ limit: 2 });
    const rest = await shop.alarms.list({ limit: 2, cursor: first.nextCursor! });
    expect([...first.items, ...rest.items].map(({ name }) => name).sort()).toEqual([
      'shop-a',
      'shop-b',
      'shop-b2',
    ]);
    const names = async (options: object) => (await shop.alarms.list(options)).items.map(({ name }) => name);
    expect(await names({ prefix: 'shop-b' })).toEqual(['shop-b', 'shop-b2']);
    expect(await names({ prefix: 'shop-b', state: 'ok' })).toEqual(['shop-b']);
    expect(await names({ prefix: 'sh' })).toHaveLength(3);
    expect(await names({ prefix: 'x' })).toEqual([]);
    await expect(shop.alarms.create(input())).rejects.toMatchObject({ code: 'denied' });
    await expect(shop.alarms.get('alarm-1')).rejects.toMatchObject({ code: 'denied' });
  });
});

describe('who is told', () => {
  it('gets the news: a queue by the topic of the alarm, which goes with the alarm', async () => {
    await messaging.queues.create({ name: 'news' });
    const name = `alarm-${++made}`;
    const own = `${name}-notifications`;
    const { actions } = await create({
      name,
      notify: { alarm: [{ queue: 'news' }, { sms: '+12065550100' }] },
    });
    expect(actions).toEqual({ alarm: [TOPIC_ARN + own], ok: [], insufficientData: [] });
    expect(await subscribers(own)).toEqual(['sms +12065550100', 'sqs news']);
    expect((await messaging.topics.get(own)).tags).toEqual({ 'aws-micro:alarm': name });
    for (const state of ['ok', 'alarm'] as const) {
      await messaging.alarms.setState(name, { state, reason: 'test' });
    }
    const news: unknown[] = [];
    await until(async () => {
      for (const { body } of await messaging.queues.receive('news')) news.push(JSON.parse(body));
      return news.length > 0;
    });
    expect(news).toMatchObject([{ AlarmName: name, NewStateValue: 'ALARM' }]);
    await messaging.alarms.delete(name);
    expect(await topicNames(name)).toEqual([]);
    expect((await messaging.queues.get('news')).policy).toBeNull();
  });

  it('gets the news of the states that it wants, by a topic for each choice', async () => {
    const [both, one] = [{ sms: '+12065550100' }, { sms: '+12065550101' }];
    const notify = { alarm: [both, one], ok: [both, both], insufficientData: [{ sms: '+12065550102' }] };
    const { name, actions } = await create({ notify });
    const own = (suffix: string) => `${name}-notifications-${suffix}`;
    expect(actions).toEqual({
      alarm: [TOPIC_ARN + own('alarm-ok'), TOPIC_ARN + own('alarm')],
      ok: [TOPIC_ARN + own('alarm-ok')],
      insufficientData: [TOPIC_ARN + own('insufficient-data')],
    });
    expect(await subscribers(own('alarm-ok'))).toEqual(['sms +12065550100']);
    expect(await subscribers(own('alarm'))).toEqual(['sms +12065550101']);
    expect(await subscribers(own('insufficient-data'))).toEqual(['sms +12065550102']);
    await messaging.alarms.delete(name);
    expect(await topicNames(name)).toEqual([]);
  });

  it('is a topic that stays, or a function that may be called as long as there is the alarm', async () => {
    await messaging.topics.create({ name: 'operators' });
    const { name, actions } = await create({
      notify: {
        alarm: [{ topic: 'operators' }, { function: 'worker' }],
        insufficientData: [{ topic: 'operators' }],
      },
    });
    const worker = 'arn:aws:lambda:us-east-1:000000000000:function:worker';
    expect(actions).toEqual({
      alarm: [`${TOPIC_ARN}operators`, worker],
      ok: [],
      insufficientData: [`${TOPIC_ARN}operators`],
    });
    expect(await topicNames(name)).toEqual([]);
    expect(permissions()).toMatchObject([
      { principal: 'lambda.alarms.cloudwatch.amazonaws.com', sourceArn: ARN + name },
    ]);
    await messaging.alarms.delete(name);
    expect(permissions()).toEqual([]);
    expect(await topicNames('operators')).toEqual(['operators']);
  });

  it('leaves nothing behind when one of them is not there', async () => {
    await messaging.queues.create({ name: 'kept' });
    for (const missing of [{ topic: 'missing' }, { queue: 'missing' }, { function: 'missing' }]) {
      const name = `alarm-${++made}`;
      const notify = { alarm: [{ function: 'worker' }, { queue: 'kept' }, missing] };
      await expect(create({ name, notify })).rejects.toMatchObject({ code: 'not-found' });
      await expect(messaging.alarms.get(name)).rejects.toMatchObject({ code: 'not-found' });
      expect(await topicNames(name)).toEqual([]);
      expect((await messaging.queues.get('kept')).policy).toBeNull();
    }
    expect(permissions()).toEqual([]);
  });

  it('is not told by a topic that somebody else made, which stays', async () => {
    const name = `alarm-${++made}`;
    await messaging.topics.create({ name: `${name}-notifications` });
    await expect(create({ name, notify: { ok: [{ sms: '+12065550100' }] } })).rejects.toMatchObject({
      code: 'already-exists',
    });
    expect(await topicNames(name)).toEqual([`${name}-notifications`]);
    await create({ name, notify: { ok: [{ topic: `${name}-notifications` }] } });
    await messaging.alarms.delete(name);
    expect(await topicNames(name)).toEqual([`${name}-notifications`]);
  });

  it('is made up for when the alarm is made again', async () => {
    const said = input({ notify: { alarm: [{ sms: '+12065550100' }, { sms: '+12065550101' }] } });
    await messaging.alarms.create(said);
    const own = `${said.name}-notifications`;
    const { items } = await messaging.subscriptions.list({ topic: own });
    await messaging.subscriptions.delete(items[0]!.id!);
    await messaging.alarms.create(said);
    expect(await subscribers(own)).toEqual(['sms +12065550100', 'sms +12065550101']);
  });

  it.each<[Partial<CreateAlarm>, ...string[]]>([
    [{ notify: { alarm: [{ email: 'nobody' }] } }, 'notify.alarm.0.email'],
    [{ notify: { ok: [{ sms: '123' }] } }, 'notify.ok.0.sms'],
    [{ notify: { alarm: [{ topic: 'a b' }] } }, 'notify.alarm.0.topic'],
    [{ notify: { alarm: [{ topic: 'a.fifo' }] } }, 'notify.alarm.0.topic'],
    [{ notify: { alarm: [{ queue: 'a.fifo' }] } }, 'notify.alarm.0.queue'],
    [{ notify: { alarm: [{ function: 'a b' }] } }, 'notify.alarm.0.function'],
    [{ notify: { alarm: [{ url: 'ftp://example.com' }] } }, 'notify.alarm.0.url'],
    [{ notify: { alarm: [{} as { topic: string }] } }, 'notify.alarm.0'],
    [{ notify: { alarm: [{ topic: 'a', queue: 'b' }] } }, 'notify.alarm.0'],
    [
      { notify: { insufficientData: [1, 2, 3, 4, 5, 6].map((n) => ({ topic: `t${n}` })) } },
      'notify.insufficientData',
    ],
    [{ name: 'with space', notify: { ok: [{ sms: '+12065550100' }] } }, 'name'],
  ])('is refused before anything is made: %j', async (more, ...fields) => {
    await expect(create(more)).rejects.toMatchObject(refusal(...fields));
  });
});
