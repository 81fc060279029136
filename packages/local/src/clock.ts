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

export const systemClock: Clock = {
  now: () => Date.now(),
  schedule: (delayMs, callback) => {
    const timeout = setTimeout(callback, Math.min(delayMs, 2 ** 31 - 1));
    timeout.unref();
    return { cancel: () => clearTimeout(timeout) };
  },
};
