import type { PublishBatchResponse } from '@aws-sdk/client-sns';
import type { Aws } from '../clients';
import type { MessagingError } from '../errors';
import { asMessagingError, refuse } from '../errors';
import type { SentAll, SentMessage } from '../queues';
import { backOffMs, entryError } from '../queues/batch-results';
import type { PreparedPublication } from './publication';
import { MAX_PUBLISH_BYTES, messageErrors, preparePublication } from './publication';
import type { TopicMessage } from './types';

/** https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html */
const MAX_ENTRIES = 10;

interface Entry {
  readonly index: number;
  readonly prepared: PreparedPublication;
}

/** Publishes messages in batches, one after the other; what fails is reported, and hinders no other. */
export class BatchPublisher {
  private readonly sent = new Map<number, SentMessage>();
  private readonly failed: SentAll['failed'] = [];

  constructor(
    private readonly aws: Aws,
    private readonly topic: string,
    private readonly topicArn: string,
  ) {}

  async publishAll(messages: Iterable<TopicMessage> | AsyncIterable<TopicMessage>): Promise<SentAll> {
    for await (const batch of this.batches(messages)) await this.publishBatch(batch);
    const inOrder = [...this.sent].sort(([a], [b]) => a - b);
    return { sent: inOrder.map(([, sent]) => sent), failed: this.failed.sort((a, b) => a.index - b.index) };
  }

  /** All messages of a batch together have as many bytes as one may have. */
  private async *batches(
    messages: Iterable<TopicMessage> | AsyncIterable<TopicMessage>,
  ): AsyncGenerator<Entry[]> {
    let batch: Entry[] = [];
    let bytes = 0;
    let index = -1;
    for await (const message of messages) {
      index++;
      const prepared = await this.prepare(message, index);
      if (prepared === undefined) continue;
      if (batch.length === MAX_ENTRIES || bytes + prepared.bytes > MAX_PUBLISH_BYTES) {
        if (batch.length > 0) yield batch;
        batch = [];
        bytes = 0;
      }
      batch.push({ index, prepared });
      bytes += prepared.bytes;
    }
    if (batch.length > 0) yield batch;
  }

  private async prepare(message: TopicMessage, index: number): Promise<PreparedPublication | undefined> {
    this.aws.checkOpen();
    try {
      refuse(messageErrors(this.topic, message));
      return await preparePublication(message, this.aws.large);
    } catch (error) {
      this.report(index, asMessagingError(error, `preparing message ${index}`));
      return undefined;
    }
  }

  private async publishBatch(batch: Entry[]): Promise<void> {
    let pending = batch;
    for (let tries = 1; pending.length > 0; tries++) {
      const isLast = tries >= this.aws.settings.maxAttempts;
      const answer = await this.call(pending);
      if (answer === undefined) return;
      this.keep(pending, answer);
      pending = this.sortFailures(pending, answer, isLast);
      if (pending.length > 0) await this.aws.clock.wait(backOffMs(tries));
    }
  }

  /** One call; undefined when it failed as a whole and all is reported. */
  private async call(batch: Entry[]): Promise<PublishBatchResponse | undefined> {
    try {
      return await this.aws.attempt(
        `publishing ${batch.length} messages to topic "${this.topic}"`,
        async () => {
          const entries = batch.map(({ index, prepared }) => ({
            Id: String(index),
            ...prepared.publication,
          }));
          const sns = await this.aws.sns();
          return sns.publishBatch({ TopicArn: this.topicArn, PublishBatchRequestEntries: entries });
        },
      );
    } catch (error) {
      for (const { index } of batch) this.report(index, asMessagingError(error, 'publishing'));
      return undefined;
    }
  }

  private keep(batch: Entry[], { Successful = [] }: PublishBatchResponse): void {
    for (const { Id, MessageId, SequenceNumber } of Successful) {
      const { index, prepared } = batch.find((entry) => String(entry.index) === Id)!;
      const sent = { messageId: MessageId!, sequenceNumber: SequenceNumber ?? null, large: prepared.large };
      this.sent.set(index, published(this.aws, this.topic, sent));
    }
  }

  /** What is worth another try; the rest is reported. */
  private sortFailures(batch: Entry[], { Failed = [] }: PublishBatchResponse, isLast: boolean): Entry[] {
    const again: Entry[] = [];
    for (const failure of Failed) {
      const entry = batch.find(({ index }) => String(index) === failure.Id)!;
      if (failure.SenderFault !== true && !isLast) again.push(entry);
      else this.report(entry.index, entryError(failure, `publishing to topic "${this.topic}"`));
    }
    return again;
  }

  private report(index: number, { code, message }: MessagingError): void {
    this.failed.push({ index, code, detail: message });
  }
}

/** Tells that a message was published. */
export function published(aws: Aws, topic: string, sent: SentMessage): SentMessage {
  const { messageId, large } = sent;
  aws.events.emit('message.published', { resource: topic, messageId, large });
  return sent;
}
