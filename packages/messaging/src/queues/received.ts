import type { Message } from '@aws-sdk/client-sqs';
import { fromWireAttributes } from '../attributes';
import type { Aws } from '../clients';
import { withPointer } from '../large';
import { unwrap } from './envelope';
import type { ReceivedMessage } from './types';

/** A message as SQS gives it, with the body that its sender or publisher gave. */
export async function toReceived(aws: Aws, message: Message): Promise<ReceivedMessage> {
  const wrapped = unwrap(message.Body ?? '');
  const attributes = wrapped?.attributes ?? message.MessageAttributes ?? {};
  const arrived = await aws.large.fetch(wrapped?.body ?? message.Body ?? '', attributes);
  const { pointer } = arrived;
  // Other receivers of the topic have the same pointer.
  const owns = pointer !== undefined && wrapped === undefined && aws.large.deletesWhenDone;
  const system: Record<string, string | undefined> = message.Attributes ?? {};
  return {
    messageId: message.MessageId!,
    body: arrived.body,
    attributes: fromWireAttributes(arrived.attributes),
    receiptHandle: owns ? withPointer(message.ReceiptHandle!, pointer) : message.ReceiptHandle!,
    sentAt: new Date(Number(system['SentTimestamp'])),
    firstReceivedAt: new Date(Number(system['ApproximateFirstReceiveTimestamp'])),
    receiveCount: receiveCountOf(message),
    groupId: system['MessageGroupId'] ?? null,
    deduplicationId: system['MessageDeduplicationId'] ?? null,
    sequenceNumber: system['SequenceNumber'] ?? null,
    large: arrived.large,
    ...(wrapped !== undefined && { topic: wrapped.topic }),
  };
}

export function receiveCountOf({ Attributes }: Message): number {
  return Number(Attributes?.ApproximateReceiveCount ?? 1);
}
