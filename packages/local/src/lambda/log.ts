import { StringDecoder } from 'node:string_decoder';
import { displayed } from './log-format';

const TAIL_BYTES = 4096;

export type OutputName = 'stdout' | 'stderr';

/** Turns what a process writes into lines, and keeps the end of the current invocation's log. */
export class InvocationLog {
  private readonly outputs = { stdout: new Output(), stderr: new Output() };
  private text = '';
  private waiting: { written: Record<OutputName, number>; seen: () => void } | undefined;

  /**
   * @param onLine gets a line for people: without what Lambda puts before it
   * @param intercept takes lines on stderr that are no output of the function, but Node.js's own
   * @param record gets every line as it is, Lambda's own as well
   */
  constructor(
    private readonly onLine: (line: string) => void,
    private readonly intercept: (line: string) => boolean = () => false,
    private readonly record: (line: string) => void = () => undefined,
  ) {}

  /** Begins the log of an invocation with a line of Lambda's. */
  begin(line: string): void {
    this.text = `${line}\n`;
    this.record(line);
  }

  /** Records a line of Lambda's alone. */
  note(line: string): void {
    this.record(line);
  }

  add(name: OutputName, chunk: Buffer): void {
    const output = this.outputs[name];
    for (const line of output.lines(chunk)) {
      // The function did not write it, and does not count it.
      if (name === 'stderr' && this.intercept(line)) output.bytes -= Buffer.byteLength(line) + 1;
      else this.addLine(line);
    }
    const { waiting } = this;
    if (!waiting || !this.has(waiting.written)) return;
    this.waiting = undefined;
    waiting.seen();
  }

  addLine(line: string): void {
    this.text = keepEnd(`${this.text}${line}\n`);
    this.record(line);
    for (const shown of displayed(line)) this.onLine(shown);
  }

  /** Calls back once everything that the process has written is here; answers and outputs travel on different pipes. */
  whenComplete(written: Record<OutputName, number>, seen: () => void): void {
    if (this.has(written)) seen();
    else this.waiting = { written, seen };
  }

  /** Ends the invocation's log with Lambda's own lines. @returns its last 4 KB */
  end(lines: readonly string[]): string {
    for (const output of Object.values(this.outputs)) {
      const rest = output.takeRest();
      if (rest !== '') this.addLine(rest);
    }
    for (const line of lines) this.record(line);
    return keepEnd(`${this.text}${lines.map((line) => `${line}\n`).join('')}`);
  }

  private has(written: Record<OutputName, number>): boolean {
    const { stdout, stderr } = this.outputs;
    return stdout.bytes >= written.stdout && stderr.bytes >= written.stderr;
  }
}

class Output {
  bytes = 0;
  private readonly decoder = new StringDecoder('utf8');
  private rest = '';

  lines(chunk: Buffer): string[] {
    this.bytes += chunk.length;
    const lines = (this.rest + this.decoder.write(chunk)).split('\n');
    this.rest = lines.pop() ?? '';
    return lines;
  }

  takeRest(): string {
    const { rest } = this;
    this.rest = '';
    return rest;
  }
}

function keepEnd(text: string): string {
  // Never more bytes than characters fit, so most texts need no counting.
  if (text.length * 3 <= TAIL_BYTES) return text;
  const bytes = Buffer.from(text);
  return bytes.length <= TAIL_BYTES ? text : bytes.subarray(-TAIL_BYTES).toString();
}
