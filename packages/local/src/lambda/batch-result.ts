import type { ReceivedMessage } from '../contracts';

/** Which messages of a batch the function has dealt with, and which have failed. */
export interface BatchResult {
  readonly done: readonly ReceivedMessage[];
  readonly failed: readonly ReceivedMessage[];
  /** Why the whole batch failed although the function answered. */
  readonly complaint?: string;
}

/**
 * Reads a function's answer where the mapping has ReportBatchItemFailures. An answer without failures means success; one
 * that cannot be trusted fails the whole batch.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function readBatchResponse(payload: string, messages: readonly ReceivedMessage[]): BatchResult {
  const answer = JSON.parse(payload) as { batchItemFailures?: unknown } | null;
  const all = (complaint: string): BatchResult => ({ done: [], failed: messages, complaint });
  if (answer === null) return { done: messages, failed: [] };
  if (typeof answer !== 'object') return all(`the answer is ${payload.slice(0, 80)}, not an object`);
  const failures = answer.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return all('batchItemFailures is no list');
  const known = new Set(messages.map(({ messageId }) => messageId));
  const failedIds = new Set<unknown>();
  for (const failure of failures as ({ itemIdentifier?: unknown } | null)[]) {
    const identifier = failure?.itemIdentifier;
    if (!known.has(identifier as string)) {
      return all(`batchItemFailures names ${JSON.stringify(identifier)}, which is not in the batch`);
    }
    failedIds.add(identifier);
  }
  return {
    done: messages.filter(({ messageId }) => !failedIds.has(messageId)),
    failed: messages.filter(({ messageId }) => failedIds.has(messageId)),
  };
}

/**
 * The messages of a FIFO queue's group keep their order: behind the first that failed all others have failed too.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function inGroupOrder(
  { failed, complaint }: BatchResult,
  messages: readonly ReceivedMessage[],
): BatchResult {
  const broken = new Set<string | undefined>();
  const hasFailed = messages.map((message) => {
    if (failed.includes(message)) broken.add(message.groupId);
    return broken.has(message.groupId);
  });
  return {
    done: messages.filter((_, index) => !hasFailed[index]),
    failed: messages.filter((_, index) => hasFailed[index]),
    complaint,
  };
}
