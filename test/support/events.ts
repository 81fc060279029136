import type { APIGatewayProxyEventV2, SNSEvent, SQSEvent } from 'aws-lambda';
import type { HttpResponse } from '../../handlers/shared/http';
import { createLog, type Log } from '../../handlers/shared/log';

/** What API Gateway sends for a request to the HTTP API, as far as handlers read it. */
export function apiEvent(overrides: Partial<APIGatewayProxyEventV2>): APIGatewayProxyEventV2 {
  return { headers: {}, isBase64Encoded: false, ...overrides } as APIGatewayProxyEventV2;
}

/** A request to a route, with its body as JSON. */
export function routeEvent(
  routeKey: string,
  {
    body,
    headers,
    ...rest
  }: Omit<Partial<APIGatewayProxyEventV2>, 'body'> & { readonly body?: unknown } = {},
): APIGatewayProxyEventV2 {
  return apiEvent({
    routeKey,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...rest,
  });
}

/**
 * A batch from a queue, with ids `item-0`, `item-1`, ...
 *
 * @param traceparents the attribute of that name, message by message
 */
export function sqsEvent(
  bodies: readonly string[],
  traceparents: readonly (string | undefined)[] = [],
): SQSEvent {
  const records = bodies.map((body, index) => ({
    messageId: `item-${index}`,
    body,
    messageAttributes: traceAttribute(traceparents[index]),
    eventSource: 'aws:sqs',
  }));
  return { Records: records as unknown as SQSEvent['Records'] };
}

function traceAttribute(traceparent: string | undefined) {
  return traceparent === undefined ? {} : { traceparent: { dataType: 'String', stringValue: traceparent } };
}

export function snsEvent(message: string, traceparent?: string): SNSEvent {
  const MessageAttributes =
    traceparent === undefined ? {} : { traceparent: { Type: 'String', Value: traceparent } };
  const record = { EventSource: 'aws:sns', Sns: { MessageId: 'sns-0', Message: message, MessageAttributes } };
  return { Records: [record as unknown as SNSEvent['Records'][number]] };
}

/** What tests look at of an answer. */
export interface Answered {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: {
    readonly detail?: string;
    readonly errors?: readonly Readonly<Record<string, string>>[];
    readonly [field: string]: unknown;
  };
}

/** An answer with its JSON body read; `{}` for none. */
export async function answered(response: Promise<HttpResponse>): Promise<Answered> {
  const { statusCode, headers = {}, body } = await response;
  return { status: statusCode, headers, body: JSON.parse(body || '{}') as Answered['body'] };
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

export interface CapturedLog {
  readonly log: Log;
  readonly lines: LogLine[];
  /** The lines that say that something went wrong. */
  problems(): LogLine[];
  text(): string;
}

/** A log of which tests see the lines. */
export function capturedLog(): CapturedLog {
  const lines: LogLine[] = [];
  return {
    log: createLog('request-1', (line) => lines.push(JSON.parse(line) as LogLine)),
    lines,
    problems: () => lines.filter(({ level }) => level !== 'info'),
    text: () => JSON.stringify(lines),
  };
}
