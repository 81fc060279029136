import { statSync, watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Timer } from '../../clock';

/** Editors write a file in several steps; programs write several files. */
const QUIET_MS = 40;
/** What editors leave for a moment: backups, vim's test for permissions. Hidden files are swap files. */
const TEMPORARY = /^\.|~$|^\d+$/;

export interface SourceWatchOptions {
  readonly clock: Clock;
  /** Called when no more changes come, with absolute paths; `since` is when the first one came, in milliseconds. */
  readonly onChange: (files: ReadonlySet<string>, since: number) => void;
  /** A folder that came into being: which folders are to be watched for it, and which files are new in them. */
  readonly onNewFolder: (folder: string) => {
    readonly folders: readonly string[];
    readonly files: readonly string[];
  };
}

/**
 * Tells which files change in some folders, not below them. Each folder has a watch of its own: a recursive one would watch
 * node_modules too.
 */
export class SourceWatch {
  private readonly watchers = new Map<string, FSWatcher>();
  private changed = new Set<string>();
  private since = 0;
  private quiet: Timer | undefined;

  constructor(private readonly options: SourceWatchOptions) {}

  /** @throws the error of `fs.watch` (ENOSPC: too many watches) */
  add(folder: string): void {
    if (this.watchers.has(folder)) return;
    // Must not keep the process alive.
    const watcher = watch(folder, { persistent: false }, (event, name) => {
      if (name !== null && !TEMPORARY.test(name)) this.note(join(folder, name), event);
    });
    // The folder may be deleted.
    watcher.on('error', () => this.remove(folder));
    this.watchers.set(folder, watcher);
  }

  close(): void {
    this.quiet?.cancel();
    for (const folder of [...this.watchers.keys()]) this.remove(folder);
  }

  private remove(folder: string): void {
    this.watchers.get(folder)?.close();
    this.watchers.delete(folder);
  }

  private note(path: string, event: string): void {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory()) {
      if (event === 'rename') this.addNew(path);
      return;
    }
    if (stats === undefined) this.remove(path);
    this.collect(path);
  }

  private addNew(folder: string): void {
    const { folders = [], files = [] } = ifThere(() => this.options.onNewFolder(folder)) ?? {};
    // A folder that was renamed and came back is another one to the system.
    for (const each of folders) this.remove(each);
    for (const each of folders) ifThere(() => this.add(each));
    for (const file of files) this.collect(file);
  }

  private collect(file: string): void {
    const { clock, onChange } = this.options;
    if (this.changed.size === 0) this.since = clock.now();
    this.changed.add(file);
    this.quiet?.cancel();
    this.quiet = clock.schedule(QUIET_MS, () => {
      const { changed } = this;
      this.changed = new Set();
      onChange(changed, this.since);
    });
  }
}

/** A new folder may be gone again already: builds replace what they made before. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
