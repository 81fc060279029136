import { join } from 'node:path';
import { HttpEndpoint } from '../engine/http-endpoint';
import { allowTopic } from '../engine/support';
import { aws as runAws, python, testWithBoto3, testWithCli } from './aws-cli';
import type { Runtime } from './support';
import { startRuntime, stopRuntime } from './support';

let runtime: Runtime;

beforeAll(async () => {
  runtime = await startRuntime();
});

afterAll(() => stopRuntime(runtime));

describe('boto3', () => {
  testWithBoto3('filters, orders and deduplicates', async () => {
    const queueArn = 'arn:aws:sqs:us-east-1:000000000000:boto.fifo';
    const topicArn = 'arn:aws:sns:us-east-1:000000000000:boto.fifo';
    const attributes = { FifoQueue: 'true', Policy: allowTopic(topicArn, queueArn) };
    await runtime.broker.ensureQueue('boto.fifo', attributes);
    expect(await python(join(__dirname, 'sns_boto3.py'), runtime.endpoint.url)).toMatchObject({
      sequence: [20, true],
      duplicate: true,
      failed: 'InvalidParameter',
      received: [['2', 'g']],
      attributes: {
        FilterPolicy: '{"kind": [{"prefix": "or"}], "n": [{"numeric": [">", 1]}]}',
        FilterPolicyScope: 'MessageAttributes',
        PendingConfirmation: 'false',
      },
      topic: 'true',
      tags: [{ Key: 'a', Value: 'b' }],
      errors: [
        ['InvalidParameter', 'Invalid parameter: The MessageGroupId parameter is required for FIFO topics'],
        ['NotFound', 'Topic does not exist'],
        ['InvalidParameter', 'Invalid parameter: FilterPolicy: Empty arrays are not allowed\n at a'],
      ],
    });
  });
});

describe('the aws CLI', () => {
  const aws = (...args: string[]) => runAws(runtime.endpoint.url, 'sns', ...args);

  testWithCli('subscribes by HTTP, confirms, and reads attributes', async () => {
    const endpoint = await HttpEndpoint.start();
    const attributes = 'DisplayName=Events,SignatureVersion=2';
    const topic = ['--topic-arn', 'arn:aws:sns:us-east-1:000000000000:cli'];
    await aws('create-topic', '--name', 'cli', '--attributes', attributes);
    const subscribed = await aws(
      'subscribe',
      ...topic,
      '--protocol',
      'http',
      '--notification-endpoint',
      endpoint.url,
      '--attributes',
      '{"FilterPolicy":"{\\"kind\\":[\\"order\\"]}"}',
    );
    expect(subscribed).toEqual({ SubscriptionArn: 'pending confirmation' });
    const { Token } = JSON.parse((await endpoint.request(1)).body) as { Token: string };
    const confirmed = await aws('confirm-subscription', ...topic, '--token', Token);
    const { SubscriptionArn } = confirmed as { SubscriptionArn: string };
    expect(await aws('get-subscription-attributes', '--subscription-arn', SubscriptionArn)).toMatchObject({
      Attributes: { FilterPolicy: '{"kind":["order"]}', ConfirmationWasAuthenticated: 'true' },
    });
    expect(await aws('list-subscriptions-by-topic', ...topic)).toMatchObject({
      Subscriptions: [{ SubscriptionArn, Protocol: 'http' }],
    });
    await aws(
      'publish',
      ...topic,
      '--message',
      'hello',
      '--message-attributes',
      '{"kind":{"DataType":"String","StringValue":"order"}}',
    );
    expect(JSON.parse((await endpoint.request(2)).body)).toMatchObject({
      Message: 'hello',
      SignatureVersion: '2',
    });
    await aws('unsubscribe', '--subscription-arn', SubscriptionArn);
    await expect(aws('publish', ...topic, '--message', '')).rejects.toThrow('Empty message');
    await endpoint.stop();
  });
});
