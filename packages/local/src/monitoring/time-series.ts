import { merged, repeated, sameStatistics } from './statistics';
import type { StatisticSet } from './statistics';

/** Several steps in a row with the same statistics: a queue that rests costs one, however long. */
interface Run {
  /** Milliseconds since the epoch. */
  start: number;
  steps: number;
  each: StatisticSet;
}

/** The statistics of a metric, step by step, in the order of time; steps without data have none. */
export class TimeSeries {
  private readonly runs: Run[] = [];

  /** @param stepMs length of a step */
  constructor(readonly stepMs: number) {}

  /** Runs that are kept. */
  get size(): number {
    return this.runs.length;
  }

  /** Beginning of the first step, in milliseconds since the epoch. */
  get begin(): number {
    return this.runs[0]?.start ?? Infinity;
  }

  /** Values that are kept for percentiles. */
  get values(): number {
    return this.runs.reduce((sum, { each }) => sum + (each.values?.size ?? 0), 0);
  }

  /** End of the last step, in milliseconds since the epoch. */
  get end(): number {
    const last = this.runs.at(-1);
    return last === undefined ? -Infinity : this.endOf(last);
  }

  /** @param at milliseconds since the epoch, anywhere in a step */
  add(at: number, statistics: StatisticSet): void {
    const start = Math.floor(at / this.stepMs) * this.stepMs;
    const index = this.indexOf(start);
    const run = this.runs[index];
    if (run !== undefined && run.start <= start) {
      this.merge(index, run, start, statistics);
      return;
    }
    const before = this.runs[index - 1];
    const continues =
      before !== undefined && this.endOf(before) === start && sameStatistics(before.each, statistics);
    if (continues) before.steps += 1;
    else this.runs.splice(index, 0, { start, steps: 1, each: statistics });
  }

  /** Of the steps that begin from `from` up to but not including `to`; undefined where none has data. */
  between(from: number, to: number): StatisticSet | undefined {
    let all: StatisticSet | undefined;
    for (let i = this.indexOf(from); i < this.runs.length; i += 1) {
      const { start, steps, each } = this.runs[i]!;
      if (start >= to) break;
      const first = Math.max(0, Math.ceil((from - start) / this.stepMs));
      const end = Math.min(steps, Math.ceil((to - start) / this.stepMs));
      if (end > first) all = merged(all, repeated(each, end - first));
    }
    return all;
  }

  /** Forgets what ended before a moment, and the oldest runs beyond a number. */
  trim(before: number, maxRuns: number): void {
    const old = this.runs.findIndex((run) => this.endOf(run) > before);
    const expired = old === -1 ? this.runs.length : old;
    this.runs.splice(0, Math.max(expired, this.runs.length - maxRuns));
  }

  /** Forgets the single values of what ended before a moment: no percentiles any more, all else stays. */
  forgetValues(before: number): void {
    for (const run of this.runs) {
      if (this.endOf(run) > before) return;
      if (run.each.values) run.each = { ...run.each, values: undefined };
    }
  }

  /** Of the first run that ends after `start`. */
  private indexOf(start: number): number {
    let low = 0;
    let high = this.runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.endOf(this.runs[middle]!) > start) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Parts a run at a step that gets more. */
  private merge(index: number, run: Run, start: number, statistics: StatisticSet): void {
    const before = (start - run.start) / this.stepMs;
    const after = run.steps - before - 1;
    const parts: Run[] = [
      { start: run.start, steps: before, each: run.each },
      { start, steps: 1, each: merged(run.each, statistics) },
      { start: start + this.stepMs, steps: after, each: run.each },
    ];
    this.runs.splice(index, 1, ...parts.filter(({ steps }) => steps > 0));
  }

  private endOf({ start, steps }: Run): number {
    return start + steps * this.stepMs;
  }
}
