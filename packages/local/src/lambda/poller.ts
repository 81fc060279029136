import type { Clock } from '../clock';
import { Backoff } from './backoff';

/** SQS's longest; the enqueue itself ends the wait. */
const WAIT_SECONDS = 20;

/** What a poller works on; errors that `receive` and `process` throw slow it down like failures. */
export interface PollerTask<Item, Outcome> {
  /** Workers at most. */
  readonly limit: number;
  /** So many items at once mean that more may wait. */
  readonly fullAt: number;
  readonly clock: Clock;
  /** Resolves when there is an instance to work with. */
  vacancy(): Promise<void>;
  receive(waitSeconds: number, signal: AbortSignal): Promise<Item[]>;
  process(items: Item[]): Promise<{ outcome: Outcome; healthy: boolean }>;
  /** Runs while the next items are processed. */
  settle(outcome: Outcome): Promise<void>;
  onError(error: Error): void;
}

/** Takes items as long as there are some. One worker always listens; others join it while it finds its hands full. */
export class Poller<Item, Outcome> {
  private readonly ending = new AbortController();
  private readonly ended: Promise<void>;
  private readonly backoff: Backoff;
  private readonly workers = new Set<Promise<void>>();

  constructor(private readonly task: PollerTask<Item, Outcome>) {
    const { signal } = this.ending;
    this.ended = new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    this.backoff = new Backoff(task.clock, signal);
  }

  start(): void {
    if (this.task.limit > 0) this.addWorker(true);
  }

  /** Takes no more items; resolves when those that were taken are settled. */
  async stop(): Promise<void> {
    this.ending.abort();
    await Promise.all(this.workers);
  }

  private addWorker(isFirst: boolean): void {
    const worker = this.work(isFirst).finally(() => this.workers.delete(worker));
    this.workers.add(worker);
  }

  private async work(isFirst: boolean): Promise<void> {
    const { task } = this;
    let settled: Promise<void> = Promise.resolve();
    while (!this.ending.signal.aborted) {
      await this.backoff.pause();
      await Promise.race([task.vacancy(), this.ended]);
      const askedAt = task.clock.now();
      const items = await this.attempt(() => task.receive(isFirst ? WAIT_SECONDS : 0, this.ending.signal));
      if (!items || items.length === 0) {
        if (!isFirst) break;
        // A queue that is gone answers at once, and would again and again.
        if (items && task.clock.now() === askedAt) this.backoff.failed();
        continue;
      }
      if (items.length >= task.fullAt && this.workers.size < task.limit) this.addWorker(false);
      const processed = await this.attempt(() => task.process(items));
      // Settling may lag, but by one batch only.
      await settled;
      if (!processed) continue;
      if (processed.healthy) this.backoff.succeeded();
      else this.backoff.failed();
      settled = this.attempt(() => task.settle(processed.outcome)).then(() => undefined);
    }
    await settled;
  }

  private async attempt<T>(action: () => Promise<T>): Promise<T | undefined> {
    try {
      return await action();
    } catch (error) {
      this.backoff.failed();
      // What fails because everything stops is of no interest.
      if (!this.ending.signal.aborted) this.task.onError(error as Error);
      return undefined;
    }
  }
}
