import type { APIGatewayProxyEventV2, SNSEvent, SQSEvent } from 'aws-lambda';
import type { HttpResponse } from '../../handlers/shared/http';
import { createLog, type Log } from '../../handlers/shared/log';

/** What API Gateway sends for a request to the HTTP API, as far as handlers read it. */
export function apiEvent(overrides: Partial<APIGatewayProxyEventV2>): APIGatewayProxyEventV2 {
  return { headers: {}, isBase64Encoded: false, ...overrides } as APIGatewayProxyEventV2;
}

/** A batch from a queue, with ids `item-0`, `item-1`, ... */
export function sqsEvent(bodies: readonly string[]): SQSEvent {
  const records = bodies.map((body, index) => ({
    messageId: `item-${index}`,
    body,
    messageAttributes: {},
    eventSource: 'aws:sqs',
  }));
  return { Records: records as SQSEvent['Records'] };
}

export function snsEvent(message: string): SNSEvent {
  const record = { EventSource: 'aws:sns', Sns: { MessageId: 'sns-0', Message: message } };
  return { Records: [record as SNSEvent['Records'][number]] };
}

/** A response with its JSON body read. */
export function parsed<T>(response: HttpResponse): { status: number | undefined; body: T } {
  return { status: response.statusCode, body: JSON.parse(response.body ?? '') as T };
}

export interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly requestId: string;
  readonly [field: string]: unknown;
}

/** A log of which tests see the lines. */
export function capturedLog(): { log: Log; lines: LogLine[]; text: () => string } {
  const lines: LogLine[] = [];
  const log = createLog('request-1', (line) => lines.push(JSON.parse(line) as LogLine));
  return { log, lines, text: () => JSON.stringify(lines) };
}
