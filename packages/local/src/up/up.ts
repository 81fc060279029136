import type { ConsoleReporter } from '../reporter';
import { findProject, readStacks, synthesize } from '../synth';
import type { Project, StackDocument } from '../synth';
import { Assembly } from './assembly';
import { DataFolder } from './data-folder';
import type { UpOptions } from './options';
import { Shutdown } from './shutdown';

/** Stacks that run on this machine. */
export interface Running {
  /** Stops everything that was started; resolves when no child is left. */
  stop(): Promise<void>;
  /** Invocations that run or wait to: who moves the clock meanwhile moves it under their timeouts. */
  readonly activeInvocations: number;
}

/**
 * Hosts a project's stacks on this machine.
 *
 * @param signal ends a start that is under way
 * @throws UserError in one line with the remedy; what was started by then has been stopped
 */
export async function up(
  options: UpOptions,
  reporter: ConsoleReporter,
  signal: AbortSignal,
): Promise<Running> {
  const shutdown = new Shutdown(reporter);
  try {
    const project = findProject(options.folder, options.dataFolder);
    const data = await DataFolder.open(project.dataFolder);
    shutdown.add('data', () => data.release());
    data.announce();
    const stacks = await synthesizedStacks(project, options, reporter, signal);
    const { folder } = project;
    const assembly = new Assembly({ folder, stacks, data, options, reporter, shutdown, signal });
    await unlessAborted(assembly.run(), signal);
    return {
      stop: () => shutdown.run(),
      get activeInvocations() {
        return assembly.activeInvocations;
      },
    };
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

async function synthesizedStacks(
  project: Project,
  { environment, fresh, stacks }: UpOptions,
  reporter: ConsoleReporter,
  signal: AbortSignal,
): Promise<StackDocument[]> {
  let startedAt: number | undefined;
  const onStart = (command: string) => {
    startedAt = performance.now();
    reporter.event('synth', command);
    reporter.flush();
  };
  const folder = await synthesize(project, { environment, fresh, signal, onStart });
  if (startedAt !== undefined) {
    reporter.event('synth', `done in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  }
  return readStacks(folder, stacks);
}

/** Rejects as soon as the signal aborts: what is being waited for then (an invocation, a download) may take minutes. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason as Error);
    signal.addEventListener('abort', leave);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
