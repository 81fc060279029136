import type { HopView, TraceView } from '../admin/model';
import type { Hop } from '../contracts';
import type { Trace } from './recorder';

/** A trace as it is shown: its hops in the order of time, with what lies between them. */
export function traceView({ traceId, hops, omitted }: Trace): TraceView {
  const ordered = [...hops].sort(inTime);
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

/** A step that takes time is told at its end: it comes before what happened meanwhile. */
function inTime(a: Hop, b: Hop): number {
  return a.at - b.at || (b.durationMs ?? 0) - (a.durationMs ?? 0);
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
