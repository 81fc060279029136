import { StringDecoder } from 'node:string_decoder';

const TAIL_BYTES = 4096;

export type OutputName = 'stdout' | 'stderr';

/** Turns what a process writes into lines, and keeps the end of the current invocation's log. */
export class InvocationLog {
  private readonly outputs = { stdout: new Output(), stderr: new Output() };
  private text = '';
  private waiting: { written: Record<OutputName, number>; seen: () => void } | undefined;

  constructor(private readonly onLine: (line: string) => void) {}

  /** Begins the log of an invocation. */
  begin(requestId: string): void {
    this.text = `START RequestId: ${requestId} Version: $LATEST\n`;
  }

  add(name: OutputName, chunk: Buffer): void {
    for (const line of this.outputs[name].lines(chunk)) this.addLine(line);
    const { waiting } = this;
    if (!waiting || !this.has(waiting.written)) return;
    this.waiting = undefined;
    waiting.seen();
  }

  /** A line of the runtime's own. */
  addLine(line: string): void {
    this.text = keepEnd(`${this.text}${line}\n`);
    this.onLine(line);
  }

  /** Calls back once everything that the process has written is here; answers and outputs travel on different pipes. */
  whenComplete(written: Record<OutputName, number>, seen: () => void): void {
    if (this.has(written)) seen();
    else this.waiting = { written, seen };
  }

  /** Ends the invocation's log: its last 4 KB, with Lambda's own lines. */
  end(requestId: string, durationMs: number, memoryMb: number): string {
    for (const output of Object.values(this.outputs)) {
      const rest = output.takeRest();
      if (rest !== '') this.addLine(rest);
    }
    const duration = durationMs.toFixed(2);
    const report = `Duration: ${duration} ms\tBilled Duration: ${Math.ceil(durationMs)} ms\tMemory Size: ${memoryMb} MB`;
    return keepEnd(`${this.text}END RequestId: ${requestId}\nREPORT RequestId: ${requestId}\t${report}\n`);
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
