import { systemClock } from './clock';
import { ConsoleReporter } from './reporter';
import { up } from './up';
import type { Running, UpOptions } from './up';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a stack until a signal ends it. A second signal does not wait for anything; the watchdog ends the children. */
export async function runUp(options: UpOptions): Promise<void> {
  const reporter = new ConsoleReporter({ stream: process.stdout, clock: systemClock });
  const stop = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        if (stop.signal.aborted) {
          reporter.flush();
          process.exit(130);
        }
        reporter.line(signal === 'SIGINT' ? '\nstopping (again: at once)' : 'stopping');
        reporter.flush();
        stop.abort();
        resolve();
      });
    }
  });
  let running: Running;
  try {
    running = await up(options, reporter, stop.signal);
  } catch (error) {
    reporter.flush();
    if (stop.signal.aborted) {
      return;
    }
    throw error;
  }
  // Nothing else need keep the process alive while it waits for the signal.
  const heart = setInterval(() => undefined, 1 << 30);
  await stopped;
  clearInterval(heart);
  await running.stop();
  reporter.line('stopped');
  reporter.flush();
}
