import type { ErrorCode } from './errors';

/** What the SDK's errors have in common; `Code` is where S3 and Query protocols put the name. */
export interface ServiceError {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Record<string, string> };
  readonly $retryable?: { readonly throttling?: boolean };
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  QueueDoesNotExist: 'not-found',
  NonExistentQueue: 'not-found',
  NotFound: 'not-found',
  ResourceNotFound: 'not-found',
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
  MessageNotInflight: 'conflict',
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

/** Errors of Node's sockets: nobody answered, or not to the end. */
const UNREACHABLE =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET|ERR_TLS|CERT_|SELF_SIGNED)/;

/** The library's word for what a service or the SDK says. */
export function codeOf(error: ServiceError): ErrorCode {
  // SQS and SNS have no name of their own for it.
  if (/must be shorter than \d+ bytes|message too long/i.test(error.message ?? '')) return 'too-large';
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
