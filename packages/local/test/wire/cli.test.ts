import { allowTopic } from '../engine/support';
import { aws as runAws, testWithCli } from './aws-cli';
import type { Runtime } from './support';
import { startRuntime, stopRuntime } from './support';

let runtime: Runtime;

beforeAll(async () => {
  runtime = await startRuntime();
});

afterAll(() => stopRuntime(runtime));

function aws(...args: string[]): Promise<unknown> {
  return runAws(runtime.endpoint.url, ...args);
}

describe('the aws CLI', () => {
  testWithCli('sends and receives', async () => {
    const { arn } = await runtime.broker.ensureQueue('orders');
    const { QueueUrl } = (await aws('sqs', 'get-queue-url', '--queue-name', 'orders')) as {
      QueueUrl: string;
    };
    const topic = (await aws('sns', 'create-topic', '--name', 'events')) as { TopicArn: string };
    await runtime.broker.ensureQueue('orders', { Policy: allowTopic(topic.TopicArn, arn) });
    await runtime.broker.ensureSubscription({ topicArn: topic.TopicArn, protocol: 'sqs', endpoint: arn });
    await aws('sns', 'publish', '--topic-arn', topic.TopicArn, '--message', 'from sns', '--subject', 'hi');
    const attributes = '{"kind":{"DataType":"String","StringValue":"a b"}}';
    await aws(
      'sqs',
      'send-message',
      '--queue-url',
      QueueUrl,
      '--message-body',
      'hello',
      '--message-attributes',
      attributes,
    );
    const options = ['--max-number-of-messages', '10', '--message-attribute-names', 'All'];
    const received = await aws('sqs', 'receive-message', '--queue-url', QueueUrl, ...options);
    expect(received).toMatchObject({
      Messages: [
        { Body: expect.stringContaining('"Message":"from sns"') as string },
        { Body: 'hello', MessageAttributes: { kind: { StringValue: 'a b' } } },
      ],
    });
    expect(await aws('sts', 'get-caller-identity')).toMatchObject({ Account: '000000000000' });
    await expect(aws('sqs', 'get-queue-url', '--queue-name', 'missing')).rejects.toThrow('NonExistentQueue');
  });
});
