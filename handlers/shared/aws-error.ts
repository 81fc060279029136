import type { LogFields } from './log';

interface SdkError {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

/**
 * A failed call of an AWS service that is safe to log and to throw out of a handler. The SDK's own error is not: its text
 * may quote the request, and Lambda logs every property of what a handler throws.
 */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  /** The service's name of the error (`ThrottlingException`), or Node.js's (`ECONNREFUSED`). */
  readonly code: string;
  /** HTTP status; absent where no answer came. */
  readonly status: number | undefined;
  private readonly serviceRequestId: string | undefined;

  /** @param call what was called: `sns:Publish` */
  constructor(
    readonly call: string,
    error: unknown,
  ) {
    const { name = 'Error', code = name, $metadata } = error as SdkError;
    super(`${call}: ${code}`);
    this.code = code;
    this.status = $metadata?.httpStatusCode;
    this.serviceRequestId = $metadata?.requestId;
  }

  /** 4xx other than throttling is a mistake of ours (permission, name, value): no use in trying again soon. */
  get permanent(): boolean {
    const { status, code } = this;
    return status !== undefined && status < 500 && status !== 429 && !THROTTLED.test(code);
  }

  get fields(): LogFields {
    const { call, code, status, serviceRequestId } = this;
    return { call, error: code, status, serviceRequestId };
  }
}

/**
 * The answer of a call.
 *
 * @param call what is called: `sns:Publish`
 * @throws AwsError
 */
export async function callAws<T>(call: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new AwsError(call, error);
  }
}

/** DynamoDB and SES say so with status 400. */
const THROTTLED =
  /throttl|TooManyRequests|LimitExceeded|ProvisionedThroughputExceeded|RequestTimeout|SlowDown/i;
