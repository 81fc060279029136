import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TagResourceCommand,
  TestEventPatternCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-eventbridge';
import type { PutEventsRequestEntry, Target } from '@aws-sdk/client-eventbridge';
import { eachWithEventBridge, refused } from './eventbridge-rig';
import { clientConfig, FUNCTION_KEY } from './support';

const ACCOUNT = 'arn:aws:events:us-east-1:000000000000';
const rig = eachWithEventBridge();

const putRule = (change: object = {}) =>
  rig.client.send(new PutRuleCommand({ Name: 'r', EventPattern: '{"source":["shop"]}', ...change }));
const putTargets = (...Targets: Target[]) => rig.client.send(new PutTargetsCommand({ Rule: 'r', Targets }));
const entry = (change: object = {}): PutEventsRequestEntry => {
  return { Source: 'shop', DetailType: 'Order Placed', Detail: '{"id":1}', ...change };
};
const put = async (...Entries: PutEventsRequestEntry[]) => {
  const answer = await rig.client.send(new PutEventsCommand({ Entries }));
  await rig.own.deliveries.idle();
  return answer;
};
describe('PutEvents', () => {
  test('takes events for buses by name and ARN, and says which entries are wrong', async () => {
    rig.own.bus('orders');
    rig.own.rule();
    rig.own.rule({ busName: 'orders' });
    const answer = await put(
      entry({ Time: new Date('2025-12-31T23:59:59Z'), Resources: ['arn:x'], TraceHeader: 'Root=1-2-3' }),
      entry({ Detail: 'text' }),
      entry({ EventBusName: 'orders', Detail: '{"id":2}' }),
      entry({ EventBusName: `${ACCOUNT}:event-bus/orders`, Detail: '{"id":3}' }),
      entry({ Detail: '[]' }),
      entry({ DetailType: undefined }),
      entry({ Source: '' }),
      entry({ Source: 'aws.s3' }),
      entry({ EventBusName: 'missing' }),
    );
    const id = { EventId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string };
    const wrong = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
    expect(answer).toMatchObject({
      FailedEntryCount: 6,
      Entries: [
        id,
        wrong('MalformedDetail', 'Detail is malformed.'),
        id,
        id,
        wrong('MalformedDetail', 'Detail is malformed.'),
        wrong(
          'InvalidArgument',
          'Parameter DetailType is not valid. Reason: DetailType is a required argument.',
        ),
        wrong('InvalidArgument', 'Parameter Source is not valid. Reason: Source is a required argument.'),
        wrong('NotAuthorizedForSourceException', 'Not authorized for the source.'),
        wrong('InvalidArgument', 'Event bus missing does not exist.'),
      ],
    });
    const messages = await rig.own.take();
    const events = messages.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(events.map(({ detail }) => detail)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
    expect(events[0]).toMatchObject({
      id: answer.Entries![0]!.EventId,
      time: '2025-12-31T23:59:59Z',
      resources: ['arn:x'],
    });
    expect(events[1]).toMatchObject({ time: '2026-01-01T12:00:00Z', resources: [] });
    expect(messages[0]!.traceHeader).toBe('Root=1-2-3');
  });

  test('is limited to ten entries and 1 MB', async () => {
    await expect(put(...Array.from({ length: 11 }, () => entry()))).rejects.toMatchObject(
      refused('ValidationException', 'Member must have length less than or equal to 10'),
    );
    await expect(put()).rejects.toMatchObject(refused('ValidationException', 'greater than or equal to 1'));
    const most = 1_048_576 - 'shop'.length - 'Order Placed'.length - '{"a":""}'.length;
    const large = (size: number) => entry({ Detail: JSON.stringify({ a: 'x'.repeat(size) }) });
    expect(await put(large(most))).toMatchObject({ FailedEntryCount: 0 });
    await expect(put(large(most + 1))).rejects.toMatchObject(
      refused('ValidationException', 'Total size of the entries in the request is over the limit.'),
    );
    await expect(put(large(most), entry())).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('is judged on the bus, with its source and detail type', async () => {
    const fn = new EventBridgeClient(clientConfig(rig.runtime.endpoint.url, FUNCTION_KEY));
    rig.runtime.guard.rule = ({ resource }) =>
      resource.endsWith('/orders') ? { kind: 'deny', message: 'not there' } : { kind: 'allow' };
    const Entries = [entry(), entry({ EventBusName: 'orders', Source: 'bank' })];
    await expect(fn.send(new PutEventsCommand({ Entries }))).rejects.toMatchObject(
      refused('AccessDeniedException', 'not there'),
    );
    expect(rig.runtime.guard.calls).toMatchObject([
      { service: 'events', action: 'events:PutEvents', resource: `${ACCOUNT}:event-bus/default` },
      { action: 'events:PutEvents', resource: `${ACCOUNT}:event-bus/orders` },
    ]);
    expect(Object.fromEntries(rig.runtime.guard.calls[1]!.conditions!())).toEqual({
      'events:source': 'bank',
      'events:detail-type': 'Order Placed',
      'events:eventbusinvocation': 'false',
    });
    fn.destroy();
  });
});

test('rules are made, changed, listed, disabled and deleted', async () => {
  expect(await putRule({ Description: 'd', Tags: [{ Key: 'a', Value: '1' }] })).toMatchObject({
    RuleArn: `${ACCOUNT}:rule/r`,
  });
  await putTargets({ Id: 't', Arn: rig.own.queueArn });
  await putRule({ EventPattern: undefined, ScheduleExpression: 'rate(5 minutes)' });
  const described = await rig.client.send(new DescribeRuleCommand({ Name: 'r' }));
  expect(described).toMatchObject({
    Name: 'r',
    Arn: `${ACCOUNT}:rule/r`,
    EventBusName: 'default',
    ScheduleExpression: 'rate(5 minutes)',
    State: 'ENABLED',
    CreatedBy: '000000000000',
  });
  expect(described.EventPattern).toBeUndefined();
  expect(described.Description).toBeUndefined();
  await rig.own.pass(300);
  expect(await rig.own.bodies()).toHaveLength(1);

  await rig.client.send(new DisableRuleCommand({ Name: 'r' }));
  expect(await rig.client.send(new DescribeRuleCommand({ Name: 'r' }))).toMatchObject({ State: 'DISABLED' });
  await rig.own.pass(300);
  expect(await rig.own.bodies()).toEqual([]);
  await rig.client.send(new EnableRuleCommand({ Name: 'r' }));

  await putRule({ Name: 's', State: 'DISABLED' });
  const first = await rig.client.send(new ListRulesCommand({ Limit: 1 }));
  expect(first.Rules).toMatchObject([{ Name: 'r', State: 'ENABLED' }]);
  expect(await rig.client.send(new ListRulesCommand({ NextToken: first.NextToken }))).toMatchObject({
    Rules: [{ Name: 's', State: 'DISABLED', EventPattern: '{"source":["shop"]}' }],
  });
  expect((await rig.client.send(new ListRulesCommand({ NamePrefix: 's' }))).Rules).toHaveLength(1);

  const tags = async () =>
    (await rig.client.send(new ListTagsForResourceCommand({ ResourceARN: `${ACCOUNT}:rule/r` }))).Tags;
  await rig.client.send(
    new TagResourceCommand({ ResourceARN: `${ACCOUNT}:rule/r`, Tags: [{ Key: 'b', Value: '2' }] }),
  );
  expect(await tags()).toEqual([
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '2' },
  ]);
  await rig.client.send(new UntagResourceCommand({ ResourceARN: `${ACCOUNT}:rule/r`, TagKeys: ['a'] }));
  expect(await tags()).toEqual([{ Key: 'b', Value: '2' }]);

  await expect(rig.client.send(new DeleteRuleCommand({ Name: 'r' }))).rejects.toMatchObject(
    refused('ValidationException', "Rule can't be deleted since it has targets."),
  );
  await rig.client.send(new RemoveTargetsCommand({ Rule: 'r', Ids: ['t'] }));
  await rig.client.send(new DeleteRuleCommand({ Name: 'r' }));
  await rig.client.send(new DeleteRuleCommand({ Name: 'r' }));
  await expect(rig.client.send(new DescribeRuleCommand({ Name: 'r' }))).rejects.toMatchObject(
    refused('ResourceNotFoundException', 'Rule r does not exist on EventBus default.'),
  );
});

test.each<[string, object, string, string]>([
  ['a name', { Name: 'a b' }, 'ValidationException', "Value 'a b' at 'name'"],
  [
    'nothing to go by',
    { EventPattern: undefined },
    'ValidationException',
    'EventPattern or ScheduleExpression',
  ],
  [
    'a pattern',
    { EventPattern: '{"a":"b"}' },
    'InvalidEventPatternException',
    '"a" must be an object or an array',
  ],
  [
    'a long pattern',
    { EventPattern: `{"a":["${'x'.repeat(4096)}"]}` },
    'ValidationException',
    'at most 4096',
  ],
  [
    'an expression',
    { ScheduleExpression: 'rate(1 minutes)' },
    'ValidationException',
    'Parameter ScheduleExpression is not valid.',
  ],
  [
    'a moment',
    { ScheduleExpression: 'at(2030-01-01T00:00:00)' },
    'ValidationException',
    'rate(...) or cron(...)',
  ],
  ['a state', { State: 'ON' }, 'ValidationException', 'State must be'],
  ['a bus', { EventBusName: 'missing' }, 'ResourceNotFoundException', 'Event bus missing does not exist.'],
])('a rule with %s that is wrong is refused', async (_, change, name, message) => {
  await expect(putRule(change)).rejects.toMatchObject(refused(name, message));
  expect(rig.own.registry.allRules()).toEqual([]);
});

test('only rules of the default bus go by the time', async () => {
  rig.own.bus('orders');
  await expect(
    putRule({ EventBusName: 'orders', ScheduleExpression: 'rate(5 minutes)' }),
  ).rejects.toMatchObject(refused('ValidationException', 'only on the default event bus'));
});

describe('targets', () => {
  const whole: Target = {
    Id: 'whole',
    Arn: 'arn:aws:sqs:us-east-1:000000000000:line.fifo',
    RoleArn: 'arn:aws:iam::000000000000:role/r',
    InputTransformer: { InputPathsMap: { a: '$.detail.id' }, InputTemplate: '{"a": <a>}' },
    SqsParameters: { MessageGroupId: 'g' },
    DeadLetterConfig: { Arn: 'arn:aws:sqs:us-east-1:000000000000:dead' },
    RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 3600 },
  };

  test('are put, listed, replaced and removed', async () => {
    await putRule();
    const plain = { Id: 'plain', Arn: rig.own.queueArn };
    expect(await putTargets(whole, plain)).toMatchObject({ FailedEntryCount: 0, FailedEntries: [] });
    const list = async () => (await rig.client.send(new ListTargetsByRuleCommand({ Rule: 'r' }))).Targets;
    expect(await list()).toEqual([whole, plain]);
    await putTargets({ ...plain, InputPath: '$.detail' });
    await put(entry());
    expect(await rig.own.bodies()).toEqual(['{"id":1}']);
    const byTarget = { TargetArn: rig.own.queueArn };
    expect(await rig.client.send(new ListRuleNamesByTargetCommand(byTarget))).toMatchObject({
      RuleNames: ['r'],
    });
    await rig.client.send(new RemoveTargetsCommand({ Rule: 'r', Ids: ['plain', 'none'] }));
    expect(await list()).toEqual([whole]);
    expect((await rig.client.send(new ListRuleNamesByTargetCommand(byTarget))).RuleNames).toEqual([]);
  });

  test('are five at most', async () => {
    await putRule();
    const targets = Array.from({ length: 6 }, (_, i) => ({ Id: `t${i}`, Arn: rig.own.queueArn }));
    await expect(putTargets(...targets)).rejects.toMatchObject(
      refused('LimitExceededException', 'exceeds the maximum number allowed'),
    );
    await putTargets(...targets.slice(1));
  });

  test.each<[string, Partial<Target>, string]>([
    ['an id', { Id: 'a b' }, "Value 'a b' at 'id'"],
    ['an ARN', { Arn: 'arn:aws:states:us-east-1:000000000000:stateMachine:m' }, 'is not hosted'],
    ['its input', { Input: 'text' }, 'Syntax error in input for target t'],
    ['its path', { InputPath: 'detail' }, 'Syntax error in input path for target t'],
    ['its template', { InputTransformer: { InputTemplate: 'a b' } }, 'Invalid InputTemplate'],
    ['two inputs', { Input: '1', InputPath: '$' }, 'Only one of Input, InputPath, or InputTransformer'],
    ['its retries', { RetryPolicy: { MaximumRetryAttempts: 186 } }, 'between 0 and 185'],
    ['its age', { RetryPolicy: { MaximumEventAgeInSeconds: 59 } }, 'between 60 and 86400'],
  ])('with %s wrong are refused', async (_, change, message) => {
    await putRule();
    await expect(putTargets({ Id: 't', Arn: rig.own.queueArn, ...change })).rejects.toMatchObject(
      refused('ValidationException', message),
    );
    expect(rig.own.registry.rule('default', 'r').targets).toEqual([]);
  });

  test('need leave to pass their roles', async () => {
    await putRule();
    const fn = new EventBridgeClient(clientConfig(rig.runtime.endpoint.url, FUNCTION_KEY));
    await fn.send(new PutTargetsCommand({ Rule: 'r', Targets: [whole] }));
    expect(rig.runtime.guard.calls.slice(-2)).toMatchObject([
      { action: 'events:PutTargets', resource: `${ACCOUNT}:rule/r` },
      { action: 'iam:PassRole', resource: whole.RoleArn },
    ]);
    fn.destroy();
  });
});

describe('TestEventPattern', () => {
  const event = {
    id: '1',
    'detail-type': 't',
    source: 'shop',
    account: '1',
    time: '2026-01-01T00:00:00Z',
    region: 'us-east-1',
    resources: [],
  };
  const ask = (pattern: string, change: object = {}) =>
    rig.client.send(
      new TestEventPatternCommand({ EventPattern: pattern, Event: JSON.stringify({ ...event, ...change }) }),
    );

  test('says whether it matches', async () => {
    expect(await ask('{"source":["shop"]}')).toMatchObject({ Result: true });
    expect(await ask('{"source":[{"prefix":"b"}]}')).toMatchObject({ Result: false });
  });

  test('refuses patterns and events that are none', async () => {
    await expect(ask('{"source":"shop"}')).rejects.toMatchObject(
      refused('InvalidEventPatternException', '"source" must be an object or an array\n at source'),
    );
    await expect(ask('{"source":["shop"]}', { region: undefined })).rejects.toMatchObject(
      refused('ValidationException', 'it has no field region'),
    );
  });
});
