import { readdir, readFile, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Clock, Timer } from '../clock';
import type { LogSink, Reporter } from '../contracts';
import { ServiceError } from '../engine';
import { LogGroup } from './log-group';
import type { LogEvent, LogGroupSettings } from './types';

/** Lines wait this long for company: one write for many. */
const FLUSH_MS = 250;
const SWEEP_MS = 60 * 60 * 1000;
const MIB = 1024 * 1024;
/** Of a group on disk; its oldest events make room for new ones. */
export const GROUP_BYTES = 16 * MIB;
const SEGMENT_BYTES = MIB;

export interface LogStoreOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly region: string;
  readonly accountId: string;
  /** @default 16 MiB, in files of one */
  readonly limits?: { readonly groupBytes: number; readonly segmentBytes: number };
}

/** What follows a group: gets its events once they are written, in order. */
export type LogListener = (group: LogGroup, events: readonly LogEvent[]) => void;

export type GroupRequest = Omit<LogGroupSettings, 'createdAt' | 'declared'>;

/**
 * CloudWatch Logs on this machine: groups with streams of events, bounded on disk. What functions log is gathered in memory and
 * written a few times a second, so that it costs an invocation nothing; what the API takes is on disk when it answers.
 */
export class LogStore implements LogSink {
  private readonly groups = new Map<string, LogGroup>();
  private readonly dirty = new Set<LogGroup>();
  private readonly listeners = new Map<string, Set<LogListener>>();
  private flushing: Timer | undefined;
  private sweeping: Timer | undefined;
  private failed = false;

  private constructor(private readonly options: LogStoreOptions) {}

  static async open(options: LogStoreOptions): Promise<LogStore> {
    const store = new LogStore(options);
    const folders = await readdir(options.folder).catch(() => [] as string[]);
    for (const name of folders.sort()) await store.restore(join(options.folder, name));
    store.sweepLater();
    return store;
  }

  now(): number {
    return this.options.clock.now();
  }

  /** Gets what is written to a group from now on, whether it is there yet or not. */
  listen(groupName: string, listener: LogListener): void {
    const others = this.listeners.get(groupName);
    if (others) others.add(listener);
    else this.listeners.set(groupName, new Set([listener]));
  }

  append(groupName: string, stream: string, at: number, message: string): void {
    const group = this.groups.get(groupName) ?? this.emerge(groupName);
    if (!group.add({ stream, at, message })) return;
    this.dirty.add(group);
    this.flushing ??= this.options.clock.schedule(FLUSH_MS, () => {
      this.flushing = undefined;
      void this.flush();
    });
  }

  /** Writes what waits. */
  async flush(): Promise<void> {
    const groups = [...this.dirty];
    this.dirty.clear();
    await Promise.all(groups.map((group) => group.flush().catch((error: Error) => this.tell(error))));
  }

  /** A group of the stack: it has exactly these settings, and keeps its events from run to run. */
  async ensure(request: GroupRequest): Promise<void> {
    const known = this.groups.get(request.name);
    if (known === undefined) await this.make({ ...request, declared: true });
    else await known.become({ ...request, createdAt: known.settings.createdAt, declared: true });
  }

  /** Deletes the groups of an earlier stack that are not among these, as Terraform would have. */
  async removeUndeclared(names: ReadonlySet<string>): Promise<void> {
    for (const { name, settings } of this.list()) {
      if (settings.declared && !names.has(name)) await this.delete(name);
    }
  }

  /** @throws ServiceError ResourceAlreadyExistsException */
  async create(request: GroupRequest): Promise<void> {
    if (this.groups.has(request.name)) {
      throw new ServiceError('ResourceAlreadyExistsException', 'The specified log group already exists');
    }
    await this.make({ ...request, declared: false });
  }

  /** @throws ServiceError ResourceNotFoundException */
  get(name: string): LogGroup {
    const group = this.groups.get(name);
    if (group) return group;
    throw new ServiceError('ResourceNotFoundException', 'The specified log group does not exist.');
  }

  /** By name. */
  list(): LogGroup[] {
    return [...this.groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @throws ServiceError ResourceNotFoundException */
  async delete(name: string): Promise<void> {
    const group = this.get(name);
    this.groups.delete(name);
    this.dirty.delete(group);
    await group.delete();
  }

  /** ARN of a group, as policies of IAM name it without `:*`. */
  arn(name: string): string {
    const { region, accountId } = this.options;
    return `arn:aws:logs:${region}:${accountId}:log-group:${name}`;
  }

  /** Writes what waits and ends. */
  async close(): Promise<void> {
    this.flushing?.cancel();
    this.sweeping?.cancel();
    await this.flush();
  }

  private async make(settings: Omit<LogGroupSettings, 'createdAt'>): Promise<void> {
    const group = this.open({ ...settings, createdAt: this.options.clock.now() });
    await group.save();
  }

  /** Lambda makes the group that a function logs to. */
  private emerge(name: string): LogGroup {
    const { clock } = this.options;
    const settings = { name, tags: {}, logGroupClass: 'STANDARD', declared: false, createdAt: clock.now() };
    const group = this.open(settings);
    group.save().catch((error: Error) => this.tell(error));
    return group;
  }

  private open(settings: LogGroupSettings, made: Readonly<Record<string, number>> = {}): LogGroup {
    const { clock, folder, limits } = this.options;
    const group = new LogGroup(
      settings,
      {
        folder: join(folder, folderName(settings.name)),
        clock,
        limits: limits ?? { groupBytes: GROUP_BYTES, segmentBytes: SEGMENT_BYTES },
        onWritten: (written, events) => this.tellListeners(written, events),
      },
      made,
    );
    this.groups.set(settings.name, group);
    return group;
  }

  private tellListeners(group: LogGroup, written: () => readonly LogEvent[]): void {
    const listeners = this.listeners.get(group.name);
    if (!listeners) return;
    const events = written();
    for (const listener of listeners) listener(group, events);
  }

  private async restore(folder: string): Promise<void> {
    try {
      const { streams, ...settings } = JSON.parse(
        await readFile(join(folder, 'group.json'), 'utf8'),
      ) as LogGroupSettings & { streams: Record<string, number> };
      await this.open(settings, streams).sweep();
    } catch {
      // A kill came between making the folder and saying what is in it: nothing was acknowledged.
      await rm(folder, { recursive: true, force: true });
    }
  }

  private sweepLater(): void {
    this.sweeping = this.options.clock.schedule(SWEEP_MS, () => {
      for (const group of this.groups.values()) void group.sweep().catch((error: Error) => this.tell(error));
      this.sweepLater();
    });
  }

  /** Once: a full disk fails every write. */
  private tell({ message }: Error): void {
    if (!this.failed)
      this.options.reporter.warn('logs', `cannot write to ${this.options.folder}: ${message}`);
    this.failed = true;
  }
}

/** Names of groups have slashes, and are told apart by their case. */
function folderName(group: string): string {
  const readable = group.replace(/[^A-Za-z0-9-]+/g, '_').slice(-60);
  return `${readable}-${createHash('sha256').update(group).digest('hex').slice(0, 8)}`;
}
