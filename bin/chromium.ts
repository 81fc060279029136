import { execFileSync } from 'node:child_process';
import type { StdioOptions } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Reporter } from '../packages/local/src/contracts';
import { installBySystem } from '../packages/local/src/system-packages';
import type { Environment, PackageManager } from '../packages/local/src/system-packages';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const APPLICATIONS = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
/** Where Playwright's own installer puts it, below `chromium-<build>`. */
const PLAYWRIGHT_FILES = [
  'chrome-linux/chrome',
  'chrome-linux64/chrome',
  'chrome-mac/Chromium.app/Contents/MacOS/Chromium',
];
const PACKAGE_MANAGERS: readonly PackageManager[] = [
  {
    program: 'apt-get',
    runsAs: 'root',
    install: ['install', '-y', '--no-install-recommends', 'chromium'],
    refresh: ['update'],
  },
  { program: 'dnf', runsAs: 'root', install: ['install', '-y', 'chromium'] },
  { program: 'apk', runsAs: 'root', install: ['add', '--no-cache', 'chromium'] },
  { program: 'brew', runsAs: 'user', install: ['install', '--cask', 'google-chrome'] },
];

export const CHROMIUM_REMEDY =
  'install Chromium or Chrome, or name it: CHROMIUM_PATH=/path/to/chromium (npm test installs it as root, or with sudo that asks for no password)';

/**
 * A Chromium that runs: the one that CHROMIUM_PATH names, one on the PATH, or one that Playwright has downloaded.
 *
 * @returns its path
 */
export function findChromium(env: Environment): string | undefined {
  const named = env['CHROMIUM_PATH'];
  if (named !== undefined && named !== '') return runs(named) ? named : undefined;
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...onPath, ...APPLICATIONS, ...downloaded(env)].find(runs);
}

/**
 * The same; where there is none, it is installed by the system's package manager, if that needs no password and
 * AWS_MICRO_INSTALL is not "never".
 */
export async function ensureChromium(env: Environment, reporter: Reporter): Promise<string | undefined> {
  const found = findChromium(env);
  if (found !== undefined || env['AWS_MICRO_INSTALL'] === 'never' || env['CHROMIUM_PATH']) return found;
  const reason = 'no Chromium on this machine';
  const failure = await installBySystem(
    { managers: PACKAGE_MANAGERS, scope: 'chromium', reason },
    env,
    reporter,
  );
  if (failure !== undefined) reporter.warn('chromium', failure);
  return findChromium(env);
}

/** On some systems the program of that name only says how to install it. */
function runs(file: string): boolean {
  if (!existsSync(file)) return false;
  try {
    const stdio: StdioOptions = ['ignore', 'pipe', 'ignore'];
    return /\d+\.\d+/.test(execFileSync(file, ['--version'], { encoding: 'utf8', stdio, timeout: 20_000 }));
  } catch {
    return false;
  }
}

function downloaded(env: Environment): string[] {
  const home = homedir();
  const folders = [
    env['PLAYWRIGHT_BROWSERS_PATH'] ?? '',
    join(home, '.cache', 'ms-playwright'),
    join(home, 'Library', 'Caches', 'ms-playwright'),
  ];
  return folders
    .filter((folder) => folder !== '' && existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => /^chromium-\d+$/.test(name))
        .sort()
        .reverse()
        .flatMap((name) => PLAYWRIGHT_FILES.map((file) => join(folder, name, file))),
    );
}
