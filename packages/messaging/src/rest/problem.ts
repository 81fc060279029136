import { MessagingError } from '../errors';

/** Each code is a type of problem, `/problems/<code>`, and is told there at length. */
export const PROBLEMS = {
  'bad-json': {
    status: 400,
    title: 'The body is not JSON that can be taken',
    explanation:
      'Bodies are I-JSON (RFC 7493) in UTF-8: no name twice in an object, no half surrogate pairs, no whole number beyond 2^53, at most 64 levels.',
  },
  'invalid-parameter': {
    status: 400,
    title: 'A parameter or header is wrong',
    explanation:
      'errors[] names each path parameter, query parameter or header that cannot be taken, and why.',
  },
  unauthenticated: {
    status: 401,
    title: 'The request has no valid token',
    explanation: 'Send `Authorization: Bearer <token>`.',
  },
  'insufficient-scope': {
    status: 403,
    title: "The token's scope does not cover this operation",
    explanation:
      'Scopes are read, write and admin; each includes the ones before it. The operation names the one that it needs as x-scope.',
  },
  'read-only': {
    status: 403,
    title: 'This server only reads',
    explanation:
      'A server that talks to a real AWS account answers reads only, until it is started with --allow-writes (allowWrites in its configuration).',
  },
  'foreign-origin': {
    status: 403,
    title: 'Pages of that origin may not call this server',
    explanation:
      'The header Origin, which browsers send, names neither this server nor one of its allowedOrigins.',
  },
  denied: {
    status: 403,
    title: 'AWS denied the call',
    explanation:
      "The server's AWS identity may not do this, or the resource's name does not begin with the prefix that the server keeps to.",
  },
  'not-found': {
    status: 404,
    title: 'There is no such resource',
    explanation:
      'The resource that the path or the body names does not exist (any more), or not in this region and account.',
  },
  'unknown-path': {
    status: 404,
    title: 'There is no such path',
    explanation: 'All paths are told in /openapi.json.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The path does not have this method',
    explanation: 'The header Allow lists the methods that it has.',
  },
  'already-exists': {
    status: 409,
    title: 'The name is taken',
    explanation: 'A resource of this name exists, with other attributes than the ones that were asked for.',
  },
  conflict: {
    status: 409,
    title: 'Something else is under way',
    explanation:
      'The state of the resource does not permit the operation now: it was deleted a moment ago, is being redriven, or a request with the same Idempotency-Key is still running.',
  },
  'too-large': {
    status: 413,
    title: 'The body is too large',
    explanation: 'The request, or the message in it, is over its limit.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body is not sent as JSON',
    explanation:
      'Send `Content-Type: application/json`; the only charset is UTF-8, the only content coding is none.',
  },
  'misdirected-request': {
    status: 421,
    title: 'The request is for another host',
    explanation:
      'The header Host names a host that this server does not answer for, which is how DNS rebinding looks.',
  },
  invalid: {
    status: 422,
    title: 'The body does not say something that can be done',
    explanation:
      'errors[] points at each property that is wrong; where AWS found it, the detail is what AWS said.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The Idempotency-Key was used for another body',
    explanation: 'A key belongs to one body: take a new key for another one.',
  },
  throttled: {
    status: 429,
    title: 'Too many requests',
    explanation: 'AWS, or this server, asks to be asked less often: wait for the seconds in Retry-After.',
  },
  'client-closed': {
    status: 499,
    title: 'The client went away',
    explanation: 'The connection was closed before there was an answer; seen in metrics only.',
  },
  internal: {
    status: 500,
    title: 'The server made a mistake',
    explanation: 'A defect of the server, whose log has the details.',
  },
  unsupported: {
    status: 501,
    title: 'The endpoint does not support this',
    explanation: 'The AWS endpoint that the server talks to does not have this operation.',
  },
  unavailable: {
    status: 503,
    title: 'AWS cannot be reached, or the server is stopping',
    explanation: 'Try again after the seconds in Retry-After.',
  },
  timeout: {
    status: 504,
    title: 'There was no answer in time',
    explanation:
      'AWS, or for a request over two queues its responder, did not answer in time; it may still have done what was asked.',
  },
} as const satisfies Record<string, { status: number; title: string; explanation: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One thing that is wrong: where in the body (a JSON Pointer), or in which parameter or header. */
export type ProblemPart =
  | { readonly pointer: string; readonly detail: string }
  | { readonly parameter: string; readonly detail: string }
  | { readonly header: string; readonly detail: string };

export interface ProblemDetails {
  readonly errors?: readonly ProblemPart[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

export const PROBLEM_TYPE = 'application/problem+json';

/** An answer of 4xx or 5xx as RFC 9457 has it: `{type, title, status, detail, errors?}`. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly errors: readonly ProblemPart[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    details: ProblemDetails = {},
  ) {
    super(detail, { cause: details.cause });
    this.status = PROBLEMS[code].status;
    this.errors = details.errors ?? [];
    this.headers = details.headers ?? {};
  }

  /** The body of the answer. */
  toJSON() {
    return {
      type: `/problems/${this.code}`,
      title: PROBLEMS[this.code].title,
      status: this.status,
      detail: this.detail,
      ...(this.errors.length > 0 && { errors: this.errors }),
    };
  }

  toResponse(): Response {
    const headers = { ...this.headers, 'content-type': PROBLEM_TYPE };
    return new Response(JSON.stringify(this), { status: this.status, headers });
  }
}

/** Seconds in Retry-After where AWS tells none. */
const RETRY_AFTER_SECONDS = 1;

/**
 * The one place where errors of the library become problems.
 *
 * @param hasBody whether `invalid` is about the body (422) or, where there is none, about a parameter (400)
 * @param parameters names of the path's parameters, which are parameters for requests with a body, too
 */
export function asProblem(error: unknown, hasBody: boolean, parameters: readonly string[] = []): Problem {
  if (error instanceof Problem) return error;
  if (!(error instanceof MessagingError)) {
    return new Problem('internal', 'The server made a mistake; its log has the details.', { cause: error });
  }
  const isParameter = (field: string) => !hasBody || parameters.includes(field);
  const errors = error.errors?.map(({ field, detail }) => partOf(field, detail, isParameter(field)));
  const isOfBody = errors === undefined ? hasBody : errors.some((part) => 'pointer' in part);
  const code = codeOf(error.code, isOfBody);
  const waits = code === 'throttled' || code === 'unavailable';
  const seconds = Math.ceil(error.retryAfterSeconds ?? RETRY_AFTER_SECONDS);
  const headers = waits ? { 'retry-after': String(Math.max(1, seconds)) } : undefined;
  return new Problem(code, error.message, { errors, headers, cause: error });
}

function codeOf(code: MessagingError['code'], isOfBody: boolean): ProblemCode {
  if (code === 'invalid') return isOfBody ? 'invalid' : 'invalid-parameter';
  return code === 'closed' ? 'unavailable' : code;
}

function partOf(field: string, detail: string, isParameter: boolean): ProblemPart {
  if (isParameter) return { parameter: field, detail };
  return { pointer: field.startsWith('/') ? field : `/${field.replaceAll('.', '/')}`, detail };
}
