import type { IncomingMessage } from 'node:http';
import type { Hop, InvocationResult, MessageAttributes } from '../contracts';
import { traceIdOf, traceIdOfMessage } from './ids';

/** What says to which trace a message belongs. */
interface Traced {
  readonly attributes?: MessageAttributes;
  readonly traceHeader?: string;
}

/** A message's own trace, by its attribute `traceparent` or X-Ray's header; without either it begins one. */
function traceOf(
  messageId: string,
  { attributes, traceHeader }: Traced,
): { traceId: string; other?: string } {
  const parent = traceIdOf(attributes?.traceparent?.value);
  const root = traceIdOf(traceHeader);
  if (parent !== undefined && root !== undefined && parent !== root) return { traceId: parent, other: root };
  return { traceId: parent ?? root ?? traceIdOfMessage(messageId) };
}

function ids(messageId: string, other: string | undefined): string[] {
  return other === undefined ? [messageId] : [messageId, other];
}

export interface Request {
  readonly requestId: string;
  /** X-Ray's header. */
  readonly traceId: string;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly order: number;
}

/** A request to an HTTP API, with its answer. */
export function requested(
  { method, url, headers: { traceparent } }: IncomingMessage,
  { requestId, traceId, receivedAt, order }: Request,
  { status, body }: { readonly status: number; readonly body: string | Buffer },
  now: number,
): Hop {
  const root = traceIdOf(traceId);
  const parent = typeof traceparent === 'string' ? traceIdOf(traceparent) : undefined;
  return {
    traceId: parent ?? root,
    at: receivedAt,
    durationMs: now - receivedAt,
    order,
    step: `${method} ${url} ${status}`,
    ids: ids(requestId, parent === undefined || parent === root ? undefined : root),
    text: typeof body === 'string' ? body : undefined,
    failed: status >= 500,
  };
}

/** What was accepted by a topic. */
export function published(
  messageId: string,
  publication: Traced & { readonly message: string },
  topic: string,
  at: number,
): Hop {
  const { traceId, other } = traceOf(messageId, publication);
  return {
    traceId,
    at,
    step: `published to ${topic}`,
    ids: ids(messageId, other),
    text: publication.message,
  };
}

/**
 * A topic's message on its way to a subscriber.
 *
 * @param messageId in the subscriber's queue; undefined where there is none
 */
export function delivered(publicationId: string, messageId: string | undefined, to: string, at: number): Hop {
  if (messageId === undefined) return { at, step: `given to ${to}`, ids: [publicationId] };
  return { at, step: `queued in ${to}`, ids: [messageId], links: [publicationId], opens: messageId };
}

/** What a subscriber refuses; it may have dead letters. */
export function undelivered(publicationId: string, to: string, reason: string, at: number): Hop {
  return { at, step: `not delivered to ${to}: ${reason}`, ids: [publicationId], failed: true };
}

/** A message that was sent to a queue. */
export function sent(
  messageId: string,
  draft: Traced & { readonly body: string },
  queue: string,
  at: number,
): Hop {
  const { traceId, other } = traceOf(messageId, draft);
  const step = `sent to ${queue}`;
  return { traceId, at, step, ids: ids(messageId, other), text: draft.body, opens: messageId };
}

/** A message in a consumer's hands. */
export function received(
  message: Traced & { readonly messageId: string; readonly receiveCount: number },
  queue: string,
  consumer: string | undefined,
  at: number,
): Hop {
  const { messageId, receiveCount } = message;
  const times = receiveCount > 1 ? ` (receive ${receiveCount})` : '';
  const by = consumer === undefined ? '' : ` by ${consumer}`;
  return {
    traceId: traceOf(messageId, message).traceId,
    at,
    step: `received from ${queue}${by}${times}`,
    ids: [messageId],
    opens: messageId,
  };
}

/** A message that was deleted from its queue. */
export function deleted(messageId: string, queue: string, at: number): Hop {
  return { at, step: `deleted from ${queue}`, ids: [messageId], closes: messageId };
}

/** A message whose consumer gave it back, or another time. */
export function hidden(messageId: string, queue: string, seconds: number, at: number): Hop {
  const step = seconds === 0 ? `given back to ${queue}` : `hidden in ${queue} for ${seconds} s`;
  return { at, step, ids: [messageId] };
}

/** A message that was received too often. */
export function deadLettered(messageId: string, from: string, to: string, receives: number, at: number): Hop {
  const step = `moved to the dead letters ${to}: received ${receives} times from ${from}`;
  return { at, step, ids: [messageId], closes: messageId, failed: true };
}

/** A message that went back from the dead letters. */
export function redriven(messageId: string, newId: string, from: string, to: string, at: number): Hop {
  return {
    at,
    step: `redriven from ${from} to ${to}`,
    ids: [messageId, newId],
    closes: messageId,
    opens: newId,
  };
}

export interface Invoked {
  readonly functionName: string;
  /** X-Ray's header that it was given. */
  readonly traceId: string;
  /** Of the messages that it was invoked with. */
  readonly messageIds: readonly string[] | undefined;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly order: number;
}

/** A function that ran, for a request of its own or for messages. */
export function invoked(invocation: Invoked, result: InvocationResult, now: number): Hop {
  const { functionName, traceId, messageIds, startedAt, order } = invocation;
  const failed = result.functionError !== undefined;
  return {
    traceId: traceIdOf(traceId),
    at: startedAt,
    durationMs: now - startedAt,
    order,
    step: failed ? `invoked ${functionName}: ${errorOf(result.payload)}` : `invoked ${functionName}`,
    ids: [result.requestId],
    links: messageIds,
    failed,
  };
}

/** An asynchronous invocation that is not tried again. */
export function givenUp(messageId: string, step: string, at: number): Hop {
  return { at, step, ids: [messageId], failed: true };
}

/** `Error: text`, of Lambda's error object. */
function errorOf(payload: string): string {
  const { errorType, errorMessage } = JSON.parse(payload) as { errorType?: string; errorMessage?: string };
  return `${errorType ?? 'error'}: ${(errorMessage ?? '').slice(0, 200)}`;
}

/** What a function's log line may say of messages. */
interface LogLine {
  readonly traceparent?: unknown;
  /** Of a line that speaks of a batch. */
  readonly traceparents?: unknown;
  readonly messageId?: unknown;
  readonly event?: unknown;
  readonly message?: unknown;
  readonly level?: unknown;
}

/** A line of a function's log, if it is JSON that names traces or a message; undefined for all others. */
export function logged(functionName: string, line: string, at: number): Hop | undefined {
  const mayBe = line.startsWith('{') && (line.includes('"traceparent') || line.includes('"messageId"'));
  const fields = mayBe ? parse(line) : undefined;
  if (fields === undefined) return undefined;
  const { traceparent, traceparents, messageId, event, message, level } = fields;
  const what = [event, message].find((text) => typeof text === 'string') ?? 'logged';
  return {
    traceId: traceIdIn(traceparent),
    at,
    step: `${functionName} says ${String(what).slice(0, 200)}`,
    ids: typeof messageId === 'string' ? [messageId] : [],
    links: Array.isArray(traceparents) ? traceparents.flatMap((each) => traceIdIn(each) ?? []) : undefined,
    failed: typeof level === 'string' && level.toLowerCase() === 'error',
  };
}

function traceIdIn(value: unknown): string | undefined {
  return typeof value === 'string' ? traceIdOf(value) : undefined;
}

/** In Lambda's JSON format the function's own object is below `message`. */
function parse(line: string): LogLine | undefined {
  try {
    const outer = JSON.parse(line) as LogLine;
    const { message } = outer;
    return typeof message === 'object' && message !== null ? { level: outer.level, ...message } : outer;
  } catch {
    return undefined;
  }
}
