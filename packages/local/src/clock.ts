/** A started timer. */
export interface Timer {
  cancel(): void;
}

/** The one source of time. Tests inject a clock that they move by hand; nothing else in the runtime reads the time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `callback` once, `delayMs` milliseconds from now. The timer does not keep the process alive. */
  schedule(delayMs: number, callback: () => void): Timer;
}

/**
 * Node's timers stand still while the computer sleeps. Longer ones look at the time this often: what became due meanwhile follows
 * within half a minute of waking up.
 */
const LOOK_MS = 30_000;

export const systemClock: Clock = {
  now: () => Date.now(),
  schedule: (delayMs, callback) => {
    const due = Date.now() + delayMs;
    let timeout: NodeJS.Timeout;
    const wait = (remaining: number) => {
      const next = remaining > LOOK_MS ? look : callback;
      timeout = setTimeout(next, Math.min(remaining, LOOK_MS)).unref();
    };
    const look = () => {
      const remaining = due - Date.now();
      if (remaining > 0) wait(remaining);
      else callback();
    };
    wait(delayMs);
    return { cancel: () => clearTimeout(timeout) };
  },
};
