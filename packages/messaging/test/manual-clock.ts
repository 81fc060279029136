import type { Clock } from '../src/clock';

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  private waits: { at: number; end: () => void }[] = [];

  /** @param time milliseconds since 1970 */
  constructor(private time = Date.now()) {}

  now(): number {
    return this.time;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const end = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const wait = { at: this.time + ms, end };
      this.waits.push(wait);
      const abort = () => {
        this.waits = this.waits.filter((other) => other !== wait);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** What is waited for, in milliseconds from now. */
  get pending(): number[] {
    return this.waits.map(({ at }) => at - this.time).sort((a, b) => a - b);
  }

  /** Moves the time and ends the waits that are due on the way, in order; what follows each runs before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      const due = this.waits.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.waits = this.waits.filter((other) => other !== due);
      this.time = Math.max(this.time, due.at);
      due.end();
      await new Promise(setImmediate);
    }
    this.time = end;
    await new Promise(setImmediate);
  }
}
