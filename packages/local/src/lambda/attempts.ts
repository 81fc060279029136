import type { InvocationResult, ReceivedMessage } from '../contracts';
import type { ServiceError } from '../engine';

/** What has become of an event so far. */
export interface Attempts {
  /** Invocations that ended with a function error: they use up the retries. */
  errors: number;
  /** Throttles and faults of the service, one after the other: they do not. */
  refusals: number;
  lastResult?: InvocationResult;
  lastRefusal?: ServiceError;
}

/**
 * The attempts at events that are tried again. They are not stored: after a restart an event's receives stand for its errors,
 * but never so that it is given up without another try.
 */
export class AttemptMemory {
  private readonly byMessage = new Map<string, Attempts>();

  constructor(private readonly maximumRetries: number) {}

  of({ messageId, receiveCount }: ReceivedMessage): Attempts {
    let attempts = this.byMessage.get(messageId);
    if (!attempts) {
      attempts = { errors: Math.min(receiveCount - 1, this.maximumRetries), refusals: 0 };
      this.byMessage.set(messageId, attempts);
    }
    return attempts;
  }

  forget({ messageId }: ReceivedMessage): void {
    this.byMessage.delete(messageId);
  }
}
