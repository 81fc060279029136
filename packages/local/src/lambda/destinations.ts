import type {
  AsyncInvokeConfig,
  InvocationResult,
  MessageAttributes,
  OutgoingMessage,
  ReceivedMessage,
} from '../contracts';
import type { ServiceError } from '../engine';
import type { RecordEvent } from './targets';

/** The first KB of an error is told to the dead-letter queue. */
const MAX_ERROR_BYTES = 1024;

/** Why an asynchronous invocation is over. */
export type Condition = 'Success' | 'RetriesExhausted' | 'EventAgeExceeded' | 'ZeroReservedConcurrency';

export interface Ending {
  readonly condition: Condition;
  readonly message: ReceivedMessage;
  readonly functionArn: string;
  /** Version or alias that was named, and the version that ran. */
  readonly qualifier: string;
  readonly executedVersion: string;
  /** How often the function was invoked. */
  readonly invocations: number;
  /** The last answer; undefined where there was none, or none is remembered. */
  readonly result: InvocationResult | undefined;
  /** Why the function was not invoked when it was tried last. */
  readonly refusal: ServiceError | undefined;
  readonly now: number;
}

export interface Delivery {
  readonly targetArn: string;
  readonly message: OutgoingMessage;
  /** Of a destination's record, for an event bus. */
  readonly event?: RecordEvent;
}

/** What is sent where at the end of an asynchronous invocation. */
export function deliveries(ending: Ending, config: AsyncInvokeConfig): Delivery[] {
  const isSuccess = ending.condition === 'Success';
  const { traceHeader } = ending.message;
  const destination = isSuccess ? config.onSuccessDestinationArn : config.onFailureDestinationArn;
  const deadLetters = isSuccess ? undefined : config.deadLetterTargetArn;
  const record = () => ({ body: destinationRecord(ending), traceHeader });
  const event = () => ({ body: ending.message.body, attributes: errorAttributes(ending), traceHeader });
  return [
    ...(destination
      ? [{ targetArn: destination, message: record(), event: recordEvent(ending, destination) }]
      : []),
    ...(deadLetters ? [{ targetArn: deadLetters, message: event() }] : []),
  ];
}

function recordEvent({ condition, functionArn, qualifier }: Ending, destinationArn: string): RecordEvent {
  return {
    detailType: `Lambda Function Invocation Result - ${condition === 'Success' ? 'Success' : 'Failure'}`,
    resources: [`${functionArn}:${qualifier}`, destinationArn],
  };
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
function destinationRecord(ending: Ending): string {
  const { condition, message, functionArn, qualifier, executedVersion, invocations, result, now } = ending;
  return JSON.stringify({
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    requestContext: {
      requestId: message.messageId,
      functionArn: `${functionArn}:${qualifier}`,
      condition,
      approximateInvokeCount: invocations,
    },
    requestPayload: JSON.parse(message.body) as unknown,
    ...(result && {
      responseContext: {
        statusCode: 200,
        executedVersion,
        ...(result.functionError && { functionError: result.functionError }),
      },
      responsePayload: JSON.parse(result.payload) as unknown,
    }),
  });
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq */
function errorAttributes({ condition, message, result, refusal }: Ending): MessageAttributes {
  const said = result && (JSON.parse(result.payload) as { errorMessage?: string }).errorMessage;
  const text = (refusal?.message ?? said) || condition;
  return {
    RequestID: { dataType: 'String', value: message.messageId },
    ErrorCode: { dataType: 'Number', value: String(refusal?.status ?? 200) },
    ErrorMessage: { dataType: 'String', value: cut(text, MAX_ERROR_BYTES) },
  };
}

/** No more bytes than that, and no half character at the end. */
function cut(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}
