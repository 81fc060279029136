import { randomText } from './random';

const ROOT = /(?:^|;)\s*Root=(1-[\da-f]{8}-[\da-f]{24})(?=;|\s*$)/i;
const SAMPLED = /(?:^|;)\s*Sampled=([01])/i;
// https://www.w3.org/TR/trace-context/#traceparent-header
const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(?:-|$)/;

/**
 * Lambda's `_X_AMZN_TRACE_ID` for one invocation: the caller's trace where it sent one, with a segment of the invocation's
 * own as parent.
 *
 * @param given `X-Amzn-Trace-Id`, or SQS's `AWSTraceHeader`; what is not valid begins a new trace
 * @param now milliseconds since the epoch
 * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
 */
export function invocationTrace(given: string | undefined, now: number): string {
  const root = ROOT.exec(given ?? '')?.[1]?.toLowerCase() ?? newRoot(now);
  const sampled = SAMPLED.exec(given ?? '')?.[1] ?? '1';
  return `Root=${root};Parent=${randomText(8, 'hex')};Sampled=${sampled}`;
}

/** X-Ray's header for the trace of a W3C `traceparent`; undefined where that is not valid. */
export function traceHeaderOf(traceparent: string | undefined): string | undefined {
  const [, trace, parent, flags] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (trace === undefined || flags === undefined) return undefined;
  return `Root=1-${trace.slice(0, 8)}-${trace.slice(8)};Parent=${parent};Sampled=${parseInt(flags, 16) & 1}`;
}

/** X-Ray's header for requests that bring none. @param now milliseconds since the epoch */
export function newTraceHeader(now: number): string {
  return `Root=${newRoot(now)}`;
}

function newRoot(now: number): string {
  const seconds = Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0');
  return `1-${seconds}-${randomText(12, 'hex')}`;
}
