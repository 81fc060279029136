const MAX_BUCKETS = 10_000;

/** What is left after a request. */
export interface Allowance {
  readonly allowed: boolean;
  /** Requests that may follow at once. */
  readonly remaining: number;
  /** Until there is one more; 0 where there is one. */
  readonly retryAfterSeconds: number;
}

/**
 * Token buckets: each key may send `burst` requests at once, and `perSecond` in the long run.
 */
export class RateLimiter {
  private readonly buckets = new Map<string, { level: number; at: number }>();

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** `RateLimit-Policy` (https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/). */
  get policy(): string {
    return `"default";q=${this.burst};w=${Math.ceil(this.burst / this.perSecond)}`;
  }

  /** @param key who is counted: a token's name, or an address */
  take(key: string): Allowance {
    const now = this.now();
    const bucket = this.buckets.get(key) ?? { level: this.burst, at: now };
    const level = Math.min(this.burst, bucket.level + ((now - bucket.at) / 1000) * this.perSecond);
    const allowed = level >= 1;
    const rest = allowed ? level - 1 : level;
    // The least recently seen is first.
    this.buckets.delete(key);
    this.buckets.set(key, { level: rest, at: now });
    this.forget();
    const retryAfterSeconds = rest >= 1 ? 0 : Math.ceil((1 - rest) / this.perSecond);
    return { allowed, remaining: Math.floor(rest), retryAfterSeconds };
  }

  private forget(): void {
    const [oldest] = this.buckets.keys();
    if (this.buckets.size > MAX_BUCKETS && oldest !== undefined) this.buckets.delete(oldest);
  }
}
