import type { Reporter } from '../contracts';

/** Longest that one part may take to stop. */
const PATIENCE_MS = 10_000;

/** What was started, to be stopped in the reverse order; a part that fails or hangs does not keep the others running. */
export class Shutdown {
  private readonly steps: { readonly name: string; readonly stop: () => Promise<unknown> }[] = [];
  private stopping: Promise<void> | undefined;
  private stopped = false;

  constructor(private readonly reporter: Reporter) {}

  /** What is added after everything has been stopped came up too late, and is stopped at once. */
  add(name: string, stop: () => Promise<unknown>): void {
    this.steps.push({ name, stop });
    if (this.stopped) {
      void this.stopAll();
    }
  }

  /** Stops everything once, however often it is called. */
  run(): Promise<void> {
    this.stopping ??= this.stopAll();
    return this.stopping;
  }

  private async stopAll(): Promise<void> {
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      const { name } = step;
      try {
        await within(step.stop(), PATIENCE_MS, `did not stop in ${PATIENCE_MS / 1000} s`);
      } catch (error) {
        this.reporter.warn(name, (error as Error).message);
      }
    }
    this.stopped = true;
  }
}

async function within(work: Promise<unknown>, milliseconds: number, problem: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(problem)), milliseconds);
  });
  try {
    await Promise.race([work, patience]);
  } finally {
    clearTimeout(timer);
  }
}
