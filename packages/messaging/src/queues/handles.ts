import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import type { Aws } from '../clients';
import { asMessagingError } from '../errors';
import { splitReceiptHandle } from '../large';
import { entryError, inTens } from './batch-results';
import type { Handle, HandleFailure } from './types';

/** A message in flight, by its receipt handle. */
interface InFlight {
  readonly index: number;
  /** As it was given: it may know an object. */
  readonly receiptHandle: string;
  /** The queue's own. */
  readonly handle: string;
  readonly messageId: string | null;
}

/** What is done with messages that were received: deleting, and changing how long they are kept from others. */
export class Handles {
  constructor(private readonly aws: Aws) {}

  async delete(queue: string, message: Handle): Promise<void> {
    const entry = inFlight(message, 0);
    await this.aws.attempt(`deleting a message from queue "${queue}"`, async () => {
      const [sqs, url] = await Promise.all([this.aws.sqs(), this.aws.queueUrl(queue)]);
      await sqs.deleteMessage({ QueueUrl: url, ReceiptHandle: entry.handle });
    });
    await this.deleted(queue, entry);
  }

  deleteAll(queue: string, messages: readonly Handle[]): Promise<HandleFailure[]> {
    const doing = `deleting messages from queue "${queue}"`;
    return this.inBatches(messages, doing, async (batch) => {
      const [sqs, url] = await Promise.all([this.aws.sqs(), this.aws.queueUrl(queue)]);
      const entries = batch.map(({ index, handle }) => ({ Id: String(index), ReceiptHandle: handle }));
      const { Failed = [] } = await sqs.deleteMessageBatch({ QueueUrl: url, Entries: entries });
      const kept = new Set(Failed.map(({ Id }) => Id));
      const gone = batch.filter(({ index }) => !kept.has(String(index)));
      await Promise.all(gone.map((entry) => this.deleted(queue, entry)));
      return Failed;
    });
  }

  async changeVisibility(queue: string, message: Handle, seconds: number): Promise<void> {
    await this.aws.attempt(`changing the visibility of a message in queue "${queue}"`, async () => {
      const [sqs, url] = await Promise.all([this.aws.sqs(), this.aws.queueUrl(queue)]);
      const { handle } = inFlight(message, 0);
      await sqs.changeMessageVisibility({ QueueUrl: url, ReceiptHandle: handle, VisibilityTimeout: seconds });
    });
  }

  changeVisibilities(queue: string, messages: readonly Handle[], seconds: number): Promise<HandleFailure[]> {
    const doing = `changing the visibility of messages in queue "${queue}"`;
    return this.inBatches(messages, doing, async (batch) => {
      const [sqs, url] = await Promise.all([this.aws.sqs(), this.aws.queueUrl(queue)]);
      const entries = batch.map(({ index, handle }) => ({
        Id: String(index),
        ReceiptHandle: handle,
        VisibilityTimeout: seconds,
      }));
      const { Failed = [] } = await sqs.changeMessageVisibilityBatch({ QueueUrl: url, Entries: entries });
      return Failed;
    });
  }

  /** Runs a call for each ten messages; a call that fails as a whole throws. */
  private async inBatches(
    messages: readonly Handle[],
    doing: string,
    call: (batch: InFlight[]) => Promise<BatchResultErrorEntry[]>,
  ): Promise<HandleFailure[]> {
    const groups = inTens(messages.map(inFlight));
    const failures = await Promise.all(groups.map((group) => this.aws.attempt(doing, () => call(group))));
    return failures.flat().map((failure) => {
      const { code, message: detail } = entryError(failure, doing);
      return { index: Number(failure.Id), code, detail };
    });
  }

  private async deleted(queue: string, { messageId, receiptHandle }: InFlight): Promise<void> {
    this.aws.events.emit('message.deleted', { resource: queue, messageId });
    try {
      await this.aws.large.discard(receiptHandle);
    } catch (error) {
      // The message is gone, which is what was asked for; what is left is an object nobody points to.
      this.aws.events.emit('error', asMessagingError(error, 'deleting a large message'));
    }
  }
}

function inFlight(message: Handle, index: number): InFlight {
  const [receiptHandle, messageId] =
    typeof message === 'string' ? [message, null] : [message.receiptHandle, message.messageId];
  return { index, receiptHandle, messageId, handle: splitReceiptHandle(receiptHandle).handle };
}
