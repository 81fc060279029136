import type { Reporter } from '../contracts';
import type { Broker } from '../engine';
import { isLoopback } from '../engine';
import type { Resolver, Resource } from '../synth';
import { asUserError, attributesOf } from './resource-attributes';

/** Terraform's argument -> SNS's attribute. */
const TOPIC_ATTRIBUTES = {
  archive_policy: 'ArchivePolicy',
  content_based_deduplication: 'ContentBasedDeduplication',
  delivery_policy: 'DeliveryPolicy',
  display_name: 'DisplayName',
  fifo_throughput_scope: 'FifoThroughputScope',
  fifo_topic: 'FifoTopic',
  kms_master_key_id: 'KmsMasterKeyId',
  policy: 'Policy',
  signature_version: 'SignatureVersion',
  tracing_config: 'TracingConfig',
  ...feedback('application', 'Application'),
  ...feedback('firehose', 'Firehose'),
  ...feedback('http', 'HTTP'),
  ...feedback('lambda', 'Lambda'),
  ...feedback('sqs', 'SQS'),
};

const SUBSCRIPTION_ATTRIBUTES = {
  delivery_policy: 'DeliveryPolicy',
  filter_policy: 'FilterPolicy',
  filter_policy_scope: 'FilterPolicyScope',
  raw_message_delivery: 'RawMessageDelivery',
  redrive_policy: 'RedrivePolicy',
  replay_policy: 'ReplayPolicy',
};

const NOT_HOSTED = new Set(['application', 'firehose']);

function feedback(argument: string, attribute: string): Record<string, string> {
  return {
    [`${argument}_success_feedback_role_arn`]: `${attribute}SuccessFeedbackRoleArn`,
    [`${argument}_success_feedback_sample_rate`]: `${attribute}SuccessFeedbackSampleRate`,
    [`${argument}_failure_feedback_role_arn`]: `${attribute}FailureFeedbackRoleArn`,
  };
}

export async function ensureTopic(topic: Resource, resolver: Resolver, broker: Broker): Promise<void> {
  const arn = topic.id('arn');
  const attributes = attributesOf(topic, TOPIC_ATTRIBUTES);
  for (const policy of resolver
    .resources('aws_sns_topic_policy')
    .filter((each) => each.text('arn') === arn)) {
    Object.assign(attributes, attributesOf(policy, { policy: 'Policy' }));
  }
  await asUserError(topic, broker.ensureTopic(topic.id('name'), attributes, topic.textMap('tags')));
}

/**
 * `endpoint_auto_confirms` and `confirmation_timeout_in_minutes` say how Terraform waits for a confirmation, and the stack's
 * subscriptions need none here.
 */
export async function ensureSubscription(
  subscription: Resource,
  broker: Broker,
  reporter: Reporter,
): Promise<void> {
  const protocol = subscription.text('protocol');
  const endpoint = subscription.text('endpoint');
  const obstacle = obstacleOf(protocol, endpoint);
  if (obstacle !== undefined) {
    reporter.warn('sns', `${subscription.address}: ${obstacle}; it gets nothing`);
    return;
  }
  const request = {
    arn: subscription.id('arn'),
    topicArn: subscription.text('topic_arn'),
    protocol,
    endpoint,
    attributes: attributesOf(subscription, SUBSCRIPTION_ATTRIBUTES),
  };
  await asUserError(subscription, broker.ensureSubscription(request));
}

/** Why a subscription that is right on AWS cannot be served here. */
function obstacleOf(protocol: string, endpoint: string): string | undefined {
  if (NOT_HOSTED.has(protocol)) return `subscriptions by ${protocol} are not hosted`;
  if (!/^https?$/.test(protocol) || !URL.canParse(endpoint)) return undefined;
  const { hostname } = new URL(endpoint);
  return isLoopback(hostname) ? undefined : `nothing is posted to ${hostname}, which is not this machine`;
}
