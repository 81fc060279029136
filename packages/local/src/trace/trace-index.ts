import type { Hop } from '../contracts';
import { Deque } from '../engine/sqs/deque';
import { traceIdOf } from './ids';

const MAX_TRACES = 10_000;
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

  constructor(readonly traceId: string) {}

  add(hop: Hop, order: number): void {
    this.hops.push(hop);
    this.orders.push(order);
    if (this.hops.length <= MAX_HOPS) return;
    this.hops.splice(MAX_HOPS / 2, 1);
    this.orders.splice(MAX_HOPS / 2, 1);
    this.omitted += 1;
  }
}

/** Puts hops together to traces. */
export class TraceIndex {
  private readonly byAge = new Deque<Remembered>();
  private readonly byKey = new Map<string, Remembered>();

  constructor(private readonly maxTraces = MAX_TRACES) {}

  add(hop: Hop, order: number): void {
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
    found.add(hop, order);
    if (others) for (const trace of others) trace.add(hop, order);
    else this.link(found, ids);
    if (this.byAge.length > this.maxTraces) this.forgetOldest();
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

  private forgetOldest(): void {
    for (const key of this.byAge.shift()?.keys ?? []) this.byKey.delete(key);
  }
}
