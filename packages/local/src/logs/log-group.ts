import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock';
import { Segments } from './segments';
import type { SegmentLimits } from './segments';
import type { LogEvent, LogGroupSettings, LogStream, NewLogEvent } from './types';

const DAY_MS = 86_400_000;
/** Of what waits to be written; a disk that cannot follow loses lines, and slows nobody down. */
const MAX_PENDING_CHARACTERS = 8 * 1024 * 1024;

export interface LogGroupOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly limits: SegmentLimits;
  /** Told in order of each write, and what was written, for those who want it. */
  readonly onWritten: (group: LogGroup, written: () => readonly LogEvent[]) => void;
}

/** A log group: its settings, its streams, and its events in files of a folder of its own. */
export class LogGroup {
  private readonly segments: Segments;
  private pending: NewLogEvent[] = [];
  private pendingCharacters = 0;
  private lost = 0;
  private working: Promise<void> = Promise.resolve();
  private deleted = false;
  /** By name; undefined until somebody asks, for that takes reading every event. */
  private streams: Map<string, LogStream> | undefined;
  /** Streams that were made by a call or a stack and may have no events yet. */
  private readonly made: Map<string, number>;

  constructor(
    private current: LogGroupSettings,
    private readonly options: LogGroupOptions,
    made: Readonly<Record<string, number>> = {},
  ) {
    this.segments = new Segments(options.folder, options.limits);
    this.made = new Map(Object.entries(made));
  }

  get settings(): LogGroupSettings {
    return this.current;
  }

  get name(): string {
    return this.current.name;
  }

  /** Lines that the disk was too slow for. */
  get lostLines(): number {
    return this.lost;
  }

  /** Events before that are over. */
  get expiry(): number {
    const { retentionDays } = this.current;
    return retentionDays === undefined ? -Infinity : this.options.clock.now() - retentionDays * DAY_MS;
  }

  /** Keeps an event for the next write; costs next to nothing. @returns whether something waits for the first time */
  add(event: NewLogEvent): boolean {
    if (this.pendingCharacters + event.message.length > MAX_PENDING_CHARACTERS) {
      this.lost += 1;
      return false;
    }
    this.pending.push(event);
    this.pendingCharacters += event.message.length;
    return this.pending.length === 1;
  }

  /** Writes what waits. @param durable resolves only when the disk has it */
  flush(durable = false): Promise<void> {
    return this.alone(() => this.write(durable));
  }

  /** Events from `since` on, in the order of their times. */
  async events(since: number, wanted: (event: LogEvent) => boolean): Promise<LogEvent[]> {
    await this.flush();
    const from = Math.max(since, this.expiry);
    const found: LogEvent[] = [];
    for await (const events of this.segments.read(from)) {
      for (const event of events) if (event.at >= from && wanted(event)) found.push(event);
    }
    return found.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  }

  /** Every stream, in no order. */
  async allStreams(): Promise<LogStream[]> {
    await this.flush();
    const streams = this.streams ?? (await this.readStreams());
    this.streams = streams;
    return [...streams.values()];
  }

  async hasStream(name: string): Promise<boolean> {
    return this.made.has(name) || (await this.allStreams()).some((stream) => stream.name === name);
  }

  async makeStream(name: string): Promise<void> {
    const now = this.options.clock.now();
    this.made.set(name, now);
    this.streams?.set(name, emptyStream(name, now));
    await this.save();
  }

  /** Its events go with it. */
  async deleteStream(name: string): Promise<void> {
    await this.flush();
    await this.alone(async () => {
      const kept: LogEvent[] = [];
      for await (const events of this.segments.read(-Infinity)) {
        for (const event of events) if (event.stream !== name) kept.push(event);
      }
      await this.segments.clear();
      this.streams = undefined;
      if (kept.length > 0) await this.segments.append(kept, this.options.clock.now(), true);
    });
    this.made.delete(name);
    await this.save();
  }

  /** Changes what is different; a stack that starts again changes nothing. */
  async become(settings: LogGroupSettings): Promise<void> {
    if (!isDeepStrictEqual(plain(settings), plain(this.current))) await this.change(settings);
  }

  async change(settings: LogGroupSettings): Promise<void> {
    this.current = settings;
    await this.save();
    await this.sweep();
  }

  /** Deletes files with nothing but events that are over. */
  async sweep(): Promise<void> {
    await this.alone(async () => {
      if (await this.segments.expire(this.expiry)) this.streams = undefined;
    });
  }

  async size(): Promise<number> {
    await this.flush();
    return this.segments.size();
  }

  async delete(): Promise<void> {
    this.deleted = true;
    this.pending = [];
    await this.working;
    await rm(this.options.folder, { recursive: true, force: true });
  }

  save(): Promise<void> {
    return this.alone(async () => {
      const { folder } = this.options;
      await mkdir(folder, { recursive: true });
      const file = join(folder, 'group.json');
      const text = JSON.stringify({ ...this.current, streams: Object.fromEntries(this.made) });
      await writeFile(`${file}.new`, text, { flush: true });
      await rename(`${file}.new`, file);
    });
  }

  /** One after the other. What fails is told to whoever waits for it. */
  private alone(work: () => Promise<void>): Promise<void> {
    const done = this.working.then(work);
    this.working = done.catch(() => undefined);
    return done;
  }

  private async write(durable: boolean): Promise<void> {
    if (this.deleted || this.pending.length === 0) return;
    const events = this.pending;
    this.pending = [];
    this.pendingCharacters = 0;
    const written = await this.segments.append(events, this.options.clock.now(), durable);
    if (this.streams) for (const event of written()) note(this.streams, event);
    this.options.onWritten(this, written);
  }

  private async readStreams(): Promise<Map<string, LogStream>> {
    const streams = new Map([...this.made].map(([name, at]) => [name, emptyStream(name, at)]));
    for await (const events of this.segments.read(-Infinity))
      for (const event of events) note(streams, event);
    return streams;
  }
}

/** As it is kept: without what is undefined. */
function plain(settings: LogGroupSettings): unknown {
  return JSON.parse(JSON.stringify(settings));
}

function emptyStream(name: string, createdAt: number): LogStream {
  return { name, createdAt, firstEventAt: undefined, lastEventAt: undefined, lastIngestedAt: undefined };
}

function note(streams: Map<string, LogStream>, { stream: name, at, ingestedAt }: LogEvent): void {
  const known = streams.get(name) ?? emptyStream(name, ingestedAt);
  streams.set(name, {
    ...known,
    firstEventAt: Math.min(known.firstEventAt ?? at, at),
    lastEventAt: Math.max(known.lastEventAt ?? at, at),
    lastIngestedAt: ingestedAt,
  });
}
