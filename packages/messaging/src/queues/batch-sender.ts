import type { BatchResultErrorEntry, SendMessageBatchResult } from '@aws-sdk/client-sqs';
import type { Aws } from '../clients';
import type { MessagingError } from '../errors';
import { asMessagingError, isMessagingError } from '../errors';
import { isFifo } from '../names';
import { backOffMs, entryError } from './batch-results';
import type { Prepared } from './batches';
import { batches } from './batches';
import { mayBeOffloaded, send, told } from './sender';
import type { OutgoingMessage, SentAll, SentMessage } from './types';

/** Batches on their way at a time; those of a FIFO queue go one after the other, or their order would be lost. */
const PARALLEL = 4;

/** Sends messages in batches; what fails is reported, and hinders no other. */
export class BatchSender {
  private readonly sent = new Map<number, SentMessage>();
  private readonly failed: SentAll['failed'] = [];

  constructor(
    private readonly aws: Aws,
    private readonly queue: string,
  ) {}

  async sendAll(messages: Iterable<OutgoingMessage> | AsyncIterable<OutgoingMessage>): Promise<SentAll> {
    // A queue that is missing is the caller's mistake, not each message's.
    await this.aws.queueUrl(this.queue);
    const source = batches(this.aws, this.queue, messages, (index, error) => this.report(index, error));
    const lines = Array.from({ length: isFifo(this.queue) ? 1 : PARALLEL }, async () => {
      for await (const batch of shared(source)) await this.sendBatch(batch);
    });
    await settled(lines);
    const inOrder = [...this.sent].sort(([a], [b]) => a - b);
    return { sent: inOrder.map(([, sent]) => sent), failed: this.failed.sort((a, b) => a.index - b.index) };
  }

  private async sendBatch(batch: Prepared[]): Promise<void> {
    let pending = batch;
    for (let tries = 1; pending.length > 0; tries++) {
      const last = tries >= this.aws.settings.maxAttempts;
      const result = await this.call(pending);
      if (result === undefined) return;
      this.keep(pending, result);
      pending = await this.sortFailures(pending, result.Failed ?? [], last);
      if (pending.length > 0) await this.aws.clock.wait(backOffMs(tries));
    }
  }

  /** One call; undefined when it failed as a whole and all is reported. */
  private async call(batch: Prepared[]): Promise<SendMessageBatchResult | undefined> {
    try {
      return await this.aws.attempt(`sending messages to queue "${this.queue}"`, async () => {
        const [sqs, url] = await Promise.all([this.aws.sqs(), this.aws.queueUrl(this.queue)]);
        const entries = batch.map(({ index, draft }) => ({ Id: String(index), ...draft.entry }));
        return sqs.sendMessageBatch({ QueueUrl: url, Entries: entries });
      });
    } catch (error) {
      // Other endpoints, and AWS until 2025, take less together than apart.
      if (isMessagingError(error, 'too-large') && batch.length > 1) await this.sendHalves(batch);
      else for (const { index } of batch) this.report(index, asMessagingError(error, 'sending'));
      return undefined;
    }
  }

  private async sendHalves(batch: Prepared[]): Promise<void> {
    const middle = Math.ceil(batch.length / 2);
    await this.sendBatch(batch.slice(0, middle));
    await this.sendBatch(batch.slice(middle));
  }

  private keep(batch: Prepared[], { Successful = [] }: SendMessageBatchResult): void {
    for (const { Id, MessageId, SequenceNumber } of Successful) {
      const { index, draft } = batch.find((prepared) => String(prepared.index) === Id)!;
      const sent = { messageId: MessageId!, sequenceNumber: SequenceNumber ?? null, large: draft.large };
      this.sent.set(index, told(this.aws, this.queue, sent));
    }
  }

  /** What is worth another try; the rest is reported. */
  private async sortFailures(
    batch: Prepared[],
    failures: BatchResultErrorEntry[],
    last: boolean,
  ): Promise<Prepared[]> {
    const again: Prepared[] = [];
    for (const failure of failures) {
      const prepared = batch.find(({ index }) => String(index) === failure.Id)!;
      const error = entryError(failure, `sending to queue "${this.queue}"`);
      if (error.code === 'too-large' && mayBeOffloaded(this.aws, prepared.draft))
        await this.sendAlone(prepared);
      else if (failure.SenderFault === true || last) this.report(prepared.index, error);
      else again.push(prepared);
    }
    return again;
  }

  private async sendAlone({ index, message }: Prepared): Promise<void> {
    try {
      this.sent.set(index, await send(this.aws, this.queue, message));
    } catch (error) {
      this.report(index, asMessagingError(error, 'sending'));
    }
  }

  private report(index: number, { code, message }: MessagingError): void {
    this.failed.push({ index, code, detail: message });
  }
}

/** A generator that several loops take from: one that ends does not end it for the others. */
function shared<T>(source: AsyncGenerator<T>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => ({ next: () => source.next() }) };
}

/** Waits for all, then throws the first error: nothing is sent behind the caller's back. */
async function settled(lines: Promise<void>[]): Promise<void> {
  const failure = (await Promise.allSettled(lines)).find((line) => line.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}
