import type { Broker } from '../../src/engine';
import type { JsonObject } from '../../src/synth';
import { hostMessaging } from '../../src/up/messaging';
import { cleanUp, Lines, openBroker } from '../engine/support';
import { resolverOf } from '../synth/support';

let broker: Broker;

beforeEach(async () => {
  broker = await openBroker({ locale: { region: 'eu-west-1', accountId: '000000000000' } });
});

afterEach(cleanUp);

function host(queues: Record<string, JsonObject>, rest: Record<string, Record<string, JsonObject>> = {}) {
  return hostMessaging(resolverOf({ aws_sqs_queue: queues, ...rest }), broker, [], new Lines());
}

const attributes = (name: string) => broker.queues.findByName(name)!.record.attributes;

it('hosts every argument of a queue', async () => {
  await host({
    q: {
      name: 'orders.fifo',
      fifo_queue: true,
      content_based_deduplication: true,
      deduplication_scope: 'messageGroup',
      fifo_throughput_limit: 'perMessageGroupId',
      visibility_timeout_seconds: 60,
      message_retention_seconds: 3600,
      max_message_size: 2048,
      delay_seconds: 5,
      receive_wait_time_seconds: 20,
      kms_master_key_id: 'alias/mine',
      kms_data_key_reuse_period_seconds: 600,
      redrive_policy: '{"deadLetterTargetArn":"${aws_sqs_queue.dead.arn}","maxReceiveCount":3}',
      tags: { team: 'a' },
    },
    dead: { name: 'dead.fifo', fifo_queue: true, redrive_allow_policy: '{"redrivePermission":"allowAll"}' },
  });
  expect(attributes('orders.fifo')).toEqual({
    FifoQueue: 'true',
    ContentBasedDeduplication: 'true',
    DeduplicationScope: 'messageGroup',
    FifoThroughputLimit: 'perMessageGroupId',
    VisibilityTimeout: '60',
    MessageRetentionPeriod: '3600',
    MaximumMessageSize: '2048',
    DelaySeconds: '5',
    ReceiveMessageWaitTimeSeconds: '20',
    KmsMasterKeyId: 'alias/mine',
    KmsDataKeyReusePeriodSeconds: '600',
    SqsManagedSseEnabled: 'false',
    RedrivePolicy:
      '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:000000000000:dead.fifo","maxReceiveCount":3}',
  });
  expect(attributes('dead.fifo').RedriveAllowPolicy).toBe('{"redrivePermission":"allowAll"}');
  expect(broker.queues.findByName('orders.fifo')!.record.tags).toEqual({ team: 'a' });
});

it('hosts a standard queue that says that it is none of FIFO', async () => {
  await host({ q: { name: 'orders', fifo_queue: false, content_based_deduplication: false } });
  expect(attributes('orders')).not.toHaveProperty('FifoQueue');
  expect(attributes('orders')).not.toHaveProperty('ContentBasedDeduplication');
});

it('makes up the name of a FIFO queue as the provider does', async () => {
  await host({ q: { name_prefix: 'orders-', fifo_queue: true } });
  expect(broker.queues.list().map((queue) => queue.record.name)).toEqual([
    expect.stringMatching(/^orders-.+\.fifo$/),
  ]);
});

it.each<[string, JsonObject, string]>([
  ['a FIFO queue without the suffix', { name: 'orders', fifo_queue: true }, 'must end with .fifo suffix'],
  [
    'high throughput with deduplication by queue',
    { name: 'q.fifo', fifo_queue: true, fifo_throughput_limit: 'perMessageGroupId' },
    'only with the DeduplicationScope messageGroup',
  ],
  [
    'deduplication in a standard queue',
    { name: 'q', content_based_deduplication: true },
    'Unknown Attribute',
  ],
  [
    'a dead-letter queue of another kind',
    { name: 'q', redrive_policy: '{"deadLetterTargetArn":"${aws_sqs_queue.dead.arn}","maxReceiveCount":3}' },
    'dead.fifo must be a standard queue',
  ],
])('names the resource where SQS would refuse %s', async (_what, queue, reason) => {
  const hosting = host({ q: queue, dead: { name: 'dead.fifo', fifo_queue: true } });
  await expect(hosting).rejects.toThrow('aws_sqs_queue.q: ');
  await expect(hosting).rejects.toThrow(reason);
});
