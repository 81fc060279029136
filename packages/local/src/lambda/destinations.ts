import type { AsyncInvokeConfig, InvocationResult, OutgoingMessage, ReceivedMessage } from '../contracts';

/** Why an asynchronous invocation is over. */
export type Condition = 'Success' | 'RetriesExhausted' | 'EventAgeExceeded';

export interface Ending {
  readonly condition: Condition;
  readonly message: ReceivedMessage;
  readonly functionArn: string;
  /** How often the function was invoked. */
  readonly attempts: number;
  /** The last answer; undefined where there was none. */
  readonly result: InvocationResult | undefined;
  readonly now: number;
}

export interface Delivery {
  readonly targetArn: string;
  readonly message: OutgoingMessage;
}

/** What is sent where at the end of an asynchronous invocation. */
export function deliveries(ending: Ending, config: AsyncInvokeConfig): Delivery[] {
  const isSuccess = ending.condition === 'Success';
  const destination = isSuccess ? config.onSuccessDestinationArn : config.onFailureDestinationArn;
  const deadLetters = isSuccess ? undefined : config.deadLetterTargetArn;
  return [
    ...(destination ? [{ targetArn: destination, message: { body: destinationRecord(ending) } }] : []),
    ...(deadLetters ? [{ targetArn: deadLetters, message: deadLetter(ending) }] : []),
  ];
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
function destinationRecord({ condition, message, functionArn, attempts, result, now }: Ending): string {
  return JSON.stringify({
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    requestContext: {
      requestId: message.messageId,
      functionArn: `${functionArn}:$LATEST`,
      condition,
      approximateInvokeCount: attempts,
    },
    requestPayload: JSON.parse(message.body) as unknown,
    ...(result && {
      responseContext: {
        statusCode: 200,
        executedVersion: '$LATEST',
        ...(result.functionError && { functionError: result.functionError }),
      },
      responsePayload: JSON.parse(result.payload) as unknown,
    }),
  });
}

/** The event itself; what went wrong is in the attributes. */
function deadLetter({ message, result }: Ending): OutgoingMessage {
  const text = result ? ((JSON.parse(result.payload) as { errorMessage?: string }).errorMessage ?? '') : '';
  return {
    body: message.body,
    attributes: {
      RequestID: { dataType: 'String', value: message.messageId },
      ErrorCode: { dataType: 'Number', value: '200' },
      ErrorMessage: { dataType: 'String', value: text.slice(0, 1024) || 'no message' },
    },
  };
}
