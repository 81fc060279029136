import type { Reporter } from '../../src/contracts';

/** Keeps what was reported, and lets a test wait for a line. */
export class Lines implements Reporter {
  readonly lines: string[] = [];
  private waiting: { pattern: RegExp; found: (line: string) => void }[] = [];

  event(scope: string, text: string): void {
    this.lines.push(`${scope} ${text}`);
    this.waiting = this.waiting.filter(({ pattern, found }) => {
      const line = this.lines.find((each) => pattern.test(each));
      if (line !== undefined) found(line);
      return line === undefined;
    });
  }

  warn(scope: string, text: string): void {
    this.event(scope, `! ${text}`);
  }

  see(pattern: RegExp): Promise<string> {
    return new Promise((found) => {
      const line = this.lines.find((each) => pattern.test(each));
      if (line === undefined) this.waiting.push({ pattern, found });
      else found(line);
    });
  }
}
