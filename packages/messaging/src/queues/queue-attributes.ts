import { isFifo, nameOf } from '../names';
import type { QueueEncryption, QueueInfo, QueueSettings } from './types';

type Attributes = Record<string, string>;

/** Settings as SQS takes them, without the dead letters, which need an ARN. */
export function toAttributes(settings: QueueSettings): Attributes {
  const attributes: Attributes = {};
  const put = (name: string, value: number | boolean | undefined) => {
    if (value !== undefined) attributes[name] = String(value);
  };
  put('VisibilityTimeout', settings.visibilityTimeoutSeconds);
  put('MessageRetentionPeriod', settings.retentionSeconds);
  put('DelaySeconds', settings.delaySeconds);
  put('MaximumMessageSize', settings.maxMessageBytes);
  put('ReceiveMessageWaitTimeSeconds', settings.receiveWaitSeconds);
  put('ContentBasedDeduplication', settings.contentBasedDeduplication);
  return { ...attributes, ...throughput(settings.highThroughput) };
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/high-throughput-fifo.html */
function throughput(high: boolean | undefined): Attributes {
  if (high === undefined) return {};
  return high
    ? { DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' }
    : { DeduplicationScope: 'queue', FifoThroughputLimit: 'perQueue' };
}

export function newEncryption(encryption: QueueEncryption = 'sqs'): Attributes {
  if (typeof encryption === 'object') return { KmsMasterKeyId: encryption.keyId };
  return { SqsManagedSseEnabled: String(encryption === 'sqs') };
}

/** A key that was there is taken away: a queue has one kind of encryption at a time. */
export function changedEncryption(encryption: QueueEncryption): Attributes {
  return typeof encryption === 'object'
    ? newEncryption(encryption)
    : { KmsMasterKeyId: '', ...newEncryption(encryption) };
}

export function redrivePolicy(arn: string, maxReceiveCount: number): string {
  return JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount });
}

/** What SQS tells of a queue. */
export function toInfo(url: string, attributes: Attributes, tags: Record<string, string>): QueueInfo {
  const number = (name: string) => Number(attributes[name] ?? 0);
  const arn = attributes['QueueArn'] ?? '';
  const name = nameOf(arn);
  return {
    name,
    url,
    arn,
    fifo: isFifo(name),
    createdAt: new Date(number('CreatedTimestamp') * 1000),
    modifiedAt: new Date(number('LastModifiedTimestamp') * 1000),
    visible: number('ApproximateNumberOfMessages'),
    inFlight: number('ApproximateNumberOfMessagesNotVisible'),
    delayed: number('ApproximateNumberOfMessagesDelayed'),
    visibilityTimeoutSeconds: number('VisibilityTimeout'),
    retentionSeconds: number('MessageRetentionPeriod'),
    delaySeconds: number('DelaySeconds'),
    maxMessageBytes: number('MaximumMessageSize'),
    receiveWaitSeconds: number('ReceiveMessageWaitTimeSeconds'),
    deadLetter: deadLetterOf(attributes['RedrivePolicy']),
    encryption: encryptionOf(attributes),
    contentBasedDeduplication: attributes['ContentBasedDeduplication'] === 'true',
    highThroughput: attributes['FifoThroughputLimit'] === 'perMessageGroupId',
    tags,
    policy: objectOf(attributes['Policy']) ?? null,
  };
}

function encryptionOf(attributes: Attributes): QueueEncryption {
  const keyId = attributes['KmsMasterKeyId'];
  if (keyId) return { keyId };
  return attributes['SqsManagedSseEnabled'] === 'true' ? 'sqs' : 'none';
}

function deadLetterOf(policy: string | undefined): QueueInfo['deadLetter'] {
  const parsed = objectOf(policy);
  const arn = parsed?.['deadLetterTargetArn'];
  if (typeof arn !== 'string') return null;
  // SQS keeps a count that was written as text as text.
  return { queue: nameOf(arn), arn, maxReceiveCount: Number(parsed?.['maxReceiveCount']) };
}

function objectOf(text: string | undefined): Record<string, unknown> | undefined {
  if (!text) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
