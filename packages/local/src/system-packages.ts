import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Reporter } from './contracts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** How a package manager installs a program. */
export interface PackageManager {
  readonly program: string;
  /** Homebrew installs into a folder of the user's and refuses to run as root. */
  readonly runsAs: 'root' | 'user';
  readonly install: readonly string[];
  /** Fetches the package lists that a fresh system lacks. */
  readonly refresh?: readonly string[];
}

export interface Installation {
  /** The first of them that is there installs it. */
  readonly managers: readonly PackageManager[];
  /** Who says so: `mysql`. */
  readonly scope: string;
  /** Why it is installed: `no server on this machine`. */
  readonly reason: string;
}

/**
 * Installs a program by the system's package manager where that needs no password.
 *
 * @returns why nothing was installed; undefined after an installation
 */
export async function installBySystem(
  { managers, scope, reason }: Installation,
  env: Environment,
  reporter: Reporter,
): Promise<string | undefined> {
  const manager = managers.find(({ program }) => isOnPath(program, env.PATH));
  if (!manager) return `none of ${managers.map(({ program }) => program).join(', ')} is here`;
  const prefix = await privilege(manager, env);
  if (!prefix) {
    return `${manager.program} needs ${manager.runsAs === 'root' ? 'root or sudo without a password' : 'an ordinary user'}`;
  }
  const attempt = (args: readonly string[]) => {
    const command = [...prefix, manager.program, ...args];
    reporter.event(scope, `${reason}; running ${command.join(' ')}`);
    return run(command, env, (line) => reporter.event(manager.program, line));
  };
  const failure = await attempt(manager.install);
  if (failure === undefined || !manager.refresh) return failure;
  return (await attempt(manager.refresh)) ?? (await attempt(manager.install));
}

/** What goes before a command so that it may install; undefined where it may not. */
async function privilege(manager: PackageManager, env: Environment): Promise<string[] | undefined> {
  const isRoot = process.getuid?.() === 0;
  if (manager.runsAs === 'user') return isRoot ? undefined : [];
  if (isRoot) return [];
  if (!isOnPath('sudo', env.PATH)) return undefined;
  return (await run(['sudo', '-n', 'true'], env, () => undefined)) === undefined ? ['sudo', '-n'] : undefined;
}

/** What a person wants to see of a package manager's output. */
const PROGRESS =
  /^(Get:\d|Need to get|Unpacking|Setting up|Installing|Downloading|Fetching|\(\d+\/\d+\)|==>)/;

/** @returns the reason of a failure */
function run(
  command: string[],
  env: Environment,
  onProgress: (line: string) => void,
): Promise<string | undefined> {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive', HOMEBREW_NO_AUTO_UPDATE: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let lastLine = '';
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (line.trim() !== '') lastLine = line.trim();
        if (PROGRESS.test(line)) onProgress(line.slice(0, 100));
      });
    }
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) =>
      resolve(code === 0 ? undefined : `${command.join(' ')} failed: ${lastLine}`),
    );
  });
}

function isOnPath(program: string, path: string | undefined): boolean {
  return (path ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)));
}
