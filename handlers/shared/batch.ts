import type { SNSEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';

/** One message of a batch, however it was delivered. */
export interface BatchItem {
  /** The id by which a failure is reported. */
  readonly id: string;
  readonly body: string;
}

/** A queue (with raw delivery from its topic), or the topic itself. */
export type BatchEvent = SQSEvent | SNSEvent;

export function batchItems(event: BatchEvent): BatchItem[] {
  return event.Records.map((record) =>
    'Sns' in record
      ? { id: record.Sns.MessageId, body: record.Sns.Message }
      : { id: record.messageId, body: record.body },
  );
}

/**
 * Reports what failed in the way its source understands: a queue is told the ids and delivers those again; a topic knows
 * only of whole invocations.
 *
 * @throws Error for an event of a topic with failures, so that Lambda tries it again and then moves it to the dead letters
 */
export function reportFailures(event: BatchEvent, failedIds: readonly string[]): SQSBatchResponse {
  if (failedIds.length > 0 && event.Records.some((record) => 'Sns' in record)) {
    throw new Error(`not stored: ${failedIds.join(', ')}`);
  }
  return { batchItemFailures: failedIds.map((itemIdentifier) => ({ itemIdentifier })) };
}
