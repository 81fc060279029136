import fc from 'fast-check';
import { messageOperations } from '../../src/wire/sqs-messages';
import { moveOperations } from '../../src/wire/sqs-moves';
import { queueOperations } from '../../src/wire/sqs-queues';
import type { Runtime } from './support';
import { startRuntime, stopRuntime } from './support';

let runtime: Runtime;

beforeAll(async () => {
  runtime = await startRuntime();
  await runtime.broker.ensureQueue('standard');
  await runtime.broker.ensureQueue('ordered.fifo', { FifoQueue: 'true' });
});

afterAll(() => stopRuntime(runtime));

const operations = Object.keys({ ...queueOperations, ...messageOperations, ...moveOperations });

const MEMBERS = [
  'QueueUrl',
  'QueueName',
  'QueueNamePrefix',
  'Attributes',
  'AttributeNames',
  'MessageAttributeNames',
  'MessageSystemAttributeNames',
  'MessageSystemAttributes',
  'MessageAttributes',
  'MessageBody',
  'MessageGroupId',
  'MessageDeduplicationId',
  'ReceiveRequestAttemptId',
  'DelaySeconds',
  'MaxNumberOfMessages',
  'VisibilityTimeout',
  'ReceiptHandle',
  'Entries',
  'Id',
  'Tags',
  'tags',
  'TagKeys',
  'Label',
  'AWSAccountIds',
  'Actions',
  'MaxResults',
  'NextToken',
  'SourceArn',
  'DestinationArn',
  'MaxNumberOfMessagesPerSecond',
  'TaskHandle',
];

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    '0',
    '-1',
    'NaN',
    'null',
    '[]',
    '{}',
    '{"taskId":1}',
    'eyJ0YXNrSWQiOjF9',
    'bnVsbA==',
    '__proto__',
    'constructor',
    'All',
    '.*',
    'x'.repeat(5000),
    '\ud800',
    '%00',
    'arn:aws:sqs:us-east-1:000000000000:standard',
    '{"Statement":[{}]}',
    '{"deadLetterTargetArn":{},"maxReceiveCount":{}}',
  ),
);
const name = fc.oneof(
  text,
  fc.constantFrom(
    'AWSTraceHeader',
    'Policy',
    'RedrivePolicy',
    'RedriveAllowPolicy',
    'FifoQueue',
    'VisibilityTimeout',
    'KmsMasterKeyId',
    'DeduplicationScope',
  ),
);
const scalar = fc.oneof(text, fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
const member = fc.constantFrom(...MEMBERS, 'DataType', 'StringValue', 'BinaryValue');
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: 'small' }, scalar, tie('list'), tie('map'), tie('members')),
  list: fc.array(tie('any'), { maxLength: 11 }),
  map: fc.dictionary(name, tie('any'), { maxKeys: 4 }),
  members: fc.dictionary(member, tie('any'), { maxKeys: 6 }),
})).any;

const queueUrl = fc.constantFrom('/000000000000/standard', '/000000000000/ordered.fifo', '/000000000000/no');
const input = fc
  .tuple(fc.dictionary(fc.constantFrom(...MEMBERS), value, { maxKeys: 12 }), queueUrl, fc.boolean())
  .map(([members, url, named]) => (named ? { ...members, QueueUrl: url } : members));

async function status(headers: Record<string, string>, body: string): Promise<number> {
  // Long polls would only make it slow.
  const response = await fetch(runtime.endpoint.url, { method: 'POST', headers, body });
  await response.arrayBuffer();
  return response.status;
}

describe.each(operations)('%s', (operation) => {
  const json = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` };

  it('answers whatever it is sent, and never blames itself', async () => {
    const property = fc.asyncProperty(input, async (given) => {
      expect(await status(json, JSON.stringify(given))).toBeLessThan(500);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('answers whatever form it is sent', async () => {
    const key = fc
      .array(
        fc.oneof(
          member,
          fc.constantFrom('1', '2', '0', '-1', 'Name', 'Value', 'Key', 'Attribute', 'Tag', 'entry'),
          fc.constantFrom('SendMessageBatchRequestEntry', 'MessageAttribute', 'AttributeName', '__proto__'),
        ),
        { minLength: 1, maxLength: 5 },
      )
      .map((parts) => parts.join('.'));
    const pairs = fc.array(fc.tuple(key, text), { maxLength: 10 });
    const property = fc.asyncProperty(pairs, queueUrl, async (given, QueueUrl) => {
      const body = new URLSearchParams([
        ...given.map(([field, content]): [string, string] => [field, content]),
        ['QueueUrl', QueueUrl],
        ['Action', operation],
        ['Version', '2012-11-05'],
      ]);
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      expect(await status(headers, body.toString())).toBeLessThan(500);
    });
    await fc.assert(property, { numRuns: 40 });
  });
});

it.each(['', 'null', '[]', '1', '{', '\ud800', '{"QueueUrl":', '[[[[', '{"a":1}{'])(
  'refuses the body %j',
  async (body) => {
    for (const operation of operations) {
      const target = { 'x-amz-target': `AmazonSQS.${operation}` };
      expect(await status(target, body)).toBeLessThan(500);
    }
  },
);
