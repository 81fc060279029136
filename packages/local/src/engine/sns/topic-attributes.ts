import { parsePolicy } from '../../iam/policy';
import { AttributeProblem, checkChoice, checkInteger, isObject, parseObject } from './attribute-problem';
import type { DeliverySettings } from './delivery-policy';
import { topicDelivery } from './delivery-policy';
import type { AttributeMap } from '../sqs/queue-attributes';

/** What a topic's attributes mean. */
export interface TopicSettings {
  readonly fifo: boolean;
  readonly contentBasedDeduplication: boolean;
  /** Whether deduplication ids count within their message group only. */
  readonly deduplicatesByGroup: boolean;
  /** Bytes of a message, attributes included. */
  readonly maximumMessageSize: number;
  readonly signatureVersion: '1' | '2';
  readonly delivery: DeliverySettings;
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-size.html */
const DEFAULT_MAXIMUM_MESSAGE_SIZE = 262_144;
const MAXIMUM_MESSAGE_SIZE = [1024, 1_048_576] as const;
const MAX_DISPLAY_NAME = 100;
const BOOLEANS = ['true', 'false'];
const FEEDBACK =
  /^(Application|Firehose|HTTP|Lambda|SQS)(SuccessFeedbackRoleArn|SuccessFeedbackSampleRate|FailureFeedbackRoleArn)$/;
const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/;
/** Attributes that would change what is delivered and that nothing here does. */
const NOT_HOSTED = new Set(['ArchivePolicy', 'DataProtectionPolicy']);
const FIFO_ONLY = new Set(['ContentBasedDeduplication', 'FifoThroughputScope']);

const CHECKS: Readonly<Record<string, (value: string) => string>> = {
  DisplayName: checkDisplayName,
  Policy: checkPolicy,
  DeliveryPolicy: normalizeDeliveryPolicy,
  KmsMasterKeyId: (value) => value,
  SignatureVersion: (value) => checkChoice('SignatureVersion', value, ['1', '2']),
  TracingConfig: (value) => checkChoice('TracingConfig', value, ['PassThrough', 'Active']),
  MaximumMessageSize: (value) => checkInteger('MaximumMessageSize', value, ...MAXIMUM_MESSAGE_SIZE),
  ContentBasedDeduplication: (value) => checkChoice('ContentBasedDeduplication', value, BOOLEANS),
  FifoThroughputScope: (value) => checkChoice('FifoThroughputScope', value, ['Topic', 'MessageGroup']),
};

/** The attributes of a new topic. @throws AttributeProblem */
export function newTopicAttributes(given: AttributeMap): Record<string, string> {
  const { FifoTopic = 'false', ...others } = given;
  checkChoice('FifoTopic', FifoTopic, BOOLEANS);
  const fifo = { FifoTopic, ContentBasedDeduplication: 'false' };
  return mergeTopicAttributes(FifoTopic === 'true' ? fifo : {}, others);
}

/** The attributes after a change; an empty text removes one. @throws AttributeProblem */
export function mergeTopicAttributes(current: AttributeMap, changes: AttributeMap): Record<string, string> {
  const merged: Record<string, string> = { ...current };
  const fifo = current.FifoTopic === 'true';
  for (const [name, value] of Object.entries(changes)) {
    // Terraform writes out that a standard topic has none of it.
    if (!fifo && name === 'ContentBasedDeduplication' && value === 'false') continue;
    if (NOT_HOSTED.has(name)) throw new AttributeProblem(`${name} is not hosted by the local runtime`);
    if (!fifo && FIFO_ONLY.has(name)) {
      throw new AttributeProblem(`${name} can only be set for FIFO topics`);
    }
    const checked = checkAttribute(name, value);
    if (checked === '') delete merged[name];
    else merged[name] = checked;
  }
  return merged;
}

function checkAttribute(name: string, value: string): string {
  if (FEEDBACK.test(name)) return value === '' ? '' : checkFeedback(name, value);
  const check = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined;
  if (!check) throw new AttributeProblem('AttributeName');
  return value === '' ? '' : check(value);
}

/** What a topic's attributes mean. */
export function topicSettings(attributes: AttributeMap): TopicSettings {
  return {
    fifo: attributes.FifoTopic === 'true',
    contentBasedDeduplication: attributes.ContentBasedDeduplication === 'true',
    deduplicatesByGroup: attributes.FifoThroughputScope === 'MessageGroup',
    maximumMessageSize: Number(attributes.MaximumMessageSize ?? DEFAULT_MAXIMUM_MESSAGE_SIZE),
    signatureVersion: attributes.SignatureVersion === '2' ? '2' : '1',
    delivery: topicDelivery(attributes.DeliveryPolicy),
  };
}

function checkDisplayName(value: string): string {
  if (value.length <= MAX_DISPLAY_NAME) return value;
  throw new AttributeProblem(`DisplayName: must be at most ${MAX_DISPLAY_NAME} characters long`);
}

/** Delivery status goes to CloudWatch Logs on AWS; here the attributes are kept for those who read them. */
function checkFeedback(name: string, value: string): string {
  if (name.endsWith('SampleRate')) return checkInteger(name, value, 0, 100);
  if (ROLE.test(value)) return value;
  throw new AttributeProblem(`${name}: must be the ARN of a role, and is ${value.slice(0, 200)}`);
}

function checkPolicy(value: string): string {
  const { Statement } = parseObject('Policy', value);
  const statements: unknown[] = Array.isArray(Statement) ? Statement : [Statement];
  if (!statements.every(isObject))
    throw new AttributeProblem('Policy: Statement must be a list of statements');
  try {
    parsePolicy(value, 'Policy');
  } catch {
    throw new AttributeProblem('Policy: a statement is malformed');
  }
  return value;
}

/** As AWS gives it back: without what is null, and with what is always there. */
function normalizeDeliveryPolicy(value: string): string {
  const { disableSubscriptionOverrides } = topicDelivery(value);
  const { http } = parseObject('DeliveryPolicy', value);
  const parts = Object.entries(http ?? {}).filter(([, part]) => part !== null);
  return JSON.stringify({ http: { ...Object.fromEntries(parts), disableSubscriptionOverrides } });
}
