export interface FunctionSummary {
  readonly name: string;
  readonly arn: string;
  readonly description: string;
  /** null for a container image. */
  readonly runtime: string | null;
  readonly handler: string | null;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly modifiedAt: Date | null;
}

export interface ListFunctions {
  /** Names that begin so. */
  readonly prefix?: string;
  /** 1-1000. @default 100 */
  readonly limit?: number;
  readonly cursor?: string;
}

export interface InvokeOptions {
  /** 'async' answers when Lambda has accepted the event. @default 'sync' */
  readonly mode?: 'sync' | 'async';
  /** A version or an alias. */
  readonly qualifier?: string;
}

/** What a function threw, or what Lambda says of one that ended early or ran too long. */
export interface FunctionError {
  readonly type: string;
  readonly message: string;
}

export interface InvocationResult {
  /** 200 of a synchronous call (also of one that failed), 202 of an asynchronous one. */
  readonly status: number;
  /** The function's answer as a JSON value; text where it is no JSON; null of an asynchronous call or a failed one. */
  readonly payload: unknown;
  readonly error?: FunctionError;
  /** The last 4 KB of the invocation's log; empty of an asynchronous call. */
  readonly logTail: string;
}
