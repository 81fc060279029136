import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Clock, Timer } from '../clock';
import { systemClock } from '../clock';
import type { Hop, Tracer } from '../contracts';
import { LineRing } from './line-ring';
import type { Place } from './line-ring';
import { nextOrder } from './order';
import type { Trace } from './trace-index';
import { TraceIndex } from './trace-index';

/** About 70,000 hops: the way of 9,000 messages through one queue. */
const MEBIBYTES = 16;
/** Characters of a body that are searched. */
const SEARCHED = 4096;
/** Read at once, in some milliseconds; then others have their turn. */
const TURN_BYTES = 256 * 1024;
/** How long the traces are kept ready for the next question. */
const INDEX_MS = 30_000;

/**
 * What happened last, in memory only: it begins anew with the runtime. Recording appends a line of text outside of the heap,
 * which leaves nothing to the garbage collector; the lines are put together to traces when somebody asks.
 */
export class TraceRecorder implements Tracer {
  private readonly lines = new LineRing(MEBIBYTES);
  private index: TraceIndex | undefined;
  private place: Place = { sequence: 0, offset: 0 };
  private expiry: Timer | undefined;
  private reading: Promise<TraceIndex> | undefined;

  constructor(private readonly clock: Clock = systemClock) {}

  record(hop: Hop): void {
    const { text } = hop;
    const kept =
      text !== undefined && text.length > SEARCHED ? { ...hop, text: text.slice(0, SEARCHED) } : hop;
    this.lines.append(`${hop.order ?? nextOrder()} ${JSON.stringify(kept)}`);
  }

  /**
   * The traces of an id, newest first: of a trace (bare, as `traceparent`, as X-Ray's Root or header), a message, a request, or
   * any UUID in the bodies of requests, answers and messages.
   */
  async find(id: string): Promise<Trace[]> {
    return (await this.upToDate()).find(id);
  }

  /** The newest ones. */
  async recent(limit: number): Promise<Trace[]> {
    return (await this.upToDate()).recent(limit);
  }

  /** Those who ask at the same time share the work. */
  private upToDate(): Promise<TraceIndex> {
    this.reading ??= this.readOn().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async readOn(): Promise<TraceIndex> {
    this.expiry?.cancel();
    this.expiry = this.clock.schedule(INDEX_MS, () => this.forgetIndex());
    const index = (this.index ??= new TraceIndex());
    for (;;) {
      const part = this.lines.read(this.place, TURN_BYTES);
      if (part === undefined) return index;
      for (const line of part.lines) addLine(index, line);
      this.place = part.next;
      await yieldToOthers();
    }
  }

  private forgetIndex(): void {
    this.index = undefined;
    this.place = { sequence: 0, offset: 0 };
  }
}

function addLine(index: TraceIndex, line: string): void {
  const space = line.indexOf(' ');
  index.add(JSON.parse(line.slice(space + 1)) as Hop, Number(line.slice(0, space)));
}
