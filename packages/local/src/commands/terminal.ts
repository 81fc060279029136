import { fstatSync } from 'node:fs';
import { UsageError } from './command';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Ended by Ctrl-C before it was done. */
export const INTERRUPTED = 130;

const PATIENCE_MS = 900;

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Style = keyof typeof CODES;

// What others sent must not steer the terminal.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Whoever read the output has left, as `head` does. */
export class OutputClosed extends Error {}

/** Where a command was called: its streams, its environment, and the signal that ends it. */
export class Terminal {
  private readonly ending = new AbortController();
  private listening = false;

  constructor(readonly environment: NodeJS.ProcessEnv) {
    // Reported to whoever prints; without a listener it would end the process with a stack trace.
    process.stdout.on('error', () => undefined);
  }

  /** Whether a person can be asked. */
  get isInteractive(): boolean {
    return process.stdin.isTTY && process.stdout.isTTY;
  }

  /** Whether what is printed goes to a screen. */
  get isScreen(): boolean {
    return process.stdout.isTTY;
  }

  /** Aborts at Ctrl-C, SIGTERM or SIGHUP; what has not ended by itself then soon is ended, by a second one at once. */
  get signal(): AbortSignal {
    if (!this.listening) {
      this.listening = true;
      for (const name of SIGNALS) {
        process.on(name, () => {
          if (this.ending.signal.aborted) process.exit(INTERRUPTED);
          this.ending.abort();
          setTimeout(() => process.exit(INTERRUPTED), PATIENCE_MS).unref();
        });
      }
    }
    return this.ending.signal;
  }

  /** Whether a signal has come; asking does not make one wait for it. */
  get isInterrupted(): boolean {
    return this.ending.signal.aborted;
  }

  /**
   * Prints whole lines; resolves once they are handed over.
   *
   * @throws OutputClosed
   */
  print(...lines: readonly string[]): Promise<void> {
    return this.write(lines.map((line) => `${line}\n`).join(''));
  }

  /** @throws OutputClosed */
  write(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      process.stdout.write(data, (error) => {
        if (error) reject(new OutputClosed());
        else resolve();
      });
    });
  }

  /** A line beside the output, for people. */
  note(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  /** Colours only on a terminal, and never where NO_COLOR is set (https://no-color.org). */
  paint(style: Style, text: string): string {
    const plain = !this.isScreen || Boolean(this.environment['NO_COLOR']);
    return plain ? text : `\u001b[${CODES[style]}m${text}\u001b[0m`;
  }

  /** What others wrote, without control characters where it goes to a screen. */
  clean(text: string): string {
    return this.isScreen ? text.replace(CONTROL, '') : text;
  }

  /**
   * Asks a person; where there is none, `--yes` has to be given.
   *
   * @throws UsageError without a terminal
   */
  async confirm(question: string): Promise<boolean> {
    if (!this.isInteractive) throw new UsageError(`${question} Nobody can be asked here: add --yes`);
    const { createInterface } = await import('node:readline/promises');
    const dialog = createInterface({ input: process.stdin, output: process.stdout });
    const left = new Promise<string>((resolve) => dialog.once('close', () => resolve('no')));
    const answer = await Promise.race([dialog.question(`${question} [y/N] `), left]);
    dialog.close();
    return /^y(es)?$/i.test(answer.trim());
  }

  /** Whether something is piped or redirected into this process. */
  get hasInput(): boolean {
    try {
      const input = fstatSync(0);
      return input.isFIFO() || input.isFile() || input.isSocket();
    } catch {
      return false;
    }
  }

  /** All of standard input. */
  async input(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }
}
