import { Alarms, EncryptionKey, LambdaFunction, MySqlDatabase, Network, Queue } from '../../modules';
import type { AlarmsProps, EncryptionKeyProps } from '../../modules';
import { synthesize } from '../support/template';
import type { TerraformStack } from 'cdktf';

const key = (stack: TerraformStack, props: Partial<EncryptionKeyProps> = {}) =>
  new EncryptionKey(stack, 'key', { name: 'orders', ...props });
const alarms = (stack: TerraformStack, props: Partial<AlarmsProps> = {}) =>
  new Alarms(stack, 'alarms', { name: 'orders', encryptionKey: key(stack), ...props });

describe('EncryptionKey', () => {
  const template = synthesize((stack) => void key(stack));

  test('matches its snapshot', () => expect(template.snapshot()).toMatchSnapshot());

  test('is rotated, and a deletion can be undone for a month', () => {
    expect(template.only('aws_kms_key')).toMatchObject({
      enable_key_rotation: true,
      rotation_period_in_days: 365,
      deletion_window_in_days: 30,
    });
  });

  test('is its account’s alone until a module asks for a service', () => {
    const statements = template.statements('aws_kms_key');
    expect(statements).toHaveLength(1);
    expect(statements[0]?.Principal).toEqual({ AWS: expect.stringMatching(/account_id\}:root$/) as string });
  });

  test.each([
    ['sns', { Service: 'sns.amazonaws.com' }, 'aws:SourceArn'],
    ['cloudwatch', { Service: 'cloudwatch.amazonaws.com' }, 'aws:SourceArn'],
    ['events', { Service: 'events.amazonaws.com' }, 'aws:SourceArn'],
    ['events-to-topics', { Service: 'events.amazonaws.com' }, 'kms:EncryptionContext:aws:sns:topicArn'],
    [
      'logs',
      { Service: expect.stringMatching(/^logs\..*\.amazonaws\.com$/) as string },
      'kms:EncryptionContext:aws:logs:arn',
    ],
  ] as const)('admits %s for resources of this account only, once', (user, principal, condition) => {
    const admitted = synthesize((stack) => {
      const shared = key(stack);
      shared.admit(user);
      shared.admit(user);
    });
    const [, statement, ...more] = admitted.statements('aws_kms_key');
    expect(more).toEqual([]);
    expect(statement?.Principal).toEqual(principal);
    expect(statement?.Condition?.['ArnLike']?.[condition]).toEqual([expect.stringMatching(/account_id\}:/)]);
  });

  test.each<[Partial<EncryptionKeyProps>, RegExp]>([
    [{ deletionWindowDays: 6 }, /deletionWindowDays is 6.*7 to 30/],
    [{ rotationPeriodDays: 89 }, /rotationPeriodDays is 89.*90 to 2560/],
    [{ name: 'aws/orders' }, /name is "aws\/orders".*reserved/],
  ])('refuses %j', (props, message) => {
    expect(() => synthesize((stack) => void key(stack, props))).toThrow(message);
  });
});

describe('Alarms', () => {
  const template = synthesize((stack) => {
    const watching = alarms(stack, { dashboard: true, emailAddresses: ['ops@example.com'] });
    const queue = new Queue(stack, 'queue', { name: 'orders' });
    const network = new Network(stack, 'network', {
      name: 'net',
      availabilityZones: ['us-east-1a', 'us-east-1b'],
    });
    watching.watchDeadLetters(queue.deadLetterQueue);
    watching.watchQueue(queue);
    watching.watchFunction(new LambdaFunction(stack, 'fn', { name: 'fn', entry: 'fn.ts' }));
    watching.watchDatabase(new MySqlDatabase(stack, 'database', { name: 'orders', network }), 50);
  });
  const byName = new Map(
    template
      .resourcesOf('aws_cloudwatch_metric_alarm')
      .map(({ attributes }) => [attributes['alarm_name'], attributes]),
  );

  test('matches its snapshot', () => {
    expect(Object.fromEntries([...byName].map(([name, alarm]) => [name, alarm]))).toMatchSnapshot();
  });

  test.each([
    ['orders-queue-dead-letters-depth', 'ApproximateNumberOfMessagesVisible', 0],
    ['orders-queue-age', 'ApproximateAgeOfOldestMessage', 300],
    ['orders-fn-errors', 'Errors', 0],
    ['orders-fn-throttles', 'Throttles', 0],
    ['orders-database-processor', 'CPUUtilization', 80],
    ['orders-database-storage', 'FreeStorageSpace', 2_147_483_648],
    ['orders-database-connections', 'DatabaseConnections', 50],
  ])('%s watches %s', (name, metric, threshold) => {
    expect(byName.get(name)).toMatchObject({ metric_name: metric, threshold, actions_enabled: true });
  });

  test('storage is watched from below, everything else from above', () => {
    const below = [...byName].filter(([, alarm]) => alarm['comparison_operator'] === 'LessThanThreshold');
    expect(below.map(([name]) => name)).toEqual(['orders-database-storage']);
  });

  test('each alarm tells the topic when it goes off and when it is over', () => {
    const topic = [`\${${template.resourcesOf('aws_sns_topic')[0]?.address}.arn}`];
    for (const alarm of byName.values())
      expect(alarm).toMatchObject({ alarm_actions: topic, ok_actions: topic });
    expect(byName.size).toBe(7);
  });

  test('the topic is encrypted, and alarms of this account may publish to it', () => {
    expect(template.only('aws_sns_topic')['kms_master_key_id']).toMatch(/aws_kms_key/);
    const allowed = template.statements('aws_sns_topic_policy').find(({ Sid }) => Sid === 'Alarms');
    expect(allowed).toMatchObject({
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: ['sns:Publish'],
    });
    expect(allowed?.Condition?.['ArnLike']?.['aws:SourceArn']).toEqual([
      expect.stringMatching(/:cloudwatch:.*account_id\}:alarm:\*$/),
    ]);
  });

  test('people get mail', () => {
    expect(template.only('aws_sns_topic_subscription')).toMatchObject({
      protocol: 'email',
      endpoint: 'ops@example.com',
    });
  });

  test('the dashboard shows all that is watched', () => {
    const body = template.only('aws_cloudwatch_dashboard')['dashboard_body'] as unknown as {
      widgets: { properties: { title: string; metrics: unknown[] } }[];
    };
    expect(body.widgets.map(({ properties }) => [properties.title, properties.metrics.length])).toEqual([
      ['Dead letters: orders-dead-letters', 1],
      ['Queue: orders', 2],
      ['Function: fn', 4],
      ['Database: orders', 3],
    ]);
  });

  test('there is no dashboard unless asked for', () => {
    synthesize((stack) => void alarms(stack)).countIs('aws_cloudwatch_dashboard', 0);
  });

  test('refuses what is no mail address', () => {
    const build = () => synthesize((stack) => void alarms(stack, { emailAddresses: ['ops'] }));
    expect(build).toThrow(/alarms.*address is "ops".*mail address/);
  });
});
