import { ServiceError } from '../engine';
import { functionOperations, functionRoutes } from './lambda-functions';
import { invokeOperations } from './lambda-invoke';
import { mappingOperations, mappingRoutes } from './lambda-mappings';
import { permissionOperations, permissionRoutes } from './lambda-permissions';
import { publishedOperations, publishedRoutes } from './lambda-published';
import type { Output, Protocol, Service, WireReply, WireRequest } from './protocol';
import { formPairs } from './query-decoder';
import { restProtocol } from './rest-protocol';

const INVOCATION = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

const json = restProtocol([...functionRoutes, ...publishedRoutes, ...permissionRoutes, ...mappingRoutes]);
/** What is wrong with parameters is one error in Lambda's model. */
const CODES: Readonly<Record<string, string>> = {
  MissingParameter: 'InvalidParameterValueException',
  InvalidParameterValue: 'InvalidParameterValueException',
  SerializationException: 'InvalidRequestContentException',
};

/** REST with JSON. Of an invocation the payload is the body, everything else travels in headers. */
const rest: Protocol = {
  decode(request) {
    const match = request.method === 'POST' ? INVOCATION.exec(request.path) : null;
    if (!match) return json.decode(request);
    const { headers, body } = request;
    const input = {
      FunctionName: decode(match[1]!),
      InvocationType: headers['x-amz-invocation-type'],
      LogType: headers['x-amz-log-type'],
      ClientContext: headers['x-amz-client-context'],
      Qualifier: qualifierOf(request),
      Payload: body.toString('utf8'),
    };
    return { operation: 'Invoke', input };
  },
  result(operation, output, requestId) {
    return isReply(output) ? output : json.result(operation, output, requestId);
  },
  error(error) {
    const code = CODES[error.code] ?? error.code;
    const isThrottled = code === 'TooManyRequestsException';
    const headers = {
      'content-type': 'application/json',
      'x-amzn-errortype': code,
      ...(isThrottled && { 'retry-after': '1' }),
    };
    const Type = error.status >= 500 ? 'Service' : 'User';
    const Reason = isThrottled ? 'ReservedFunctionConcurrentInvocationLimitExceeded' : undefined;
    // The service spells it both ways, depending on the error.
    const body = JSON.stringify({ Reason, Type, Message: error.message, message: error.message });
    return { status: error.status, headers, body };
  },
};

function isReply(output: Output): output is Output & WireReply {
  return typeof output['status'] === 'number' && typeof output['body'] === 'string';
}

export const lambda: Service = {
  name: 'lambda',
  recognizes: ({ path }) => /^\/\d{4}-\d\d-\d\d\/(?:functions|event-source-mappings)(?:\/|$)/.test(path),
  protocol: () => rest,
  operations: {
    ...invokeOperations,
    ...functionOperations,
    ...publishedOperations,
    ...permissionOperations,
    ...mappingOperations,
  },
  denied: (message) => new ServiceError('AccessDeniedException', message, 403),
};

function qualifierOf({ query }: WireRequest): string | undefined {
  return query === '' ? undefined : formPairs(query).find(([name]) => name === 'Qualifier')?.[1];
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ServiceError('InvalidParameterValueException', `The function name ${part} is not URL-encoded.`);
  }
}
