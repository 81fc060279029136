import type { Hop, Tracer } from '../contracts';
import { Deque } from '../engine/deque';
import { traceIdOf } from './ids';
import { nextOrder } from './order';

const MAX_TRACES = 10_000;
/** Characters of bodies that are kept, over all traces. */
const MAX_TEXT = 16 * 1024 * 1024;
/** Characters of a body that are searched. */
const SEARCHED = 4096;
/** A message that fails for ever makes hops for ever: the middle ones are forgotten. */
const MAX_HOPS = 200;
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const MAX_FOUND = 20;

/** What is remembered of one trace, in the order in which it was reported: a step that takes time at its end. */
export interface Trace {
  readonly traceId: string;
  readonly hops: readonly Hop[];
  /** Of each hop, the place among those of the same millisecond. */
  readonly orders: readonly number[];
  /** Hops that were forgotten. */
  readonly omitted: number;
}

class Remembered implements Trace {
  readonly hops: Hop[] = [];
  readonly orders: number[] = [];
  /** By which later hops find it. */
  readonly keys: string[] = [];
  omitted = 0;
  textSize = 0;

  constructor(readonly traceId: string) {}

  add(hop: Hop): void {
    this.hops.push(hop);
    this.orders.push(hop.order ?? nextOrder());
    if (this.hops.length <= MAX_HOPS) return;
    this.hops.splice(MAX_HOPS / 2, 1);
    this.orders.splice(MAX_HOPS / 2, 1);
    this.omitted += 1;
  }
}

/**
 * The last traces, in memory only: they begin anew with the runtime. Recording a hop is a few look-ups in a map; what takes
 * time (searching bodies, putting in order) is done when somebody asks.
 */
export class TraceRecorder implements Tracer {
  private readonly byAge = new Deque<Remembered>();
  private readonly byKey = new Map<string, Remembered>();
  private textSize = 0;

  constructor(private readonly maxTraces = MAX_TRACES) {}

  record(hop: Hop): void {
    const { traceId, ids, links } = hop;
    let found = traceId === undefined ? undefined : this.byKey.get(traceId);
    let others: Set<Remembered> | undefined;
    for (const keys of links === undefined ? [ids] : [ids, links]) {
      for (const key of keys) {
        const trace = this.byKey.get(key);
        if (trace === undefined || trace === found) continue;
        if (found === undefined) found = trace;
        else (others ??= new Set()).add(trace);
      }
    }
    if (found === undefined) {
      if (traceId === undefined) return;
      found = this.begin(traceId);
    }
    const kept = hop.text !== undefined && hop.text.length > SEARCHED ? cut(hop) : hop;
    this.add(found, kept);
    if (others) for (const trace of others) this.add(trace, kept);
    if (others === undefined) this.link(found, ids);
    this.trim();
  }

  /**
   * The traces of an id, newest first: of a trace (bare, as `traceparent`, as X-Ray's Root or header), a message, a request, or
   * any UUID in the bodies of requests, answers and messages.
   */
  find(id: string): Trace[] {
    const wanted = id.trim();
    const known = this.byKey.get(traceIdOf(wanted) ?? wanted) ?? this.byKey.get(wanted);
    if (known) return [known];
    const uuid = UUID.test(wanted.toLowerCase()) ? wanted.toLowerCase() : undefined;
    return this.newest(MAX_FOUND, ({ hops }) =>
      hops.some(
        ({ ids, text }) => ids.includes(wanted) || (uuid !== undefined && text?.toLowerCase().includes(uuid)),
      ),
    );
  }

  /** The newest ones. */
  recent(limit: number): Trace[] {
    return this.newest(limit, () => true);
  }

  private newest(limit: number, matches: (trace: Trace) => boolean): Trace[] {
    const found: Trace[] = [];
    for (let index = this.byAge.length - 1; index >= 0 && found.length < limit; index -= 1) {
      const trace = this.byAge.at(index)!;
      if (matches(trace)) found.push(trace);
    }
    return found;
  }

  private begin(traceId: string): Remembered {
    const trace = new Remembered(traceId);
    this.byAge.push(trace);
    this.link(trace, [traceId]);
    return trace;
  }

  private link(trace: Remembered, keys: readonly string[]): void {
    for (const key of keys) {
      if (this.byKey.has(key)) continue;
      this.byKey.set(key, trace);
      trace.keys.push(key);
    }
  }

  private add(trace: Remembered, hop: Hop): void {
    trace.add(hop);
    if (hop.text === undefined) return;
    trace.textSize += hop.text.length;
    this.textSize += hop.text.length;
  }

  private trim(): void {
    while (this.byAge.length > this.maxTraces || this.textSize > MAX_TEXT) {
      const oldest = this.byAge.shift();
      if (!oldest) return;
      this.textSize -= oldest.textSize;
      for (const key of oldest.keys) this.byKey.delete(key);
    }
  }
}

/** With the beginning of its text, as a text of its own: a slice would keep the whole in memory. */
function cut(hop: Hop): Hop {
  return { ...hop, text: Buffer.from(hop.text!.slice(0, SEARCHED)).toString() };
}
