import { ServiceError } from '../engine';
import { formPairs, formTree } from './query-decoder';
import type { Input, Output, Protocol, WireReply, WireRequest } from './protocol';
import type { Xml } from './xml';
import { renderXml } from './xml';

export interface QueryOptions {
  readonly namespace: string;
  /** From the form's nodes to the model's names. */
  readonly input: (tree: ReturnType<typeof formTree>) => Input;
  /** From the model's names to the elements of the result. */
  readonly output: (output: Output, operation: string) => { readonly [name: string]: Xml };
  /** Operations that have no result at all; those of others may be empty, and botocore fails where it is missing. @default none */
  readonly withoutResult?: ReadonlySet<string>;
  /** The protocol's code for a model's error. @default the same */
  readonly errorCode?: (code: string) => string;
}

const HEADERS = { 'content-type': 'text/xml' };

/** The AWS Query protocol: a form in, XML out. */
export function queryProtocol(options: QueryOptions): Protocol {
  return {
    decode(request) {
      const { Action: operation, Version: _version, ...tree } = formTree(parameters(request));
      if (typeof operation !== 'string') {
        throw new ServiceError('MissingAction', 'The request must contain the parameter Action.');
      }
      return { operation, input: options.input(tree) };
    },
    result(operation, output, requestId) {
      const elements = {
        ...(!options.withoutResult?.has(operation) && {
          [`${operation}Result`]: options.output(output, operation),
        }),
        ResponseMetadata: { RequestId: requestId },
      };
      return reply(200, `${operation}Response`, options.namespace, elements);
    },
    error(error, requestId) {
      const Type = error.status >= 500 ? 'Receiver' : 'Sender';
      const Code = options.errorCode?.(error.code) ?? error.code;
      const elements = { Error: { Type, Code, Message: error.message }, RequestId: requestId };
      return reply(error.status, 'ErrorResponse', options.namespace, elements);
    },
  };
}

/** A form's parameters, wherever they are. */
export function parameters(request: WireRequest): [string, string][] {
  const inQuery = request.query === '' ? [] : formPairs(request.query);
  return request.body.length === 0 ? inQuery : [...inQuery, ...formPairs(request.body.toString('utf8'))];
}

function reply(
  status: number,
  root: string,
  namespace: string,
  elements: { [name: string]: Xml },
): WireReply {
  const body = `<?xml version="1.0"?>\n<${root} xmlns="${namespace}">${renderXml(elements)}</${root}>`;
  return { status, headers: HEADERS, body };
}
