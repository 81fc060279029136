import type { ServiceError } from './error-codes';
import { codeOf } from './error-codes';

/** What went wrong, in words that stay: the REST API's problem types are these. */
export type ErrorCode =
  | 'not-found'
  | 'already-exists'
  | 'invalid'
  | 'denied'
  | 'throttled'
  | 'too-large'
  | 'conflict'
  | 'unavailable'
  | 'timeout'
  | 'closed'
  | 'unsupported';

/** One field of the input and what is wrong with it; `field` is a path such as `deadLetter.maxReceiveCount`. */
export interface FieldError {
  readonly field: string;
  readonly detail: string;
}

export interface MessagingErrorDetails {
  readonly errors?: readonly FieldError[];
  /** When another try makes sense, where the service said so. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** The one error that every operation of the library throws. */
export class MessagingError extends Error {
  override readonly name = 'MessagingError';
  readonly errors?: readonly FieldError[];
  readonly retryAfterSeconds?: number;

  constructor(
    readonly code: ErrorCode,
    message: string,
    details: MessagingErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    if (details.errors !== undefined) this.errors = details.errors;
    if (details.retryAfterSeconds !== undefined) this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** Input that is refused before AWS is asked. */
export function invalid(errors: readonly FieldError[]): MessagingError {
  const text = errors.map(({ field, detail }) => `${field}: ${detail}`).join('; ');
  return new MessagingError('invalid', text, { errors });
}

/** Throws 'invalid' with all of them, if there are any. */
export function refuse(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(errors);
}

export function isMessagingError(error: unknown, code?: ErrorCode): error is MessagingError {
  return error instanceof MessagingError && (code === undefined || error.code === code);
}

function retryAfterOf(error: ServiceError): number | undefined {
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html
  if (error.name === 'PurgeQueueInProgress') return 60;
  const seconds = Number(error.$response?.headers?.['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : undefined;
}

/**
 * Any error as the library's own. `doing` says what was tried on what: `sending to queue "orders"`.
 * An error that is the library's own already passes unchanged.
 */
export function asMessagingError(error: unknown, doing: string): MessagingError {
  if (error instanceof MessagingError) return error;
  // What AbortSignal.timeout and its like throw is an Error as well; a thrown string or null is not.
  const known = (typeof error === 'object' && error !== null ? error : {}) as ServiceError;
  const reason = known.message || known.code || known.name || String(error);
  const retryAfterSeconds = retryAfterOf(known);
  return new MessagingError(codeOf(known), `${capital(doing)} failed: ${reason}`, {
    cause: error,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

/** Runs a call; what it throws is the library's error, which says what was tried. */
export async function attempt<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw asMessagingError(error, doing);
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
