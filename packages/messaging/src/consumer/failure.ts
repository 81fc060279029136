import type { FailureReason } from '../events';

/** What a handler throws where the reason is not the handler itself. */
export class Failure extends Error {
  constructor(
    readonly reason: FailureReason,
    override readonly cause: Error,
  ) {
    super(cause.message);
  }
}

/** What a handler throws to have the message again, without having failed. */
export class Later extends Error {
  /** @param seconds absent: when the visibility timeout ends */
  constructor(readonly seconds?: number) {
    super('later');
  }
}

export function asError(value: unknown): Error {
  // Errors of another realm (a worker, a test's sandbox) are no instances.
  const isError = value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
  return isError ? (value as Error) : new Error(String(value));
}
