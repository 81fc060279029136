/** Waiting times that double up to a limit, each with full jitter: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/ */
export class Backoff {
  private failures = 0;

  /** @param random 0 to 1 */
  constructor(
    private readonly firstMs: number,
    private readonly limitMs: number,
    private readonly random: () => number = Math.random,
  ) {}

  /** Milliseconds to wait after one more failure: at least a tenth of what they could be, so that none is a busy loop. */
  next(): number {
    const ceiling = Math.min(this.limitMs, this.firstMs * 2 ** this.failures);
    this.failures = Math.min(this.failures + 1, 30);
    return Math.ceil(ceiling * (0.1 + 0.9 * this.random()));
  }

  reset(): void {
    this.failures = 0;
  }
}
