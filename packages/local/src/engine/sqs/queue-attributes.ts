import { parsePolicy } from '../../iam/policy';
import type { Statement } from '../../iam/policy';
import { ServiceError } from '../errors';

/** Attributes as the SQS API has them: names to strings. */
export type AttributeMap = Readonly<Record<string, string>>;

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

export interface RedriveAllowPolicy {
  readonly redrivePermission: 'allowAll' | 'denyAll' | 'byQueue';
  readonly sourceQueueArns: readonly string[];
}

/** What the attributes mean. */
export interface QueueSettings {
  readonly delaySeconds: number;
  readonly maximumMessageSize: number;
  readonly retentionSeconds: number;
  readonly waitSeconds: number;
  readonly visibilitySeconds: number;
  readonly policy?: readonly Statement[];
  readonly redrive?: RedrivePolicy;
  readonly redriveAllow?: RedriveAllowPolicy;
  readonly kmsKeyId?: string;
  readonly fifo: boolean;
  readonly contentBasedDeduplication: boolean;
  readonly deduplicationScope: 'queue' | 'messageGroup';
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly default: number;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
const RANGES = {
  DelaySeconds: { min: 0, max: 900, default: 0 },
  MaximumMessageSize: { min: 1024, max: 1_048_576, default: 1_048_576 },
  MessageRetentionPeriod: { min: 60, max: 1_209_600, default: 345_600 },
  ReceiveMessageWaitTimeSeconds: { min: 0, max: 20, default: 0 },
  VisibilityTimeout: { min: 0, max: 43_200, default: 30 },
} as const satisfies Record<string, Range>;

const KMS_REUSE: Range = { min: 60, max: 86_400, default: 300 };
const MAX_RECEIVE_COUNT: Range = { min: 1, max: 1000, default: 10 };

const REMOVABLE = new Set(['Policy', 'RedrivePolicy', 'RedriveAllowPolicy', 'KmsMasterKeyId']);
/** Of FIFO queues only, the default first. */
const FIFO_CHOICES: Readonly<Record<string, readonly [string, string]>> = {
  ContentBasedDeduplication: ['false', 'true'],
  DeduplicationScope: ['queue', 'messageGroup'],
  FifoThroughputLimit: ['perQueue', 'perMessageGroupId'],
};
const KNOWN = new Set([
  ...Object.keys(RANGES),
  ...REMOVABLE,
  'KmsDataKeyReusePeriodSeconds',
  'SqsManagedSseEnabled',
]);

/**
 * The attributes of a new queue.
 * @param defaults in place of SQS's own.
 * @throws ServiceError InvalidAttributeName, InvalidAttributeValue
 */
export function newQueueAttributes(given: AttributeMap, defaults: AttributeMap = {}): Record<string, string> {
  const { FifoQueue, ...changes } = given;
  const attributes: Record<string, string> = { SqsManagedSseEnabled: 'true' };
  for (const [name, range] of Object.entries(RANGES)) attributes[name] = String(range.default);
  // SQS knows the attribute of FIFO queues only: it refuses `false` too.
  if (FifoQueue === 'false') throw unknown('FifoQueue');
  if (FifoQueue !== undefined) {
    if (FifoQueue !== 'true') throw invalid('FifoQueue', FifoQueue, 'it must be true');
    attributes.FifoQueue = 'true';
    for (const [name, [byDefault]] of Object.entries(FIFO_CHOICES)) attributes[name] = byDefault;
  }
  return mergeQueueAttributes({ ...attributes, ...defaults }, changes);
}

/**
 * The attributes after a change; an empty text removes what can be removed.
 * @throws ServiceError InvalidAttributeName, InvalidAttributeValue
 */
export function mergeQueueAttributes(current: AttributeMap, changes: AttributeMap): Record<string, string> {
  const merged: Record<string, string> = { ...current };
  const fifo = current.FifoQueue === 'true';
  for (const [name, value] of Object.entries(changes)) {
    if (fifo && name === 'FifoQueue' && value === 'true') continue;
    if (!KNOWN.has(name) && !(fifo && Object.hasOwn(FIFO_CHOICES, name))) throw unknown(name);
    if (value === '' && REMOVABLE.has(name)) delete merged[name];
    else merged[name] = normalize(name, value);
  }
  checkThroughput(merged);
  settleEncryption(merged, changes);
  return merged;
}

function checkThroughput(attributes: AttributeMap): void {
  const { FifoThroughputLimit: limit, DeduplicationScope: scope } = attributes;
  if (limit !== 'perMessageGroupId' || scope === 'messageGroup') return;
  throw invalid('FifoThroughputLimit', limit, 'it may be so only with the DeduplicationScope messageGroup');
}

/** A queue is encrypted with a key of KMS or with SQS's own, never with both. */
function settleEncryption(merged: Record<string, string>, changes: AttributeMap): void {
  if (changes.SqsManagedSseEnabled === 'true') {
    if (changes.KmsMasterKeyId) {
      throw invalid('SqsManagedSseEnabled', 'true', 'a queue with KmsMasterKeyId cannot have it too');
    }
    delete merged.KmsMasterKeyId;
  }
  if (merged.KmsMasterKeyId === undefined) {
    delete merged.KmsDataKeyReusePeriodSeconds;
    return;
  }
  merged.KmsDataKeyReusePeriodSeconds ??= String(KMS_REUSE.default);
  merged.SqsManagedSseEnabled = 'false';
}

/** What a merged map of attributes means. */
export function queueSettings(attributes: AttributeMap): QueueSettings {
  const number = (name: keyof typeof RANGES) => Number(attributes[name] ?? RANGES[name].default);
  const document = <T>(name: string) =>
    attributes[name] === undefined ? undefined : (JSON.parse(attributes[name]) as T);
  return {
    delaySeconds: number('DelaySeconds'),
    maximumMessageSize: number('MaximumMessageSize'),
    retentionSeconds: number('MessageRetentionPeriod'),
    waitSeconds: number('ReceiveMessageWaitTimeSeconds'),
    visibilitySeconds: number('VisibilityTimeout'),
    policy: attributes.Policy === undefined ? undefined : parsePolicy(attributes.Policy, 'Policy'),
    redrive: document<RedrivePolicy>('RedrivePolicy'),
    redriveAllow: document<RedriveAllowPolicy>('RedriveAllowPolicy'),
    kmsKeyId: attributes.KmsMasterKeyId,
    fifo: attributes.FifoQueue === 'true',
    contentBasedDeduplication: attributes.ContentBasedDeduplication === 'true',
    deduplicationScope: attributes.DeduplicationScope === 'messageGroup' ? 'messageGroup' : 'queue',
  };
}

/** Whether a dead-letter queue with these settings accepts messages from the source. */
export function acceptsRedriveFrom(settings: QueueSettings, sourceArn: string): boolean {
  const allow = settings.redriveAllow;
  if (!allow || allow.redrivePermission === 'allowAll') return true;
  return allow.redrivePermission === 'byQueue' && allow.sourceQueueArns.includes(sourceArn);
}

function normalize(name: string, value: string): string {
  if (Object.hasOwn(RANGES, name)) return checkRange(name, value, RANGES[name as keyof typeof RANGES]);
  const choices = FIFO_CHOICES[name];
  if (choices) return checkChoice(name, value, choices);
  switch (name) {
    case 'KmsDataKeyReusePeriodSeconds':
      return checkRange(name, value, KMS_REUSE);
    case 'SqsManagedSseEnabled':
      return checkChoice(name, value, ['true', 'false']);
    case 'RedrivePolicy':
      return normalizeRedrive(value);
    case 'RedriveAllowPolicy':
      return normalizeRedriveAllow(value);
    case 'Policy':
      return normalizePolicy(value);
    default:
      return value;
  }
}

function checkRange(name: string, value: string, range: Range): string {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < range.min || number > range.max) {
    throw invalid(name, value, `it must be an integer from ${range.min} to ${range.max}`);
  }
  return String(number);
}

function checkChoice(name: string, value: string, choices: readonly string[]): string {
  if (choices.includes(value)) return value;
  throw invalid(name, value, `it must be ${choices.join(' or ')}`);
}

function normalizeRedrive(value: string): string {
  const { deadLetterTargetArn, maxReceiveCount } = parseObject('RedrivePolicy', value);
  if (typeof deadLetterTargetArn !== 'string' || !deadLetterTargetArn.startsWith('arn:')) {
    throw invalid('RedrivePolicy', value, 'deadLetterTargetArn must be the ARN of a queue');
  }
  const count = Number(maxReceiveCount);
  const { min, max } = MAX_RECEIVE_COUNT;
  if (!Number.isInteger(count) || count < min || count > max) {
    throw invalid('RedrivePolicy', value, `maxReceiveCount must be an integer from ${min} to ${max}`);
  }
  return JSON.stringify({ deadLetterTargetArn, maxReceiveCount: count });
}

function normalizeRedriveAllow(value: string): string {
  const { redrivePermission, sourceQueueArns } = parseObject('RedriveAllowPolicy', value);
  if (redrivePermission === 'allowAll' || redrivePermission === 'denyAll') {
    if (sourceQueueArns !== undefined) {
      throw invalid('RedriveAllowPolicy', value, `${redrivePermission} takes no sourceQueueArns`);
    }
    return JSON.stringify({ redrivePermission });
  }
  if (redrivePermission !== 'byQueue') {
    throw invalid('RedriveAllowPolicy', value, 'redrivePermission must be allowAll, denyAll or byQueue');
  }
  if (!isArnList(sourceQueueArns) || sourceQueueArns.length < 1 || sourceQueueArns.length > 10) {
    throw invalid('RedriveAllowPolicy', value, 'byQueue needs 1 to 10 sourceQueueArns');
  }
  return JSON.stringify({ redrivePermission, sourceQueueArns });
}

function isArnList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((arn) => typeof arn === 'string' && arn.startsWith('arn:'));
}

function normalizePolicy(value: string): string {
  const policy = parseObject('Policy', value);
  if (policy.Statement === undefined) throw invalid('Policy', value, 'it has no Statement');
  try {
    parsePolicy(value, 'Policy');
  } catch {
    throw invalid('Policy', value, 'its Statement must be a list of statements');
  }
  return value;
}

function parseObject(name: string, value: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
      return parsed as Record<string, unknown>;
    }
  } catch {
    // Reported below, like JSON that is no object.
  }
  throw invalid(name, value, 'it must be a JSON object');
}

function unknown(name: string): ServiceError {
  return new ServiceError('InvalidAttributeName', `Unknown Attribute ${name.slice(0, 100)}.`);
}

function invalid(name: string, value: string, rule: string): ServiceError {
  const shown = value.length > 200 ? `${value.slice(0, 200)}...` : value;
  return new ServiceError(
    'InvalidAttributeValue',
    `Invalid value for the parameter ${name}. Reason: ${rule}, and is ${shown}`,
  );
}
