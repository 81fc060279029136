import type { BatchResultErrorEntry, Message } from '@aws-sdk/client-sqs';
import type { Aws } from '../clients';
import { asMessagingError, MessagingError } from '../errors';

export interface ReceiveCall {
  readonly max: number;
  readonly waitSeconds: number;
  readonly visibilityTimeoutSeconds: number;
  readonly signal: AbortSignal;
}

export interface VisibilityEntry {
  readonly receiptHandle: string;
  readonly seconds: number;
}

type Results = readonly (MessagingError | undefined)[];

/** What a consumer asks SQS for. */
export class QueueCalls {
  constructor(
    private readonly aws: Aws,
    readonly queue: string,
  ) {}

  async receive({ max, waitSeconds, visibilityTimeoutSeconds, signal }: ReceiveCall): Promise<Message[]> {
    const { Messages = [] } = await this.call('receiving from', (sqs, QueueUrl) =>
      sqs.receiveMessage(
        {
          QueueUrl,
          MaxNumberOfMessages: max,
          WaitTimeSeconds: waitSeconds,
          VisibilityTimeout: visibilityTimeoutSeconds,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['All'],
        },
        { abortSignal: signal, requestTimeout: this.aws.settings.requestTimeoutMs + waitSeconds * 1000 },
      ),
    );
    return Messages;
  }

  /** The queue's own visibility timeout, in seconds. */
  async visibilityTimeout(): Promise<number> {
    const { Attributes } = await this.call('describing', (sqs, QueueUrl) =>
      sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['VisibilityTimeout'] }),
    );
    return Number(Attributes?.VisibilityTimeout ?? 30);
  }

  /** One call. */
  async delete(receiptHandles: readonly string[]): Promise<Results> {
    const doing = 'deleting a message of';
    const Entries = receiptHandles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
    const { Failed } = await this.call(doing, (sqs, QueueUrl) =>
      sqs.deleteMessageBatch({ QueueUrl, Entries }),
    );
    return this.results(doing, receiptHandles.length, Failed);
  }

  /** One call. */
  async changeVisibility(entries: readonly VisibilityEntry[]): Promise<Results> {
    const doing = 'changing the visibility of a message of';
    const Entries = entries.map(({ receiptHandle, seconds }, index) => ({
      Id: String(index),
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: seconds,
    }));
    const { Failed } = await this.call(doing, (sqs, QueueUrl) =>
      sqs.changeMessageVisibilityBatch({ QueueUrl, Entries }),
    );
    return this.results(doing, entries.length, Failed);
  }

  private async call<T>(
    doing: string,
    call: (sqs: Awaited<ReturnType<Aws['sqs']>>, queueUrl: string) => Promise<T>,
  ): Promise<T> {
    return this.aws.attempt(`${doing} queue "${this.queue}"`, async () =>
      call(await this.aws.sqs(), await this.aws.queueUrl(this.queue)),
    );
  }

  private results(doing: string, count: number, failed: readonly BatchResultErrorEntry[] = []): Results {
    const results = new Array<MessagingError | undefined>(count).fill(undefined);
    for (const entry of failed) results[Number(entry.Id)] = this.entryError(doing, entry);
    return results;
  }

  private entryError(doing: string, { Code, Message, SenderFault }: BatchResultErrorEntry): MessagingError {
    const status = SenderFault === true ? 400 : 500;
    const error = { name: Code, message: Message, $metadata: { httpStatusCode: status } };
    return asMessagingError(error, `${doing} queue "${this.queue}"`);
  }
}

/** Whether another try of the same call may succeed. */
export function isPassing(error: unknown): boolean {
  return error instanceof MessagingError && PASSING.has(error.code);
}

const PASSING = new Set(['unavailable', 'throttled', 'timeout', 'conflict', 'denied']);
