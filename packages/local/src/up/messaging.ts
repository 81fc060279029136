import type { Reporter } from '../contracts';
import { asyncInvocationQueueArn } from '../contracts';
import { ServiceError } from '../engine';
import type { AttributeMap, Broker } from '../engine';
import { UserError } from '../errors';
import type { Resolver, Resource } from '../synth';

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
} as const;
const PROVIDER_MAX_MESSAGE_SIZE = '262144';

const TOPIC_ATTRIBUTES = {
  display_name: 'DisplayName',
  delivery_policy: 'DeliveryPolicy',
  kms_master_key_id: 'KmsMasterKeyId',
  policy: 'Policy',
  signature_version: 'SignatureVersion',
  tracing_config: 'TracingConfig',
} as const;

const SUBSCRIPTION_ATTRIBUTES = {
  raw_message_delivery: 'RawMessageDelivery',
  redrive_policy: 'RedrivePolicy',
  delivery_policy: 'DeliveryPolicy',
} as const;

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
  await asUserError(queue, broker.ensureQueue(queue.id('name'), attributes, queue.textMap('tags')));
}

async function ensureTopic(topic: Resource, resolver: Resolver, broker: Broker): Promise<void> {
  const arn = topic.id('arn');
  const attributes = attributesOf(topic, TOPIC_ATTRIBUTES);
  for (const policy of resolver
    .resources('aws_sns_topic_policy')
    .filter((each) => each.text('arn') === arn)) {
    Object.assign(attributes, attributesOf(policy, { policy: 'Policy' }));
  }
  await asUserError(topic, broker.ensureTopic(topic.id('name'), attributes, topic.textMap('tags')));
}

async function ensureSubscription(subscription: Resource, broker: Broker, reporter: Reporter): Promise<void> {
  const protocol = subscription.text('protocol');
  if (protocol !== 'sqs' && protocol !== 'lambda') {
    reporter.warn(
      'sns',
      `${subscription.address}: subscriptions by ${protocol} are not hosted; it gets nothing`,
    );
    return;
  }
  const request = {
    topicArn: subscription.text('topic_arn'),
    protocol,
    endpoint: subscription.text('endpoint'),
    attributes: attributesOf(subscription, SUBSCRIPTION_ATTRIBUTES),
  };
  await asUserError(subscription, broker.ensureSubscription(request));
}

function attributesOf(resource: Resource, names: Readonly<Record<string, string>>): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [argument, attribute] of Object.entries(names)) {
    const value = resource.optionalText(argument);
    if (value !== undefined && value !== '') {
      attributes[attribute] = value;
    }
  }
  return attributes satisfies AttributeMap;
}

/** What SNS and SQS refuse is the stack's mistake. */
async function asUserError(resource: Resource, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw error instanceof ServiceError ? new UserError(`${resource.address}: ${error.message}`) : error;
  }
}
