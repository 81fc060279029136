import type { OutgoingMessage } from '../contracts';
import { asyncInvocationQueueArn } from '../contracts';
import { functionArn, ServiceError } from '../engine';
import { executedVersion } from '../lambda/qualifier';
import { functionName, functionNotFound, namedQualifier, qualifiedArn } from './lambda-name';
import type { Call, Input, Operations, Output } from './protocol';
import { optionalText } from './protocol';

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const MAX_BYTES = { RequestResponse: 6 * 1024 * 1024, Event: 1024 * 1024 } as const;
/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const MAX_CLIENT_CONTEXT = 3583;

export const invokeOperations: Operations = {
  Invoke: { permission: 'InvokeFunction', resource: qualifiedArn, run: invoke },
};

/** An invocation that may be made: the function is there, and the payload is JSON. */
interface Request {
  readonly name: string;
  readonly qualifier: string | undefined;
  readonly payload: string;
  readonly clientContext: string | undefined;
}

async function invoke(input: Input, call: Call): Promise<Output> {
  const type = optionalText(input, 'InvocationType') ?? 'RequestResponse';
  const request = requestOf(input, call);
  switch (type) {
    case 'DryRun':
      return { status: 204, headers: {}, body: '' };
    case 'Event':
      checkSize(request.payload, type);
      return invokeLater(request, call);
    case 'RequestResponse':
      checkSize(request.payload, type);
      return invokeNow(request, logType(input), call);
    default:
      throw notOneOf('invocationType', type, 'RequestResponse, Event, DryRun');
  }
}

function requestOf(input: Input, { context }: Call): Request {
  const name = functionName(input);
  if (!context.invoker.has(name)) throw functionNotFound(name, context);
  const qualifier = namedQualifier(input, context);
  const payload = input['Payload'] === '' ? '{}' : (input['Payload'] as string);
  checkJson(payload);
  return { name, qualifier, payload, clientContext: clientContextOf(optionalText(input, 'ClientContext')) };
}

function logType(input: Input): 'None' | 'Tail' {
  const type = optionalText(input, 'LogType') ?? 'None';
  if (type === 'None' || type === 'Tail') return type;
  throw notOneOf('logType', type, 'None, Tail');
}

async function invokeNow(request: Request, log: 'None' | 'Tail', call: Call): Promise<Output> {
  const { name, qualifier, payload, clientContext } = request;
  const { invoker } = call.context;
  const traceId = traceOf(call);
  const result = await invoker.invoke(name, payload, { traceId, clientContext, qualifier });
  const aliases = invoker.control?.functions().find((each) => each.name === name)?.aliases;
  const headers = {
    'content-type': 'application/json',
    'x-amzn-requestid': result.requestId,
    'x-amz-executed-version': executedVersion(aliases, qualifier),
    ...(result.functionError !== undefined && { 'x-amz-function-error': result.functionError }),
    ...(log === 'Tail' && { 'x-amz-log-result': Buffer.from(result.logTail).toString('base64') }),
  };
  return { status: 200, headers, body: result.payload };
}

/** The client context is for synchronous invocations alone, as on AWS. */
async function invokeLater({ name, qualifier, payload }: Request, call: Call): Promise<Output> {
  const { broker } = call.context;
  const queueArn = asyncInvocationQueueArn(functionArn(broker.locale, name));
  const message: OutgoingMessage = {
    body: payload,
    traceHeader: traceOf(call),
    ...(qualifier !== undefined && { attributes: { Qualifier: { dataType: 'String', value: qualifier } } }),
  };
  const { messageId } = await broker.send(queueArn, message);
  return { status: 202, headers: { 'x-amzn-requestid': messageId }, body: '' };
}

function traceOf({ request }: Call): string | undefined {
  const trace = request.headers['x-amzn-trace-id'];
  return typeof trace === 'string' ? trace : undefined;
}

function checkSize(payload: string, type: keyof typeof MAX_BYTES): void {
  const bytes = Buffer.byteLength(payload);
  const limit = MAX_BYTES[type];
  if (bytes <= limit) return;
  const reason = `${bytes} byte payload is too large for the ${type} invocation type (limit ${limit} bytes)`;
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

/** The JSON in the header's base64. */
function clientContextOf(encoded: string | undefined): string | undefined {
  if (encoded === undefined || encoded === '') return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  try {
    const parsed: unknown = JSON.parse(text);
    if (encoded.length <= MAX_CLIENT_CONTEXT && typeof parsed === 'object' && parsed !== null) return text;
  } catch {
    // Reported below, like JSON that is no object.
  }
  const reason = `Client context must be a valid Base64-encoded JSON object of at most ${MAX_CLIENT_CONTEXT} bytes.`;
  throw new ServiceError('InvalidRequestContentException', reason);
}

function notOneOf(member: string, value: string, values: string): ServiceError {
  return new ServiceError(
    'InvalidParameterValueException',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ` +
      `Member must satisfy enum value set: [${values}]`,
  );
}
