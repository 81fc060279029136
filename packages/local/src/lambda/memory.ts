import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Clock, Timer } from '../clock';

const MIB = 1024 * 1024;
/** A process that allocates as fast as it can gets some ten MB further in this time. */
const LINUX_INTERVAL_MS = 50;
/** Elsewhere each look costs a process. */
const PS_INTERVAL_MS = 1_000;

const run = promisify(execFile);

export interface MemoryLimit {
  readonly clock: Clock;
  readonly limitMb: number;
  /** Called once, when the process has more than that. */
  readonly onExceeded: () => void;
}

/**
 * The memory that a process has for itself: not what it maps from files, which all functions share. It is looked at while there
 * is work, and once at its end.
 */
export class MemoryWatch {
  /** Where `ps` looks: what the process had before it loaded anything, which the others have as well. */
  baseBytes: number | undefined;
  private peakBytes = 0;
  private timer: Timer | undefined;
  private lookedAt = -Infinity;

  constructor(
    private readonly pid: number | undefined,
    private readonly options: MemoryLimit,
  ) {}

  /** The most that it had, in MB. */
  get peakMb(): number {
    return Math.ceil(this.peakBytes / MIB);
  }

  start(): void {
    const interval = process.platform === 'linux' ? LINUX_INTERVAL_MS : PS_INTERVAL_MS;
    const timer: Timer = this.options.clock.schedule(interval, () => void this.look(timer));
    this.timer = timer;
  }

  /** A last look, unless the work was short and the last one is not long ago. */
  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
    const isRecent = this.options.clock.now() - this.lookedAt < LINUX_INTERVAL_MS;
    if (process.platform === 'linux' && !isRecent) this.note(this.readStatus());
  }

  private async look(timer: Timer): Promise<void> {
    this.note(process.platform === 'linux' ? this.readStatus() : await this.askPs());
    // The work may have ended meanwhile.
    if (this.timer !== timer) return;
    this.timer = undefined;
    if (this.peakBytes > this.options.limitMb * MIB) this.options.onExceeded();
    else this.start();
  }

  private note(bytes: number | undefined): void {
    this.lookedAt = this.options.clock.now();
    if (bytes !== undefined && bytes > this.peakBytes) this.peakBytes = bytes;
  }

  /** @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
  private readStatus(): number | undefined {
    try {
      const status = readFileSync(`/proc/${this.pid}/status`, 'latin1');
      const kilobytes = [/^RssAnon:\s+(\d+)/m, /^RssShmem:\s+(\d+)/m].map((line) => line.exec(status)?.[1]);
      return kilobytes.reduce((sum, each) => sum + Number(each ?? 0), 0) * 1024;
    } catch {
      // It has ended.
      return undefined;
    }
  }

  private async askPs(): Promise<number | undefined> {
    try {
      const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(this.pid)]);
      return this.baseBytes === undefined ? undefined : Math.max(0, Number(stdout) * 1024 - this.baseBytes);
    } catch {
      return undefined;
    }
  }
}
