import { randomBytes } from 'node:crypto';
import type { Environment } from './environment';

/** Message attribute that carries a trace from publisher to consumer, as the HTTP header of the same name does. */
export const TRACEPARENT = 'traceparent';

/** Version 00: `00-<trace id>-<parent id>-<flags>`, 55 characters. https://www.w3.org/TR/trace-context/#traceparent-header */
const VERSION_00 = /^00-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-([\da-f]{2})$/;
/** A later version begins with the same fields, and may have more; `ff` is none. */
const LATER_VERSION = /^(?!00|ff)[\da-f]{2}(-.{32}-.{16}-.{2})(?:-.*)?$/;
/** X-Ray's `Root=1-<8 hex>-<24 hex>;Parent=...;Sampled=1`, of which the root is the trace id in two parts. */
const XRAY_ROOT = /(?:^|;)Root=1-([\da-f]{8})-([\da-f]{24})(?:;|$)/;

/**
 * The `traceparent` that a handler passes on: the trace of the request, or else the invocation's own, with a new parent
 * id, which stands for what this handler does.
 *
 * @param header the request's `traceparent`; one that is not valid is ignored, as the standard asks
 * @param env with `_X_AMZN_TRACE_ID`, which Lambda sets anew for each invocation
 */
export function outgoingTraceparent(header: string | undefined, env: Environment = process.env): string {
  const [, traceId, flags] = VERSION_00.exec((header ?? '').replace(LATER_VERSION, '00$1')) ?? [];
  const parentId = randomBytes(8).toString('hex');
  if (traceId !== undefined) return `00-${traceId}-${parentId}-${flags}`;
  const xray = env._X_AMZN_TRACE_ID ?? '';
  const [, time, unique] = XRAY_ROOT.exec(xray) ?? [];
  const sampled = xray.includes('Sampled=0') ? '00' : '01';
  return `00-${time === undefined ? randomBytes(16).toString('hex') : `${time}${unique}`}-${parentId}-${sampled}`;
}

/** The message attribute of a publication. */
export function traceAttributes(traceparent: string) {
  return { [TRACEPARENT]: { DataType: 'String', StringValue: traceparent } };
}

/** What arrived with a message, if it is valid. Not longer than 55 characters then, all of them ASCII. */
export function receivedTraceparent(text: string | undefined): string | undefined {
  return text !== undefined && VERSION_00.test(text) ? text : undefined;
}
