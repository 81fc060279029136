import type { HopView, TraceView } from '../admin/model';
import type { Hop } from '../contracts';
import type { Trace } from './trace-index';

/** A trace as it is shown: its hops in the order of time, with what lies between them. */
export function traceView({ traceId, hops, orders, omitted }: Trace): TraceView {
  const inOrder = [...hops.keys()].sort((a, b) => hops[a]!.at - hops[b]!.at || orders[a]! - orders[b]!);
  const ordered = inOrder.map((index) => hops[index]!);
  const startedAt = ordered[0]?.at ?? 0;
  const end = Math.max(...ordered.map(({ at, durationMs = 0 }) => at + durationMs));
  return {
    traceId,
    startedAt: new Date(startedAt).toISOString(),
    durationMs: end - startedAt,
    failures: ordered.filter(({ failed }) => failed === true).length,
    pending: pending(hops),
    omitted,
    hops: ordered.map((hop) => hopView(hop, startedAt)),
  };
}

function hopView({ at, durationMs, step, ids, failed }: Hop, startedAt: number): HopView {
  return {
    at: new Date(at).toISOString(),
    afterMs: at - startedAt,
    durationMs,
    step,
    ids,
    failed: failed === true,
  };
}

/** How many messages of it are still in a queue. */
function pending(hops: readonly Hop[]): number {
  const waiting = new Set<string>();
  for (const { opens, closes } of hops) {
    if (closes !== undefined) waiting.delete(closes);
    if (opens !== undefined) waiting.add(opens);
  }
  return waiting.size;
}
