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

/** Token buckets by name, each made when it is first needed. */
export class Throttles {
  private readonly buckets = new Map<string, TokenBucket>();

  constructor(private readonly clock: Clock) {}

  /** False where the request is one too many. @param limit no limit where it is undefined */
  take(name: string, limit: Throttle | undefined): boolean {
    if (limit === undefined) {
      return true;
    }
    const bucket = this.buckets.get(name) ?? new TokenBucket(limit, this.clock);
    this.buckets.set(name, bucket);
    return bucket.take();
  }
}
