import type { ReceivedMessage } from '../../contracts';
import { sequenceNumber } from './deduplication';
import type { Content, Entry } from './message';
import { encodeReceipt } from './message';
import type { Queue } from './queue';

/** A message as a consumer gets it. */
export function handedOut(entry: Entry, content: Content, queue: Queue): ReceivedMessage {
  const { sequence, receiveCount } = entry;
  return {
    messageId: content.messageId,
    receiptHandle: encodeReceipt({ queueId: queue.record.id, sequence, receiveCount }),
    body: content.body,
    attributes: content.attributes,
    traceHeader: content.traceHeader,
    senderId: content.senderId,
    sentAt: entry.sentAt,
    firstReceivedAt: entry.receives!.firstAt,
    receiveCount,
    deadLetterSourceArn: content.deadLetterSourceArn,
    groupId: content.groupId,
    deduplicationId: content.deduplicationId,
    sequenceNumber: queue.settings.fifo ? sequenceNumber(sequence) : undefined,
  };
}
