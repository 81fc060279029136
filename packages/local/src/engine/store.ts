import { ClassicLevel } from 'classic-level';
import type { Clock, Timer } from '../clock';
import { UserError } from '../errors';

export type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: string }
  | { readonly type: 'del'; readonly key: string };

/** Keys of a range; without bounds, all of them. */
export interface Range {
  readonly gt?: string;
  readonly gte?: string;
  readonly lt?: string;
  readonly lte?: string;
  readonly reverse?: boolean;
  /** -1 for all. @default -1 */
  readonly limit?: number;
}

/** The store as of a moment; to be closed. */
export type Snapshot = ReturnType<ClassicLevel['snapshot']>;

interface Commit {
  readonly operations: readonly Operation[];
  readonly apply: (() => void) | undefined;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Another process holds the folder. */
export class StoreInUseError extends UserError {
  constructor(folder: string) {
    super(`${folder} is in use by another process: stop that one first, or use another folder`);
  }
}

// Most messages are deleted before a buffer of this size is full and so never reach a table file.
const WRITE_BUFFER_BYTES = 4 * 1024 * 1024;
const MAX_GROUP_CHARACTERS = 8 * 1024 * 1024;
const RIDER_DELAY_MS = 20;
const PAGE_ENTRIES = 1000;

/**
 * A durable, ordered key-value store with group commit: what is committed while a write is being synced goes together into
 * the next write, so that a thousand concurrent commits cost a few flushes of the disk and not a thousand.
 */
export class Store {
  private pending: Commit[] = [];
  private scheduled = false;
  private flushing = false;
  private failure: Error | undefined;
  private riderTimer: Timer | undefined;
  private riders: () => Operation[] = () => [];
  private idle: (() => void)[] = [];

  private constructor(
    private readonly level: ClassicLevel,
    private readonly clock: Clock,
    private readonly onFailure: (error: Error) => void,
  ) {}

  /**
   * @param onFailure called once when the disk refuses a write; every commit from then on is rejected.
   * @throws StoreInUseError
   */
  static async open(folder: string, clock: Clock, onFailure: (error: Error) => void): Promise<Store> {
    const level = new ClassicLevel(folder, { writeBufferSize: WRITE_BUFFER_BYTES });
    try {
      await level.open();
    } catch (error) {
      const cause = (error as Error).cause as { code?: string } | undefined;
      if (cause?.code === 'LEVEL_LOCKED') throw new StoreInUseError(folder);
      throw error;
    }
    return new Store(level, clock, onFailure);
  }

  /**
   * Writes all operations or none. `apply` is called, and then the promise resolved, once they are on disk; commits are
   * applied in the order of the calls.
   */
  commit(operations: readonly Operation[], apply?: () => void): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.pending.push({ operations, apply, resolve, reject });
      this.schedule();
    });
  }

  /** Sets where the operations come from that nobody waits for: they travel with the next write. */
  setRiders(collect: () => Operation[]): void {
    this.riders = collect;
  }

  /** Says that there are riders: without a write to travel with they go alone after a short while. */
  expectRiders(): void {
    this.riderTimer ??= this.clock.schedule(RIDER_DELAY_MS, () => {
      this.riderTimer = undefined;
      this.schedule();
    });
  }

  getMany(keys: string[]): Promise<(string | undefined)[]> {
    return this.level.getMany(keys);
  }

  /** What is durable under a key, at once: a read that is not in memory blocks the event loop. */
  get(key: string, snapshot?: Snapshot): string | undefined {
    return this.level.getSync(key, { snapshot });
  }

  snapshot(): Snapshot {
    return this.level.snapshot();
  }

  range(range: Range): AsyncIterable<[string, string]> {
    return this.level.iterator(range);
  }

  /** All entries whose key begins with the prefix, in the order of their keys. */
  entries(prefix: string): AsyncIterable<[string, string]> {
    return this.level.iterator({ gte: prefix, lt: prefixEnd(prefix) });
  }

  /** As `entries`, many at a time: for those who read all of a large store. */
  async *pages(prefix: string): AsyncGenerator<[string, string][]> {
    const iterator = this.level.iterator({ gte: prefix, lt: prefixEnd(prefix) });
    try {
      for (;;) {
        const page = await iterator.nextv(PAGE_ENTRIES);
        if (page.length === 0) return;
        yield page;
      }
    } finally {
      await iterator.close();
    }
  }

  /** The entries whose key begins with the prefix and comes after another key. */
  entriesAfter(key: string, prefix: string): AsyncIterable<[string, string]> {
    return this.level.iterator({ gt: key, lt: prefixEnd(prefix) });
  }

  /** Deletes all keys that begin with the prefix; neither atomic nor synced. */
  async clear(prefix: string): Promise<void> {
    await this.clearRange(prefix, prefixEnd(prefix));
  }

  /** Deletes the keys from `from` up to but not including `to`; neither atomic nor synced. */
  async clearRange(from: string, to: string): Promise<void> {
    await this.level.clear({ gte: from, lt: to });
  }

  /** Writes what is pending, riders included, and closes. */
  async close(): Promise<void> {
    this.riderTimer?.cancel();
    this.schedule();
    if (this.scheduled || this.flushing) await new Promise<void>((resolve) => this.idle.push(resolve));
    await this.level.close();
  }

  private schedule(): void {
    if (this.scheduled || this.flushing) return;
    this.scheduled = true;
    // One turn of the event loop gathers the requests that arrived together.
    setImmediate(() => void this.flush());
  }

  private async flush(): Promise<void> {
    this.scheduled = false;
    this.flushing = true;
    do {
      const group = this.nextGroup();
      try {
        await this.write(group);
      } catch (error) {
        this.fail(error as Error, group);
        break;
      }
      for (const commit of group) {
        commit.apply?.();
        commit.resolve();
      }
    } while (this.pending.length > 0);
    this.flushing = false;
    for (const resolve of this.idle.splice(0)) resolve();
  }

  private async write(group: readonly Commit[]): Promise<void> {
    // A chained batch costs the event loop a third of what an array of operations does.
    const batch = this.level.batch();
    for (const commit of group) addTo(batch, commit.operations);
    addTo(batch, this.riders());
    if (batch.length > 0) await batch.write({ sync: true });
    else await batch.close();
  }

  private nextGroup(): Commit[] {
    let characters = 0;
    let count = 0;
    while (count < this.pending.length && characters < MAX_GROUP_CHARACTERS) {
      for (const operation of this.pending[count]!.operations) {
        if (operation.type === 'put') characters += operation.value.length;
      }
      count += 1;
    }
    if (count < this.pending.length) return this.pending.splice(0, count);
    const group = this.pending;
    this.pending = [];
    return group;
  }

  private fail(error: Error, group: readonly Commit[]): void {
    this.failure = error;
    const abandoned = this.pending.splice(0);
    for (const commit of [...group, ...abandoned]) commit.reject(error);
    this.onFailure(error);
  }
}

function addTo(batch: ReturnType<ClassicLevel['batch']>, operations: readonly Operation[]): void {
  for (const operation of operations) {
    if (operation.type === 'put') batch.put(operation.key, operation.value);
    else batch.del(operation.key);
  }
}

function prefixEnd(prefix: string): string {
  const last = prefix.length - 1;
  return prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1);
}
