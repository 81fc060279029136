import {
  AddPermissionCommand,
  CreateTopicCommand,
  GetTopicAttributesCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  RemovePermissionCommand,
  SetTopicAttributesCommand,
  TagResourceCommand,
} from '@aws-sdk/client-sns';
import type { Runtime } from './support';
import { query, startRuntime, stopRuntime } from './support';

let runtime: Runtime;

beforeAll(async () => {
  runtime = await startRuntime();
});

afterAll(() => stopRuntime(runtime));

afterEach(async () => {
  for (const topic of runtime.broker.topics.list()) await runtime.broker.topics.delete(topic);
});

async function create(Name: string, input: object = {}): Promise<string> {
  return (await runtime.sns.send(new CreateTopicCommand({ Name, ...input }))).TopicArn!;
}

async function attributes(TopicArn: string) {
  return (await runtime.sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes!;
}

function set(TopicArn: string, AttributeName: string, AttributeValue: string) {
  return runtime.sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue }));
}

describe('attributes of a topic', () => {
  it('are those of AWS', async () => {
    expect(await attributes(await create('events'))).toEqual({
      TopicArn: 'arn:aws:sns:us-east-1:000000000000:events',
      Owner: '000000000000',
      DisplayName: '',
      Policy: expect.stringContaining('__default_statement_ID') as string,
      EffectiveDeliveryPolicy: expect.stringContaining('"numRetries":3') as string,
      SubscriptionsConfirmed: '0',
      SubscriptionsPending: '0',
      SubscriptionsDeleted: '0',
    });
    const fifo = await attributes(await create('events.fifo', { Attributes: { FifoTopic: 'true' } }));
    expect(fifo).toMatchObject({ FifoTopic: 'true', ContentBasedDeduplication: 'false' });
  });

  it('are kept and removed', async () => {
    const TopicArn = await create('events');
    const given = {
      DisplayName: 'Events',
      SignatureVersion: '2',
      TracingConfig: 'Active',
      KmsMasterKeyId: 'alias/aws/sns',
      SQSSuccessFeedbackRoleArn: 'arn:aws:iam::000000000000:role/feedback',
      SQSSuccessFeedbackSampleRate: '50',
      HTTPFailureFeedbackRoleArn: 'arn:aws:iam::000000000000:role/feedback',
    };
    for (const [name, value] of Object.entries(given)) await set(TopicArn, name, value);
    expect(await attributes(TopicArn)).toMatchObject(given);
    for (const name of Object.keys(given)) await set(TopicArn, name, '');
    expect(await attributes(TopicArn)).toMatchObject({ DisplayName: '' });
    expect(await attributes(TopicArn)).not.toHaveProperty('SQSSuccessFeedbackRoleArn');
  });

  it('have a delivery policy and what follows from it', async () => {
    const TopicArn = await create('events');
    await set(TopicArn, 'DeliveryPolicy', '{"http":{"defaultHealthyRetryPolicy":{"numRetries":1}}}');
    const shown = await attributes(TopicArn);
    expect(JSON.parse(shown.DeliveryPolicy!)).toEqual({
      http: { defaultHealthyRetryPolicy: { numRetries: 1 }, disableSubscriptionOverrides: false },
    });
    expect(JSON.parse(shown.EffectiveDeliveryPolicy!)).toMatchObject({
      http: { defaultHealthyRetryPolicy: { numRetries: 1, minDelayTarget: 20, backoffFunction: 'linear' } },
    });
    await set(TopicArn, 'DeliveryPolicy', '{"http":{"defaultHealthyRetryPolicy":null}}');
    expect((await attributes(TopicArn)).DeliveryPolicy).toBe(
      '{"http":{"disableSubscriptionOverrides":false}}',
    );
    await set(TopicArn, 'DeliveryPolicy', '');
    expect(await attributes(TopicArn)).not.toHaveProperty('DeliveryPolicy');
  });

  it.each([
    ['DisplayName', 'x'.repeat(101), 'DisplayName: must be at most 100 characters long'],
    ['SignatureVersion', '3', 'SignatureVersion: Invalid value [3]. Must be 1 or 2.'],
    ['TracingConfig', 'On', 'TracingConfig: Invalid value [On]. Must be PassThrough or Active.'],
    ['MaximumMessageSize', '1023', 'MaximumMessageSize: must be 1024 to 1048576, and is 1023'],
    [
      'LambdaSuccessFeedbackSampleRate',
      '101',
      'LambdaSuccessFeedbackSampleRate: must be 0 to 100, and is 101',
    ],
    [
      'LambdaFailureFeedbackRoleArn',
      'me',
      'LambdaFailureFeedbackRoleArn: must be the ARN of a role, and is me',
    ],
    ['Policy', 'null', 'Policy: must be a JSON object, and is null'],
    ['Policy', '{"Statement":[null]}', 'Policy: Statement must be a list of statements'],
    ['Policy', '{"Statement":{"Condition":{"Bool":null}}}', 'Policy: a statement is malformed'],
    [
      'DeliveryPolicy',
      '{"http":{"defaultHealthyRetryPolicy":{"numRetries":-1}}}',
      'numRetries must be an integer from 0 to 100, and is -1',
    ],
    ['ArchivePolicy', '{}', 'ArchivePolicy is not hosted by the local runtime'],
    ['DataProtectionPolicy', '{}', 'DataProtectionPolicy is not hosted by the local runtime'],
    ['FifoTopic', 'true', 'AttributeName'],
    ['Colour', 'red', 'AttributeName'],
    ['__proto__', 'x', 'AttributeName'],
  ])('are refused: %s %s', async (name, value, reason) => {
    const TopicArn = await create('events');
    const setting = set(TopicArn, name, value);
    await expect(setting).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(setting).rejects.toThrow(reason);
  });
});

describe('creating a topic', () => {
  it('again is no error unless attributes or tags differ', async () => {
    const input = { Attributes: { DisplayName: 'x' }, Tags: [{ Key: 'a', Value: '1' }] };
    const TopicArn = await create('events', input);
    expect(await create('events', input)).toBe(TopicArn);
    expect(await create('events')).toBe(TopicArn);
    await expect(create('events', { Attributes: { DisplayName: 'y' } })).rejects.toThrow(
      'Invalid parameter: Attributes Reason: Topic already exists with different attributes',
    );
    await expect(create('events', { Tags: [{ Key: 'a', Value: '2' }] })).rejects.toThrow(
      'Invalid parameter: Tags Reason: Topic already exists with different tags',
    );
  });

  it.each(['', 'a b', 'x'.repeat(257), 'a.b', 'caf\u00e9'])('refuses the name %j', async (Name) => {
    await expect(create(Name)).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('refuses a policy for data protection', async () => {
    await expect(create('events', { DataProtectionPolicy: '{}' })).rejects.toThrow('not hosted');
  });

  it('refuses too many tags and keys that come twice', async () => {
    const Tags = [...Array(51).keys()].map((i) => ({ Key: `k${i}`, Value: 'v' }));
    await expect(create('events', { Tags })).rejects.toMatchObject({ name: 'TagLimitExceededException' });
    const ResourceArn = await create('events');
    const twice = [
      { Key: 'a', Value: '1' },
      { Key: 'a', Value: '2' },
    ];
    const tagging = (list: typeof twice) =>
      runtime.sns.send(new TagResourceCommand({ ResourceArn, Tags: list }));
    await expect(tagging(twice)).rejects.toThrow('Invalid parameter: Duplicated keys are not allowed.');
    await expect(tagging([{ Key: 'aws:x', Value: '1' }])).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    await expect(
      runtime.sns.send(new TagResourceCommand({ ResourceArn: `${ResourceArn}x`, Tags: [twice[0]!] })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

it('pages of topics go on after a topic that is gone', async () => {
  for (let i = 0; i < 150; i += 1) await runtime.broker.topics.create(`t${String(i).padStart(3, '0')}`, {});
  const first = await runtime.sns.send(new ListTopicsCommand({}));
  await runtime.broker.topics.delete(runtime.broker.topics.get(first.Topics!.at(-1)!.TopicArn!));
  const second = await runtime.sns.send(new ListTopicsCommand({ NextToken: first.NextToken }));
  expect(second.Topics).toHaveLength(50);
  expect(second.Topics![0]!.TopicArn).toMatch(/t100$/);
  expect(second.NextToken).toBeUndefined();
});

describe('permissions', () => {
  it('are refused for labels, actions and accounts that cannot be', async () => {
    const TopicArn = await create('events');
    const add = (input: object) =>
      runtime.sns.send(
        new AddPermissionCommand({
          TopicArn,
          Label: 'l',
          AWSAccountId: ['111111111111'],
          ActionName: ['Publish'],
          ...input,
        }),
      );
    await add({});
    await expect(add({})).rejects.toThrow('Invalid parameter: Statement already exists');
    await expect(add({ Label: 'm', ActionName: ['SendMessage'] })).rejects.toThrow(
      'Invalid parameter: Policy statement action out of service scope!',
    );
    await expect(add({ Label: 'm', AWSAccountId: ['me'] })).rejects.toThrow('no account: me');
    const remove = (Label: string) => runtime.sns.send(new RemovePermissionCommand({ TopicArn, Label }));
    await expect(remove('unknown')).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
    await remove('l');
    expect((await attributes(TopicArn)).Policy).not.toContain('"l"');
  });
});

describe('publishing to a FIFO topic', () => {
  const message = { Message: 'x', MessageGroupId: 'g', MessageDeduplicationId: 'a' };

  it('answers with sequence numbers, also for each entry of a batch', async () => {
    const TopicArn = await create('events.fifo', { Attributes: { FifoTopic: 'true' } });
    const first = await runtime.sns.send(new PublishCommand({ TopicArn, ...message }));
    expect(first.SequenceNumber).toMatch(/^\d{20}$/);
    const PublishBatchRequestEntries = [
      { Id: '1', ...message },
      { Id: '2', ...message, MessageDeduplicationId: 'b' },
      { Id: '3', ...message, MessageGroupId: undefined },
      { Id: '4', ...message, MessageDeduplicationId: undefined },
    ];
    const batch = await runtime.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    const { MessageId, SequenceNumber } = first;
    expect(batch.Successful![0]).toEqual({ Id: '1', MessageId, SequenceNumber });
    expect(batch.Successful![1]!.SequenceNumber! > SequenceNumber!).toBe(true);
    expect(batch.Failed).toMatchObject([
      {
        Id: '3',
        Code: 'InvalidParameter',
        Message: 'Invalid parameter: The MessageGroupId parameter is required for FIFO topics',
      },
      { Id: '4', Code: 'InvalidParameter', SenderFault: true },
    ]);
  });

  it('has no sequence number elsewhere', async () => {
    const TopicArn = await create('events');
    const published = await runtime.sns.send(new PublishCommand({ TopicArn, Message: 'x' }));
    expect(published.SequenceNumber).toBeUndefined();
  });
});

it('never fails with an internal error, whatever is sent', async () => {
  const TopicArn = await create('events');
  const values = [
    '',
    ' ',
    'null',
    '[]',
    '{}',
    'x',
    '\u0000',
    '1e999',
    TopicArn,
    `${TopicArn}:x`,
    'arn:::::',
    '%',
  ];
  const names = [
    'TopicArn',
    'Name',
    'Protocol',
    'Endpoint',
    'SubscriptionArn',
    'Message',
    'AttributeName',
    'AttributeValue',
    'Token',
    'NextToken',
    'Label',
    'ResourceArn',
    'Attributes.entry.1.key',
    'Attributes.entry.1.value',
    'Tags.member.1.Key',
    'Tags.member.1',
    'MessageAttributes.entry.1.Name',
    'MessageAttributes.entry.1.Value.DataType',
    'MessageAttributes.entry.1.Value.StringValue',
    'PublishBatchRequestEntries.member.1.Id',
    'PublishBatchRequestEntries.member.1.Message',
    'Subject',
    'MessageStructure',
    'PhoneNumber',
    'TargetArn',
    'ActionName.member.1',
    'AWSAccountId.member.1',
    'MessageGroupId',
    'TagKeys.member.1',
  ];
  const actions = [
    'CreateTopic',
    'DeleteTopic',
    'ListTopics',
    'GetTopicAttributes',
    'SetTopicAttributes',
    'AddPermission',
    'RemovePermission',
    'ListTagsForResource',
    'TagResource',
    'UntagResource',
    'Subscribe',
    'ConfirmSubscription',
    'Unsubscribe',
    'ListSubscriptions',
    'ListSubscriptionsByTopic',
    'GetSubscriptionAttributes',
    'SetSubscriptionAttributes',
    'Publish',
    'PublishBatch',
    'Nonsense',
    'PutDataProtectionPolicy',
    'GetSigningCertificate',
    'toString',
  ];
  let seed = 1;
  const pick = <T>(list: readonly T[]): T => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return list[Math.floor((seed / 2 ** 32) * list.length)]!;
  };
  for (let i = 0; i < 1500; i += 1) {
    const parameters: Record<string, string> = { Action: pick(actions) };
    for (let j = 0; j < 5; j += 1) parameters[pick(names)] = pick(values);
    if (i % 2 === 0) parameters.TopicArn = TopicArn;
    const { status, text } = await query(runtime.endpoint.url, '2010-03-31', parameters);
    if (status >= 500) throw new Error(`${JSON.stringify(parameters)}: ${text}`);
  }
}, 60_000);
