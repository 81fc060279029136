import type { Reporter } from '../contracts';
import { asyncInvocationQueueArn } from '../contracts';
import type { Broker } from '../engine';
import { UserError } from '../errors';
import type { Resolver, Resource } from '../synth';
import { asUserError, attributesOf } from './resource-attributes';
import { ensureSubscription, ensureTopic } from './topics';

/** Terraform's argument -> SQS's attribute, with the provider's default where that differs from SQS's. */
const QUEUE_ATTRIBUTES = {
  visibility_timeout_seconds: 'VisibilityTimeout',
  message_retention_seconds: 'MessageRetentionPeriod',
  max_message_size: 'MaximumMessageSize',
  delay_seconds: 'DelaySeconds',
  receive_wait_time_seconds: 'ReceiveMessageWaitTimeSeconds',
  policy: 'Policy',
  redrive_policy: 'RedrivePolicy',
  redrive_allow_policy: 'RedriveAllowPolicy',
  kms_master_key_id: 'KmsMasterKeyId',
  kms_data_key_reuse_period_seconds: 'KmsDataKeyReusePeriodSeconds',
  sqs_managed_sse_enabled: 'SqsManagedSseEnabled',
  fifo_queue: 'FifoQueue',
  content_based_deduplication: 'ContentBasedDeduplication',
  deduplication_scope: 'DeduplicationScope',
  fifo_throughput_limit: 'FifoThroughputLimit',
} as const;
const PROVIDER_MAX_MESSAGE_SIZE = '262144';

/** Makes the stack's queues, topics and subscriptions exist, and those that it no longer has disappear. */
export async function hostMessaging(
  resolver: Resolver,
  broker: Broker,
  functionArns: readonly string[],
  reporter: Reporter,
): Promise<void> {
  await Promise.all([
    ...resolver.resources('aws_sqs_queue').map((queue) => ensureQueue(queue, resolver, broker)),
    ...functionArns.map((arn) => broker.ensureInternalQueue(asyncInvocationQueueArn(arn))),
    ...resolver.resources('aws_sns_topic').map((topic) => ensureTopic(topic, resolver, broker)),
  ]);
  resolver.resources('aws_sqs_queue').forEach((queue) => checkDeadLetters(queue, broker));
  await Promise.all(
    resolver
      .resources('aws_sns_topic_subscription')
      .map((subscription) => ensureSubscription(subscription, broker, reporter)),
  );
  await broker.removeUndeclared();
}

async function ensureQueue(queue: Resource, resolver: Resolver, broker: Broker): Promise<void> {
  const url = queue.id('url');
  const attributes: Record<string, string> = { MaximumMessageSize: PROVIDER_MAX_MESSAGE_SIZE };
  const separate = (type: string) =>
    resolver.resources(type).filter((resource) => resource.text('queue_url') === url);
  for (const resource of [
    queue,
    ...separate('aws_sqs_queue_policy'),
    ...separate('aws_sqs_queue_redrive_policy'),
    ...separate('aws_sqs_queue_redrive_allow_policy'),
  ]) {
    Object.assign(attributes, attributesOf(resource, QUEUE_ATTRIBUTES));
  }
  // SQS knows these of FIFO queues only, and the provider does not send them where they are false.
  for (const name of ['FifoQueue', 'ContentBasedDeduplication']) {
    if (attributes[name] === 'false') delete attributes[name];
  }
  await asUserError(queue, broker.ensureQueue(queue.id('name'), attributes, queue.textMap('tags')));
}

/** SQS refuses a dead-letter queue of another kind; here it may be there only after its source. */
function checkDeadLetters(queue: Resource, broker: Broker): void {
  const { settings } = broker.queues.get(queue.id('arn'));
  const target = settings.redrive && broker.queues.find(settings.redrive.deadLetterTargetArn);
  if (!target || target.settings.fifo === settings.fifo) return;
  const kind = settings.fifo ? 'a FIFO' : 'a standard';
  throw new UserError(
    `${queue.address}: its dead-letter queue ${target.record.name} must be ${kind} queue, as it is itself`,
  );
}
