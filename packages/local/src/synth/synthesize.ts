import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { UserError } from '../errors';
import { environmentHash, environmentNames, readInputs } from './fingerprint';
import type { Inputs } from './fingerprint';
import type { Project } from './project';

export interface SynthOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** Synthesizes even where nothing changed. */
  readonly fresh?: boolean;
  /** Called once, before the app is run. */
  readonly onStart?: (command: string) => void;
  /** Ends the app. */
  readonly signal?: AbortSignal;
}

interface Stamp {
  readonly inputs: string;
  readonly environmentNames: readonly string[];
  readonly environment: string;
}

const STAMP = 'inputs.json';
/** The runtime's own package, which no synth depends on: the same whether its sources run or what was built of them. */
export const OWN_FOLDER = packageFolder(__dirname);

function packageFolder(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : packageFolder(resolve(folder, '..'));
}

/**
 * The folder with the project's synthesized stacks. The app runs only where its sources, its lock file or the
 * environment that it reads changed; what it wrote takes the place of the former result at once, or not at all.
 *
 * @returns the folder that holds `manifest.json`, or the plain `*.tf.json` files
 * @throws {@link UserError} with the app's own message where it fails
 */
export async function synthesize(project: Project, options: SynthOptions): Promise<string> {
  if (project.app === undefined) {
    return project.folder;
  }
  const folder = join(project.dataFolder, 'synth');
  const inputs = readInputs(project.folder, OWN_FOLDER);
  if (options.fresh !== true && isCurrent(folder, inputs, options.environment)) {
    return folder;
  }
  const draft = join(project.dataFolder, 'synth.new');
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  options.onStart?.(project.app);
  await runApp(project, draft, options);
  const names = environmentNames(inputs.files);
  const stamp: Stamp = {
    inputs: inputs.hash,
    environmentNames: names,
    environment: environmentHash(names, options.environment),
  };
  writeFileSync(join(draft, STAMP), JSON.stringify(stamp));
  replaceFolder(folder, draft);
  return folder;
}

function isCurrent(folder: string, inputs: Inputs, environment: NodeJS.ProcessEnv): boolean {
  const file = join(folder, STAMP);
  if (!existsSync(file)) {
    return false;
  }
  const stamp = JSON.parse(readFileSync(file, 'utf8')) as Stamp;
  return (
    stamp.inputs === inputs.hash && stamp.environment === environmentHash(stamp.environmentNames, environment)
  );
}

async function runApp(project: Project, outdir: string, options: SynthOptions): Promise<void> {
  const { output, status } = await run(project, outdir, options);
  const log = join(project.dataFolder, 'synth.log');
  writeFileSync(log, output);
  if (options.signal?.aborted === true) {
    throw new UserError('Stopped while the stack was synthesized');
  }
  if (status !== 0) {
    throw new UserError(`The synth failed: ${ownMessage(output)}\n  "${project.app}" says it all in ${log}`);
  }
  if (!existsSync(join(outdir, 'manifest.json'))) {
    throw new UserError(`"${project.app}" wrote no stack: does it call app.synth()? Its output is in ${log}`);
  }
}

function run(project: Project, outdir: string, options: SynthOptions) {
  return new Promise<{ output: string; status: number | null }>((done) => {
    const bin = join(project.folder, 'node_modules', '.bin');
    // A process group of its own, so that ending it ends what the command started as well.
    const child = spawn(project.app!, {
      cwd: project.folder,
      shell: true,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...options.environment,
        PATH: `${bin}${delimiter}${options.environment['PATH'] ?? ''}`,
        CDKTF_OUTDIR: outdir,
        CDKTF_CONTEXT_JSON: JSON.stringify(project.context),
      },
    });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (output += data.toString()));
    const stop = () => child.pid !== undefined && process.kill(-child.pid, 'SIGTERM');
    options.signal?.addEventListener('abort', stop, { once: true });
    child.on('error', (error) => (output += error.message));
    child.on('close', (status) => {
      options.signal?.removeEventListener('abort', stop);
      done({ output, status });
    });
  });
}

/** The error's own words out of what a program prints when it dies of an exception: no code frame, no stack. */
export function ownMessage(output: string): string {
  const lines = output.trim().split('\n');
  const first = lines.findIndex((line) => /^(?:\w+ )?\[?\w*(?:Error|Exception)\b.*:/.test(line.trim()));
  if (first === -1) {
    return lines.slice(-5).join('\n') || 'it printed nothing';
  }
  const rest = lines.slice(first);
  const stack = rest.findIndex((line) => /^\s+at /.test(line));
  return rest
    .slice(0, stack === -1 ? 10 : stack)
    .join('\n')
    .trim();
}

function replaceFolder(folder: string, draft: string): void {
  const former = `${folder}.old`;
  rmSync(former, { recursive: true, force: true });
  if (existsSync(folder)) {
    renameSync(folder, former);
  }
  renameSync(draft, folder);
  rmSync(former, { recursive: true, force: true });
}
