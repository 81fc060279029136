import { PublishCommand, type PublishCommandInput, type SNSClient } from '@aws-sdk/client-sns';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { AwsError } from '../shared/aws-error';
import { answerProblems, HttpProblem, type HttpResponse, jsonResponse } from '../shared/http';
import type { Log } from '../shared/log';
import { jsonBody } from '../shared/request';
import { outgoingTraceparent, traceAttributes, TRACEPARENT } from '../shared/trace-context';
import { serializeEnvelope } from './envelope';
import { messageIdFor } from './message-id';
import { newMessageText } from './new-message';

/** Bytes that SNS takes as one message; the names, types and values of its attributes count. */
const MAX_PUBLISH_BYTES = 262_144;

const RETRY_AFTER_SECONDS = '1';

export interface PostMessageOptions {
  readonly sns: Pick<SNSClient, 'send'>;
  readonly topicArn: string;
  readonly log: Log;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** `POST /messages`: 202 once SNS has the message, problem+json if it was not accepted. */
export function postMessage(
  event: APIGatewayProxyEventV2,
  options: PostMessageOptions,
): Promise<HttpResponse> {
  const { now = Date.now, topicArn } = options;
  return answerProblems(async () => {
    const messageId = messageIdFor(event.headers['idempotency-key']);
    const message = newMessageText(jsonBody(event));
    const createdAt = new Date(now()).toISOString();
    const input = {
      TopicArn: topicArn,
      Message: serializeEnvelope({ messageId, message, createdAt }),
      MessageAttributes: traceAttributes(outgoingTraceparent(event.headers[TRACEPARENT])),
    };
    checkSize(input);
    await publish(input, options);
    return jsonResponse(202, { messageSent: true, messageId });
  });
}

function checkSize(input: PublishCommandInput): void {
  const size = publishBytes(input);
  if (size <= MAX_PUBLISH_BYTES) return;
  const detail =
    `it takes ${size} bytes as JSON with its id, time and attributes, ` +
    `and SNS carries ${MAX_PUBLISH_BYTES} at most`;
  throw new HttpProblem(413, `The message is too large: ${detail}.`, [{ pointer: '#/message', detail }]);
}

/** What SNS counts against its limit. */
export function publishBytes({ Message = '', MessageAttributes = {} }: PublishCommandInput): number {
  let bytes = Buffer.byteLength(Message);
  for (const [name, value] of Object.entries(MessageAttributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value.DataType ?? '');
    bytes += Buffer.byteLength(value.StringValue ?? '') + (value.BinaryValue?.length ?? 0);
  }
  return bytes;
}

async function publish(input: PublishCommandInput, { sns, log }: PostMessageOptions): Promise<void> {
  try {
    await sns.send(new PublishCommand(input));
  } catch (error) {
    const failure = new AwsError('sns:Publish', error);
    log.error('publish failed', failure.fields);
    throw new HttpProblem(
      failure.permanent ? 502 : 503,
      'The message was not accepted, because the topic did not take it. ' +
        'Send it again with the same Idempotency-Key: it will become one message at most.',
      [],
      failure.permanent ? {} : { 'retry-after': RETRY_AFTER_SECONDS },
    );
  }
}
