import type { MessageAttribute, ReceivedMessage } from '../contracts';
import { md5OfAttributes, md5OfBody } from '../engine';

/** Lambda's limit for an event. */
export const MAX_EVENT_BYTES = 6_291_456;
const ENVELOPE_BYTES = '{"Records":[]}'.length;

export interface EventBatch {
  /** The event as JSON. */
  readonly payload: string;
  readonly messages: readonly ReceivedMessage[];
}

/**
 * The event that carries the first of these messages, as many as fit into one; at least one.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export function sqsEvent(messages: readonly ReceivedMessage[], queueArn: string): EventBatch {
  const records: string[] = [];
  let bytes = ENVELOPE_BYTES;
  for (const message of messages) {
    const record = JSON.stringify(sqsRecord(message, queueArn));
    bytes += Buffer.byteLength(record) + 1;
    if (records.length > 0 && bytes > MAX_EVENT_BYTES) break;
    records.push(record);
  }
  return { payload: `{"Records":[${records.join(',')}]}`, messages: messages.slice(0, records.length) };
}

/** A message as functions get it. */
export function sqsRecord(message: ReceivedMessage, queueArn: string): Record<string, unknown> {
  const { attributes } = message;
  const hasAttributes = Object.keys(attributes).length > 0;
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: systemAttributes(message),
    messageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, attribute]) => [name, recordAttribute(attribute)]),
    ),
    ...(hasAttributes ? { md5OfMessageAttributes: md5OfAttributes(attributes) } : {}),
    md5OfBody: md5OfBody(message.body),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: queueArn.split(':')[3],
  };
}

function systemAttributes(message: ReceivedMessage): Record<string, string> {
  const { traceHeader, sequenceNumber, groupId, deduplicationId, deadLetterSourceArn } = message;
  return {
    ApproximateReceiveCount: String(message.receiveCount),
    ...(traceHeader === undefined ? {} : { AWSTraceHeader: traceHeader }),
    SentTimestamp: String(message.sentAt),
    ...(sequenceNumber === undefined ? {} : { SequenceNumber: sequenceNumber }),
    ...(groupId === undefined ? {} : { MessageGroupId: groupId }),
    SenderId: message.senderId,
    ...(deduplicationId === undefined ? {} : { MessageDeduplicationId: deduplicationId }),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ...(deadLetterSourceArn === undefined ? {} : { DeadLetterQueueSourceArn: deadLetterSourceArn }),
  };
}

function recordAttribute({ dataType, value }: MessageAttribute): unknown {
  const field = dataType.startsWith('Binary') ? 'binaryValue' : 'stringValue';
  return { [field]: value, stringListValues: [], binaryListValues: [], dataType };
}
