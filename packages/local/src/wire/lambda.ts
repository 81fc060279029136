import { asyncInvocationQueueArn } from '../contracts';
import { functionArn, nameOf, ServiceError } from '../engine';
import type { Call, Input, Operations, Output, Protocol, Service, WireContext, WireReply } from './protocol';
import { text } from './protocol';

const INVOCATION = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const MAX_SYNC_BYTES = 6 * 1024 * 1024;
const MAX_ASYNC_BYTES = 1024 * 1024;

const operations: Operations = {
  Invoke: {
    permission: 'InvokeFunction',
    resource: (input, context) => functionArn(context.broker.locale, functionName(input)),
    run: invoke,
  },
};

/** REST with JSON, as far as invocations need it: the payload is the body, everything else travels in headers. */
const rest: Protocol = {
  decode(request) {
    const match = INVOCATION.exec(request.path);
    if (!match || request.method !== 'POST')
      return { operation: `${request.method} ${request.path}`, input: {} };
    const input = {
      FunctionName: decode(match[1]!),
      InvocationType: request.headers['x-amz-invocation-type'],
      LogType: request.headers['x-amz-log-type'],
      Payload: request.body.toString('utf8'),
    };
    return { operation: 'Invoke', input };
  },
  result(_operation, output) {
    return output as unknown as WireReply;
  },
  error(error) {
    const headers = { 'content-type': 'application/json', 'x-amzn-errortype': error.code };
    const Type = error.status >= 500 ? 'Service' : 'User';
    // The service spells it both ways, depending on the error.
    const body = JSON.stringify({ Type, Message: error.message, message: error.message });
    return { status: error.status, headers, body };
  },
};

export const lambda: Service = {
  name: 'lambda',
  recognizes: (request) => request.path.startsWith('/2015-03-31/functions/'),
  protocol: () => rest,
  operations,
  denied: (message) => new ServiceError('AccessDeniedException', message, 403),
};

async function invoke(input: Input, call: Call): Promise<Output> {
  const name = functionName(input);
  const { context } = call;
  if (!context.invoker.has(name)) {
    const arn = functionArn(context.broker.locale, name);
    throw new ServiceError('ResourceNotFoundException', `Function not found: ${arn}`, 404);
  }
  const payload = input.Payload === '' ? '{}' : (input.Payload as string);
  checkJson(payload);
  switch (input.InvocationType ?? 'RequestResponse') {
    case 'DryRun':
      return { status: 204, headers: {}, body: '' };
    case 'Event':
      return invokeLater(name, payload, call);
    case 'RequestResponse':
      return invokeNow(name, payload, input.LogType === 'Tail', context);
    default:
      throw new ServiceError(
        'InvalidParameterValueException',
        `Invocation type ${String(input.InvocationType)} is none of RequestResponse, Event, DryRun.`,
      );
  }
}

async function invokeNow(
  name: string,
  payload: string,
  tail: boolean,
  context: WireContext,
): Promise<Output> {
  checkSize(payload, MAX_SYNC_BYTES);
  const result = await context.invoker.invoke(name, payload);
  const headers = {
    'content-type': 'application/json',
    'x-amzn-requestid': result.requestId,
    'x-amz-executed-version': '$LATEST',
    ...(result.functionError !== undefined && { 'x-amz-function-error': result.functionError }),
    ...(tail && { 'x-amz-log-result': Buffer.from(result.logTail).toString('base64') }),
  };
  return { status: 200, headers, body: result.payload };
}

async function invokeLater(name: string, payload: string, { context, request }: Call): Promise<Output> {
  checkSize(payload, MAX_ASYNC_BYTES);
  const trace = request.headers['x-amzn-trace-id'];
  const queueArn = asyncInvocationQueueArn(functionArn(context.broker.locale, name));
  const traceHeader = typeof trace === 'string' ? trace : undefined;
  const { messageId } = await context.broker.send(queueArn, { body: payload, traceHeader });
  return { status: 202, headers: { 'x-amzn-requestid': messageId }, body: '' };
}

/** A function may be named by name, ARN or part of one, with or without a qualifier. */
function functionName(input: Input): string {
  const given = text(input, 'FunctionName');
  const marker = 'function:';
  const start = given.indexOf(marker);
  const rest = start < 0 ? given : given.slice(start + marker.length);
  return start < 0 && given.startsWith('arn:') ? nameOf(given) : rest.split(':')[0]!;
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
