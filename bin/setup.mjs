// What `npm start` and `npm test` do first on a fresh clone. Plain JavaScript without imports from npm, because
// nothing is installed yet when it runs.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectDir = dirname(dirname(fileURLToPath(import.meta.url)));

const MINIMUM_NODE = [20, 19];
const lockFile = join(projectDir, 'package-lock.json');
/** npm's own record of what is installed. */
const installedFile = join(projectDir, 'node_modules', '.package-lock.json');

/** Ends the program with one line that says what is wrong and what to do. */
export function fail(problem, remedy) {
  process.stderr.write(`aws-micro: ${problem}\n           ${remedy}\n`);
  process.exit(1);
}

/** Installs the npm packages that the lock file names, unless they are there. Costs two stat calls when they are. */
export async function ensureInstalled() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor < MINIMUM_NODE[1])) {
    fail(
      `Node ${MINIMUM_NODE.join('.')} or newer is needed; this is ${process.versions.node}.`,
      'Install a current Node from https://nodejs.org and run the command again.',
    );
  }
  if (isInstalled()) return;
  await npmCi();
}

function isInstalled() {
  if (!existsSync(installedFile)) return false;
  if (statSync(installedFile).mtimeMs >= statSync(lockFile).mtimeMs) return true;
  // The lock file is newer (a pull, a fresh checkout over an old node_modules): compare what the two name.
  const wanted = JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  const same = Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' ||
      entry.optional ||
      !path.includes('node_modules/') ||
      installed[path]?.version === entry.version,
  );
  if (same) utimesSync(installedFile, new Date(), new Date());
  return same;
}

async function npmCi() {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  process.stderr.write('Installing the npm packages that package-lock.json names (once) ...\n');
  const progress = setInterval(() => process.stderr.write(`  still installing, ${seconds()} s\n`), 10_000);
  const npm = npmCommand();
  const code = await new Promise((resolve) => {
    const child = spawn(npm.command, [...npm.args, 'ci', '--loglevel=error', '--no-audit', '--no-fund'], {
      cwd: projectDir,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: npm.shell,
    });
    child.on('error', () => resolve(127));
    child.on('close', resolve);
  });
  clearInterval(progress);
  if (code !== 0) {
    fail(
      `npm ci ended with exit code ${code}; its message stands above.`,
      'Check the network and the registry (`npm ping`), then run the command again.',
    );
  }
  process.stderr.write(`Installed in ${seconds()} s.\n`);
}

/** The npm that runs this script, or the one on the PATH where another package manager runs it. */
function npmCommand() {
  const running = process.env.npm_execpath;
  if (running !== undefined && /npm-cli\.c?js$/.test(running)) {
    return { command: process.execPath, args: [running], shell: false };
  }
  return { command: 'npm', args: [], shell: process.platform === 'win32' };
}
