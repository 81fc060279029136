import { spawn } from 'node:child_process';

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  /** Standard output and error as they came, for messages. */
  readonly output: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Written to standard input. */
  readonly input?: string;
  /** @default 600 */
  readonly timeoutSeconds?: number;
}

/** Runs a program to its end; one that takes too long is killed. */
export function run(file: string, args: readonly string[], options: RunOptions): Promise<Run> {
  const child = spawn(file, args, { cwd: options.cwd, env: options.env, stdio: 'pipe' });
  const timer = setTimeout(() => child.kill('SIGKILL'), (options.timeoutSeconds ?? 600) * 1000);
  let stdout = '';
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  // A program may end without having read its input.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, output });
    });
  });
}

/** Runs a program that must succeed. @throws Error with the end of its output */
export async function succeed(file: string, args: readonly string[], options: RunOptions): Promise<Run> {
  const result = await run(file, args, options);
  if (result.code === 0) return result;
  throw new Error(
    `${file} ${args.join(' ')} ended with exit code ${result.code}\n${lastLines(result.output)}`,
  );
}

/** Without colours, cursor movements and the status that cdktf repaints after every line. */
function lastLines(output: string): string {
  // eslint-disable-next-line no-control-regex -- that is what is looked for
  const lines = output.replace(/\u001b\[[\d;]*[A-Za-z]/g, '').split('\n');
  const told = lines.filter((line) => line.trim() !== '' && !/\d+ Stacks? \w+ +\d+ Stacks? done/.test(line));
  return told.slice(-60).join('\n');
}
