import type { Clock } from '../clock';

/**
 * A token bucket: so many calls a second, up to a second's worth at once. Those that come together wait for their turn in the
 * order in which they asked.
 */
export class RateLimit {
  private readonly spacingMs: number;
  /** When the bucket would be empty if everybody who was told a time took it. */
  private theoretical = 0;

  constructor(
    private readonly clock: Clock,
    private readonly perSecond: number,
  ) {
    this.spacingMs = 1000 / perSecond;
  }

  /** Resolves when the next call may be made; rejects with the signal's reason. */
  async take(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const now = this.clock.now();
    const burstMs = this.spacingMs * Math.max(0, Math.floor(this.perSecond) - 1);
    const at = Math.max(this.theoretical, now);
    this.theoretical = at + this.spacingMs;
    const waitMs = at - burstMs - now;
    if (waitMs > 0) await this.clock.wait(Math.ceil(waitMs), signal);
  }
}
