import type { Clock, Timer } from '../../src/clock';

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  private timers: { at: number; callback: () => void }[] = [];

  /** @param time milliseconds since the epoch */
  constructor(private time = Date.UTC(2026, 0, 1)) {}

  now(): number {
    return this.time;
  }

  schedule(delayMs: number, callback: () => void): Timer {
    const timer = { at: this.time + delayMs, callback };
    this.timers.push(timer);
    return { cancel: () => (this.timers = this.timers.filter((other) => other !== timer)) };
  }

  /** How long until each timer ends, in milliseconds. */
  get pending(): number[] {
    return this.timers.map(({ at }) => at - this.time).sort((a, b) => a - b);
  }

  /** Moves the time and runs what is due on the way, in order. */
  advance(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (;;) {
      const due = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers = this.timers.filter((other) => other !== due);
      this.time = Math.max(this.time, due.at);
      due.callback();
    }
    this.time = end;
  }

  advanceSeconds(seconds: number): void {
    this.advance(seconds * 1000);
  }
}
