import { setTimeout as sleep } from 'node:timers/promises';

/** Time, so that tests can bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted before. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  async wait(ms, signal) {
    signal?.throwIfAborted();
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  },
};
