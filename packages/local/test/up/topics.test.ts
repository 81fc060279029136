import type { Broker } from '../../src/engine';
import { hostMessaging } from '../../src/up/messaging';
import { cleanUp, Lines, openBroker, temporaryFolder } from '../engine/support';
import { resolverOf } from '../synth/support';
import type { JsonObject } from '../../src/synth';

let broker: Broker;
let reporter: Lines;

beforeEach(async () => {
  reporter = new Lines();
  broker = await openBroker({ reporter, locale: { region: 'eu-west-1', accountId: '000000000000' } });
});

afterEach(cleanUp);

function host(topic: JsonObject, subscriptions: Record<string, JsonObject> = {}): Promise<void> {
  const resolver = resolverOf({
    aws_sns_topic: { t: topic },
    aws_sns_topic_subscription: Object.fromEntries(
      Object.entries(subscriptions).map(([name, body]) => [
        name,
        { topic_arn: '${aws_sns_topic.t.arn}', ...body },
      ]),
    ),
  });
  return hostMessaging(resolver, broker, [], reporter);
}

it('hosts every argument of a topic', async () => {
  const role = 'arn:aws:iam::000000000000:role/feedback';
  await host({
    name: 'events.fifo',
    fifo_topic: true,
    content_based_deduplication: true,
    fifo_throughput_scope: 'MessageGroup',
    display_name: 'Events',
    signature_version: 2,
    tracing_config: 'Active',
    kms_master_key_id: 'alias/aws/sns',
    delivery_policy: '{"http":{"defaultHealthyRetryPolicy":{"numRetries":1}}}',
    sqs_success_feedback_role_arn: role,
    sqs_success_feedback_sample_rate: 50,
    http_failure_feedback_role_arn: role,
    tags: { team: 'a' },
  });
  const [topic] = broker.topics.list();
  expect(topic!.record).toMatchObject({
    arn: 'arn:aws:sns:eu-west-1:000000000000:events.fifo',
    tags: { team: 'a' },
    attributes: {
      FifoTopic: 'true',
      ContentBasedDeduplication: 'true',
      FifoThroughputScope: 'MessageGroup',
      DisplayName: 'Events',
      SignatureVersion: '2',
      TracingConfig: 'Active',
      KmsMasterKeyId: 'alias/aws/sns',
      SQSSuccessFeedbackRoleArn: role,
      SQSSuccessFeedbackSampleRate: '50',
      HTTPFailureFeedbackRoleArn: role,
    },
  });
  expect(topic!.settings.delivery.retry).toEqual({ numRetries: 1 });
});

it('ends a FIFO name that it makes up as SNS wants it', async () => {
  await host({ name_prefix: 'events-', fifo_topic: true });
  expect(broker.topics.list()[0]!.record.name).toMatch(/^events-[0-9a-f]{12}\.fifo$/);
});

it('takes a standard topic that says so', async () => {
  await host({ name: 'events', fifo_topic: false, content_based_deduplication: false });
  expect(broker.topics.list()[0]!.record.attributes).toEqual({});
});

it('hosts every argument of a subscription, confirmed at once, under the ARN that others refer to', async () => {
  const RedrivePolicy = '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:000000000000:dead"}';
  await host(
    { name: 'events' },
    {
      queue: {
        protocol: 'sqs',
        endpoint: 'arn:aws:sqs:eu-west-1:000000000000:q',
        raw_message_delivery: true,
        filter_policy: '{"order":{"kind":["new"]}}',
        filter_policy_scope: 'MessageBody',
        redrive_policy: RedrivePolicy,
      },
      hook: {
        protocol: 'http',
        endpoint: 'http://localhost:1/hook',
        endpoint_auto_confirms: true,
        confirmation_timeout_in_minutes: 5,
        delivery_policy: '{"healthyRetryPolicy":{"numRetries":1}}',
      },
      mail: { protocol: 'email', endpoint: 'a@example.com' },
      phone: { protocol: 'sms', endpoint: '+15550100' },
    },
  );
  const records = broker.subscriptions.list();
  expect(records.map(({ protocol, suspended }) => [protocol, suspended]).sort()).toEqual([
    ['email', undefined],
    ['http', undefined],
    ['sms', undefined],
    ['sqs', undefined],
  ]);
  const queue = records.find(({ protocol }) => protocol === 'sqs')!;
  expect(queue.attributes).toEqual({
    RawMessageDelivery: 'true',
    FilterPolicy: '{"order":{"kind":["new"]}}',
    FilterPolicyScope: 'MessageBody',
    RedrivePolicy,
  });
  const resolver = resolverOf({
    aws_sns_topic: { t: { name: 'events' } },
    aws_sns_topic_subscription: { queue: { topic_arn: '${aws_sns_topic.t.arn}' } },
  });
  expect(queue.arn).toBe(resolver.resources('aws_sns_topic_subscription')[0]!.id('arn'));
});

it.each([
  ['https', 'https://example.com/hook', 'nothing is posted to example.com, which is not this machine'],
  [
    'firehose',
    'arn:aws:firehose:eu-west-1:000000000000:deliverystream/s',
    'subscriptions by firehose are not hosted',
  ],
])('says that a subscription by %s to %s gets nothing', async (protocol, endpoint, obstacle) => {
  await host({ name: 'events' }, { s: { protocol, endpoint } });
  expect(broker.subscriptions.list()).toEqual([]);
  expect(reporter.warnings).toEqual([`sns: aws_sns_topic_subscription.s: ${obstacle}; it gets nothing`]);
});

it.each([
  [
    { name: 'events', signature_version: 3 },
    {},
    'aws_sns_topic.t: Invalid parameter: Attributes Reason: SignatureVersion',
  ],
  [
    { name: 'events' },
    {
      s: { protocol: 'sqs', endpoint: 'arn:aws:sqs:eu-west-1:000000000000:q', filter_policy: '{"kind":"x"}' },
    },
    'aws_sns_topic_subscription.s: Invalid parameter: Attributes Reason: FilterPolicy: "kind" must be an object or an array',
  ],
])('tells a mistake of the stack: %j %j', async (topic, subscriptions, reason) => {
  await expect(host(topic, subscriptions as Record<string, JsonObject>)).rejects.toThrow(reason);
});

it('removes what a stack no longer has', async () => {
  const folder = temporaryFolder();
  const locale = { region: 'eu-west-1', accountId: '000000000000' };
  broker = await openBroker({ folder, locale });
  await host({ name: 'events' }, { s: { protocol: 'sms', endpoint: '+15550100' } });
  await broker.close();
  broker = await openBroker({ folder, locale });
  await host({ name: 'events' });
  expect(broker.subscriptions.list()).toEqual([]);
});
