import type { ReceivedMessage } from '../../src/contracts';
import { readBatchResponse } from '../../src/lambda/batch-result';

const messages = ['a', 'b', 'c'].map((messageId) => ({ messageId }) as ReceivedMessage);
const ids = (each: readonly ReceivedMessage[]) => each.map(({ messageId }) => messageId).join('');

describe('an answer to a batch', () => {
  test.each(['null', '{}', '{"batchItemFailures":[]}', '{"batchItemFailures":null}'])(
    '%s is success',
    (payload) => {
      expect(readBatchResponse(payload, messages)).toEqual({ done: messages, failed: [] });
    },
  );

  test('fails the messages that it names, each once', () => {
    const payload = '{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"b"}]}';
    const { done, failed, complaint } = readBatchResponse(payload, messages);
    expect([ids(done), ids(failed), complaint]).toEqual(['ac', 'b', undefined]);
  });

  test.each([
    [
      '{"batchItemFailures":[{"itemIdentifier":"x"}]}',
      'batchItemFailures names "x", which is not in the batch',
    ],
    [
      '{"batchItemFailures":[{"itemIdentifier":""}]}',
      'batchItemFailures names "", which is not in the batch',
    ],
    [
      '{"batchItemFailures":[{"itemIdentifier":null}]}',
      'batchItemFailures names null, which is not in the batch',
    ],
    ['{"batchItemFailures":[{"id":"a"}]}', 'batchItemFailures names undefined, which is not in the batch'],
    ['{"batchItemFailures":[null]}', 'batchItemFailures names undefined, which is not in the batch'],
    ['{"batchItemFailures":"a"}', 'batchItemFailures is no list'],
    ['"done"', 'the answer is "done", not an object'],
    ['3', 'the answer is 3, not an object'],
  ])('%s fails the whole batch', (payload, complaint) => {
    expect(readBatchResponse(payload, messages)).toEqual({ done: [], failed: messages, complaint });
  });
});
