import type { QueueMappingConfig, ReceivedMessage } from '../../src/contracts';
import { EventFilter } from '../../src/lambda/event-filter';
import { mappingProblem } from '../../src/lambda/mapping-rules';

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:work';

const mapping = (changes: Partial<QueueMappingConfig>): QueueMappingConfig => ({
  queueArn: QUEUE,
  functionName: 'recorder',
  batchSize: 10,
  batchWindowSeconds: 0,
  reportBatchItemFailures: true,
  enabled: true,
  ...changes,
});

describe('a mapping', () => {
  test.each([
    {},
    { batchSize: 1 },
    { batchSize: 11, batchWindowSeconds: 1 },
    { batchSize: 10_000, batchWindowSeconds: 300 },
    { maximumConcurrency: 2 },
    { maximumConcurrency: 1000 },
    { queueArn: `${QUEUE}.fifo` },
    { filterPatterns: ['{"body":{"a":[{"exists":false}]}}'] },
  ])('may be %j', (changes) => {
    expect(mappingProblem(mapping(changes))).toBeUndefined();
  });

  test.each([
    [{ batchSize: 0 }, 'the batch size 0 is not from 1 to 10000'],
    [{ batchSize: 10_001, batchWindowSeconds: 1 }, 'the batch size 10001 is not from 1 to 10000'],
    [{ batchSize: 11 }, 'a batch size over 10 needs a batching window of at least 1 s'],
    [{ batchWindowSeconds: 301 }, 'the batching window of 301 s is not from 0 to 300'],
    [{ maximumConcurrency: 1 }, 'the maximum concurrency 1 is not from 2 to 1000'],
    [{ maximumConcurrency: 1001 }, 'the maximum concurrency 1001 is not from 2 to 1000'],
    [{ queueArn: `${QUEUE}.fifo`, batchWindowSeconds: 1 }, 'a FIFO queue has no batching window'],
    [{ queueArn: `${QUEUE}.fifo`, batchSize: 11 }, 'the batch size of a FIFO queue is at most 10'],
    [
      { filterPatterns: Array.from({ length: 11 }, () => '{"body":["a"]}') },
      'there are more than 10 filters',
    ],
    [
      { filterPatterns: [`{"body":["${'a'.repeat(4096)}"]}`] },
      'a filter pattern is longer than 4096 characters',
    ],
    [{ filterPatterns: ['{"body":"a"}'] }, /^Invalid filter pattern definition\. /],
    [{ filterPatterns: ['{'] }, /^Invalid filter pattern definition\. /],
  ] as const)('cannot be %j', (changes, problem) => {
    expect(mappingProblem(mapping(changes))).toEqual(
      problem instanceof RegExp ? expect.stringMatching(problem) : problem,
    );
  });
});

describe('a filter', () => {
  const message = (body: string, more: Partial<ReceivedMessage> = {}): ReceivedMessage => ({
    messageId: 'm1',
    receiptHandle: 'r1',
    body,
    attributes: {},
    senderId: 'AIDA',
    sentAt: 1,
    firstReceivedAt: 2,
    receiveCount: 3,
    ...more,
  });
  const accepts = (pattern: string, of: ReceivedMessage) => new EventFilter([pattern], QUEUE).accepts(of);

  test.each([
    ['{"body":{"a":["x"]}}', '{"a":"x"}', true],
    ['{"body":{"a":["x"]}}', '{"a":"y"}', false],
    ['{"body":{"a":["x"]}}', 'a is x', false],
    ['{"body":{"a":[{"exists":false}]}}', '{"b":1}', true],
    ['{"body":{"a":[{"exists":false}]}}', 'text', false],
    ['{"body":["text"]}', 'text', true],
    ['{"body":["text"]}', 'other', false],
    ['{"body":["text"]}', '{"text":"text"}', false],
    ['{"body":[{"prefix":"te"}]}', 'text', true],
    ['{"body":{"n":[{"numeric":[">",5]}]}}', '{"n":6}', true],
    ['{"body":{"n":[{"numeric":[">",5]}]}}', '{"n":"6"}', false],
    ['{"body":{"$or":[{"a":[1]},{"b":[1]}]}}', '{"b":1}', true],
    ['{"body":{"a":[{"anything-but":["x"]}]}}', '{"a":"x"}', false],
    ['{}', 'anything', true],
  ])('%s on the body %s: %s', (pattern, body, expected) => {
    expect(accepts(pattern, message(body))).toBe(expected);
  });

  test('looks at attributes and metadata', () => {
    const attributes = { kind: { dataType: 'String', value: 'order' } };
    const of = message('text', { attributes, groupId: 'g1' });
    expect(accepts('{"messageAttributes":{"kind":{"stringValue":["order"]}}}', of)).toBe(true);
    expect(accepts('{"messageAttributes":{"kind":{"stringValue":["invoice"]}}}', of)).toBe(false);
    expect(accepts('{"attributes":{"MessageGroupId":["g1"]}}', of)).toBe(true);
    expect(accepts('{"attributes":{"SenderId":[{"prefix":"AROA"}]}}', of)).toBe(false);
    expect(accepts('{"eventSource":["aws:sqs"]}', of)).toBe(true);
  });
});
