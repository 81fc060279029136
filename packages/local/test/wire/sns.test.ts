import {
  AddPermissionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  RemovePermissionCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-sns';
import { allowTopic, bodies, receive } from '../engine/support';
import type { Runtime } from './support';
import { startRuntime, stopRuntime } from './support';

let runtime: Runtime;
let TopicArn: string;
let queueArn: string;

beforeAll(async () => {
  runtime = await startRuntime();
});

afterAll(() => stopRuntime(runtime));

beforeEach(async () => {
  TopicArn = (await runtime.sns.send(new CreateTopicCommand({ Name: 'events' }))).TopicArn!;
  queueArn = 'arn:aws:sqs:us-east-1:000000000000:orders';
  await runtime.broker.ensureQueue('orders', { Policy: allowTopic(TopicArn, queueArn) });
});

afterEach(async () => {
  for (const topic of runtime.broker.topics.list()) await runtime.broker.topics.delete(topic);
  for (const queue of runtime.broker.queues.list()) await runtime.broker.queues.delete(queue);
});

async function subscribe(
  Attributes: Record<string, string> = { RawMessageDelivery: 'true' },
): Promise<string> {
  const input = { TopicArn, Protocol: 'sqs', Endpoint: queueArn, Attributes };
  return (await runtime.sns.send(new SubscribeCommand(input))).SubscriptionArn!;
}

describe('topics', () => {
  it('are created once, listed in pages and deleted', async () => {
    const again = await runtime.sns.send(new CreateTopicCommand({ Name: 'events' }));
    expect(again.TopicArn).toBe(TopicArn);
    for (let i = 0; i < 100; i += 1) await runtime.broker.ensureTopic(`topic-${i}`);
    const first = await runtime.sns.send(new ListTopicsCommand({}));
    expect(first.Topics).toHaveLength(100);
    const second = await runtime.sns.send(new ListTopicsCommand({ NextToken: first.NextToken }));
    expect(second.Topics).toHaveLength(1);
    expect(second.NextToken).toBeUndefined();
    await runtime.sns.send(new DeleteTopicCommand({ TopicArn }));
    await runtime.sns.send(new DeleteTopicCommand({ TopicArn }));
    await expect(runtime.sns.send(new GetTopicAttributesCommand({ TopicArn }))).rejects.toMatchObject({
      name: 'NotFoundException',
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('have attributes', async () => {
    const change = { TopicArn, AttributeName: 'DisplayName', AttributeValue: 'Events' };
    await runtime.sns.send(new SetTopicAttributesCommand(change));
    await subscribe();
    const { Attributes } = await runtime.sns.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toMatchObject({
      TopicArn,
      Owner: '000000000000',
      DisplayName: 'Events',
      SubscriptionsConfirmed: '1',
      SubscriptionsPending: '0',
    });
    expect(JSON.parse(Attributes!.Policy!)).toMatchObject({ Statement: [{ Resource: TopicArn }] });
  });

  it('carry tags', async () => {
    const Tags = [
      { Key: 'team', Value: 'a' },
      { Key: 'env', Value: 'dev' },
    ];
    await runtime.sns.send(new TagResourceCommand({ ResourceArn: TopicArn, Tags }));
    await runtime.sns.send(new UntagResourceCommand({ ResourceArn: TopicArn, TagKeys: ['env'] }));
    const listed = await runtime.sns.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }));
    expect(listed.Tags).toEqual([{ Key: 'team', Value: 'a' }]);
  });

  it('take permissions into their policy and out again', async () => {
    const permission = { TopicArn, Label: 'shared', AWSAccountId: ['111111111111'], ActionName: ['Publish'] };
    const sids = async () => {
      const { Attributes } = await runtime.sns.send(new GetTopicAttributesCommand({ TopicArn }));
      const policy = JSON.parse(Attributes!.Policy!) as { Statement: { Sid: string }[] };
      return policy.Statement.map((statement) => statement.Sid);
    };
    await runtime.sns.send(new AddPermissionCommand(permission));
    expect(await sids()).toEqual(['__default_statement_ID', 'shared']);
    await runtime.sns.send(new RemovePermissionCommand({ TopicArn, Label: 'shared' }));
    expect(await sids()).toEqual(['__default_statement_ID']);
  });
});

describe('subscriptions', () => {
  it('are made once, described, changed and removed', async () => {
    const SubscriptionArn = await subscribe();
    expect(await subscribe()).toBe(SubscriptionArn);
    await expect(subscribe({ RawMessageDelivery: 'false' })).rejects.toThrow('different attributes');
    const change = { SubscriptionArn, AttributeName: 'RawMessageDelivery', AttributeValue: 'false' };
    await runtime.sns.send(new SetSubscriptionAttributesCommand(change));
    const { Attributes } = await runtime.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect(Attributes).toMatchObject({
      SubscriptionArn,
      TopicArn,
      Protocol: 'sqs',
      Endpoint: queueArn,
      RawMessageDelivery: 'false',
      PendingConfirmation: 'false',
    });
    const expected = [
      { SubscriptionArn, TopicArn, Protocol: 'sqs', Endpoint: queueArn, Owner: '000000000000' },
    ];
    expect((await runtime.sns.send(new ListSubscriptionsCommand({}))).Subscriptions).toEqual(expected);
    expect((await runtime.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions).toEqual(
      expected,
    );
    await runtime.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    await expect(
      runtime.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn })),
    ).rejects.toMatchObject({
      name: 'NotFoundException',
    });
  });

  it('end by the link in the envelope', async () => {
    await subscribe({});
    await runtime.sns.send(new PublishCommand({ TopicArn, Message: 'bye' }));
    const [message] = await receive(runtime.broker, queueArn);
    const { UnsubscribeURL } = JSON.parse(message!.body) as { UnsubscribeURL: string };
    expect((await fetch(UnsubscribeURL)).status).toBe(200);
    expect(runtime.broker.subscriptions.list()).toEqual([]);
  });
});

describe('publishing', () => {
  const MessageAttributes = {
    text: { DataType: 'String', StringValue: 'a=b&c d+e%' },
    list: { DataType: 'String.Array', StringValue: '["x"]' },
    bytes: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) },
  };

  it('reaches the queue as it was published', async () => {
    await subscribe();
    const Message = 'a+b=c&d %20 \r\n\t"<>" caf\u00e9 \u{1f600}';
    const { MessageId } = await runtime.sns.send(
      new PublishCommand({ TopicArn, Message, MessageAttributes }),
    );
    expect(MessageId).toMatch(/^[0-9a-f-]{36}$/);
    expect(await receive(runtime.broker, queueArn)).toMatchObject([
      {
        body: Message,
        attributes: {
          text: { dataType: 'String', value: 'a=b&c d+e%' },
          list: { dataType: 'String.Array', value: '["x"]' },
          bytes: { dataType: 'Binary', value: 'AP8=' },
        },
      },
    ]);
  });

  it('takes batches, each entry by itself', async () => {
    await subscribe();
    const PublishBatchRequestEntries = [
      { Id: 'a', Message: '1', MessageAttributes },
      { Id: 'b', Message: '' },
      { Id: 'c', Message: '2' },
    ];
    const result = await runtime.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    expect(result.Successful?.map((entry) => entry.Id)).toEqual(['a', 'c']);
    expect(result.Failed).toEqual([
      { Id: 'b', Code: 'InvalidParameter', Message: 'Invalid parameter: Empty message', SenderFault: true },
    ]);
    expect(bodies(await receive(runtime.broker, queueArn))).toEqual(['1', '2']);
  });

  it.each([
    ['EmptyBatchRequestException', []],
    [
      'TooManyEntriesInBatchRequestException',
      [...Array(11).keys()].map((i) => ({ Id: `${i}`, Message: 'x' })),
    ],
    ['BatchEntryIdsNotDistinctException', ['a', 'a'].map((Id) => ({ Id, Message: 'x' }))],
    ['InvalidBatchEntryIdException', [{ Id: 'a b', Message: 'x' }]],
    ['BatchRequestTooLongException', ['a', 'b'].map((Id) => ({ Id, Message: 'x'.repeat(200_000) }))],
  ])('refuses a batch with %s', async (name, PublishBatchRequestEntries) => {
    const publishing = runtime.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    await expect(publishing).rejects.toMatchObject({ name });
  });

  it('refuses what SNS refuses', async () => {
    const publish = (input: object) => runtime.sns.send(new PublishCommand({ Message: 'x', ...input }));
    const refused = (input: object) => expect(publish(input)).rejects;
    await refused({ TopicArn, Message: 'x'.repeat(262_145) }).toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: Message too long',
    });
    await refused({ TopicArn: `${TopicArn}-missing` }).toMatchObject({ name: 'NotFoundException' });
    await refused({}).toMatchObject({ name: 'InvalidParameterException' });
    const bad = { n: { DataType: 'Number', StringValue: 'x' } };
    await refused({ TopicArn, MessageAttributes: bad }).toMatchObject({
      name: 'InvalidParameterValueException',
    });
  });
});
