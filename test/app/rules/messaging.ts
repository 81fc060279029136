import { statementsOf, text } from '../../support/template';
import type { Attributes, PolicyStatement, Resource, Template } from '../../support/template';
import { each, eachStatement, isAllow, refersTo } from './rule';
import type { Rule } from './rule';

const QUEUE = 'aws_sqs_queue';
const TOPIC = 'aws_sns_topic';
const RESOURCE_POLICIES = [
  'aws_sqs_queue_policy',
  'aws_sns_topic_policy',
  'aws_s3_bucket_policy',
  'aws_kms_key',
];

export const messagingRules: readonly Rule[] = [
  each(TOPIC, 'CKV_AWS_26, AWS-0095, SNS.1', 'topics are encrypted', (topic) => {
    return topic['kms_master_key_id'] !== undefined;
  }),
  each(TOPIC, 'AWS-0136', 'topics are encrypted by our key', (topic) => {
    return text(topic['kms_master_key_id']).includes('aws_kms_key.');
  }),
  each(QUEUE, 'CKV_AWS_27, AWS-0096, SQS.1', 'queues, and dead letters too, are encrypted', (queue) => {
    return queue['sqs_managed_sse_enabled'] === true || queue['kms_master_key_id'] !== undefined;
  }),
  each(
    QUEUE,
    'CKV2_AWS_73, AWS-0135',
    "queues are not encrypted by AWS's own key, which SNS may not use",
    (queue) => {
      return !text(queue['kms_master_key_id']).includes('alias/aws/sqs');
    },
  ),
  eachStatement(
    RESOURCE_POLICIES,
    'CKV_AWS_168, CKV_AWS_387, CKV_AWS_169, CKV_AWS_33, SQS.3, SNS.4, KMS.5',
    'nothing is allowed to everyone',
    (statement) => !isAllow(statement) || statement.Principal !== '*',
  ),
  ...[QUEUE, TOPIC].map((type) =>
    each(
      type,
      'own (blind spot of CKV_AWS_169)',
      `${type} has no policy inside, which nothing judges`,
      (of) => {
        return of['policy'] === undefined;
      },
    ),
  ),
  eachStatement(
    RESOURCE_POLICIES,
    'CKV_AWS_385',
    'accounts that are let in are our own',
    ({ Principal }) => typeof Principal !== 'object' || isOwnOrService(Principal),
  ),
  eachStatement(
    RESOURCE_POLICIES,
    'own (confused deputy)',
    'services are let in for named or own resources only',
    (statement) => !isAllow(statement) || !isService(statement) || namesSource(statement),
  ),
  eachStatement(
    ['aws_sqs_queue_policy', 'aws_sns_topic_policy', 'aws_s3_bucket_policy'],
    'CKV_AWS_72, AWS-0097',
    'what is allowed is named action by action',
    (statement) => !isAllow(statement) || statement.Action.every((action) => !action.includes('*')),
  ),
  each(QUEUE, 'own', 'every queue refuses requests without TLS', (_queue, resource, template) =>
    refusesPlainRequests(template, 'aws_sqs_queue_policy', `${resource.address}.url`),
  ),
  each(TOPIC, 'own', 'every topic refuses requests without TLS', (_topic, resource, template) =>
    refusesPlainRequests(template, 'aws_sns_topic_policy', `${resource.address}.arn`),
  ),
  each(QUEUE, 'own', 'every queue has one policy', (_queue, resource, template) => {
    const policies = template.resourcesOf('aws_sqs_queue_policy');
    return policies.filter((policy) => refersTo(policy, `${resource.address}.url`)).length === 1;
  }),
  each(QUEUE, 'own', 'every queue has dead letters or is for them', hasDeadLettersOrIs),
  each(
    QUEUE,
    'own',
    'dead letters are kept as long as the messages were, or longer',
    (queue, _resource, template) => {
      const target = deadLetterQueueOf(queue, template);
      if (!target) return true;
      return (
        Number(target.attributes['message_retention_seconds']) >= Number(queue['message_retention_seconds'])
      );
    },
  ),
  each('aws_sns_topic_subscription', 'own', 'every delivery by SNS has dead letters', (subscription) => {
    return subscription['protocol'] === 'email' || subscription['redrive_policy'] !== undefined;
  }),
  each(
    'aws_lambda_event_source_mapping',
    'own',
    'every mapping reports partial failures and bounds concurrency',
    (mapping) =>
      text(mapping['function_response_types']).includes('ReportBatchItemFailures') &&
      (isOfStream(mapping) || text(mapping['scaling_config']).includes('maximum_concurrency')),
  ),
  each(
    'aws_lambda_event_source_mapping',
    'own',
    'visibility is six function timeouts and the window',
    (mapping, resource, template) => isOfStream(mapping) || suitsFunction(mapping, resource, template),
  ),
  each(
    'aws_lambda_event_source_mapping',
    'own',
    'every mapping of a stream halves what failed, ends, and tells of it',
    (mapping) => !isOfStream(mapping) || endsWell(mapping),
  ),
];

function isService({ Principal }: PolicyStatement): boolean {
  return typeof Principal === 'object' && 'Service' in Principal;
}

function isOwnOrService(principal: Readonly<Record<string, string>>): boolean {
  return Object.entries(principal).every(([kind, value]) => {
    return kind === 'Service' || /^arn:[^:]+:iam::\$\{data\.aws_caller_identity\.[^}]+\}:root$/.test(value);
  });
}

function namesSource({ Condition = {} }: PolicyStatement): boolean {
  const keys = Object.values(Condition).flatMap((condition) => Object.keys(condition));
  return keys.some((key) => ['aws:SourceArn', 'kms:EncryptionContext:aws:logs:arn'].includes(key));
}

/** Queues have no position to start at. */
function isOfStream(mapping: Attributes): boolean {
  return mapping['starting_position'] !== undefined;
}

/** Without limits one bad record stops its shard until the stream forgets it. */
function endsWell(mapping: Attributes): boolean {
  const { maximum_retry_attempts: attempts, maximum_record_age_in_seconds: age } = mapping;
  return (
    mapping['bisect_batch_on_function_error'] === true &&
    Number(attempts) >= 0 &&
    Number(age) > 0 &&
    text(mapping['destination_config']).includes(`${QUEUE}.`)
  );
}

export function refusesPlainRequests(template: Template, policyType: string, reference: string): boolean {
  const policy = template.resourcesOf(policyType).find((candidate) => refersTo(candidate, reference));
  return statementsOf(policy?.attributes['policy'] ?? { Statement: [] }).some(
    ({ Effect, Principal, Condition }) =>
      Effect === 'Deny' && Principal === '*' && Condition?.['Bool']?.['aws:SecureTransport']?.[0] === 'false',
  );
}

function deadLetterQueueOf(queue: Attributes, template: Template): Resource | undefined {
  const { deadLetterTargetArn: target } = (queue['redrive_policy'] ?? {}) as { deadLetterTargetArn?: string };
  return template.resourcesOf(QUEUE).find(({ address }) => target === `\${${address}.arn}`);
}

function hasDeadLettersOrIs(queue: Attributes, { address }: Resource, template: Template): boolean {
  if (deadLetterQueueOf(queue, template)) {
    return (queue['redrive_policy'] as { maxReceiveCount: number }).maxReceiveCount >= 5;
  }
  return template
    .resourcesOf('aws_sqs_queue_redrive_allow_policy')
    .some((policy) => policy.attributes['queue_url'] === `\${${address}.url}`);
}

function suitsFunction(mapping: Attributes, _resource: Resource, template: Template): boolean {
  const find = (type: string, attribute: string) =>
    template.resourcesOf(type).find(({ address }) => mapping[attribute] === `\${${address}.arn}`)
      ?.attributes ?? {};
  const timeout = Number(find('aws_lambda_function', 'function_name')['timeout']);
  const visibility = Number(find(QUEUE, 'event_source_arn')['visibility_timeout_seconds']);
  return visibility >= 6 * timeout + Number(mapping['maximum_batching_window_in_seconds']);
}
