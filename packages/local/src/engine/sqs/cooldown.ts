import type { Clock } from '../../clock';

/** Remembers for a while what was done last: what may not be done again before. */
export class Cooldown {
  /** In the order of time. */
  private readonly startedAt = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    private readonly durationMs: number,
  ) {}

  start(key: string): void {
    const now = this.clock.now();
    this.startedAt.delete(key);
    this.startedAt.set(key, now);
    for (const [oldest, at] of this.startedAt) {
      if (at + this.durationMs > now) break;
      this.startedAt.delete(oldest);
    }
  }

  isRunning(key: string): boolean {
    const at = this.startedAt.get(key);
    return at !== undefined && at + this.durationMs > this.clock.now();
  }
}
