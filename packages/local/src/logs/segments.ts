import { appendFile, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogEvent, NewLogEvent } from './types';

const SUFFIX = '.jsonl';
const NAME = /^(\d{8})-(\d+)\.jsonl$/;
/** What a day's end is to a file: retention ends whole files. */
const DAY_MS = 86_400_000;
/** Digits of an event's place in its file. */
const OFFSET_DIGITS = 11;

export interface SegmentLimits {
  /** A file that has as much is followed by another. */
  readonly segmentBytes: number;
  /** Of all files; the oldest ones are deleted for new events. */
  readonly groupBytes: number;
}

interface Segment {
  /** 8 digits. */
  readonly sequence: string;
  /** When its first event came; milliseconds since the epoch. */
  readonly since: number;
  readonly file: string;
  bytes: number;
  /** Whether this process wrote its end: a kill may have cut off the last line of another one. */
  isOwn: boolean;
}

/** A line is the JSON of `[at, ingestedAt, stream, message]`. */
type Line = readonly [number, number, string, string];

/** A group's events in files of lines, in the order in which they came; what is too much or too old goes file by file. */
export class Segments {
  private segments: Segment[] | undefined;

  constructor(
    private readonly folder: string,
    private readonly limits: SegmentLimits,
  ) {}

  /**
   * @param durable waits until the disk has it
   * @returns reads what was written, for those who want it
   */
  async append(events: readonly NewLogEvent[], now: number, durable: boolean): Promise<() => LogEvent[]> {
    const segment = await this.current(now);
    const lines = linesOf(events, now);
    const start = segment.isOwn ? '' : '\n';
    const data = Buffer.from(start + lines.join(''));
    const offset = segment.bytes + start.length;
    if (durable) await appendDurably(segment.file, data);
    else await appendFile(segment.file, data);
    segment.bytes += data.length;
    segment.isOwn = true;
    await this.trim();
    return () => written(events, lines, now, (place) => idOf(segment, offset + place));
  }

  /** Bytes on disk. */
  async size(): Promise<number> {
    return (await this.all()).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The events of files that may have some since then; those of a file at a time. */
  async *read(since: number): AsyncGenerator<LogEvent[]> {
    const all = await this.all();
    for (const [index, segment] of all.entries()) {
      // Events may be dated later than they came, by two hours at most, so that the next file's start bounds them.
      const next = all[index + 1];
      if (next !== undefined && next.since + FUTURE_MS < since) continue;
      const text = await readFile(segment.file, 'utf8').catch(() => '');
      yield parse(text, segment);
    }
  }

  /** Deletes files whose events all came before that. @returns whether there was one */
  async expire(before: number): Promise<boolean> {
    const all = await this.all();
    // The last file may still grow.
    return this.drop(all.findIndex((_, index) => (all[index + 1]?.since ?? Infinity) >= before));
  }

  /** Deletes every file. */
  async clear(): Promise<void> {
    await this.drop((await this.all()).length);
  }

  private async current(now: number): Promise<Segment> {
    const all = await this.all();
    const last = all.at(-1);
    if (last !== undefined && last.bytes < this.limits.segmentBytes && now - last.since < DAY_MS) return last;
    const sequence = String(Number(last?.sequence ?? 0) + 1).padStart(8, '0');
    const file = join(this.folder, `${sequence}-${now}${SUFFIX}`);
    const segment = { sequence, since: now, file, bytes: 0, isOwn: true };
    await mkdir(this.folder, { recursive: true });
    all.push(segment);
    return segment;
  }

  private async trim(): Promise<void> {
    const all = await this.all();
    let bytes = await this.size();
    let surplus = 0;
    while (bytes > this.limits.groupBytes && surplus < all.length - 1) {
      bytes -= all[surplus]!.bytes;
      surplus += 1;
    }
    await this.drop(surplus);
  }

  private async drop(count: number): Promise<boolean> {
    const dropped = (await this.all()).splice(0, Math.max(0, count));
    await Promise.all(dropped.map(({ file }) => rm(file, { force: true })));
    return dropped.length > 0;
  }

  private async all(): Promise<Segment[]> {
    this.segments ??= await list(this.folder);
    return this.segments;
  }
}

/** How far ahead an event may be dated: AWS's limit. */
export const FUTURE_MS = 2 * 60 * 60 * 1000;

async function list(folder: string): Promise<Segment[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const found = names.sort().flatMap((name) => {
    const [, sequence, since] = NAME.exec(name) ?? [];
    const file = join(folder, name);
    return sequence === undefined ? [] : [{ sequence, since: Number(since), file, isOwn: false }];
  });
  return Promise.all(found.map(async (each) => ({ ...each, bytes: (await stat(each.file)).size })));
}

/** Cheaper than a whole `JSON.stringify` for each: many events in a row are of one stream. */
function linesOf(events: readonly NewLogEvent[], now: number): string[] {
  let name = '';
  let stream = '""';
  return events.map((event) => {
    if (event.stream !== name) {
      name = event.stream;
      stream = JSON.stringify(name);
    }
    return `[${event.at},${now},${stream},${JSON.stringify(event.message)}]\n`;
  });
}

function written(
  events: readonly NewLogEvent[],
  lines: readonly string[],
  now: number,
  idAt: (place: number) => string,
): LogEvent[] {
  let place = 0;
  return events.map(({ at, stream, message }, index) => {
    const id = idAt(place);
    place += Buffer.byteLength(lines[index]!);
    return { at, stream, message, ingestedAt: now, id };
  });
}

async function appendDurably(file: string, data: Buffer): Promise<void> {
  const handle = await open(file, 'a');
  try {
    await handle.writeFile(data);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

function parse(text: string, segment: Segment): LogEvent[] {
  const events: LogEvent[] = [];
  let offset = 0;
  for (const line of text.split('\n')) {
    const event = line === '' ? undefined : eventOf(line, idOf(segment, offset));
    if (event !== undefined) events.push(event);
    offset += Buffer.byteLength(line) + 1;
  }
  return events;
}

/** Undefined for a line that a kill has cut off. */
function eventOf(line: string, id: string): LogEvent | undefined {
  try {
    const [at, ingestedAt, stream, message] = JSON.parse(line) as Line;
    return { at, ingestedAt, stream, message, id };
  } catch {
    return undefined;
  }
}

function idOf({ sequence }: Segment, offset: number): string {
  return `${sequence}${String(offset).padStart(OFFSET_DIGITS, '0')}`;
}
