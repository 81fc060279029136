import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import { AwsError, callAws } from '../shared/aws-error';
import { readBody } from '../shared/body';
import { answerProblems, HttpProblem, type HttpResponse, jsonResponse } from '../shared/http';
import type { Log } from '../shared/log';
import { jsonBody } from '../shared/request';
import { outgoingTraceparent, TRACEPARENT } from '../shared/trace-context';
import { DETAIL_TYPE, note, SOURCE, status, type StatusChanged, version } from './change';
import { orderIdOf } from './order-id';

const MAX_BODY_BYTES = 8192;
const RETRY_AFTER_SECONDS = '1';

const rules = {
  noun: 'status',
  schema: v.strictObject({ status, version, note: v.optional(note) }),
  example: '{"status": "paid", "version": 2}',
};

export interface PublishStatusOptions {
  readonly events: Pick<EventBridgeClient, 'send'>;
  readonly busName: string;
  readonly log: Log;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** `PUT /order-status/{orderId}`: 202 once the bus has the event, problem+json if it was not accepted. */
export function publishStatus(
  event: APIGatewayProxyEventV2,
  { now = Date.now, ...options }: PublishStatusOptions,
): Promise<HttpResponse> {
  return answerProblems(async () => {
    const orderId = orderIdOf(event);
    const change = readBody(jsonBody(event, MAX_BODY_BYTES), rules);
    const changedAt = new Date(now()).toISOString();
    const traceparent = outgoingTraceparent(event.headers[TRACEPARENT]);
    const eventId = await put({ orderId, ...change, changedAt, traceparent }, options);
    options.log.info('status published', { orderId, version: change.version, eventId, traceparent });
    return jsonResponse(202, { eventId });
  });
}

/** @returns EventBridge's id of the event @throws HttpProblem 502 or 503 if it did not take it */
async function put(
  change: StatusChanged,
  { events, busName, log }: Omit<PublishStatusOptions, 'now'>,
): Promise<string> {
  const command = new PutEventsCommand({
    Entries: [
      { EventBusName: busName, Source: SOURCE, DetailType: DETAIL_TYPE, Detail: JSON.stringify(change) },
    ],
  });
  try {
    const { Entries: [entry] = [] } = await callAws('events:PutEvents', events.send(command));
    if (entry?.EventId !== undefined) return entry.EventId;
    // An entry may fail though the call succeeds. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
    throw new AwsError('events:PutEvents', refusalOf(entry?.ErrorCode));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    log.error('status not published', { orderId: change.orderId, ...error.fields });
    throw new HttpProblem(
      error.permanent ? 502 : 503,
      'The status was not accepted, because the event bus did not take it. Send it again with the same version.',
      [],
      error.permanent ? {} : { 'retry-after': RETRY_AFTER_SECONDS },
    );
  }
}

/** The code says by itself whether it is EventBridge's failure; all others are about the entry. */
function refusalOf(code = 'InternalFailure') {
  const httpStatusCode = /^Internal/.test(code) ? 500 : 400;
  return { name: code, $metadata: { httpStatusCode } };
}
