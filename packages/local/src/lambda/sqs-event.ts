import type { MessageAttribute, ReceivedMessage } from '../contracts';
import { md5OfAttributes, md5OfBody } from '../engine';

/** Lambda's limit for an event. */
const MAX_EVENT_BYTES = 6_291_456;
const ENVELOPE_BYTES = '{"Records":[]}'.length;

export interface EventBatch {
  /** The event as JSON. */
  readonly payload: string;
  readonly messages: readonly ReceivedMessage[];
}

/**
 * The events that carry these messages: one, or more where one would be too large.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export function sqsEvents(messages: readonly ReceivedMessage[], queueArn: string): EventBatch[] {
  const batches: { records: string[]; messages: ReceivedMessage[]; bytes: number }[] = [];
  for (const message of messages) {
    const record = JSON.stringify(sqsRecord(message, queueArn));
    const bytes = Buffer.byteLength(record) + 1;
    let batch = batches.at(-1);
    if (!batch || batch.bytes + bytes > MAX_EVENT_BYTES) {
      batch = { records: [], messages: [], bytes: ENVELOPE_BYTES };
      batches.push(batch);
    }
    batch.records.push(record);
    batch.messages.push(message);
    batch.bytes += bytes;
  }
  return batches.map((batch) => ({
    payload: `{"Records":[${batch.records.join(',')}]}`,
    messages: batch.messages,
  }));
}

function sqsRecord(message: ReceivedMessage, queueArn: string): unknown {
  const { attributes, traceHeader, deadLetterSourceArn } = message;
  const hasAttributes = Object.keys(attributes).length > 0;
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      ...(traceHeader === undefined ? {} : { AWSTraceHeader: traceHeader }),
      SentTimestamp: String(message.sentAt),
      SenderId: message.senderId,
      ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
      ...(deadLetterSourceArn === undefined ? {} : { DeadLetterQueueSourceArn: deadLetterSourceArn }),
    },
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

function recordAttribute({ dataType, value }: MessageAttribute): unknown {
  const field = dataType.startsWith('Binary') ? 'binaryValue' : 'stringValue';
  return { [field]: value, stringListValues: [], binaryListValues: [], dataType };
}
