import type { FieldError } from '../errors';
import { refuse } from '../errors';
import { isWhole } from '../options';
import type { ConsumeOptions } from './types';

const MOST_CONCURRENCY = 1_000;
const LONGEST_VISIBILITY_SECONDS = 43_200;
const LONGEST_WAIT_SECONDS = 20;

/** Throws 'invalid' with everything that is wrong. */
export function checkConsumeOptions(options: ConsumeOptions<unknown>): void {
  const errors: FieldError[] = [];
  const check = (field: string, value: unknown, from: number, to: number) => {
    if (value === undefined || isWhole(value, from, to)) return;
    errors.push({ field, detail: `must be a whole number from ${from} to ${to}` });
  };
  const {
    retryAfterSeconds: retry,
    heartbeatSeconds: heartbeat,
    visibilityTimeoutSeconds: visibility,
  } = options;
  check('concurrency', options.concurrency, 1, MOST_CONCURRENCY);
  check('waitSeconds', options.waitSeconds, 0, LONGEST_WAIT_SECONDS);
  check('visibilityTimeoutSeconds', visibility, 1, LONGEST_VISIBILITY_SECONDS);
  if (typeof retry !== 'function') check('retryAfterSeconds', retry, 0, LONGEST_VISIBILITY_SECONDS);
  if (heartbeat !== undefined && !(heartbeat > 0 && heartbeat < (visibility ?? LONGEST_VISIBILITY_SECONDS))) {
    errors.push({ field: 'heartbeatSeconds', detail: 'must be over 0 and less than the visibility timeout' });
  }
  refuse(errors);
}

/** How long messages are kept at a time, and how often that is extended, in milliseconds. */
export interface Timing {
  readonly visibilityMs: number;
  readonly heartbeatMs: number;
  /** Whether groups are orders. */
  readonly fifo: boolean;
}

export function timingOf(
  visibilitySeconds: number,
  heartbeatSeconds: number | undefined,
  fifo: boolean,
): Timing {
  const visibilityMs = visibilitySeconds * 1000;
  const wanted = heartbeatSeconds === undefined ? visibilityMs / 3 : heartbeatSeconds * 1000;
  // Also where the heartbeat was chosen for another visibility timeout than the queue turned out to have.
  return { visibilityMs, heartbeatMs: Math.min(wanted, (visibilityMs * 3) / 4), fifo };
}
