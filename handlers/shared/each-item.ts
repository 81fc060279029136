import type { SQSBatchResponse } from 'aws-lambda';
import { type BatchEvent, type BatchItem, batchItems, reportFailures } from './batch';
import type { Log } from './log';

/** What became of one item: `stop` says that the ones behind it would fare no better now. */
export type Outcome = 'done' | 'failed' | 'stop';

export interface EachItemOptions {
  readonly log: Log;
  /** Milliseconds that this invocation may still take. */
  readonly remainingMs: () => number;
  /** No item is begun when less than this is left: cut off in the middle, those before it would be reported as failed. */
  readonly reserveMs: number;
}

/** Handles the items of a batch one after the other, and reports those that have to come again. */
export async function eachItem(
  event: BatchEvent,
  handle: (item: BatchItem) => Promise<Outcome>,
  { log, remainingMs, reserveMs }: EachItemOptions,
): Promise<SQSBatchResponse> {
  const items = batchItems(event);
  const failed: string[] = [];
  for (const [index, item] of items.entries()) {
    const outcome = remainingMs() < reserveMs ? 'stop' : await handle(item);
    if (outcome === 'failed') failed.push(item.id);
    if (outcome !== 'stop') continue;
    const rest = items.slice(index);
    log.warn('messages put off', { count: rest.length });
    failed.push(...rest.map(({ id }) => id));
    break;
  }
  return reportFailures(event, failed);
}
