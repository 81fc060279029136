import type { Clock } from '../clock';
import type { Throttle } from './config';

/** A token bucket: `burst` requests at once, refilled at the rate. */
export class TokenBucket {
  private tokens: number;
  private refilledAt: number;

  constructor(
    private readonly limit: Throttle,
    private readonly clock: Clock,
  ) {
    this.tokens = limit.burst;
    this.refilledAt = clock.now();
  }

  /** False where the request is one too many. */
  take(): boolean {
    const now = this.clock.now();
    const refill = ((now - this.refilledAt) / 1000) * this.limit.ratePerSecond;
    this.tokens = Math.min(this.limit.burst, this.tokens + Math.max(0, refill));
    this.refilledAt = now;
    if (this.tokens < 1) {
      return false;
    }
    this.tokens -= 1;
    return true;
  }
}
