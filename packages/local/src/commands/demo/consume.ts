import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { UserError } from '../../errors';
import { isUnreachable } from '../target';
import { pause } from '../pause';

/** SQS's most. */
const MAX_BATCH = 10;
const RETRY_MS = 1000;
/** Where the queues are asked in turn, nobody waits longer for a message in the next one. */
const TURN_SECONDS = 1;
/** After the signal: what is printed is still deleted, if that is possible in this time. */
const GRACE_MS = 700;

export interface ConsumedQueue {
  readonly name: string;
  readonly url: string;
}

export interface Consumption {
  readonly sqs: SQSClient;
  readonly queues: readonly ConsumedQueue[];
  /** Longest that a poll waits for a message. */
  readonly waitSeconds: number;
  /** Ends at the first poll of each queue that finds nothing. */
  readonly once: boolean;
  /** Messages at most. */
  readonly max: number;
  /** Ends it; what has been received is handed over and deleted before. */
  readonly signal: AbortSignal;
  /** Deleted are messages for which this has resolved. */
  readonly handle: (queue: ConsumedQueue, messages: readonly Message[]) => Promise<void>;
  readonly warn: (text: string) => void;
}

/** Takes messages from the queues, hands them over and then deletes them, until the signal, the maximum, or once. */
export class Consumer {
  private left: number;
  private readonly ending = new AbortController();
  private readonly patience = new AbortController();
  private reached = false;

  constructor(private readonly options: Consumption) {
    this.left = options.max;
    this.ending.signal.addEventListener('abort', () => {
      setTimeout(() => this.patience.abort(), GRACE_MS).unref();
    });
  }

  /** Rejects where a queue cannot be polled at all. */
  async run(): Promise<void> {
    const { signal } = this.options;
    const leave = () => this.ending.abort();
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave);
    try {
      await this.consume();
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  /** Everywhere at once; one after the other only where messages are counted, so that none is taken too many. */
  private async consume(): Promise<void> {
    const { queues, once, max } = this.options;
    if (max === Infinity) {
      await Promise.all(queues.map((queue) => this.consumeFrom(queue)));
      return;
    }
    let found: number;
    do {
      found = 0;
      for (const queue of queues) if (this.left > 0) found += await this.poll(queue, queues.length);
    } while ((found > 0 || !once) && this.left > 0 && !this.ending.signal.aborted);
  }

  private async consumeFrom(queue: ConsumedQueue): Promise<void> {
    try {
      let found: number;
      do found = await this.poll(queue, 1);
      while ((found > 0 || !this.options.once) && !this.ending.signal.aborted);
    } catch (error) {
      // It ends the others as well.
      this.ending.abort();
      throw error;
    }
  }

  /** @returns how many messages there were */
  private async poll(queue: ConsumedQueue, others: number): Promise<number> {
    const messages = await this.receive(queue, others);
    if (messages.length > 0) {
      this.left -= messages.length;
      await this.options.handle(queue, messages);
      await this.delete(queue, messages);
    }
    return messages.length;
  }

  private async receive({ url }: ConsumedQueue, others: number): Promise<Message[]> {
    const { sqs, waitSeconds } = this.options;
    const { signal } = this.ending;
    const { ReceiveMessageCommand } = await import('@aws-sdk/client-sqs');
    const request = new ReceiveMessageCommand({
      QueueUrl: url,
      MaxNumberOfMessages: Math.min(MAX_BATCH, this.left),
      WaitTimeSeconds: others > 1 ? Math.min(TURN_SECONDS, waitSeconds) : waitSeconds,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    try {
      const { Messages = [] } = await sqs.send(request, { abortSignal: signal });
      this.reached = true;
      return Messages;
    } catch (error) {
      if (signal.aborted) return [];
      // A runtime that is being restarted is back in a moment; one that never was there is not.
      if (!this.reached || !isUnreachable(error)) throw error;
      await pause(RETRY_MS, signal);
      return [];
    }
  }

  private async delete({ url, name }: ConsumedQueue, messages: readonly Message[]): Promise<void> {
    const { DeleteMessageBatchCommand } = await import('@aws-sdk/client-sqs');
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    const deletion = this.options.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }), {
      abortSignal: this.patience.signal,
    });
    const failed = await deletion.then(
      ({ Failed = [] }) => Failed.map(({ Message, Code }) => Message ?? Code),
      (error: Error) => [error.message],
    );
    if (failed.length > 0) this.options.warn(`${name}: not deleted, so it comes again: ${failed[0]}`);
  }
}

/** Refuses a queue that is named twice: two polls would take turns with its messages. */
export function distinct(queues: readonly ConsumedQueue[]): readonly ConsumedQueue[] {
  if (new Set(queues.map(({ url }) => url)).size === queues.length) return queues;
  throw new UserError('a queue is named twice');
}
