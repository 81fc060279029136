import { randomUUID } from 'node:crypto';
import type { MessageAttributeValue, SNSClient } from '@aws-sdk/client-sns';
import { UserError } from '../../errors';

/** https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html */
const MAX_BATCH = 10;
const MAX_BATCH_BYTES = 262_144;

export interface Sending {
  readonly topicArn: string;
  readonly text: string;
  readonly count: number;
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
  /** Undefined for standard topics without one. */
  readonly groupId: string | undefined;
  readonly isFifo: boolean;
}

/**
 * Publishes a text, several times if that is wanted, and hands each message id over as soon as it is known.
 *
 * @throws UserError for the first message that is refused
 */
export async function publish(
  sns: SNSClient,
  sending: Sending,
  signal: AbortSignal,
  sent: (messageId: string) => Promise<void>,
): Promise<void> {
  const { PublishBatchCommand } = await import('@aws-sdk/client-sns');
  const fitting = Math.floor(MAX_BATCH_BYTES / 2 / Math.max(1, Buffer.byteLength(sending.text)));
  const batch = Math.max(1, Math.min(MAX_BATCH, fitting));
  for (let done = 0; done < sending.count; done += batch) {
    signal.throwIfAborted();
    const size = Math.min(batch, sending.count - done);
    const { Successful = [], Failed = [] } = await sns.send(
      new PublishBatchCommand({
        TopicArn: sending.topicArn,
        PublishBatchRequestEntries: entries(sending, size),
      }),
    );
    for (const { MessageId } of Successful) await sent(MessageId!);
    const [refused] = Failed;
    if (refused)
      throw new UserError(`The topic refused a message: ${refused.Code}: ${refused.Message ?? ''}`);
  }
}

function entries({ text, attributes, groupId, isFifo }: Sending, size: number) {
  return Array.from({ length: size }, (_, index) => ({
    Id: String(index),
    Message: text,
    MessageAttributes: attributes,
    ...(groupId !== undefined && { MessageGroupId: groupId }),
    // Messages with the same text are meant to be several; the topic would take them for one.
    ...(isFifo && { MessageDeduplicationId: randomUUID() }),
  }));
}
