import type { Clock } from './clock';
import type { Reporter } from './contracts';

export interface ReporterOptions {
  readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly clock: Clock;
  /** @default whether the stream is a terminal, unless NO_COLOR is set */
  readonly colour?: boolean;
}

/** Lines wait this long for company: under load one write carries many. */
const FLUSH_MS = 10;
const DIM = '\u001b[2m';
const CYAN = '\u001b[36m';
const YELLOW = '\u001b[33m';
const RESET = '\u001b[0m';
// What a function logs or a client sends must not steer the terminal.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Prints a line for each event: time, scope, text. Colours only on a terminal. */
export class ConsoleReporter implements Reporter {
  private readonly colour: boolean;
  private pending = '';

  constructor(private readonly options: ReporterOptions) {
    this.colour = options.colour ?? (options.stream.isTTY === true && !process.env['NO_COLOR']);
    // Whoever read the output may be gone; the runtime goes on.
    options.stream.on('error', () => undefined);
  }

  event(scope: string, text: string): void {
    this.entry(scope, text, CYAN);
  }

  warn(scope: string, text: string): void {
    this.entry(scope, text, YELLOW);
  }

  /** A line of its own form, without time and scope. */
  line(text: string): void {
    this.add(text);
  }

  /** Writes what waits; call it before the process ends. */
  flush(): void {
    const text = this.pending;
    this.pending = '';
    if (text !== '') {
      this.options.stream.write(text);
    }
  }

  private entry(scope: string, text: string, colour: string): void {
    const time = clockTime(this.options.clock.now());
    const clean = text
      .replace(/\r?\n$/, '')
      .replace(CONTROL, '')
      .replaceAll('\n', '\n    ');
    const mark = colour === YELLOW ? '! ' : '';
    this.add(
      this.colour
        ? `${DIM}${time}${RESET} ${colour}${scope}${RESET} ${mark}${clean}`
        : `${time} ${scope} ${mark}${clean}`,
    );
  }

  private add(line: string): void {
    if (this.pending === '') {
      this.options.clock.schedule(FLUSH_MS, () => this.flush());
    }
    this.pending += `${line}\n`;
  }
}

/** The time of day here: `14:05:09.042` */
function clockTime(now: number): string {
  const date = new Date(now);
  const two = (value: number) => String(value).padStart(2, '0');
  const milliseconds = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${milliseconds}`;
}
