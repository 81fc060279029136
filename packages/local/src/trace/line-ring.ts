const SEGMENT_BYTES = 1024 * 1024;

interface Segment {
  /** Increases from segment to segment; a reader knows by it what it has missed. */
  readonly sequence: number;
  readonly buffer: Buffer;
  used: number;
}

/** Where a reader is. */
export interface Place {
  readonly sequence: number;
  readonly offset: number;
}

/** Lines of text, the oldest forgotten for the newest, outside of the heap: the garbage collector never sees them. */
export class LineRing {
  private readonly segments: Segment[] = [];

  /** @param capacity segments of 1 MiB; memory is taken as it is needed */
  constructor(private readonly capacity: number) {}

  /** @param line without a line feed, at most 256 KiB of characters; a longer one is passed over */
  append(line: string): void {
    // In UTF-8 a character of a JavaScript string has three bytes at most.
    const most = line.length * 3 + 1;
    if (most > SEGMENT_BYTES) return;
    let segment = this.segments.at(-1);
    if (segment === undefined || SEGMENT_BYTES - segment.used < most) segment = this.nextSegment();
    segment.used += segment.buffer.write(line, segment.used);
    segment.buffer[segment.used] = 10;
    segment.used += 1;
  }

  /**
   * Whole lines from a place on, and the place behind them; undefined where there are no more. What is forgotten by now is
   * passed over.
   *
   * @param bytes about how many
   */
  read(
    { sequence, offset }: Place,
    bytes: number,
  ): { readonly lines: string[]; readonly next: Place } | undefined {
    for (const segment of this.segments) {
      const start = segment.sequence === sequence ? offset : 0;
      if (segment.sequence < sequence || start >= segment.used) continue;
      const { buffer, used } = segment;
      const end = start + bytes >= used ? used : buffer.indexOf(10, start + bytes) + 1;
      const lines = buffer.toString('utf8', start, end - 1).split('\n');
      return { lines, next: { sequence: segment.sequence, offset: end } };
    }
    return undefined;
  }

  private nextSegment(): Segment {
    const sequence = (this.segments.at(-1)?.sequence ?? 0) + 1;
    const oldest = this.segments.length < this.capacity ? undefined : this.segments.shift();
    const segment = { sequence, buffer: oldest?.buffer ?? Buffer.allocUnsafeSlow(SEGMENT_BYTES), used: 0 };
    this.segments.push(segment);
    return segment;
  }
}
