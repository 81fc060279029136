import { Alarms, EncryptionKey, LambdaFunction, Network, Table } from '../../modules';
import type { GlobalIndex, TableProps } from '../../modules';
import { synthesize } from '../support/template';
import type { TerraformStack } from 'cdktf';

const userId = { name: 'userId', type: 'S' } as const;
const at = { name: 'at', type: 'N' } as const;
const byEmail: GlobalIndex = { partitionKey: { name: 'email', type: 'S' }, projection: 'KEYS_ONLY' };

const table = (stack: TerraformStack, props: Partial<TableProps> = {}) =>
  new Table(stack, 'accounts', { name: 'accounts', partitionKey: userId, ...props });
const synth = (props: Partial<TableProps>) => synthesize((stack) => void table(stack, props));
const created = (props: Partial<TableProps>) => synth(props).only('aws_dynamodb_table');
const fn = (stack: TerraformStack, network?: Network) =>
  new LambdaFunction(stack, 'fn', { name: 'fn', entry: 'fn.ts', network });

describe('Table', () => {
  const plain = created({});

  test('matches its snapshot', () => expect(synth({}).snapshot()).toMatchSnapshot());

  test('is paid by the request', () => expect(plain).toMatchObject({ billing_mode: 'PAY_PER_REQUEST' }));

  test('can be restored to any second of five weeks, or of fewer days', () => {
    expect(plain['point_in_time_recovery']).toEqual({ enabled: true, recovery_period_in_days: 35 });
    expect(created({ recoveryDays: 7 })['point_in_time_recovery']).toEqual({
      enabled: true,
      recovery_period_in_days: 7,
    });
  });

  test('is protected from deletion, by DynamoDB and in the plan, unless that is switched off', () => {
    expect(plain).toMatchObject({
      deletion_protection_enabled: true,
      lifecycle: { prevent_destroy: true },
    });
    const open = created({ deletionProtection: false });
    expect(open).toMatchObject({ deletion_protection_enabled: false });
    expect(open).not.toHaveProperty('lifecycle');
  });

  test('is encrypted by the given key, and else by one that AWS owns', () => {
    expect(plain).not.toHaveProperty('server_side_encryption');
    const encrypted = synthesize((stack) => {
      table(stack, { encryptionKey: new EncryptionKey(stack, 'key', { name: 'key' }) });
    });
    expect(encrypted.only('aws_dynamodb_table')['server_side_encryption']).toEqual({
      enabled: true,
      kms_key_arn: `\${${encrypted.resourcesOf('aws_kms_key')[0]?.address}.arn}`,
    });
  });

  test('names the attributes of all keys once, in order', () => {
    const attributes = created({
      sortKey: at,
      globalIndexes: { byEmail, byTime: { partitionKey: byEmail.partitionKey, sortKey: at } },
    })['attribute'];
    expect(attributes).toEqual([
      { name: 'at', type: 'N' },
      { name: 'email', type: 'S' },
      { name: 'userId', type: 'S' },
    ]);
  });

  test('has indexes that hold what they were told to', () => {
    const indexed = created({
      sortKey: at,
      globalIndexes: { byEmail, pending: { ...byEmail, sortKey: at, projection: { include: ['events'] } } },
      localIndexes: { bySize: { sortKey: { name: 'size', type: 'N' } } },
    });
    expect(indexed).toMatchObject({ hash_key: 'userId', range_key: 'at' });
    expect(indexed['global_secondary_index']).toEqual([
      { name: 'byEmail', hash_key: 'email', projection_type: 'KEYS_ONLY' },
      {
        name: 'pending',
        hash_key: 'email',
        range_key: 'at',
        projection_type: 'INCLUDE',
        non_key_attributes: ['events'],
      },
    ]);
    expect(indexed['local_secondary_index']).toEqual([
      { name: 'bySize', range_key: 'size', projection_type: 'ALL' },
    ]);
  });

  test('forgets items and streams changes where asked for', () => {
    for (const attribute of ['ttl', 'stream_enabled']) expect(plain).not.toHaveProperty(attribute);
    expect(created({ timeToLiveAttribute: 'expiresAt', stream: 'new-image' })).toMatchObject({
      ttl: { enabled: true, attribute_name: 'expiresAt' },
      stream_enabled: true,
      stream_view_type: 'NEW_IMAGE',
    });
  });

  test('has a stream to consume only where it has one', () => {
    expect(() => synthesize((stack) => void table(stack).streamArn)).toThrow(/stream is undefined/);
    let arn = '';
    synthesize((stack) => (arn = table(stack, { stream: 'keys-only' }).streamArn));
    expect(arn).toMatch(/TOKEN/);
  });

  const include = (count: number) => Array.from({ length: count }, (_, index) => `a${index}`);
  const indexes = (count: number) =>
    Object.fromEntries(include(count).map((name) => [`by-${name}`, { ...byEmail }]));

  test.each<[string, Partial<TableProps>, RegExp]>([
    ['name', { name: 'a b' }, /name is "a b".*3 to 255/],
    ['key', { partitionKey: { name: '', type: 'S' } }, /key is "".*1 to 255/],
    ['types', { sortKey: { name: 'userId', type: 'N' } }, /type of userId is "N": another key says S/],
    ['recovery', { recoveryDays: 36 }, /recoveryDays is 36.*1 to 35/],
    ['time to live', { timeToLiveAttribute: '' }, /timeToLiveAttribute is "".*1 to 255/],
    ['many indexes', { globalIndexes: indexes(21) }, /number of globalIndexes is 21: 20 at most/],
    [
      'many local indexes',
      {
        sortKey: at,
        localIndexes: Object.fromEntries(include(6).map((n) => [`by-${n}`, { sortKey: at }])),
      },
      /number of localIndexes is 6: 5 at most/,
    ],
    [
      'local indexes without a sort key',
      { localIndexes: { byTime: { sortKey: at } } },
      /localIndexes is \["byTime"\].*needs a sortKey/,
    ],
    ['index name', { globalIndexes: { 'a b': byEmail } }, /index is "a b".*3 to 255/],
    [
      'two indexes of a name',
      { sortKey: at, globalIndexes: { byTime: byEmail }, localIndexes: { byTime: { sortKey: at } } },
      /index is "byTime": a global and a local index/,
    ],
    [
      'no included attributes',
      { globalIndexes: { byEmail: { ...byEmail, projection: { include: [] } } } },
      /projection.include is \[\]: one or more/,
    ],
    [
      'many included attributes',
      { globalIndexes: { byEmail: { ...byEmail, projection: { include: include(101) } } } },
      /number of included attributes is 101.*100 at most/,
    ],
  ])('refuses a wrong value: %s', (_name, props, message) => {
    expect(() => synth(props)).toThrow(message);
  });
});

describe('grants on a table', () => {
  const template = synthesize((stack) => {
    const key = new EncryptionKey(stack, 'key', { name: 'key' });
    const accounts = table(stack, { encryptionKey: key, globalIndexes: { byEmail } });
    const caller = fn(stack);
    accounts.grant(caller, ['UpdateItem', 'GetItem']);
    accounts.grantIndex(caller, 'byEmail', ['Query']);
  });
  const statements = template.statements('aws_iam_role_policy').slice(2);
  const arn = `\${${template.resourcesOf('aws_dynamodb_table')[0]?.address}.arn}`;

  test('are the named calls on the table, and on the index, and nothing else', () => {
    expect(statements.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [['dynamodb:GetItem', 'dynamodb:UpdateItem'], [arn]],
      [['kms:Decrypt'], [`\${${template.resourcesOf('aws_kms_key')[0]?.address}.arn}`]],
      [['dynamodb:Query'], [`${arn}/index/byEmail`]],
    ]);
  });

  test('let the key be used through DynamoDB only', () => {
    expect(statements[1]?.Condition?.['StringEquals']?.['kms:ViaService']).toEqual([
      expect.stringMatching(/^dynamodb\..*\.amazonaws\.com$/),
    ]);
  });

  test('of the same calls on two tables are one statement', () => {
    const two = synthesize((stack) => {
      const caller = fn(stack);
      for (const name of ['one', 'two']) {
        new Table(stack, name, { name, partitionKey: userId }).grant(caller, ['GetItem']);
      }
    });
    const [statement, ...more] = two.statements('aws_iam_role_policy').slice(2);
    expect(more).toEqual([]);
    expect(statement?.Resource).toHaveLength(2);
  });

  test('open the way through the gateway endpoint for a function in a VPC', () => {
    const open = synthesize((stack) => {
      const zones = ['us-east-1a', 'us-east-1b'];
      table(stack).grant(fn(stack, new Network(stack, 'net', { name: 'net', availabilityZones: zones })), [
        'GetItem',
      ]);
    });
    expect(open.only('aws_vpc_security_group_egress_rule')['prefix_list_id']).toMatch(/endpoint-dynamodb/);
  });

  test('refuse an index that is not there, and no calls at all', () => {
    const grantIndex = () => synthesize((stack) => table(stack).grantIndex(fn(stack), 'byName', ['Query']));
    expect(grantIndex).toThrow(/index is "byName": the table has no indexes/);
    const grantNothing = () => synthesize((stack) => table(stack).grant(fn(stack), []));
    expect(grantNothing).toThrow(/actions is \[\]: name the calls/);
  });
});

test('alarms tell of throttled requests, of each index by itself', () => {
  const template = synthesize((stack) => {
    const encryptionKey = new EncryptionKey(stack, 'key', { name: 'key' });
    new Alarms(stack, 'alarms', { name: 'orders', encryptionKey }).watchTable(
      table(stack, { globalIndexes: { byEmail } }),
    );
  });
  const alarms = template
    .resourcesOf('aws_cloudwatch_metric_alarm')
    .map(({ attributes }) => [attributes['alarm_name'], attributes['metric_name'], attributes['dimensions']]);
  const index = { TableName: 'accounts', GlobalSecondaryIndexName: 'byEmail' };
  expect(alarms.sort()).toEqual([
    ['orders-accounts-byEmail-throttled-reads', 'ReadThrottleEvents', index],
    ['orders-accounts-byEmail-throttled-writes', 'WriteThrottleEvents', index],
    ['orders-accounts-throttled-reads', 'ReadThrottleEvents', { TableName: 'accounts' }],
    ['orders-accounts-throttled-writes', 'WriteThrottleEvents', { TableName: 'accounts' }],
  ]);
});
