import type { Clock } from '../clock';

/** Lets readers wait for a change that they have not seen yet. */
export class Changes {
  private count = 0;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  /** To be taken before looking, so that no change is missed between looking and waiting. */
  get seen(): number {
    return this.count;
  }

  readonly happened = (): void => {
    this.count += 1;
    for (const wake of [...this.waiting]) wake();
  };

  /** Resolves at the first change since `seen`, or when the time is over. */
  async since(seen: number, atMostMs = Infinity): Promise<void> {
    if (this.count !== seen || atMostMs <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = atMostMs === Infinity ? undefined : this.clock.schedule(atMostMs, () => wake());
      const wake = () => {
        timer?.cancel();
        this.waiting.delete(wake);
        resolve();
      };
      this.waiting.add(wake);
    });
  }
}
