import type { MessagingError } from '../errors';

/** One result an entry, in their order; undefined is success. */
export type BatchCall<Entry> = (
  entries: readonly Entry[],
) => Promise<readonly (MessagingError | undefined)[]>;

interface Waiting<Entry> {
  readonly entry: Entry;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export interface BatcherOptions {
  /** Entries of a call. @default 10, what SQS takes */
  readonly size?: number;
  /** Calls at a time. @default 8 */
  readonly parallel?: number;
}

/**
 * Makes one call of what comes together. It waits for nothing but the call before: what comes while one runs makes the next, so that
 * batches grow with the load and a single entry is not delayed. A full batch goes at once.
 */
export class Batcher<Entry> {
  private readonly waiting: Waiting<Entry>[] = [];
  private readonly size: number;
  private readonly parallel: number;
  private calls = 0;
  private scheduled = false;

  constructor(
    private readonly call: BatchCall<Entry>,
    { size = 10, parallel = 8 }: BatcherOptions = {},
  ) {
    this.size = size;
    this.parallel = parallel;
  }

  /** Resolves when the entry's call succeeded; rejects with its error. */
  add(entry: Entry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ entry, resolve, reject });
      if (this.scheduled) return;
      this.scheduled = true;
      setImmediate(() => {
        this.scheduled = false;
        this.flush();
      });
    });
  }

  private flush(): void {
    while (this.calls < this.parallel && this.isDue()) void this.send(this.waiting.splice(0, this.size));
  }

  private isDue(): boolean {
    return this.waiting.length >= this.size || (this.waiting.length > 0 && this.calls === 0);
  }

  private async send(batch: readonly Waiting<Entry>[]): Promise<void> {
    this.calls += 1;
    try {
      const results = await this.call(batch.map(({ entry }) => entry));
      batch.forEach(({ resolve, reject }, index) => {
        const error = results[index];
        if (error === undefined) resolve();
        else reject(error);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error as Error);
    } finally {
      this.calls -= 1;
      this.flush();
    }
  }
}
