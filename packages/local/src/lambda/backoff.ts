import type { Clock } from '../clock';

const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/** Slows a poller down while what it calls keeps failing, as AWS's do. One success ends it at once. */
export class Backoff {
  private failures = 0;
  private readonly pausing = new Set<() => void>();

  constructor(
    private readonly clock: Clock,
    signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => this.wake());
  }

  failed(): void {
    this.failures += 1;
  }

  succeeded(): void {
    this.failures = 0;
    this.wake();
  }

  /** Resolves at once unless the last call failed. @param atMostMs of the pause */
  pause(atMostMs = Infinity): Promise<void> {
    if (this.failures === 0 || atMostMs <= 0) return Promise.resolve();
    const delayMs = Math.min(FIRST_MS * 2 ** (this.failures - 1), LONGEST_MS, atMostMs);
    return new Promise((resolve) => {
      const end = () => {
        timer.cancel();
        this.pausing.delete(end);
        resolve();
      };
      const timer = this.clock.schedule(delayMs, end);
      this.pausing.add(end);
    });
  }

  private wake(): void {
    for (const end of [...this.pausing]) end();
  }
}
