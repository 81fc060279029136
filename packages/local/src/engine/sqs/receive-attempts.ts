import type { Entry } from './message';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
const ATTEMPT_MS = 300_000;
// Beyond that the oldest attempts can no longer be repeated; nobody repeats the ten-thousandth last one.
const MAX_ATTEMPTS = 10_000;

interface Attempt {
  readonly at: number;
  /** The messages as they were left: how often received, and hidden until when. */
  receives: readonly { readonly entry: Entry; readonly count: number; readonly until: number }[];
}

/** The receives from a FIFO queue that can be repeated by their ReceiveRequestAttemptId. */
export class ReceiveAttempts {
  /** In the order of time. */
  private readonly attempts = new Map<string, Attempt>();

  /** The messages of an attempt of the last 5 minutes, if none of them was deleted, hidden anew or shown since. */
  find(id: string, now: number): readonly Entry[] | undefined {
    const attempt = this.attempts.get(id);
    if (!attempt || attempt.at + ATTEMPT_MS <= now) return undefined;
    const untouched = attempt.receives.every(({ entry, count, until }) => {
      return entry.state === 'in-flight' && entry.receiveCount === count && entry.eventAt === until;
    });
    return untouched ? attempt.receives.map(({ entry }) => entry) : undefined;
  }

  /** A new attempt and what it has received. */
  add(id: string, entries: readonly Entry[], now: number): void {
    this.attempts.delete(id);
    this.attempts.set(id, { at: now, receives: entries.map(asLeft) });
    for (const [oldest, { at }] of this.attempts) {
      if (at + ATTEMPT_MS > now && this.attempts.size <= MAX_ATTEMPTS) break;
      this.attempts.delete(oldest);
    }
  }

  /** The attempt was repeated, which hid its messages for another while. */
  renew(id: string): void {
    const attempt = this.attempts.get(id);
    if (attempt) attempt.receives = attempt.receives.map(({ entry }) => asLeft(entry));
  }
}

function asLeft(entry: Entry) {
  return { entry, count: entry.receiveCount, until: entry.eventAt };
}
