import type { Clock } from '../clock';
import { Backoff } from './backoff';
import { Batcher } from './batcher';
import type { Delivery } from './delivery';
import type { QueueCalls } from './queue-calls';
import { isPassing } from './queue-calls';

/** Tries of a deletion, beside those of the SDK. */
const TRIES = 5;
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5_000;
/** Messages that were handled and could not be deleted: so many are remembered. */
const MOST_REMEMBERED = 1_000;

/** Deletes what was handled. A message that it could not delete is known when it comes again. */
export class Deletions {
  private readonly batcher: Batcher<string>;
  private readonly undeleted = new Set<string>();

  constructor(
    calls: QueueCalls,
    private readonly clock: Clock,
    { batch }: { readonly batch: boolean },
  ) {
    this.batcher = new Batcher((handles) => calls.delete(handles), batch ? {} : { size: 1 });
  }

  /** Whether the message was handled before, and only its deletion failed. */
  wasHandled(messageId: string): boolean {
    return this.undeleted.has(messageId);
  }

  /** Throws the last error when it gives up, at the latest when the signal aborts. */
  async delete(delivery: Delivery, signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS);
    for (let tries = 1; ; tries++) {
      const { receiptHandle } = delivery;
      try {
        await this.batcher.add(receiptHandle);
        // Received again meanwhile: SQS may have accepted the old receipt and kept the message.
        if (delivery.receiptHandle !== receiptHandle) continue;
        this.undeleted.delete(delivery.messageId);
        return;
      } catch (error) {
        const again = isPassing(error) || delivery.receiptHandle !== receiptHandle;
        if (!again || tries >= TRIES || signal.aborted) {
          this.remember(delivery.messageId);
          throw error;
        }
      }
      await this.clock.wait(backoff.next(), signal).catch(() => undefined);
    }
  }

  private remember(messageId: string): void {
    this.undeleted.add(messageId);
    const [oldest] = this.undeleted;
    if (this.undeleted.size > MOST_REMEMBERED && oldest !== undefined) this.undeleted.delete(oldest);
  }
}
