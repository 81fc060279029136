/** A call that Lambda refuses before a function runs: `code` is the API's error code, `status` the HTTP status. */
export class LambdaError extends Error {
  constructor(
    readonly code:
      | 'ResourceNotFoundException'
      | 'RequestTooLargeException'
      | 'InvalidRequestContentException'
      | 'TooManyRequestsException',
    message: string,
    readonly status: number,
  ) {
    super(message);
    this.name = code;
  }
}

/** @throws LambdaError where the payload is too large for this kind of invocation, or no JSON */
export function checkPayload(payload: string, maxBytes: number): void {
  if (Buffer.byteLength(payload) > maxBytes) {
    const text = `Request must be smaller than ${maxBytes} bytes for the InvokeFunction operation`;
    throw new LambdaError('RequestTooLargeException', text, 413);
  }
  try {
    JSON.parse(payload);
  } catch (error) {
    const text = `Could not parse request body into json: ${(error as Error).message}`;
    throw new LambdaError('InvalidRequestContentException', text, 400);
  }
}

/** Lambda's error object for a failure outside of the handler. */
export function errorPayload(errorType: string, requestId: string, message: string): string {
  return JSON.stringify({ errorType, errorMessage: `RequestId: ${requestId} Error: ${message}` });
}

const SIGNALS: Readonly<Record<string, string>> = {
  SIGKILL: 'killed',
  SIGABRT: 'aborted',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
};

/** How Lambda says that a process ended in the middle of an invocation. */
export function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== null) return `Runtime exited with error: signal: ${SIGNALS[signal] ?? signal}`;
  return code === 0
    ? 'Runtime exited without providing a reason'
    : `Runtime exited with error: exit status ${code}`;
}

/** `Error: no such table`, from Lambda's error object. */
export function summary(payload: string): string {
  const { errorType, errorMessage } = JSON.parse(payload) as { errorType?: string; errorMessage?: string };
  return `${errorType}: ${errorMessage}`;
}
