import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

export type Flavor = 'mariadb' | 'mysql';

/** A server binary on this machine. */
export interface Engine {
  readonly flavor: Flavor;
  /** `10.11.19` */
  readonly version: string;
  /** Absolute path. */
  readonly binary: string;
  /** When the file was last changed, milliseconds since the epoch: while it is the same, nothing else needs to be asked. */
  readonly modified: number;
}

const NAMES = ['mariadbd', 'mysqld'];

/** Where packages put the server when it is not on PATH: an ordinary user's PATH has no sbin folders. */
export const USUAL_FOLDERS: readonly string[] = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/bin',
  '/usr/local/bin',
  '/usr/libexec',
  '/usr/libexec/mysql',
  '/opt/homebrew/bin',
  '/opt/homebrew/opt/mariadb/bin',
  '/opt/homebrew/opt/mysql/bin',
  '/usr/local/opt/mariadb/bin',
  '/usr/local/opt/mysql/bin',
  '/usr/local/mysql/bin',
];

/** The oldest that knows `require_secure_transport`. */
const OLDEST: Readonly<Record<Flavor, string>> = { mariadb: '10.5.2', mysql: '8.0.0' };

/** Looks for servers in PATH and then in more folders; those too old to be used are left out. */
export async function findEngines(
  path: string | undefined,
  folders: readonly string[] = USUAL_FOLDERS,
): Promise<Engine[]> {
  const places = [...new Set([...(path ?? '').split(delimiter), ...folders])].filter(
    (folder) => folder !== '',
  );
  const engines: Engine[] = [];
  for (const name of NAMES) {
    for (const folder of places) {
      const engine = await inspect(join(folder, name));
      if (engine) engines.push(engine);
    }
  }
  return engines;
}

/** What the binary says of itself; undefined where it is missing, cannot run, or is too old. */
export async function inspect(binary: string): Promise<Engine | undefined> {
  try {
    await access(binary, constants.X_OK);
    const { stdout } = await promisify(execFile)(binary, ['--no-defaults', '--version'], { timeout: 10_000 });
    const version = /\bVer (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    if (version === undefined) return undefined;
    const flavor: Flavor = stdout.includes('MariaDB') ? 'mariadb' : 'mysql';
    const { mtimeMs: modified } = await stat(binary);
    return isOlder(version, OLDEST[flavor]) ? undefined : { flavor, version, binary, modified };
  } catch {
    return undefined;
  }
}

/** The engine, if its file is still the one that was inspected. */
export async function recall(engine: Engine | undefined): Promise<Engine | undefined> {
  if (!engine) return undefined;
  const found = await stat(engine.binary).catch(() => undefined);
  return found?.mtimeMs === engine.modified ? engine : undefined;
}

function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) < 0;
}

export function describeEngine(engine: Engine): string {
  return `${engine.flavor === 'mariadb' ? 'MariaDB' : 'MySQL'} ${engine.version} (${engine.binary})`;
}
