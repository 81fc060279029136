import type { Clock, Timer } from '../clock';
import type { Activity } from '../engine/activity';
import type { Operation, Store } from '../engine/store';
import { JsonFile } from '../json-file';
import type { Envelope } from './event';
import { EventPattern } from './event-pattern';

const KEYS = 'ea!';
const DAY_MS = 86_400_000;
const CLEARING_MS = 3_600_000;

/** Keeps what comes to a bus, to be put on it again. */
export interface Archive {
  readonly arn: string;
  readonly name: string;
  readonly busName: string;
  /** JSON. @default every event */
  readonly pattern?: string;
  /** 0 for ever. */
  readonly retentionDays: number;
  readonly description?: string;
  /** Whether the stack made it. */
  readonly declared: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** A part of an archive on its way to its bus again. Times are milliseconds since the epoch. */
export interface Replay {
  readonly arn: string;
  readonly name: string;
  readonly description?: string;
  readonly archiveArn: string;
  readonly archiveName: string;
  readonly busArn: string;
  readonly busName: string;
  /** Of the rules that get it; none for all. */
  readonly ruleArns: readonly string[];
  /** From this time of arrival on... */
  readonly from: number;
  /** ... until before this one. */
  readonly until: number;
  readonly state: 'RUNNING' | 'COMPLETED' | 'CANCELLED';
  readonly startedAt: number;
  readonly endedAt?: number;
  /** After which it goes on. */
  readonly lastKey?: string;
}

export interface ArchivesOptions {
  /** Where replays, and archives that were made by the API, are kept. */
  readonly file: string;
  /** Keeps the events. */
  readonly store: Pick<Store, 'entries' | 'entriesAfter' | 'clear' | 'clearRange'>;
  readonly clock: Clock;
  readonly activity: Activity;
  /** Puts an event on its bus again. */
  readonly replay: (busName: string, event: string, ruleArns: readonly string[]) => Promise<void>;
}

interface Content {
  readonly archives: readonly Archive[];
  readonly replays: readonly Replay[];
}

/** EventBridge's archives and their replays. */
export class Archives {
  private readonly archives = new Map<string, { archive: Archive; pattern: EventPattern | undefined }>();
  private readonly file: JsonFile<Content>;
  private readonly running = new Map<string, Promise<void>>();
  private timer: Timer | undefined;
  private stopped = false;

  constructor(private readonly options: ArchivesOptions) {
    this.file = new JsonFile<Content>(options.file, { archives: [], replays: [] });
    this.file.content.archives.forEach((archive) => this.keep(archive));
  }

  /** By name. */
  list(): Archive[] {
    const all = [...this.archives.values()].map(({ archive }) => archive);
    return all.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(name: string): Archive | undefined {
    return this.archives.get(name)?.archive;
  }

  /** In place of the one with its name, if there is one. @throws ServiceError InvalidEventPatternException */
  put(archive: Archive): void {
    this.keep(archive);
    if (!archive.declared) this.save();
  }

  async delete(name: string): Promise<void> {
    this.archives.delete(name);
    this.save();
    await this.options.store.clear(prefixOf(name));
  }

  /** What is written with an event so that archives have it; a replayed one is not archived again. */
  operations(
    busName: string,
    { id, text }: Envelope,
    event: Readonly<Record<string, unknown>>,
    at: number,
  ): Operation[] {
    return [...this.archives.values()]
      .filter(({ archive, pattern }) => archive.busName === busName && (pattern?.matches(event) ?? true))
      .map(({ archive }) => ({ type: 'put', key: `${keyOf(archive.name, at)}!${id}`, value: text }));
  }

  /** What an archive holds. */
  async size(name: string): Promise<{ events: number; bytes: number }> {
    let events = 0;
    let bytes = 0;
    for await (const [, value] of this.options.store.entries(prefixOf(name))) {
      events += 1;
      bytes += Buffer.byteLength(value);
    }
    return { events, bytes };
  }

  /** By name. */
  replays(): readonly Replay[] {
    return [...this.file.content.replays].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  findReplay(name: string): Replay | undefined {
    return this.file.content.replays.find((replay) => replay.name === name);
  }

  startReplay(replay: Replay): void {
    this.saveReplay(replay);
    this.run(replay);
  }

  cancelReplay(replay: Replay): void {
    this.saveReplay({ ...replay, state: 'CANCELLED', endedAt: this.options.clock.now() });
  }

  /** Goes on with replays, and forgets what is too old, now and every hour. */
  start(): void {
    this.file.content.replays
      .filter(({ state }) => state === 'RUNNING')
      .forEach((replay) => this.run(replay));
    this.clearOld();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.timer?.cancel();
    await this.idle();
  }

  /** Resolves when no replay is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.running.values());
  }

  private keep(archive: Archive): void {
    const pattern = archive.pattern === undefined ? undefined : new EventPattern(archive.pattern);
    this.archives.set(archive.name, { archive, pattern });
  }

  private save(): void {
    this.file.change({ archives: this.list().filter(({ declared }) => !declared) });
  }

  private saveReplay(replay: Replay): void {
    const others = this.file.content.replays.filter(({ name }) => name !== replay.name);
    this.file.change({ replays: [...others, replay] });
  }

  private run(replay: Replay): void {
    const { activity } = this.options;
    const work = this.play(replay)
      .catch(({ message }: Error) => activity.warn('events', `replay ${replay.name}: ${message}`))
      .finally(() => this.running.delete(replay.name));
    this.running.set(replay.name, work);
  }

  private async play(replay: Replay): Promise<void> {
    const { store, clock, replay: put } = this.options;
    const { archiveName, from, until, busName, ruleArns, name } = replay;
    const first = replay.lastKey ?? keyOf(archiveName, from);
    const end = keyOf(archiveName, until);
    for await (const [key, text] of store.entriesAfter(first, prefixOf(archiveName))) {
      if (key >= end) break;
      if (this.stopped || this.findReplay(name)?.state !== 'RUNNING') return;
      await put(busName, `${text.slice(0, -1)},"replay-name":${JSON.stringify(name)}}`, ruleArns);
      this.saveReplay({ ...this.findReplay(name)!, lastKey: key });
    }
    const current = this.findReplay(name);
    if (current?.state !== 'RUNNING') return;
    this.saveReplay({ ...current, state: 'COMPLETED', endedAt: clock.now() });
  }

  private clearOld(): void {
    const { store, clock, activity } = this.options;
    for (const { name, retentionDays } of this.list()) {
      if (retentionDays === 0) continue;
      const end = keyOf(name, clock.now() - retentionDays * DAY_MS);
      store
        .clearRange(prefixOf(name), end)
        .catch(({ message }: Error) => activity.warn('events', `archive ${name}: ${message}`));
    }
    this.timer = clock.schedule(CLEARING_MS, () => this.clearOld());
  }
}

function prefixOf(archiveName: string): string {
  return `${KEYS}${archiveName}!`;
}

function keyOf(archiveName: string, at: number): string {
  return prefixOf(archiveName) + Math.max(0, at).toString(16).padStart(12, '0');
}
