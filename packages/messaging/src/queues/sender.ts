import type { SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import { toWireAttributes } from '../attributes';
import type { Aws } from '../clients';
import { isMessagingError, refuse } from '../errors';
import type { Outgoing } from '../large';
import { sizeOf } from '../large';
import { messageErrors } from './checks';
import type { OutgoingMessage, SentMessage } from './types';

/** A message that is ready to be sent. */
export interface Draft {
  /** As SQS takes it, without the queue. */
  readonly entry: Omit<SendMessageBatchRequestEntry, 'Id' | 'MessageBody'> & { readonly MessageBody: string };
  /** Whether the body is in S3. */
  readonly large: boolean;
  readonly bytes: number;
}

/** Checks a message, and stores its body in S3 where it is large. */
export async function draft(
  aws: Aws,
  queue: string,
  message: OutgoingMessage,
  limitBytes?: number,
): Promise<Draft> {
  refuse(messageErrors(queue, message));
  const outgoing: Outgoing = { body: message.body, attributes: toWireAttributes(message.attributes) };
  const stored = await aws.large.offload(outgoing, limitBytes);
  const entry = {
    MessageBody: stored.body,
    MessageAttributes: stored.attributes,
    DelaySeconds: message.delaySeconds,
    MessageGroupId: message.groupId,
    MessageDeduplicationId: message.deduplicationId,
  };
  return { entry, large: stored.large, bytes: sizeOf(stored) };
}

/** Sends one message. */
export async function send(aws: Aws, queue: string, message: OutgoingMessage): Promise<SentMessage> {
  const prepared = await draft(aws, queue, message);
  try {
    return await sendDraft(aws, queue, prepared);
  } catch (error) {
    if (!mayBeOffloaded(aws, prepared) || !isMessagingError(error, 'too-large')) throw error;
    return sendDraft(aws, queue, await draft(aws, queue, message, 0));
  }
}

/** A queue may allow less than the threshold: that is known only when it refuses, and then the body still can go to S3. */
export function mayBeOffloaded(aws: Aws, { large }: Draft): boolean {
  return aws.large.enabled && !large;
}

function sendDraft(aws: Aws, queue: string, { entry, large }: Draft): Promise<SentMessage> {
  return aws.attempt(`sending to queue "${queue}"`, async () => {
    const [sqs, url] = await Promise.all([aws.sqs(), aws.queueUrl(queue)]);
    const { MessageId, SequenceNumber } = await sqs.sendMessage({ QueueUrl: url, ...entry });
    return told(aws, queue, { messageId: MessageId!, sequenceNumber: SequenceNumber ?? null, large });
  });
}

/** Tells of a message that was sent. */
export function told(aws: Aws, queue: string, sent: SentMessage): SentMessage {
  aws.events.emit('message.sent', { resource: queue, messageId: sent.messageId, large: sent.large });
  return sent;
}
