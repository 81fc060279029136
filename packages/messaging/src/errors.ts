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

/** What the SDK's errors have in common; `Code` is where S3 and Query protocols put the name. */
interface ServiceError {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Record<string, string> };
  readonly $retryable?: { readonly throttling?: boolean };
}

/**
 * The name that a service gives an error, without the old protocols' ornaments
 * (`AWS.SimpleQueueService.NonExistentQueue`, `QueueDoesNotExistException`).
 */
function plainName(name: string): string {
  return name
    .replace(/^.*[.#]/, '')
    .replace(/Exception$/, '')
    .replace(/Fault$/, '');
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  QueueDoesNotExist: 'not-found',
  NonExistentQueue: 'not-found',
  NotFound: 'not-found',
  ResourceNotFound: 'not-found',
  ResourceNotFoundFault: 'not-found',
  NoSuchKey: 'not-found',
  NoSuchBucket: 'not-found',
  NoSuchEntity: 'not-found',
  QueueNameExists: 'already-exists',
  QueueAlreadyExists: 'already-exists',
  ResourceAlreadyExists: 'already-exists',
  ResourceInUse: 'conflict',
  ResourceConflict: 'conflict',
  ConcurrentModification: 'conflict',
  ConcurrentAccess: 'conflict',
  Conflict: 'conflict',
  QueueDeletedRecently: 'conflict',
  PurgeQueueInProgress: 'throttled',
  OverLimit: 'throttled',
  LimitExceeded: 'throttled',
  TopicLimitExceeded: 'conflict',
  SubscriptionLimitExceeded: 'conflict',
  FilterPolicyLimitExceeded: 'conflict',
  Throttling: 'throttled',
  Throttled: 'throttled',
  RequestThrottled: 'throttled',
  TooManyRequests: 'throttled',
  RequestLimitExceeded: 'throttled',
  ProvisionedThroughputExceeded: 'throttled',
  KmsThrottled: 'throttled',
  KMSThrottling: 'throttled',
  SlowDown: 'throttled',
  AccessDenied: 'denied',
  AuthorizationError: 'denied',
  AuthFailure: 'denied',
  Forbidden: 'denied',
  NotAuthorized: 'denied',
  UnauthorizedOperation: 'denied',
  KMSAccessDenied: 'denied',
  KmsAccessDenied: 'denied',
  InvalidSecurity: 'denied',
  InvalidClientTokenId: 'denied',
  InvalidAccessKeyId: 'denied',
  UnrecognizedClient: 'denied',
  SignatureDoesNotMatch: 'denied',
  IncompleteSignature: 'denied',
  MissingAuthenticationToken: 'denied',
  ExpiredToken: 'denied',
  RequestExpired: 'denied',
  CredentialsProviderError: 'denied',
  CredentialsProvider: 'denied',
  TokenProviderError: 'denied',
  MessageTooLong: 'too-large',
  RequestTooLarge: 'too-large',
  RequestEntityTooLarge: 'too-large',
  BatchRequestTooLong: 'too-large',
  EntityTooLarge: 'too-large',
  UnsupportedOperation: 'unsupported',
  NotImplemented: 'unsupported',
  UnknownOperation: 'unsupported',
  InvalidAction: 'unsupported',
  TimeoutError: 'timeout',
  RequestTimeout: 'timeout',
  AbortError: 'closed',
};

/** Errors of Node's sockets: nobody answered, or not to the end. */
const UNREACHABLE =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET|ERR_TLS|CERT_|SELF_SIGNED)/;

function codeOf(error: ServiceError): ErrorCode {
  const name = plainName(error.name ?? '');
  const known = CODES[name] ?? CODES[plainName(error.code ?? '')];
  if (known !== undefined) return known;
  if (error.code === 'ETIMEDOUT') return 'timeout';
  if (UNREACHABLE.test(error.code ?? '')) return 'unavailable';
  if (error.$retryable?.throttling === true) return 'throttled';
  return codeOfStatus(error.$metadata?.httpStatusCode);
}

function codeOfStatus(status: number | undefined): ErrorCode {
  if (status === undefined || status >= 500 || status < 400) return 'unavailable';
  if (status === 401 || status === 403) return 'denied';
  if (status === 404) return 'not-found';
  if (status === 409 || status === 412) return 'conflict';
  if (status === 413) return 'too-large';
  if (status === 429) return 'throttled';
  return 'invalid';
}

function retryAfterOf(error: ServiceError): number | undefined {
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
  const reason = known.message || known.name || known.code || String(error);
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
