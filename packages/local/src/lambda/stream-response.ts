import type { InvocationResult } from '../contracts';
import type { SourceRecord } from '../streams';
import { summary } from './errors';

/** What a function made of a batch. */
export interface StreamResult {
  /** How many records from the beginning are dealt with. */
  readonly done: number;
  /** Why others are not. */
  readonly complaint?: string;
}

/**
 * Reads what a function answered to a batch of a stream. Where it reports failures, everything before the lowest sequence number
 * that it names is done, and the rest is to be tried again; an answer that cannot be trusted fails the whole batch.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
export function streamResult(
  result: InvocationResult,
  records: readonly SourceRecord[],
  reportsFailures: boolean,
): StreamResult {
  if (result.functionError) return { done: 0, complaint: summary(result.payload) };
  if (!reportsFailures) return { done: records.length };
  const answer = JSON.parse(result.payload) as { batchItemFailures?: unknown } | string | number | null;
  if (answer === null || answer === '') return { done: records.length };
  if (typeof answer !== 'object') {
    return { done: 0, complaint: `the answer is ${result.payload.slice(0, 80)}, not an object` };
  }
  const failures = answer.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return { done: 0, complaint: 'batchItemFailures is no list' };
  const places = new Map(records.map(({ sequenceNumber }, index) => [sequenceNumber, index]));
  let done = records.length;
  for (const failure of failures as ({ itemIdentifier?: unknown } | null)[]) {
    const place = places.get(failure?.itemIdentifier as string);
    if (place === undefined) {
      const named = JSON.stringify(failure?.itemIdentifier);
      return { done: 0, complaint: `batchItemFailures names ${named}, which is not in the batch` };
    }
    done = Math.min(done, place);
  }
  return { done };
}
