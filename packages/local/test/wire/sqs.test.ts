import {
  AddPermissionCommand,
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  RemovePermissionCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { ManualClock } from '../support/manual-clock';
import type { Runtime } from './support';
import { startRuntime, stopRuntime } from './support';

let runtime: Runtime;
let QueueUrl: string;

const clock = new ManualClock();

beforeAll(async () => {
  runtime = await startRuntime({ clock });
});

afterAll(() => stopRuntime(runtime));

beforeEach(async () => {
  const created = await runtime.sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
  QueueUrl = created.QueueUrl!;
});

afterEach(async () => {
  for (const queue of runtime.broker.queues.list()) await runtime.broker.queues.delete(queue);
  // Until then a queue of the same name cannot be created again.
  clock.advanceSeconds(60);
});

async function receiveAll(rest: object = {}) {
  const input = { QueueUrl, MaxNumberOfMessages: 10, ...rest };
  return (await runtime.sqs.send(new ReceiveMessageCommand(input))).Messages ?? [];
}

async function attribute(name: 'Policy' | 'RedrivePolicy' | 'VisibilityTimeout' | 'QueueArn') {
  const input = { QueueUrl, AttributeNames: [name] };
  return (await runtime.sqs.send(new GetQueueAttributesCommand(input))).Attributes?.[name];
}

it('carries attributes whose names objects have by nature', async () => {
  const attribute = { DataType: 'String', StringValue: 'x' };
  const MessageAttributes = Object.fromEntries(
    ['__proto__', 'constructor'].map((name) => [name, attribute] as const),
  );
  const names = ['All'];
  const body = JSON.stringify({ QueueUrl, MessageBody: 'x', MessageAttributes });
  await call('SendMessage', body);
  const { Messages } = await call(
    'ReceiveMessage',
    JSON.stringify({ QueueUrl, MessageAttributeNames: names }),
  );
  const received = (Messages as { MessageAttributes: object }[])[0]!.MessageAttributes;
  expect(Object.entries(received)).toEqual([
    ['__proto__', attribute],
    ['constructor', attribute],
  ]);
});

/** The SDK itself loses an attribute named __proto__. */
async function call(operation: string, body: string) {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` };
  const response = await fetch(runtime.endpoint.url, { method: 'POST', headers, body });
  return (await response.json()) as Record<string, unknown>;
}

describe('queues', () => {
  it.each(['{"Statement":[null]}', '{"Statement":{"Condition":{"Bool":null}}}', '{}', 'null'])(
    'refuse the policy %s, which could not be judged by',
    async (Policy) => {
      const set = runtime.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
      await expect(set).rejects.toMatchObject({ name: 'InvalidAttributeValue' });
    },
  );

  it('are addressed at the runtime itself', async () => {
    expect(QueueUrl).toBe(`${runtime.endpoint.url}/000000000000/orders`);
    const found = await runtime.sqs.send(new GetQueueUrlCommand({ QueueName: 'orders' }));
    expect(found.QueueUrl).toBe(QueueUrl);
  });

  it('are listed in pages, by prefix, without internal ones', async () => {
    await runtime.broker.ensureInternalQueue(
      'arn:aws:lambda:us-east-1:000000000000:function:f:async-invocations',
    );
    for (const QueueName of ['b1', 'b2', 'b3']) await runtime.sqs.send(new CreateQueueCommand({ QueueName }));
    const first = await runtime.sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'b', MaxResults: 2 }));
    expect(first.QueueUrls).toHaveLength(2);
    const NextToken = first.NextToken;
    const second = await runtime.sqs.send(
      new ListQueuesCommand({ QueueNamePrefix: 'b', MaxResults: 2, NextToken }),
    );
    expect(second.QueueUrls?.[0]).toMatch(/\/b3$/);
    expect(second.NextToken).toBeUndefined();
    expect((await runtime.sqs.send(new ListQueuesCommand({}))).QueueUrls).toHaveLength(4);
  });

  it('have attributes, default and set', async () => {
    await runtime.sqs.send(
      new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '77' } }),
    );
    const all = await runtime.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(all.Attributes).toMatchObject({
      QueueArn: 'arn:aws:sqs:us-east-1:000000000000:orders',
      VisibilityTimeout: '77',
      DelaySeconds: '0',
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: '345600',
      ReceiveMessageWaitTimeSeconds: '0',
      SqsManagedSseEnabled: 'true',
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      ApproximateNumberOfMessagesDelayed: '0',
      CreatedTimestamp: expect.stringMatching(/^\d{10}$/) as string,
      LastModifiedTimestamp: expect.stringMatching(/^\d{10}$/) as string,
    });
    expect(await attribute('VisibilityTimeout')).toBe('77');
    expect(await attribute('Policy')).toBeUndefined();
  });

  it('know their dead-letter sources', async () => {
    const dead = await runtime.sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
    const deadLetterTargetArn = 'arn:aws:sqs:us-east-1:000000000000:dead';
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: '5' });
    await runtime.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
    expect(JSON.parse((await attribute('RedrivePolicy'))!)).toEqual({
      deadLetterTargetArn,
      maxReceiveCount: 5,
    });
    const sources = await runtime.sqs.send(
      new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead.QueueUrl }),
    );
    expect(sources.queueUrls).toEqual([QueueUrl]);
    await runtime.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy: '' } }));
    expect(await attribute('RedrivePolicy')).toBeUndefined();
  });

  it('carry tags', async () => {
    await runtime.sqs.send(new TagQueueCommand({ QueueUrl, Tags: { team: 'a', env: 'dev' } }));
    await runtime.sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['env'] }));
    expect((await runtime.sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ team: 'a' });
  });

  it('take permissions into their policy and out again', async () => {
    const permission = {
      QueueUrl,
      Label: 'shared',
      AWSAccountIds: ['111111111111'],
      Actions: ['SendMessage'],
    };
    await runtime.sqs.send(new AddPermissionCommand(permission));
    expect(JSON.parse((await attribute('Policy'))!)).toMatchObject({
      Statement: [
        {
          Sid: 'shared',
          Action: ['SQS:SendMessage'],
          Principal: { AWS: ['arn:aws:iam::111111111111:root'] },
        },
      ],
    });
    await expect(runtime.sqs.send(new AddPermissionCommand(permission))).rejects.toThrow('Already exists');
    await runtime.sqs.send(new RemovePermissionCommand({ QueueUrl, Label: 'shared' }));
    expect(await attribute('Policy')).toBeUndefined();
  });

  it('are emptied and deleted', async () => {
    await runtime.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    await runtime.sqs.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await receiveAll()).toEqual([]);
    await runtime.sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await expect(runtime.sqs.send(new GetQueueUrlCommand({ QueueName: 'orders' }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    });
  });
});

describe('messages', () => {
  const MessageAttributes = {
    text: { DataType: 'String', StringValue: 'caf\u00e9 & <b>' },
    count: { DataType: 'Number.int', StringValue: '42' },
    bytes: { DataType: 'Binary', BinaryValue: Buffer.from([0, 1, 254, 255]) },
  };

  it('come back as they were sent, with digests that the SDK verifies', async () => {
    const MessageBody = 'line\r\n\ttab "quotes" <xml> & \u{1f600}';
    const sent = await runtime.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes }));
    const [message] = await receiveAll({
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body: MessageBody,
      MD5OfBody: sent.MD5OfMessageBody,
    });
    expect(message!.MD5OfMessageAttributes).toBe(sent.MD5OfMessageAttributes);
    expect(message!.MessageAttributes).toMatchObject({
      text: MessageAttributes.text,
      count: MessageAttributes.count,
      bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 1, 254, 255]) },
    });
    expect(message!.Attributes).toEqual({
      SenderId: '000000000000',
      SentTimestamp: expect.stringMatching(/^\d{13}$/) as string,
      ApproximateReceiveCount: '1',
      ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/) as string,
    });
  });

  it('have the digests that AWS computes', async () => {
    const sent = await runtime.sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'This is a test message',
        MessageAttributes: { timestamp: { DataType: 'Number', StringValue: '1493147359900' } },
        MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-2-3' } },
      }),
    );
    expect(sent.MD5OfMessageBody).toBe('fafb00f5732ab283681e124bf8747ed1');
    expect(sent.MD5OfMessageAttributes).toBe('235c5c510d26fb653d073faed50ae77c');
    expect(sent.MD5OfMessageSystemAttributes).toMatch(/^[0-9a-f]{32}$/);
    const [message] = await receiveAll({ MessageSystemAttributeNames: ['AWSTraceHeader'] });
    expect(message!.Attributes).toEqual({ AWSTraceHeader: 'Root=1-2-3' });
  });

  it('show only the attributes that were asked for', async () => {
    await runtime.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x', MessageAttributes }));
    const names = async (wanted?: string[]) => {
      const [message] = await receiveAll({ MessageAttributeNames: wanted, VisibilityTimeout: 0 });
      return Object.keys(message!.MessageAttributes ?? {}).sort();
    };
    expect(await names()).toEqual([]);
    expect(await names(['text'])).toEqual(['text']);
    expect(await names(['co.*', 'bytes'])).toEqual(['bytes', 'count']);
    expect(await names(['.*'])).toEqual(['bytes', 'count', 'text']);
  });

  it('are sent, hidden and deleted in batches, each entry by itself', async () => {
    const Entries = [
      { Id: 'good', MessageBody: 'good', DelaySeconds: 0 },
      { Id: 'bad', MessageBody: '\u0000' },
      { Id: 'also-good', MessageBody: 'too', MessageAttributes },
    ];
    const sent = await runtime.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect(sent.Successful?.map((entry) => entry.Id)).toEqual(['good', 'also-good']);
    expect(sent.Failed).toEqual([
      { Id: 'bad', Code: 'InvalidMessageContents', Message: expect.any(String) as string, SenderFault: true },
    ]);
    const messages = await receiveAll();
    const [first, second] = messages.map((message) => message.ReceiptHandle);
    const changes = [
      { Id: '1', ReceiptHandle: first, VisibilityTimeout: 0 },
      { Id: '2', ReceiptHandle: second, VisibilityTimeout: 99_999 },
    ];
    const hidden = await runtime.sqs.send(
      new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries: changes }),
    );
    expect(hidden).toMatchObject({
      Successful: [{ Id: '1' }],
      Failed: [{ Id: '2', Code: 'InvalidParameterValue' }],
    });
    const deletions = [
      { Id: '1', ReceiptHandle: first },
      { Id: '2', ReceiptHandle: second },
      { Id: '3', ReceiptHandle: 'nonsense' },
    ];
    const deleted = await runtime.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: deletions }));
    expect(deleted.Successful).toEqual([{ Id: '1' }, { Id: '2' }]);
    expect(deleted.Failed).toMatchObject([{ Id: '3', Code: 'ReceiptHandleIsInvalid' }]);
    expect(await receiveAll()).toEqual([]);
  });

  it.each([
    ['EmptyBatchRequest', []],
    ['TooManyEntriesInBatchRequest', [...Array(11).keys()].map((i) => ({ Id: `${i}`, MessageBody: 'x' }))],
    ['BatchEntryIdsNotDistinct', ['a', 'a'].map((Id) => ({ Id, MessageBody: 'x' }))],
    ['InvalidBatchEntryId', [{ Id: 'a b', MessageBody: 'x' }]],
    ['BatchRequestTooLong', ['a', 'b'].map((Id) => ({ Id, MessageBody: 'x'.repeat(600_000) }))],
    ['BatchRequestTooLong', [{ Id: 'a', MessageBody: 'x'.repeat(1_048_577), DelaySeconds: -1 }]],
  ])('refuse a batch with %s', async (name, Entries) => {
    const sending = runtime.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    await expect(sending).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
    expect(await receiveAll()).toEqual([]);
  });

  it('answer a long poll as soon as one is sent', async () => {
    const polling = receiveAll({ WaitTimeSeconds: 20 });
    await runtime.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'now' }));
    expect((await polling).map((message) => message.Body)).toEqual(['now']);
  });

  it('stay for others when a long poll is given up', async () => {
    const leaving = new AbortController();
    const command = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 });
    const polling = runtime.sqs.send(command, { abortSignal: leaving.signal });
    const refused = expect(polling).rejects.toMatchObject({ name: 'AbortError' });
    const other = receiveAll({ WaitTimeSeconds: 20 });
    leaving.abort();
    await refused;
    await runtime.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'kept' }));
    expect((await other).map((message) => message.Body)).toEqual(['kept']);
  });

  it('are hidden and deleted one by one', async () => {
    await runtime.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    const [message] = await receiveAll();
    const { ReceiptHandle } = message!;
    await runtime.sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
    );
    const [again] = await receiveAll();
    await runtime.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again!.ReceiptHandle }));
    const change = new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 1 });
    await expect(runtime.sqs.send(change)).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  });
});

describe('errors', () => {
  const refused = (promise: Promise<unknown>) => expect(promise).rejects;

  it('have the names of the JSON protocol, and those of the Query protocol beside them', async () => {
    const missing = `${QueueUrl}-missing`;
    const sending = runtime.sqs.send(new SendMessageCommand({ QueueUrl: missing, MessageBody: 'x' }));
    await refused(sending).toMatchObject({
      name: 'QueueDoesNotExist',
      Code: 'AWS.SimpleQueueService.NonExistentQueue',
      message: 'The specified queue does not exist.',
      $metadata: { httpStatusCode: 400, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string },
    });
  });

  it('tell what is wrong', async () => {
    const create = (Attributes: Record<string, string>, QueueName = 'orders') => {
      return runtime.sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    };
    await refused(create({ VisibilityTimeout: '1' })).toMatchObject({ name: 'QueueNameExists' });
    await refused(create({ VisibilityTimeout: 'x' }, 'new')).toMatchObject({ name: 'InvalidAttributeValue' });
    await refused(create({ Colour: 'red' }, 'new')).toMatchObject({ name: 'InvalidAttributeName' });
    await refused(create({}, 'new.fifo')).toMatchObject({ Code: 'InvalidParameterValue' });
    await refused(create({ FifoQueue: 'true' }, 'new')).toThrow('must end with .fifo suffix');
    await refused(receiveAll({ MaxNumberOfMessages: 11 })).toMatchObject({ Code: 'InvalidParameterValue' });
    await refused(receiveAll({ WaitTimeSeconds: 21 })).toMatchObject({ Code: 'InvalidParameterValue' });
    const empty = runtime.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '' }));
    await refused(empty).toMatchObject({ Code: 'MissingParameter' });
    const deleting = runtime.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'nonsense' }));
    await refused(deleting).toMatchObject({ name: 'ReceiptHandleIsInvalid' });
  });
});
