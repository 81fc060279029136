import type { Clock } from '../clock';
import type { Operation, Range, Snapshot } from '../engine/store';
import { Store } from '../engine/store';

/** Reads what is durable, all of it or as of a moment. */
export interface Reads {
  get(key: string): string | undefined;
}

/** Changes that are made together or not at all; it reads its own writes, and those that are on their way to the disk. */
export class Unit implements Reads {
  private readonly staged = new Map<string, string | undefined>();
  private readonly followers = new Set<() => void>();

  constructor(private readonly below: Reads) {}

  get(key: string): string | undefined {
    return this.staged.has(key) ? this.staged.get(key) : this.below.get(key);
  }

  put(key: string, value: string): void {
    this.staged.set(key, value);
  }

  delete(key: string): void {
    this.staged.set(key, undefined);
  }

  /** Calls once when the changes are durable, however often it is asked to. */
  afterwards(follower: () => void): void {
    this.followers.add(follower);
  }

  get changes(): ReadonlyMap<string, string | undefined> {
    return this.staged;
  }

  /** What was to be called afterwards. */
  followUp(): void {
    for (const follower of this.followers) follower();
  }
}

/**
 * Writes by units of work. A unit is put together in one turn of the event loop, so that none sees another half done, and goes
 * to the disk in one synced batch; the next unit does not wait for that, but sees it and comes after it.
 */
export class Storage {
  private readonly underWay = new Map<string, { readonly value: string | undefined }>();
  private readonly latest: Reads = {
    get: (key) => {
      const pending = this.underWay.get(key);
      return pending === undefined ? this.store.get(key) : pending.value;
    },
  };

  private exclusive: Promise<unknown> | undefined;

  private constructor(private readonly store: Store) {}

  /** @throws StoreInUseError */
  static async open(folder: string, clock: Clock, onFailure: (error: Error) => void): Promise<Storage> {
    return new Storage(await Store.open(folder, clock, onFailure));
  }

  /**
   * Resolves with what `work` returned once its changes are durable. Where it throws, nothing is changed, and the error is
   * passed on when everything that it may have seen is durable.
   */
  async write<T>(work: (unit: Unit) => T): Promise<T> {
    while (this.exclusive !== undefined) await this.exclusive;
    return this.writeNow(work);
  }

  /** A unit that depends on more than can be read at once: other units wait until it is written. */
  async exclusively<T>(prepare: () => Promise<(unit: Unit) => T>): Promise<T> {
    while (this.exclusive !== undefined) await this.exclusive;
    const writing = this.settled()
      .then(prepare)
      .then((work) => this.writeNow(work));
    const over = () => (this.exclusive = undefined);
    this.exclusive = writing.then(over, over);
    return writing;
  }

  private async writeNow<T>(work: (unit: Unit) => T): Promise<T> {
    const unit = new Unit(this.latest);
    let result: T;
    try {
      result = work(unit);
    } catch (error) {
      await this.settled();
      throw error;
    }
    await this.commit(unit);
    return result;
  }

  /** Reads at once what is durable. */
  get durable(): Reads {
    return this.store;
  }

  /** Runs reads that all see the same moment. */
  atOnce<T>(work: (reads: Reads) => T): T {
    const snapshot: Snapshot = this.store.snapshot();
    try {
      return work({ get: (key) => this.store.get(key, snapshot) });
    } finally {
      void snapshot.close();
    }
  }

  /** Durable entries of a range, as of now. */
  entries(range: Range): AsyncIterable<[string, string]> {
    return this.store.range(range);
  }

  /** Whether nothing is under the prefix, or on its way there. */
  async isEmpty(prefix: string): Promise<boolean> {
    await this.settled();
    for await (const _ of this.store.range({ ...under(prefix), limit: 1 })) return false;
    return true;
  }

  clear(prefix: string): Promise<void> {
    return this.store.clear(prefix);
  }

  close(): Promise<void> {
    return this.store.close();
  }

  private settled(): Promise<void> {
    return this.underWay.size === 0 ? Promise.resolve() : this.store.commit([]);
  }

  private commit(unit: Unit): Promise<void> {
    const { changes } = unit;
    if (changes.size === 0) return this.settled();
    const operations: Operation[] = [];
    const marks = new Map<string, { readonly value: string | undefined }>();
    for (const [key, value] of changes) {
      operations.push(value === undefined ? { type: 'del', key } : { type: 'put', key, value });
      const mark = { value };
      marks.set(key, mark);
      this.underWay.set(key, mark);
    }
    return this.store.commit(operations, () => {
      for (const [key, mark] of marks) if (this.underWay.get(key) === mark) this.underWay.delete(key);
      unit.followUp();
    });
  }
}

/** The range of keys that begin with a prefix, which ends with a slash. */
export function under(prefix: string): { gte: string; lt: string } {
  return { gte: prefix, lt: `${prefix.slice(0, -1)}0` };
}
