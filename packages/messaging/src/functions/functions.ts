import type { InvocationResponse } from '@aws-sdk/client-lambda';
import type { Aws } from '../clients';
import { invalid, refuse } from '../errors';
import type { Page } from '../page';
import { page } from '../page';
import type { FunctionError, FunctionSummary, InvocationResult, InvokeOptions, ListFunctions } from './types';

const QUALIFIER = /^(\$LATEST|[A-Za-z0-9_-]{1,128})$/;
/** What Lambda lists in one call. */
const MAX_CHUNK = 50;

/** Lambda functions: what there are, and calls of them. */
export class Functions {
  constructor(private readonly aws: Aws) {}

  async list(options: ListFunctions = {}): Promise<Page<FunctionSummary>> {
    const prefix = options.prefix ?? '';
    return page(
      `functions?prefix=${this.aws.settings.prefix}&${prefix}`,
      options,
      (Marker) =>
        this.aws.attempt('listing functions', async () => {
          const answer = await (await this.aws.lambda()).listFunctions({ Marker, MaxItems: MAX_CHUNK });
          return { items: (answer.Functions ?? []).map(summary), next: answer.NextMarker };
        }),
      ({ name }) => this.aws.isVisible(name) && name.startsWith(prefix),
    );
  }

  /**
   * Calls a function with any value that JSON can say. What the function throws is part of the answer; what Lambda refuses
   * is thrown.
   *
   * @throws MessagingError 'not-found', 'too-large' (6 MB, 1 MB asynchronous), 'throttled'
   */
  async invoke(name: string, payload: unknown, options: InvokeOptions = {}): Promise<InvocationResult> {
    this.aws.checkName('function', name);
    const { mode = 'sync', qualifier } = options;
    refuse(optionErrors(options));
    const answer = await this.aws.attempt(`invoking function "${name}"`, async () =>
      (await this.aws.lambda()).invoke({
        FunctionName: name,
        Qualifier: qualifier,
        InvocationType: mode === 'async' ? 'Event' : 'RequestResponse',
        LogType: mode === 'async' ? 'None' : 'Tail',
        Payload: asJson(payload),
      }),
    );
    return result(answer);
  }
}

function optionErrors({ mode = 'sync', qualifier }: InvokeOptions) {
  return [
    ...(['sync', 'async'].includes(mode) ? [] : [{ field: 'mode', detail: 'must be sync or async' }]),
    ...(qualifier === undefined || QUALIFIER.test(qualifier)
      ? []
      : [{ field: 'qualifier', detail: 'must be a version or an alias' }]),
  ];
}

/** undefined goes as no payload at all. */
function asJson(payload: unknown): string | undefined {
  try {
    return JSON.stringify(payload);
  } catch (error) {
    throw invalid([{ field: 'payload', detail: `is no JSON: ${(error as Error).message}` }]);
  }
}

function result({ StatusCode, Payload, FunctionError, LogResult }: InvocationResponse): InvocationResult {
  // The SDK says null of an asynchronous call.
  const text = Buffer.from(Payload ?? []).toString();
  const logTail = Buffer.from(LogResult ?? '', 'base64').toString();
  const status = StatusCode ?? 200;
  if (FunctionError) {
    return { status, payload: null, error: functionError(text, FunctionError), logTail };
  }
  return { status, payload: text === '' ? null : parsed(text), logTail };
}

/** Lambda writes what was thrown as `{errorType, errorMessage}`; other runtimes may write anything. */
function functionError(text: string, kind: string): FunctionError {
  const thrown = parsed(text);
  const { errorType, errorMessage } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as {
    errorType?: unknown;
    errorMessage?: unknown;
  };
  return {
    type: typeof errorType === 'string' ? errorType : kind,
    message: typeof errorMessage === 'string' ? errorMessage : text,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function summary(given: {
  FunctionName?: string;
  FunctionArn?: string;
  Description?: string;
  Runtime?: string;
  Handler?: string;
  MemorySize?: number;
  Timeout?: number;
  LastModified?: string;
}): FunctionSummary {
  const modifiedAt = new Date(given.LastModified ?? '');
  return {
    name: given.FunctionName!,
    arn: given.FunctionArn!,
    description: given.Description ?? '',
    runtime: given.Runtime ?? null,
    handler: given.Handler || null,
    memoryMb: given.MemorySize ?? 128,
    timeoutSeconds: given.Timeout ?? 3,
    modifiedAt: Number.isNaN(modifiedAt.getTime()) ? null : modifiedAt,
  };
}
