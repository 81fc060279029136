import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import type { Clock, Timer } from '../../src/clock';
import type { FunctionConfig, Reporter } from '../../src/contracts';
import { Functions } from '../../src/lambda/functions';
import type { FunctionsOptions } from '../../src/lambda/functions';

export const ACCOUNT = '000000000000';

export function arnOf(name: string): string {
  return `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${name}`;
}

export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'aws-micro-lambda-'));
}

export async function zip(folder: string, files: Record<string, string>): Promise<string> {
  const entries = Object.entries(files).map(([name, text]) => [name, strToU8(text)] as const);
  const zipFile = join(folder, `${randomBytes(6).toString('hex')}.zip`);
  await writeFile(zipFile, zipSync(Object.fromEntries(entries)));
  return zipFile;
}

export function config(name: string, zipFile: string, more: Partial<FunctionConfig> = {}): FunctionConfig {
  return {
    name,
    arn: arnOf(name),
    zipFile,
    handler: 'index.handler',
    timeoutSeconds: 10,
    memoryMb: 128,
    environment: {},
    logGroup: `/aws/lambda/${name}`,
    credentials: { accessKeyId: `AKIA${name}`, secretAccessKey: `secret-of-${name}` },
    ...more,
  };
}

/** Loads functions from source text: each value is the text of `index.js`. */
export async function load(
  folder: string,
  sources: Record<string, string | { source: string; config: Partial<FunctionConfig> }>,
  more: Partial<FunctionsOptions> = {},
): Promise<Functions> {
  const configs = await Promise.all(
    Object.entries(sources).map(async ([name, each]) => {
      const { source, config: own } = typeof each === 'string' ? { source: each, config: {} } : each;
      return config(name, await zip(folder, { 'index.js': source }), own);
    }),
  );
  return Functions.load({ ...settings(folder), configs, ...more });
}

export function settings(folder: string) {
  return {
    folder: join(folder, 'functions'),
    region: 'us-east-1',
    endpointUrl: 'http://127.0.0.1:4566',
    reporter: new Lines(),
  };
}

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

/** Time that a test moves. */
export class ManualClock implements Clock {
  private time = Date.parse('2026-01-01T00:00:00Z');
  private timers: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.time;
  }

  schedule(delayMs: number, callback: () => void): Timer {
    const timer = { at: this.time + delayMs, callback };
    this.timers.push(timer);
    return { cancel: () => (this.timers = this.timers.filter((each) => each !== timer)) };
  }

  /** How long until each timer ends. */
  get pending(): number[] {
    return this.timers.map(({ at }) => at - this.time).sort((a, b) => a - b);
  }

  advance(milliseconds: number): void {
    const target = this.time + milliseconds;
    for (;;) {
      const next = this.timers.filter(({ at }) => at <= target).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.timers = this.timers.filter((each) => each !== next);
      this.time = Math.max(this.time, next.at);
      next.callback();
    }
    this.time = target;
  }
}

/** Resolves once the condition holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Resolves once no such process runs. */
export async function ended(pid: number): Promise<void> {
  await until(async () => {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    return (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')).includes(') Z ');
  });
}
