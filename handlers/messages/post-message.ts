import { PublishCommand, type PublishCommandInput, type SNSClient } from '@aws-sdk/client-sns';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { AwsError, callAws } from '../shared/aws-error';
import { answerProblems, HttpProblem, type HttpResponse, jsonResponse } from '../shared/http';
import type { Log } from '../shared/log';
import type { ObjectStore } from '../shared/object-store';
import { jsonBody } from '../shared/request';
import { outgoingTraceparent, traceAttributes, TRACEPARENT } from '../shared/trace-context';
import { claimFor, pointerTo, sizeAttribute } from './claim-check';
import { type Envelope, serializeEnvelope } from './envelope';
import { escapedBytes, MAX_ESCAPED_BYTES, MAX_PUBLISH_BYTES } from './limits';
import { messageIdFor } from './message-id';
import { newMessageText } from './new-message';

const RETRY_AFTER_SECONDS = '1';

export interface PostMessageOptions {
  readonly sns: Pick<SNSClient, 'send'>;
  readonly topicArn: string;
  /** Where messages go that are too large for the topic. */
  readonly bucket: string;
  readonly objects: Pick<ObjectStore, 'put'>;
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
    const envelope = { messageId, message, createdAt: new Date(now()).toISOString() };
    const input = {
      TopicArn: topicArn,
      Message: serializeEnvelope(envelope),
      MessageAttributes: traceAttributes(outgoingTraceparent(event.headers[TRACEPARENT])),
    };
    await publish(fits(input) ? input : await offload(envelope, input, options), options);
    return jsonResponse(202, { messageSent: true, messageId });
  });
}

function fits(input: PublishCommandInput): boolean {
  return publishBytes(input) <= MAX_PUBLISH_BYTES;
}

/** Puts the message into the bucket. @returns what is published instead */
async function offload(
  envelope: Envelope,
  input: PublishCommandInput,
  options: PostMessageOptions,
): Promise<PublishCommandInput> {
  checkSize(envelope.message);
  // S3 takes any character, so that none is escaped for it.
  const contents = Buffer.from(JSON.stringify(envelope));
  const { key, sha256 } = claimFor(envelope.messageId, contents);
  await accepted(options.objects.put(key, contents, sha256), 'the bucket', options.log);
  return {
    ...input,
    Message: pointerTo(options.bucket, key),
    MessageAttributes: { ...input.MessageAttributes, ...sizeAttribute(contents.length) },
  };
}

function checkSize(message: string): void {
  const size = escapedBytes(message);
  if (size <= MAX_ESCAPED_BYTES) return;
  const detail =
    `it takes ${size} bytes as a JSON string inside JSON, where a quote takes four, ` +
    `and ${MAX_ESCAPED_BYTES} are possible`;
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

function publish(input: PublishCommandInput, { sns, log }: PostMessageOptions): Promise<void> {
  const answer = callAws('sns:Publish', sns.send(new PublishCommand(input)));
  return accepted(answer, 'the topic', log);
}

/** @throws HttpProblem 502 or 503 if `who` did not take the message */
async function accepted(call: Promise<unknown>, who: string, log: Log): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    log.error('publish failed', error.fields);
    throw new HttpProblem(
      error.permanent ? 502 : 503,
      `The message was not accepted, because ${who} did not take it. ` +
        'Send it again with the same Idempotency-Key: it will become one message at most.',
      [],
      error.permanent ? {} : { 'retry-after': RETRY_AFTER_SECONDS },
    );
  }
}
