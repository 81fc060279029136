import type { Clock } from '../clock';
import type { Reporter } from '../contracts';

const WINDOW_MS = 1000;
const LINES_A_WINDOW = 20;

const silent: Reporter = { event: () => undefined, warn: () => undefined };

/**
 * One line an event while a person can follow; under load a count of the rest, once a second, so that reporting costs next to
 * nothing. Warnings always pass.
 */
export class Activity {
  private lines = 0;
  private suppressed = 0;
  private windowOpen = false;

  constructor(
    private readonly clock: Clock,
    private readonly reporter: Reporter = silent,
  ) {}

  /** `text` is called only if the line is printed. */
  event(scope: string, text: () => string): void {
    if (!this.windowOpen) this.openWindow();
    if (this.lines >= LINES_A_WINDOW) {
      this.suppressed += 1;
      return;
    }
    this.lines += 1;
    this.reporter.event(scope, text());
  }

  warn(scope: string, text: string): void {
    this.reporter.warn(scope, text);
  }

  private openWindow(): void {
    this.windowOpen = true;
    this.clock.schedule(WINDOW_MS, () => {
      if (this.suppressed > 0) this.reporter.event('messages', `... and ${this.suppressed} more events`);
      this.windowOpen = false;
      this.lines = 0;
      this.suppressed = 0;
    });
  }
}
