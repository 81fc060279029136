import { JsonFile } from '../json-file';
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

interface Content {
  /** By ARN. */
  readonly runs: Readonly<Record<string, Run>>;
  /** Schedules that were made by the API. */
  readonly created: readonly Schedule[];
}

/** What outlives the process. */
export class StateFile {
  private readonly file: JsonFile<Content>;

  constructor(file: string) {
    this.file = new JsonFile<Content>(file, { runs: {}, created: [] });
  }

  get content(): Content {
    return this.file.content;
  }

  setCreated(created: readonly Schedule[]): void {
    this.file.change({ created });
  }

  setRun(arn: string, run: Run): void {
    this.file.change({ runs: { ...this.content.runs, [arn]: run } });
  }

  forget(arn: string): void {
    const { [arn]: _gone, ...runs } = this.content.runs;
    const created = this.content.created.filter((schedule) => schedule.arn !== arn);
    this.file.change({ runs, created });
  }
}
