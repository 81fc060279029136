import { asyncInvocationQueueArn } from '../contracts';
import { functionArn, ServiceError } from '../engine';
import { functionOperations, functionRoutes } from './lambda-functions';
import { mappingOperations, mappingRoutes } from './lambda-mappings';
import { functionName, functionNotFound, namedFunctionArn } from './lambda-name';
import type { Call, Input, Operations, Output, Protocol, Service, WireReply } from './protocol';
import { restProtocol } from './rest-protocol';

const INVOCATION = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const MAX_SYNC_BYTES = 6 * 1024 * 1024;
const MAX_ASYNC_BYTES = 1024 * 1024;

const operations: Operations = {
  Invoke: { permission: 'InvokeFunction', resource: namedFunctionArn, run: invoke },
  ...functionOperations,
  ...mappingOperations,
};

const json = restProtocol([...functionRoutes, ...mappingRoutes]);
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
    const input = {
      FunctionName: decode(match[1]!),
      InvocationType: request.headers['x-amz-invocation-type'],
      LogType: request.headers['x-amz-log-type'],
      Payload: request.body.toString('utf8'),
    };
    return { operation: 'Invoke', input };
  },
  result(operation, output, requestId) {
    return isReply(output) ? output : json.result(operation, output, requestId);
  },
  error(error) {
    const code = CODES[error.code] ?? error.code;
    const headers = { 'content-type': 'application/json', 'x-amzn-errortype': code };
    const Type = error.status >= 500 ? 'Service' : 'User';
    // The service spells it both ways, depending on the error.
    const body = JSON.stringify({ Type, Message: error.message, message: error.message });
    return { status: error.status, headers, body };
  },
};

function isReply(output: Output): output is Output & WireReply {
  return typeof output.status === 'number' && typeof output.body === 'string';
}

export const lambda: Service = {
  name: 'lambda',
  recognizes: ({ path }) => /^\/\d{4}-\d\d-\d\d\/(?:functions|event-source-mappings)(?:\/|$)/.test(path),
  protocol: () => rest,
  operations,
  denied: (message) => new ServiceError('AccessDeniedException', message, 403),
};

async function invoke(input: Input, call: Call): Promise<Output> {
  const name = functionName(input);
  const { context } = call;
  if (!context.invoker.has(name)) throw functionNotFound(name, context);
  const payload = input.Payload === '' ? '{}' : (input.Payload as string);
  checkJson(payload);
  switch (input.InvocationType ?? 'RequestResponse') {
    case 'DryRun':
      return { status: 204, headers: {}, body: '' };
    case 'Event':
      return invokeLater(name, payload, call);
    case 'RequestResponse':
      return invokeNow(name, payload, input.LogType === 'Tail', call);
    default:
      throw new ServiceError(
        'InvalidParameterValueException',
        `Invocation type ${String(input.InvocationType)} is none of RequestResponse, Event, DryRun.`,
      );
  }
}

async function invokeNow(name: string, payload: string, tail: boolean, call: Call): Promise<Output> {
  checkSize(payload, MAX_SYNC_BYTES);
  const result = await call.context.invoker.invoke(name, payload, { traceId: traceOf(call) });
  const headers = {
    'content-type': 'application/json',
    'x-amzn-requestid': result.requestId,
    'x-amz-executed-version': '$LATEST',
    ...(result.functionError !== undefined && { 'x-amz-function-error': result.functionError }),
    ...(tail && { 'x-amz-log-result': Buffer.from(result.logTail).toString('base64') }),
  };
  return { status: 200, headers, body: result.payload };
}

async function invokeLater(name: string, payload: string, call: Call): Promise<Output> {
  checkSize(payload, MAX_ASYNC_BYTES);
  const { context } = call;
  const queueArn = asyncInvocationQueueArn(functionArn(context.broker.locale, name));
  const traceHeader = traceOf(call);
  const { messageId } = await context.broker.send(queueArn, { body: payload, traceHeader });
  return { status: 202, headers: { 'x-amzn-requestid': messageId }, body: '' };
}

function traceOf({ request }: Call): string | undefined {
  const trace = request.headers['x-amzn-trace-id'];
  return typeof trace === 'string' ? trace : undefined;
}

function checkSize(payload: string, limit: number): void {
  const bytes = Buffer.byteLength(payload);
  if (bytes <= limit) return;
  const reason = `${bytes} byte payload is too large for the invocation (limit ${limit} bytes)`;
  throw new ServiceError('RequestTooLargeException', reason, 413);
}

function checkJson(payload: string): void {
  try {
    JSON.parse(payload);
  } catch (error) {
    const reason = `Could not parse request body into json: ${(error as Error).message}`;
    throw new ServiceError('InvalidRequestContentException', reason);
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ServiceError('InvalidParameterValueException', `The function name ${part} is not URL-encoded.`);
  }
}
