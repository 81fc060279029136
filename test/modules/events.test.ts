import type { TerraformStack } from 'cdktf';
import { EncryptionKey, EventBus, LambdaFunction, Queue, Rule, Topic } from '../../modules';
import type { EventBusProps, EventPattern, RuleProps, TargetOptions } from '../../modules';
import { synthesize } from '../support/template';
import type { Template } from '../support/template';

const fn = (stack: TerraformStack, name = 'fn') =>
  new LambdaFunction(stack, name, { name, entry: `${name}.ts` });
const key = (stack: TerraformStack) => new EncryptionKey(stack, 'key', { name: 'key' });
const bus = (stack: TerraformStack, props: Partial<EventBusProps> = {}) =>
  new EventBus(stack, 'orders', { name: 'orders', ...props });
const rule = (stack: TerraformStack, props: Partial<RuleProps> = {}) =>
  new Rule(stack, 'placed', { name: 'placed', pattern: { source: ['shop.orders'] }, ...props });
const withRule = (build: (placed: Rule, stack: TerraformStack) => void, props?: Partial<RuleProps>) =>
  synthesize((stack) => build(rule(stack, props), stack));
const account = expect.stringMatching(/account_id\}$/) as string;
const ruleArn = expect.stringMatching(/^\$\{aws_cloudwatch_event_rule\..*\.arn\}$/) as string;

describe('EventBus', () => {
  test('matches its snapshot', () => {
    expect(synthesize((stack) => void bus(stack, { archiveDays: 30 })).snapshot()).toMatchSnapshot();
  });

  test('with a key has dead letters of another one, and the key admits buses of this account', () => {
    const template = synthesize((stack) => void bus(stack, { encryptionKey: key(stack) }));
    expect(template.only('aws_cloudwatch_event_bus')).toMatchObject({
      kms_key_identifier: expect.stringMatching(/^\$\{aws_kms_key\./) as string,
      dead_letter_config: { arn: expect.stringMatching(/^\$\{aws_sqs_queue\./) as string },
    });
    expect(template.only('aws_sqs_queue')).toMatchObject({
      name: 'orders-bus-dead-letters',
      sqs_managed_sse_enabled: true,
    });
    const admits = template.statements('aws_kms_key').find(({ Sid }) => Sid === 'EventBuses');
    expect(admits).toMatchObject({
      Principal: { Service: 'events.amazonaws.com' },
      Action: ['kms:DescribeKey', 'kms:Decrypt', 'kms:GenerateDataKey'],
      Condition: {
        ArnLike: { 'aws:SourceArn': [expect.stringMatching(/:events:.*:event-bus\/\*$/)] },
        StringEquals: { 'aws:SourceAccount': [account] },
      },
    });
    const letsIn = template.statements('aws_sqs_queue_policy').find(({ Sid }) => Sid === 'Rules');
    expect(letsIn?.Condition).toMatchObject({
      ArnEquals: { 'aws:SourceArn': [expect.stringMatching(/^\$\{aws_cloudwatch_event_bus\./)] },
    });
  });

  test('the default one is made by nobody, and there is one a stack', () => {
    const template = synthesize((stack) => {
      expect(EventBus.default(stack)).toBe(EventBus.default(fn(stack)));
      EventBus.default(stack).grantPut(fn(stack, 'other'));
    });
    template.countIs('aws_cloudwatch_event_bus', 0);
    const put = template.statements('aws_iam_role_policy', 'other').find(({ Sid }) => Sid === 'PutEvents');
    expect(put?.Resource).toEqual([expect.stringMatching(/:events:.*:event-bus\/default$/)]);
  });

  test('a function puts events, of some sources and detail types only where they are given', () => {
    const statement = (grant: (orders: EventBus, to: LambdaFunction) => void) =>
      synthesize((stack) => grant(bus(stack), fn(stack)))
        .statements('aws_iam_role_policy')
        .find(({ Action }) => Action.includes('events:PutEvents'));
    const any = statement((orders, to) => orders.grantPut(to));
    expect(any).toMatchObject({ Resource: [expect.stringMatching(/^\$\{aws_cloudwatch_event_bus\./)] });
    expect(any).not.toHaveProperty('Condition');
    const some = statement((orders, to) => orders.grantPut(to, { sources: ['a'], detailTypes: ['B', 'C'] }));
    expect(some?.Condition).toEqual({
      StringEquals: { 'events:source': ['a'], 'events:detail-type': ['B', 'C'] },
    });
  });

  test('is a destination of functions, by their role', () => {
    const template = synthesize((stack) => fn(stack).onSuccess(bus(stack)));
    expect(template.only('aws_lambda_function_event_invoke_config')['destination_config']).toMatchObject({
      on_success: { destination: expect.stringMatching(/^\$\{aws_cloudwatch_event_bus\./) as string },
    });
    expect(
      template.statements('aws_iam_role_policy').find(({ Sid }) => Sid === 'ForwardEvents'),
    ).toMatchObject({ Action: ['events:PutEvents'] });
  });

  test.each<[Partial<EventBusProps>, RegExp]>([
    [{ name: 'aws.orders' }, /name is "aws\.orders".*AWS's own/],
    [{ name: 'or ders' }, /name is "or ders".*256/],
    [{ archiveDays: 0 }, /archiveDays is 0.*1 to/],
    [{ name: 'n'.repeat(49), archiveDays: 1 }, /name is "n+": the archive has the name of the bus.*48/],
    [{ description: 'd'.repeat(513) }, /description is "d+".*512/],
  ])('refuses %j', (props, message) => {
    expect(() => synthesize((stack) => void bus(stack, props))).toThrow(message);
  });

  test('refuses a key where it cannot be: on the default bus, or with a name that no queue has', () => {
    const named = (name: string) => () =>
      synthesize((stack) => void bus(stack, { name, encryptionKey: key(stack) }));
    expect(named('default')).toThrow(/name is "default": the default bus is not made here/);
    expect(named('n'.repeat(64))).toThrow(/name is "n+": the dead letters .* 63/);
    expect(() => synthesize((stack) => bus(stack).grantPut(fn(stack), { sources: [] }))).toThrow(
      /sources is \[\]: one or more/,
    );
  });
});

describe('Rule', () => {
  const template = withRule((placed, stack) => placed.invoke(fn(stack)));
  const target = (from: Template) => from.only('aws_cloudwatch_event_target');

  test('matches its snapshot', () => {
    expect([template.only('aws_cloudwatch_event_rule'), target(template)]).toMatchSnapshot();
  });

  test('invokes a function for a day, then leaves the event among the dead letters, where its failures are, too', () => {
    const queue = expect.stringMatching(/^\$\{aws_sqs_queue\.placed_dead-letters/) as string;
    expect(target(template)).toMatchObject({
      retry_policy: { maximum_retry_attempts: 185, maximum_event_age_in_seconds: 86_400 },
      dead_letter_config: { arn: queue },
    });
    expect(template.only('aws_lambda_function_event_invoke_config')['destination_config']).toMatchObject({
      on_failure: { destination: queue },
    });
    expect(template.only('aws_lambda_permission')).toMatchObject({
      principal: 'events.amazonaws.com',
      source_arn: ruleArn,
    });
    const [policy] = template.resourcesOf('aws_sqs_queue_policy');
    const [permission] = template.resourcesOf('aws_lambda_permission');
    expect(target(template)['depends_on']).toEqual(
      expect.arrayContaining([policy?.address, permission?.address]),
    );
  });

  test('its dead letters take what this rule of this account sends', () => {
    const letsIn = template.statements('aws_sqs_queue_policy').find(({ Sid }) => Sid === 'Rules');
    expect(letsIn).toMatchObject({
      Principal: { Service: 'events.amazonaws.com' },
      Action: ['sqs:SendMessage'],
      Condition: {
        ArnEquals: { 'aws:SourceArn': [ruleArn] },
        StringEquals: { 'aws:SourceAccount': [account] },
      },
    });
  });

  test('has no dead letters before it has a target, and one queue for all', () => {
    withRule(() => undefined).countIs('aws_sqs_queue', 0);
    const many = withRule((placed, stack) => {
      placed.invoke(fn(stack));
      placed.invoke(fn(stack, 'other'));
    });
    many.countIs('aws_sqs_queue', 1);
  });

  test('a function that has a destination for failures keeps it', () => {
    const kept = withRule((placed, stack) => {
      const to = fn(stack);
      to.onFailure(bus(stack));
      placed.invoke(to);
    });
    expect(kept.only('aws_lambda_function_event_invoke_config')['destination_config']).toMatchObject({
      on_failure: { destination: expect.stringMatching(/^\$\{aws_cloudwatch_event_bus\./) as string },
    });
  });

  test('queues and topics let this rule in, and so does their key', () => {
    const sent = withRule((placed, stack) => {
      const shared = key(stack);
      placed.sendTo(new Queue(stack, 'queue', { name: 'q', encryption: shared }));
      placed.publishTo(new Topic(stack, 'topic', { name: 't', encryptionKey: shared }));
    });
    for (const [type, part] of [
      ['aws_sqs_queue_policy', '.queue_policy'],
      ['aws_sns_topic_policy', ''],
    ] as const) {
      const letsIn = sent.statements(type, part).find(({ Sid }) => Sid === 'Rules');
      expect(letsIn?.Condition).toEqual({
        ArnEquals: { 'aws:SourceArn': [ruleArn] },
        StringEquals: { 'aws:SourceAccount': [account] },
      });
    }
    expect(sent.statements('aws_kms_key').find(({ Sid }) => Sid === 'Rules')).toMatchObject({
      Principal: { Service: 'events.amazonaws.com' },
      Condition: {
        ArnLike: { 'aws:SourceArn': [expect.stringMatching(/:events:.*:rule\/\*$/)] },
        StringEquals: { 'aws:SourceAccount': [account] },
      },
    });
  });

  test('forwards to other buses by one role, which EventBridge assumes for this rule only', () => {
    const forwarded = withRule((placed, stack) => {
      placed.forwardTo(bus(stack));
      placed.forwardTo(new EventBus(stack, 'audit', { name: 'audit' }));
    });
    const role = forwarded.only('aws_iam_role')['assume_role_policy'] as {
      Statement: { Principal: unknown; Condition: unknown }[];
    };
    expect(role.Statement).toEqual([
      expect.objectContaining({
        Principal: { Service: 'events.amazonaws.com' },
        Condition: {
          StringEquals: { 'aws:SourceAccount': [account] },
          ArnEquals: { 'aws:SourceArn': [ruleArn] },
        },
      }),
    ]);
    expect(forwarded.statements('aws_iam_role_policy')).toMatchObject([
      { Action: ['events:PutEvents'], Resource: [expect.any(String), expect.any(String)] },
    ]);
    for (const { attributes } of forwarded.resourcesOf('aws_cloudwatch_event_target')) {
      expect(attributes['role_arn']).toMatch(/^\$\{aws_iam_role\./);
    }
  });

  test('is on its bus, by the bus’s key, and on the default one otherwise', () => {
    const onBus = synthesize((stack) => {
      const orders = bus(stack, { encryptionKey: key(stack) });
      rule(stack, { bus: orders, enabled: false }).invoke(fn(stack));
    });
    const reference = expect.stringMatching(/^\$\{aws_cloudwatch_event_bus\.orders.*\.name\}$/) as string;
    expect(onBus.only('aws_cloudwatch_event_rule')).toMatchObject({
      event_bus_name: reference,
      state: 'DISABLED',
    });
    expect(target(onBus)).toMatchObject({ event_bus_name: reference });
    expect(onBus.only('aws_sqs_queue', 'placed_dead-letters')['kms_master_key_id']).toMatch(/aws_kms_key/);
    expect(template.only('aws_cloudwatch_event_rule')).toMatchObject({ event_bus_name: 'default' });
  });

  test.each<[TargetOptions, object]>([
    [{ input: { days: 7 } }, { input: { days: 7 } }],
    [{ inputPath: '$.detail.items[0]' }, { input_path: '$.detail.items[0]' }],
    [
      { inputTransformer: { paths: { id: '$.detail.id' }, template: '"<id> of <aws.events.rule-name>"' } },
      {
        input_transformer: {
          input_paths: { id: '$.detail.id' },
          input_template: '"<id> of <aws.events.rule-name>"',
        },
      },
    ],
    [
      { maximumRetryAttempts: 0, maximumEventAgeSeconds: 60 },
      { retry_policy: { maximum_retry_attempts: 0, maximum_event_age_in_seconds: 60 } },
    ],
  ])('target options %j', (options, expected) => {
    expect(target(withRule((placed, stack) => placed.invoke(fn(stack), options)))).toMatchObject(expected);
  });

  test.each<[TargetOptions, RegExp]>([
    [{ maximumRetryAttempts: 186 }, /maximumRetryAttempts is 186.*0 to 185/],
    [{ maximumEventAgeSeconds: 59 }, /maximumEventAgeSeconds is 59.*60 to 86400/],
    [{ input: 1, inputPath: '$.detail' }, /input is \[1,"\$\.detail"\]: one of/],
    [{ inputPath: 'detail' }, /inputPath is "detail": a path/],
    [{ input: 'x'.repeat(8192) }, /size of the input is 8194/],
    [{ inputTransformer: { paths: { AWSx: '$.id' }, template: '<AWSx>' } }, /paths is "AWSx".*reserved/],
    [{ inputTransformer: { paths: { id: 'id' }, template: '<id>' } }, /paths\.id is "id": a path/],
    [
      { inputTransformer: { paths: { id: '$.id' }, template: '<name>' } },
      /template is "<name>": the paths name id/,
    ],
    [{ inputTransformer: { paths: {}, template: '' } }, /size of the template is 0/],
  ])('refuses the target options %j', (options, message) => {
    expect(() => withRule((placed, stack) => placed.invoke(fn(stack), options))).toThrow(message);
  });

  test('FIFO queues need a group, which no other queue takes; FIFO topics are refused', () => {
    const fifo = withRule((placed, stack) =>
      placed.sendTo(new Queue(stack, 'q', { name: 'q', fifo: {} }), { messageGroupId: 'orders' }),
    );
    expect(target(fifo)).toMatchObject({ sqs_target: { message_group_id: 'orders' } });
    const send = (isFifo: boolean, messageGroupId?: string) => () =>
      withRule((placed, stack) =>
        placed.sendTo(new Queue(stack, 'q', { name: 'q', ...(isFifo && { fifo: {} }) }), { messageGroupId }),
      );
    expect(send(true)).toThrow(/messageGroupId is null: a FIFO queue needs/);
    expect(send(false, 'orders')).toThrow(/messageGroupId is "orders".*only a FIFO queue/);
    expect(send(true, 'x'.repeat(129))).toThrow(/messageGroupId is "x+": 1 to 128/);
    const publish = () =>
      withRule((placed, stack) => placed.publishTo(new Topic(stack, 't', { name: 't', fifo: {} })));
    expect(publish).toThrow(/topic is "t\.fifo".*standard/);
  });

  test('refuses what EventBridge cannot encrypt for, and a sixth target', () => {
    expect(() => withRule((placed, stack) => placed.publishTo(new Topic(stack, 't', { name: 't' })))).toThrow(
      /encryptionKey is "alias\/aws\/sns": EventBridge may not use/,
    );
    expect(() =>
      withRule((placed, stack) => {
        for (let index = 0; index < 6; index++) placed.invoke(fn(stack, `fn${index}`));
      }),
    ).toThrow(/target is "fn5": it has five targets already/);
  });

  test.each<[Partial<RuleProps>, RegExp]>([
    [{ name: 'n'.repeat(65) }, /name is "n+".*64/],
    [{ name: 'a.b' }, /name is "a\.b"/],
    [{ description: 'd'.repeat(513) }, /description is "d+".*512/],
  ])('refuses %j', (props, message) => expect(() => withRule(() => undefined, props)).toThrow(message));
});

describe('event patterns', () => {
  const patternOf = (pattern: unknown) =>
    withRule(() => undefined, { pattern: pattern as EventPattern }).only('aws_cloudwatch_event_rule')[
      'event_pattern'
    ];

  test.each<EventPattern>([
    { source: ['shop.orders'], 'detail-type': [{ prefix: 'Order' }] },
    { source: [{ prefix: { 'equals-ignore-case': 'SHOP' } }, { suffix: '.orders' }] },
    { detail: { status: ['shipped', null, true, 7, ''] } },
    { detail: { name: [{ wildcard: '*a*b*c*d*' }], file: [{ suffix: { 'equals-ignore-case': '.CSV' } }] } },
    { detail: { ip: [{ cidr: '10.0.0.0/8' }], total: [{ numeric: ['>', 0, '<=', 5e9] }] } },
    { detail: { a: [{ exists: true }], b: [{ 'equals-ignore-case': 'x' }] } },
    { detail: { a: [{ 'anything-but': ['x', 'y'] }], b: [{ 'anything-but': { prefix: ['x', 'y'] } }] } },
    { detail: { a: [{ 'anything-but': { 'equals-ignore-case': ['x', 'y'] } }] } },
    { detail: { a: [{ 'anything-but': { wildcard: '*x*' } }], b: [{ 'anything-but': 3 }] } },
    { $or: [{ source: ['a'] }, { detail: { $or: [{ x: [1] }, { y: [{ exists: false }] }] } }] },
    {
      resources: [{ suffix: '/x' }],
      account: ['123456789012'],
      region: ['eu-west-1'],
      time: [{ prefix: '2030' }],
    },
  ])('takes %j', (pattern) => expect(patternOf(pattern)).toEqual(pattern));

  test.each<[unknown, RegExp]>([
    [{}, /pattern is \{\}: one field or more/],
    [{ detailType: ['x'] }, /pattern is "detailType": an event's fields are source, detail-type/],
    [{ $or: [{ source: ['a'] }, { status: ['b'] }] }, /pattern is "status"/],
    [{ $or: [{ source: ['a'] }] }, /pattern\.\$or is .*two patterns/],
    [{ $or: { source: ['a'] } }, /pattern\.\$or/],
    [{ source: [] }, /pattern\.source is \[\]: a list of one value/],
    [{ source: 'shop' }, /pattern\.source is "shop"/],
    [{ detail: { status: 'x' } }, /pattern\.detail\.status is "x"/],
    [{ detail: {} }, /pattern\.detail is \{\}/],
    [{ detail: { a: [{ like: 'x' }] } }, /pattern\.detail\.a is .*one comparison of prefix/],
    [{ detail: { a: [{ prefix: '' }] } }, /prefix takes a text/],
    [{ detail: { a: [{ prefix: { 'equals-ignore-case': 1 } }] } }, /prefix takes a text/],
    [{ detail: { a: [{ prefix: { wildcard: 'x' } }] } }, /prefix takes a text/],
    [{ detail: { a: [{ 'equals-ignore-case': { 'equals-ignore-case': 'x' } }] } }, /takes a text/],
    [{ detail: { a: [{ wildcard: 'a**b' }] } }, /wildcard takes a text with \*, no two/],
    [{ detail: { a: [{ exists: 'yes' }] } }, /exists takes true or false/],
    [{ detail: { a: [{ numeric: ['<', 1, '>', 0] }] } }, /numeric takes/],
    [{ detail: { a: [6e9] } }, /numbers from -5000000000 to 5000000000/],
    [{ detail: { a: [{ cidr: '10.0.0.0' }] } }, /cidr takes/],
    [{ detail: { a: [{ 'anything-but': ['x', 1] }] } }, /anything-but takes values of one kind/],
    [{ detail: { a: [{ 'anything-but': [] }] } }, /anything-but takes/],
    [{ detail: { a: [{ 'anything-but': { prefix: [] } }] } }, /anything-but takes/],
    [{ detail: { a: [{ 'anything-but': { prefix: ['x', ''] } }] } }, /prefix takes a text/],
    [{ detail: { a: [{ 'anything-but': { numeric: ['=', 1] } }] } }, /anything-but takes/],
    [{ detail: { a: ['x'.repeat(2048)] } }, /size of the pattern is 2\d{3}: 2048 bytes at most/],
  ])('refuses %j', (pattern, message) => expect(() => patternOf(pattern)).toThrow(message));

  test('refuses more than a thousand combinations of branches', () => {
    const either = { $or: Array.from({ length: 11 }, (_, index) => ({ x: [index] })) };
    const pattern = { detail: { a: either, b: either, c: either } };
    expect(() => patternOf(pattern)).toThrow(/combinations in the pattern is 1331/);
  });
});
