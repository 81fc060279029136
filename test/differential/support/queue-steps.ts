import fc from 'fast-check';
import { batch, bodies, messageAttributes, mostly, often, some } from './messages';
import type { JsonObject, Step } from './step';
import { step } from './step';

const redrivePolicy = (target: string, maxReceiveCount: fc.Arbitrary<number>) =>
  maxReceiveCount.map((count) =>
    JSON.stringify({ deadLetterTargetArn: `$arn(${target})`, maxReceiveCount: count }),
  );

const policy = (slot: string): JsonObject => ({
  Policy: JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: `$arn(${slot})` }],
  }),
});

/** Attributes that a queue may have. No visibility timeout or delay ends within a sequence. */
const goodAttributes = (slot: string): fc.Arbitrary<JsonObject> =>
  often<JsonObject>(
    some({
      DelaySeconds: mostly(fc.constant('0'), fc.constant('900')),
      MaximumMessageSize: fc.constantFrom('1024', '2048', '262144'),
      MessageRetentionPeriod: fc.constantFrom('60', '345600', '1209600'),
      ReceiveMessageWaitTimeSeconds: fc.constant('0'),
      VisibilityTimeout: fc.constantFrom('600', '43200'),
    }),
    ...(slot.endsWith('0') ? [redriving(slot), redriving(slot), redriving(slot)] : []),
    fc.constant(policy(slot)),
    fc.constantFrom<JsonObject>({ KmsMasterKeyId: 'alias/aws/sqs' }, { SqsManagedSseEnabled: 'false' }),
    fc.constantFrom<JsonObject>({ SqsManagedSseEnabled: 'true' }),
  );

const redriving = (slot: string) =>
  some({ RedrivePolicy: redrivePolicy(slot.replace('0', '1'), fc.integer({ min: 1, max: 3 })) });

const wrongAttributes = (slot: string): fc.Arbitrary<JsonObject> =>
  fc.oneof(
    fc.constantFrom<JsonObject>(
      { DelaySeconds: '901' },
      { DelaySeconds: '-1' },
      { DelaySeconds: 'x' },
      { MaximumMessageSize: '1023' },
      { MaximumMessageSize: '1048577' },
      { MessageRetentionPeriod: '59' },
      { MessageRetentionPeriod: '1209601' },
      { ReceiveMessageWaitTimeSeconds: '21' },
      { VisibilityTimeout: '43201' },
      { VisibilityTimeout: '-1' },
      { Policy: 'x' },
      { RedrivePolicy: 'x' },
      { RedrivePolicy: '{}' },
      { Unknown: 'x' },
      { QueueArn: 'x' },
    ),
    fc.record({ RedrivePolicy: redrivePolicy('q9', fc.constant(3)) }),
    fc.record({ RedrivePolicy: redrivePolicy(slot.replace('0', '1'), fc.constantFrom(0, 1001)) }),
  );

/** Attributes as SetQueueAttributes takes them. */
const changedAttributes = (slot: string): fc.Arbitrary<JsonObject> =>
  often<JsonObject>(
    goodAttributes(slot),
    wrongAttributes(slot),
    fc.constantFrom<JsonObject>({ RedrivePolicy: '' }, { Policy: '' }, { KmsMasterKeyId: '' }),
  );

const tags = fc.dictionary(fc.constantFrom('team', 'stage'), fc.constantFrom('a', 'b', ''), {
  minKeys: 1,
  maxKeys: 2,
});

/** Makes a queue that can be made. */
export const createQueue = (slot: string): fc.Arbitrary<Step> =>
  fc
    .record({ Attributes: goodAttributes(slot), tags: mostly(fc.constant({}), tags) })
    .map(({ Attributes, tags }) => createStep(slot, Attributes, tags));

/** Makes a queue again, with attributes that may be others or wrong. */
const createAgain = (slot: string): fc.Arbitrary<Step> =>
  changedAttributes(slot).map((attributes) => createStep(slot, attributes, {}));

function createStep(slot: string, attributes: JsonObject, tags: JsonObject): Step {
  const fifo: JsonObject = slot.startsWith('f') ? { FifoQueue: 'true' } : {};
  return step('CreateQueue', { QueueName: `$name(${slot})`, Attributes: { ...attributes, ...fifo }, tags });
}

/** Calls about a queue as such. */
export function queueSteps(slots: readonly string[]): fc.Arbitrary<Step>[] {
  const url = fc.constantFrom(...slots).map((slot) => `$url(${slot})`);
  const names = fc.constantFrom<string[]>(
    ['All'],
    ['All'],
    ['All'],
    ['VisibilityTimeout', 'QueueArn'],
    ['RedrivePolicy'],
    [
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesDelayed',
    ],
  );
  const getAttributes = build('GetQueueAttributes', {
    QueueUrl: url,
    AttributeNames: mostly(names, fc.constant<string[]>(['Nothing'])),
  });
  return [
    fc.constantFrom(...slots).chain(createAgain),
    fc.constantFrom(...slots).chain((slot) =>
      build('SetQueueAttributes', {
        QueueUrl: fc.constant(`$url(${slot})`),
        Attributes: changedAttributes(slot),
      }),
    ),
    build('GetQueueUrl', { QueueName: fc.constantFrom(...slots).map((slot) => `$name(${slot})`) }),
    getAttributes,
    getAttributes,
    fc.constant(step('ListQueues', { QueueNamePrefix: '$name()' })),
    build('ListDeadLetterSourceQueues', { QueueUrl: url }),
    build('TagQueue', { QueueUrl: url, Tags: tags }),
    build('UntagQueue', { QueueUrl: url, TagKeys: fc.constantFrom(['team'], ['stage', 'other']) }),
    build('ListQueueTags', { QueueUrl: url }),
  ];
}

/** Calls about messages. Every receive asks for all that a queue of a sequence can hold. */
export function messageSteps(slots: readonly string[]): fc.Arbitrary<Step>[] {
  const QueueUrl = fc.constantFrom(...slots).map((slot) => `$url(${slot})`);
  const isFifo = slots.every((slot) => slot.startsWith('f'));
  const message: Record<string, fc.Arbitrary<never>> = isFifo ? (fifoMessage as never) : {};
  const send = {
    MessageBody: mostly(bodies, fc.constantFrom('$repeat(x,2000)', '$repeat(x,1048577)')),
    MessageAttributes: mostly(fc.constant({}), messageAttributes, messageAttributes),
    DelaySeconds: isFifo
      ? mostly(fc.constant(0), fc.constant(5))
      : mostly(fc.constant(0), fc.constantFrom(900, 901, -1)),
    ...message,
  };
  const handle = mostly(
    fc.nat(9).map((n) => `$handle(${n})`),
    fc.constant('nonsense'),
  );
  // A message that is visible again at once, or stays hidden longer than the sequence takes.
  const visibility = mostly(fc.constantFrom(0, 600), fc.constantFrom(43_201, -1));
  return [
    build('SendMessage', { QueueUrl, ...send }),
    build('SendMessage', { QueueUrl, ...send }),
    build('SendMessageBatch', { QueueUrl, Entries: batch(fc.record(send)) }),
    receive(QueueUrl, isFifo),
    receive(QueueUrl, isFifo),
    build('DeleteMessage', { QueueUrl, ReceiptHandle: handle }),
    build('DeleteMessageBatch', { QueueUrl, Entries: batch(fc.record({ ReceiptHandle: handle })) }),
    build('ChangeMessageVisibility', { QueueUrl, ReceiptHandle: handle, VisibilityTimeout: visibility }),
    build('ChangeMessageVisibilityBatch', {
      QueueUrl,
      Entries: batch(fc.record({ ReceiptHandle: handle, VisibilityTimeout: visibility })),
    }),
  ];
}

const fifoMessage = {
  MessageGroupId: mostly(fc.constantFrom('g1', 'g2'), fc.constantFrom('', 'a b', '$repeat(g,129)')),
  MessageDeduplicationId: mostly(
    fc.integer({ min: 0, max: 99 }).map((n) => `d${n}`),
    fc.constantFrom('d0', 'd1'),
    fc.constantFrom('a b', '$repeat(d,129)'),
  ),
};

/** Everything that is visible; of a FIFO queue mostly one message, for the order of groups among each other is free. */
export function receive(QueueUrl: fc.Arbitrary<string>, isFifo: boolean): fc.Arbitrary<Step> {
  const most = isFifo ? fc.constantFrom(1, 1, 1, 10) : fc.constant(10);
  return build('ReceiveMessage', {
    QueueUrl,
    MaxNumberOfMessages: mostly(most, fc.constantFrom(0, 11)),
    VisibilityTimeout: mostly(fc.constantFrom(600, 600, 0), fc.constantFrom(43_201, -1)),
    MessageSystemAttributeNames: mostly<string[]>(
      fc.constant(['All']),
      fc.constant(isFifo ? ['MessageGroupId'] : ['ApproximateReceiveCount']),
    ),
    MessageAttributeNames: often<string[]>(
      fc.constant(['All']),
      fc.constantFrom<string[]>([], ['color'], ['a.*'], ['.*']),
    ),
  });
}

export function build(operation: string, input: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Step> {
  return fc.record(input).map((made) => step(operation, made as JsonObject));
}
