import { spawn } from 'node:child_process';

export interface Command {
  /** What is going on, for people: `terraform plan`. */
  readonly label: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Ran, but its exit code was not 0; the message holds what it wrote to standard error. */
export class CommandFailed extends Error {}

/** There is no such program. */
export class CommandMissing extends Error {}

const reportEveryMs = 10_000;

/**
 * Runs a program to its end and returns its standard output. One line of progress to standard error when it starts and
 * one every ten seconds.
 */
export async function run(command: Command): Promise<string> {
  const started = Date.now();
  const report = (text: string): void => void process.stderr.write(`${command.label}: ${text}\n`);
  report('started');
  const ticker = setInterval(() => report(`${Math.round((Date.now() - started) / 1000)} s`), reportEveryMs);
  try {
    return await output(command);
  } finally {
    clearInterval(ticker);
  }
}

function output({ label, file, args, cwd, env }: Command): Promise<string> {
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        // EACCES: a folder of the PATH may not be searched.
        ['ENOENT', 'EACCES'].includes(error.code ?? '')
          ? new CommandMissing(`${file} is not installed`, { cause: error })
          : error,
      ),
    );
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(Buffer.concat(stdout).toString());
      const how = signal === null ? `exit code ${code}` : `ended by ${signal}`;
      reject(new CommandFailed(`${label} failed (${how})\n${Buffer.concat(stderr).toString().trimEnd()}`));
    });
  });
}
