// https://www.w3.org/TR/trace-context/#traceparent-header
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/;
// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
const ROOT = /(?:^|Root=)1-([0-9a-f]{8})-([0-9a-f]{24})(?:;|$)/i;
const BARE = /^[0-9a-f]{32}$/i;

/** The 32 digits of a trace id in any of its forms: `traceparent`, X-Ray's header or Root, bare. */
export function traceIdOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const parent = TRACEPARENT.exec(text);
  if (parent) return parent[1];
  const root = ROOT.exec(text);
  if (root) return (root[1]! + root[2]!).toLowerCase();
  return BARE.test(text) ? text.toLowerCase() : undefined;
}

/** The id of the trace that a message without one begins: its own id, without dashes. */
export function traceIdOfMessage(messageId: string): string {
  return messageId.replaceAll('-', '');
}
