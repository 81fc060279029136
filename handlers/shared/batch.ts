import type { SNSEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { receivedTraceparent, TRACEPARENT } from './trace-context';

/** One message of a batch, however it was delivered. */
export interface BatchItem {
  /** The id by which a failure is reported. */
  readonly id: string;
  /** What was published. */
  readonly body: string;
  /** The trace that it belongs to, if it came with a valid one. */
  readonly traceparent?: string;
  /** Bytes of the object that `body` points to; absent where the body is the message itself. */
  readonly offloadedBytes?: number;
}

/**
 * Message attribute by which a body that is in S3 is told from one that looks like a pointer, as in Amazon's extended clients.
 * https://github.com/awslabs/payload-offloading-java-common-lib-for-aws
 */
export const PAYLOAD_SIZE = 'ExtendedPayloadSize';

/** A queue, with or without raw delivery from its topic, or the topic itself. */
export type BatchEvent = SQSEvent | SNSEvent;

type Record = BatchEvent['Records'][number];

export function batchItems(event: BatchEvent): BatchItem[] {
  return event.Records.map((record: Record) =>
    'Sns' in record ? fromNotification(record.Sns.MessageId, record.Sns) : fromQueue(record),
  );
}

/** What a topic says of a message, to a function or (as JSON) to a queue without raw delivery. */
interface Notification {
  readonly Message: string;
  readonly MessageAttributes?: { readonly [name: string]: { readonly Value: string } | undefined };
}

function fromNotification(id: string, { Message, MessageAttributes }: Notification): BatchItem {
  return item(id, Message, (name) => MessageAttributes?.[name]?.Value);
}

/** SNS begins a notification so, with this white space. https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
const NOTIFICATION = /^\{\s*"Type"\s*:\s*"Notification"/;

function fromQueue({ messageId, body, messageAttributes }: SQSEvent['Records'][number]): BatchItem {
  const notification = NOTIFICATION.test(body) ? parseNotification(body) : undefined;
  if (notification) return fromNotification(messageId, notification);
  return item(messageId, body, (name) => messageAttributes[name]?.stringValue);
}

function item(id: string, body: string, attribute: (name: string) => string | undefined): BatchItem {
  const size = attribute(PAYLOAD_SIZE);
  return {
    id,
    body,
    traceparent: receivedTraceparent(attribute(TRACEPARENT)),
    ...(size !== undefined && /^\d{1,12}$/.test(size) && { offloadedBytes: Number(size) }),
  };
}

function parseNotification(body: string): Notification | undefined {
  try {
    const notification = JSON.parse(body) as Partial<Notification>;
    return typeof notification.Message === 'string' ? (notification as Notification) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reports what failed in the way its source understands: a queue is told the ids and delivers those again; a topic knows
 * only of whole invocations.
 *
 * @throws Error for an event of a topic with failures, so that Lambda tries it again and then moves it to the dead letters
 */
export function reportFailures(event: BatchEvent, failedIds: readonly string[]): SQSBatchResponse {
  if (failedIds.length > 0 && event.Records.some((record) => 'Sns' in record)) {
    throw new Error(`not stored: ${failedIds.join(', ')}`);
  }
  return { batchItemFailures: failedIds.map((itemIdentifier) => ({ itemIdentifier })) };
}
