import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RuntimeProcess } from '../../packages/local/test/up/support';

const REPOSITORY = join(__dirname, '..', '..');

/** A copy of somebody's project, in a folder that knows nothing of this one. */
export class ForeignProject {
  readonly folder: string;
  private readonly parent = mkdtempSync(join(tmpdir(), 'foreign-'));
  private readonly processes: RuntimeProcess[] = [];

  constructor(name: string) {
    this.folder = join(this.parent, name);
    cpSync(join(__dirname, name), this.folder, { recursive: true });
  }

  /** What `npm install` would put into it. */
  install(): void {
    symlinkSync(join(REPOSITORY, 'node_modules'), join(this.folder, 'node_modules'));
  }

  /** Runs `aws-micro up` for its folder. */
  up(args: readonly string[] = [], environment: NodeJS.ProcessEnv = {}): RuntimeProcess {
    const runtime = new RuntimeProcess(
      ['up', this.folder, '--port', '0', '--aws-port', '0', ...args],
      environment,
    );
    this.processes.push(runtime);
    return runtime;
  }

  async remove(): Promise<void> {
    await Promise.all(this.processes.map((runtime) => runtime.kill()));
    rmSync(this.parent, { recursive: true, force: true });
  }
}

/** The text behind a word of the banner: `banner(output, 'functions')`. */
export function banner(output: string, word: string): string | undefined {
  return new RegExp(`^ {2}${word} +(.+)$`, 'm').exec(output)?.[1];
}

/** The lines that say what is not as on AWS, each without its time. */
export function warnings(output: string): string[] {
  return output
    .split('\n')
    .filter((line) => / ! /.test(line))
    .map((line) => line.replace(/^\S+ /, ''));
}

/** Where the SDK finds the runtime, from the banner. */
export function clientSettings(output: string) {
  const [, endpoint, region] = /AWS_ENDPOINT_URL=(\S+) AWS_REGION=(\S+)/.exec(output) ?? [];
  return { endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
}

/** Asks again until there is an answer. */
export async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('there was no answer in time');
}
