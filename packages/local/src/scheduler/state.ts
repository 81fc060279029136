import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Schedule } from './schedule';

/** What is remembered of a schedule that runs. */
export interface Run {
  /** Of the expression and what else decides about times: with another one, a rate begins anew. */
  readonly form: string;
  /** Where a rate begins to count. */
  readonly anchor: number;
  /** When it was last due and called its targets. */
  readonly lastAt?: number;
}

/** A call of a target that failed and is to be tried again. */
export interface Retry {
  readonly scheduleArn: string;
  readonly targetId: string;
  readonly executionId: string;
  readonly at: number;
  /** Attempts so far. */
  readonly attempts: number;
  readonly nextAt: number;
}

interface Content {
  /** By ARN. */
  readonly runs: Readonly<Record<string, Run>>;
  readonly retries: readonly Retry[];
  /** Schedules that were made by the API. */
  readonly created: readonly Schedule[];
}

/** A file that is replaced as a whole. */
export class StateFile {
  private current: Content;

  constructor(private readonly file: string) {
    this.current = existsSync(file)
      ? (JSON.parse(readFileSync(file, 'utf8')) as Content)
      : { runs: {}, retries: [], created: [] };
  }

  get content(): Content {
    return this.current;
  }

  change(change: Partial<Content>): void {
    this.current = { ...this.current, ...change };
    writeFileSync(`${this.file}.new`, JSON.stringify(this.current), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
  }

  setRun(arn: string, run: Run): void {
    this.change({ runs: { ...this.current.runs, [arn]: run } });
  }

  /** Forgets a schedule, and what of it was to be tried again. */
  forget(arn: string): void {
    const { [arn]: _gone, ...runs } = this.current.runs;
    const retries = this.current.retries.filter(({ scheduleArn }) => scheduleArn !== arn);
    const created = this.current.created.filter((schedule) => schedule.arn !== arn);
    this.change({ runs, retries, created });
  }

  setRetry(retry: Retry): void {
    this.change({ retries: [...this.others(retry), retry] });
  }

  dropRetry(retry: Pick<Retry, 'executionId' | 'targetId'>): void {
    const retries = this.others(retry);
    if (retries.length !== this.current.retries.length) this.change({ retries });
  }

  private others({ executionId, targetId }: Pick<Retry, 'executionId' | 'targetId'>): Retry[] {
    return this.current.retries.filter(
      (each) => each.executionId !== executionId || each.targetId !== targetId,
    );
  }
}
