import {
  AddPermissionCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  PurgeQueueCommand,
  CancelMessageMoveTaskCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  StartMessageMoveTaskCommand,
  TagQueueCommand,
} from '@aws-sdk/client-sqs';
import { ManualClock } from '../support/manual-clock';
import type { Runtime } from './support';
import { query, startRuntime, stopRuntime } from './support';

let runtime: Runtime;
const clock = new ManualClock();

beforeAll(async () => {
  runtime = await startRuntime({ clock });
});

afterAll(() => stopRuntime(runtime));

afterEach(async () => {
  for (const queue of runtime.broker.queues.list()) await runtime.broker.queues.delete(queue);
  clock.advanceSeconds(60);
});

async function create(QueueName: string, Attributes: Record<string, string> = {}): Promise<string> {
  return (await runtime.sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl!;
}

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

async function receive(QueueUrl: string, rest: object = {}) {
  const input = { QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All' as const], ...rest };
  return (await runtime.sqs.send(new ReceiveMessageCommand(input))).Messages ?? [];
}

describe('FIFO queues', () => {
  it('show what they are', async () => {
    const QueueUrl = await create('a.fifo', { FifoQueue: 'true' });
    const all = await runtime.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(all.Attributes).toMatchObject({
      FifoQueue: 'true',
      ContentBasedDeduplication: 'false',
      DeduplicationScope: 'queue',
      FifoThroughputLimit: 'perQueue',
    });
  });

  it('number, deduplicate and order messages', async () => {
    const QueueUrl = await create('a.fifo', { FifoQueue: 'true' });
    const Entries = ['1', '2', '1'].map((id, i) => {
      return { Id: `e${i}`, MessageBody: id, MessageGroupId: 'g', MessageDeduplicationId: id };
    });
    const sent = await runtime.sqs.send(
      new SendMessageBatchCommand({ QueueUrl, Entries: [...Entries, { Id: 'bad', MessageBody: 'x' }] }),
    );
    const [first, second, again] = sent.Successful!;
    expect(again).toMatchObject({ MessageId: first!.MessageId, SequenceNumber: first!.SequenceNumber });
    expect(second!.SequenceNumber! > first!.SequenceNumber!).toBe(true);
    expect(sent.Failed).toMatchObject([{ Id: 'bad', Code: 'MissingParameter', SenderFault: true }]);
    expect(await receive(QueueUrl)).toMatchObject([
      {
        Body: '1',
        Attributes: {
          MessageGroupId: 'g',
          MessageDeduplicationId: '1',
          SequenceNumber: first!.SequenceNumber,
        },
      },
      { Body: '2' },
    ]);
  });

  it('repeat a receive, and refuse a late deletion', async () => {
    const QueueUrl = await create('a.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
    await runtime.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x', MessageGroupId: 'g' }));
    const [message] = await receive(QueueUrl, { ReceiveRequestAttemptId: 'attempt' });
    expect(await receive(QueueUrl, { ReceiveRequestAttemptId: 'attempt' })).toEqual([message]);
    clock.advanceSeconds(30);
    const late = new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message!.ReceiptHandle });
    await expect(runtime.sqs.send(late)).rejects.toThrow('The receipt handle has expired');
    await expect(receive(QueueUrl, { ReceiveRequestAttemptId: 'a b' })).rejects.toMatchObject({
      Code: 'InvalidParameterValue',
    });
  });

  it.each([
    ['a.fifo', { FifoQueue: 'true', FifoThroughputLimit: 'perMessageGroupId' }, 'InvalidAttributeValue'],
    ['a.fifo', { FifoQueue: 'true', DeduplicationScope: 'everything' }, 'InvalidAttributeValue'],
    ['a.fifo', { FifoQueue: 'false' }, 'InvalidParameterValue'],
    ['a', { FifoQueue: 'false' }, 'InvalidAttributeName'],
    ['a', { ContentBasedDeduplication: 'true' }, 'InvalidAttributeName'],
    ['a.b.fifo', { FifoQueue: 'true' }, 'InvalidParameterValue'],
    [`${'a'.repeat(76)}.fifo`, { FifoQueue: 'true' }, 'InvalidParameterValue'],
  ])('are not created as %s with %j', async (name, attributes, Code) => {
    const error: { name?: string; Code?: string } = await create(name, attributes).then(
      () => ({}),
      (refusal: object) => refusal,
    );
    expect([error.name, error.Code]).toContain(Code);
  });

  it('may be created with high throughput', async () => {
    const high = { DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' };
    await create('a.fifo', { FifoQueue: 'true', ...high });
    expect(await create('a.fifo', { FifoQueue: 'true', ...high })).toMatch(/a\.fifo$/);
  });
});

describe('redrives', () => {
  let source: string;
  let dead: string;

  beforeEach(async () => {
    dead = await create('dead');
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf('dead'), maxReceiveCount: 1 });
    source = await create('source', { RedrivePolicy });
    for (const MessageBody of ['1', '2', '3']) {
      await runtime.sqs.send(new SendMessageCommand({ QueueUrl: source, MessageBody }));
    }
    await receive(source, { VisibilityTimeout: 0 });
    await receive(source);
  });

  it('are started, listed and cancelled', async () => {
    const input = { SourceArn: arnOf('dead'), MaxNumberOfMessagesPerSecond: 2 };
    const { TaskHandle } = await runtime.sqs.send(new StartMessageMoveTaskCommand(input));
    await expect(runtime.sqs.send(new StartMessageMoveTaskCommand(input))).rejects.toMatchObject({
      name: 'UnsupportedOperation',
    });
    const listed = () => runtime.sqs.send(new ListMessageMoveTasksCommand(input));
    for (let i = 0; i < 1000 && (await listed()).Results![0]!.ApproximateNumberOfMessagesMoved! < 2; i += 1);
    expect((await listed()).Results).toEqual([
      {
        TaskHandle,
        Status: 'RUNNING',
        SourceArn: arnOf('dead'),
        MaxNumberOfMessagesPerSecond: 2,
        ApproximateNumberOfMessagesMoved: 2,
        ApproximateNumberOfMessagesToMove: 3,
        StartedTimestamp: clock.now(),
      },
    ]);
    const cancelled = await runtime.sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    expect(cancelled.ApproximateNumberOfMessagesMoved).toBe(2);
    for (let i = 0; i < 1000 && (await listed()).Results![0]!.Status !== 'CANCELLED'; i += 1);
    expect((await listed()).Results![0]!.TaskHandle).toBeUndefined();
    expect(await receive(source)).toMatchObject([
      { Attributes: { ApproximateReceiveCount: '1' } },
      { Attributes: { ApproximateReceiveCount: '1' } },
    ]);
    await expect(
      runtime.sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle: 'nonsense' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } });
  });

  it('speak the Query protocol too', async () => {
    const call = (parameters: Record<string, string>) =>
      query(runtime.endpoint.url, '2012-11-05', { SourceArn: arnOf('dead'), ...parameters });
    const started = await call({ Action: 'StartMessageMoveTask', DestinationArn: arnOf('source') });
    expect(started.text).toMatch(/<StartMessageMoveTaskResult><TaskHandle>[^<]+<\/TaskHandle>/);
    const listed = await call({ Action: 'ListMessageMoveTasks', MaxResults: '10' });
    expect(listed.text).toMatch(/<ListMessageMoveTasksResultEntry>.*<Status>[A-Z]+<\/Status>/);
    const missing = await call({ Action: 'ListMessageMoveTasks', SourceArn: arnOf('missing') });
    expect([missing.status, missing.text]).toEqual([
      404,
      expect.stringContaining('<Code>ResourceNotFoundException</Code>'),
    ]);
    const bad = await call({ Action: 'StartMessageMoveTask', MaxNumberOfMessagesPerSecond: '501' });
    expect(bad.text).toContain('<Code>InvalidParameterValue</Code>');
  });

  it('need a dead-letter queue', async () => {
    const start = new StartMessageMoveTaskCommand({ SourceArn: arnOf('source') });
    await expect(runtime.sqs.send(start)).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
    await runtime.broker.queues.findByName('source')!.departed();
    expect(await receive(dead)).toHaveLength(3);
  });
});

describe('the minute after', () => {
  it('a deletion has no queue of the same name', async () => {
    const QueueUrl = await create('a');
    await runtime.sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await expect(create('a')).rejects.toMatchObject({
      name: 'QueueDeletedRecently',
      Code: 'AWS.SimpleQueueService.QueueDeletedRecently',
    });
    clock.advanceSeconds(60);
    await create('a');
  });

  it('a purge has no other one', async () => {
    const QueueUrl = await create('a');
    const purge = () => runtime.sqs.send(new PurgeQueueCommand({ QueueUrl }));
    await purge();
    await expect(purge()).rejects.toMatchObject({
      name: 'PurgeQueueInProgress',
      Code: 'AWS.SimpleQueueService.PurgeQueueInProgress',
      $metadata: { httpStatusCode: 403 },
    });
    clock.advanceSeconds(60);
    await purge();
  });
});

describe('permissions', () => {
  it.each([
    ['a label with a space', { Label: 'a b' }, 'InvalidParameterValue'],
    ['an account that is none', { AWSAccountIds: ['123'] }, 'InvalidParameterValue'],
    ['an action that is none', { Actions: ['Fly'] }, 'InvalidParameterValue'],
    ["an action that is the owner's", { Actions: ['DeleteQueue'] }, 'InvalidParameterValue'],
    ['more than seven actions', { Actions: Array<string>(8).fill('SendMessage') }, 'OverLimit'],
  ])('are refused with %s', async (_what, rest, code) => {
    const QueueUrl = await create('a');
    const permission = { QueueUrl, Label: 'l', AWSAccountIds: ['111111111111'], Actions: ['SendMessage'] };
    const adding = runtime.sqs.send(new AddPermissionCommand({ ...permission, ...rest }));
    await expect(adding).rejects.toMatchObject({ Code: code });
  });
});

it('refuses a trace header that is no text', async () => {
  const QueueUrl = await create('a');
  const AWSTraceHeader = { DataType: 'Number', StringValue: '1' };
  const sending = new SendMessageCommand({
    QueueUrl,
    MessageBody: 'x',
    MessageSystemAttributes: { AWSTraceHeader },
  });
  await expect(runtime.sqs.send(sending)).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
});

describe('tags', () => {
  it.each([
    ['a reserved key', { 'aws:x': 'y' }],
    ['an empty key', { '': 'y' }],
    ['a key of 129 characters', { ['k'.repeat(129)]: 'y' }],
    ['a value of 257 characters', { k: 'v'.repeat(257) }],
    ['more than fifty', Object.fromEntries([...Array(51).keys()].map((i) => [`k${i}`, 'v']))],
  ])('are refused with %s', async (_what, Tags) => {
    const QueueUrl = await create('a');
    await expect(runtime.sqs.send(new TagQueueCommand({ QueueUrl, Tags }))).rejects.toMatchObject({
      Code: 'InvalidParameterValue',
    });
  });
});
