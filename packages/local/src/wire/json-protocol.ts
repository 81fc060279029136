import { ServiceError } from '../engine';
import type { Input, Protocol, WireRequest } from './protocol';
import { isInput } from './protocol';

export interface JsonOptions {
  readonly version: '1.0' | '1.1';
  /** Before the operation in X-Amz-Target. */
  readonly target: string;
  /** Before the error's name in `__type`. @default none */
  readonly errorNamespace?: string;
  /** The code of the same error in the Query protocol, which services that moved from it still tell. */
  readonly queryErrorCode?: (code: string) => string;
}

/** The AWS JSON protocols: operation in X-Amz-Target, JSON in and out. */
export function jsonProtocol(options: JsonOptions): Protocol {
  const headers = { 'content-type': `application/x-amz-json-${options.version}` };
  return {
    decode(request) {
      const operation = targetOf(request, options.target);
      if (operation === undefined) {
        throw new ServiceError(
          'UnknownOperationException',
          `The header X-Amz-Target must begin with ${options.target}.`,
        );
      }
      return { operation, input: parse(request.body) };
    },
    result(_operation, output) {
      return { status: 200, headers, body: JSON.stringify(output) };
    },
    error(error) {
      const __type = options.errorNamespace ? `${options.errorNamespace}#${error.code}` : error.code;
      const fault = error.status >= 500 ? 'Receiver' : 'Sender';
      const code = options.queryErrorCode?.(error.code);
      const extra = code === undefined ? headers : { ...headers, 'x-amzn-query-error': `${code};${fault}` };
      return {
        status: error.status,
        headers: extra,
        body: JSON.stringify({ __type, message: error.message }),
      };
    },
  };
}

/** The operation in X-Amz-Target, if it is this service's. */
export function targetOf(request: WireRequest, prefix: string): string | undefined {
  const target = request.headers['x-amz-target'];
  return typeof target === 'string' && target.startsWith(`${prefix}.`)
    ? target.slice(prefix.length + 1)
    : undefined;
}

function parse(body: Buffer): Input {
  if (body.length === 0) return {};
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    if (isInput(parsed)) return parsed;
  } catch {
    // Reported below, like JSON that is no object.
  }
  throw new ServiceError('SerializationException', 'The body of the request is not a JSON object.');
}
