import type { Clock, Timer } from '../../clock';

interface Waiter<T> {
  readonly take: () => T[];
  readonly settle: (items: T[]) => void;
}

/** Consumers that wait for something to take, served in the order in which they came. */
export class Waiters<T> {
  private readonly line = new Set<Waiter<T>>();
  private serving = false;

  constructor(private readonly clock: Clock) {}

  /**
   * Resolves with what `take` returns as soon as that is something; with nothing after `timeoutMs` or when the signal aborts.
   * `take` is not called for a consumer that has left.
   */
  wait(take: () => T[], timeoutMs: number, signal: AbortSignal | undefined): Promise<T[]> {
    return new Promise((resolve) => {
      let timer: Timer | undefined = undefined;
      const waiter: Waiter<T> = {
        take,
        settle: (items) => {
          this.line.delete(waiter);
          timer?.cancel();
          signal?.removeEventListener('abort', leave);
          resolve(items);
        },
      };
      const leave = () => waiter.settle([]);
      timer = this.clock.schedule(timeoutMs, leave);
      signal?.addEventListener('abort', leave);
      this.line.add(waiter);
    });
  }

  /** Serves the line after the running task: messages that arrive together go out together. */
  serve(): void {
    if (this.serving || this.line.size === 0) return;
    this.serving = true;
    queueMicrotask(() => {
      this.serving = false;
      for (const waiter of this.line) {
        const items = waiter.take();
        if (items.length === 0) return;
        waiter.settle(items);
      }
    });
  }

  releaseAll(): void {
    for (const waiter of this.line) waiter.settle([]);
  }
}
