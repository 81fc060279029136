import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Folders whose content never decides what a synth gives. Hidden folders are skipped as well. */
const SKIPPED = new Set([
  'node_modules',
  'dist',
  'coverage',
  'cdktf.out',
  'test',
  'tests',
  '__tests__',
  'docs',
]);
const SKIPPED_FILES = /\.(?:md|log|tfstate|tfplan)$/;
const LOCK_FILES = ['node_modules/.package-lock.json', 'package-lock.json', 'pnpm-lock.yaml', 'yarn.lock'];
const ENVIRONMENT_UNPACKED = /\{([^{}]*)\}\s*=\s*process\.env/g;
/** What is assigned is not read. */
const ENVIRONMENT_READ = /process\.env(?:\.([A-Za-z_]\w*)|\[['"]([A-Za-z_]\w*)['"]\])(?!\w|\s*=[^=])/g;
/** What npm tells its scripts of themselves: `npm start` and a start without npm synthesize the same. */
const NPM_OWN = /^npm_/;

/** The files that decide a synth, with what tells that they changed. Sizes and times are enough, and take milliseconds. */
export interface Inputs {
  readonly files: readonly string[];
  readonly hash: string;
}

/**
 * Lists a project's sources and its lock file.
 *
 * @param ownFolder the runtime's own package, which no synth depends on
 */
export function readInputs(folder: string, ownFolder: string): Inputs {
  const files: string[] = [];
  const hash = createHash('sha256').update(process.version);
  const add = (path: string) => {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${relative(folder, path)}\0${size}\0${mtimeMs}\n`);
  };
  for (const source of sourceFolders(folder, ownFolder)) {
    for (const file of source.files) {
      files.push(file);
      add(file);
    }
  }
  const lock = lockFile(folder);
  if (lock !== undefined) {
    add(lock);
  }
  return { files, hash: hash.digest('hex') };
}

/** A folder that holds sources. */
export interface SourceFolder {
  readonly path: string;
  /** Absolute paths, sorted. */
  readonly files: readonly string[];
}

/** The folder and those below it whose content may decide what a synth gives. */
export function* sourceFolders(folder: string, ownFolder: string): Generator<SourceFolder> {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const files = entries.filter((entry) => entry.isFile() && isSourceFile(entry.name));
  yield { path: folder, files: files.map(({ name }) => join(folder, name)) };
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && isSourceFolder(entry.name) && path !== ownFolder) {
      yield* sourceFolders(path, ownFolder);
    }
  }
}

export function isSourceFolder(name: string): boolean {
  return !name.startsWith('.') && !SKIPPED.has(name);
}

export function isSourceFile(name: string): boolean {
  return !SKIPPED_FILES.test(name);
}

/** Names of the environment variables that the sources read, and so may synthesize by. */
export function environmentNames(files: readonly string[]): string[] {
  const names = new Set(['STAGE']);
  for (const file of files.filter((name) => /\.[cm]?[jt]sx?$/.test(name))) {
    const source = readFileSync(file, 'utf8');
    for (const [, dotted, bracketed] of source.matchAll(ENVIRONMENT_READ)) {
      names.add(dotted ?? bracketed!);
    }
    for (const [, unpacked] of source.matchAll(ENVIRONMENT_UNPACKED)) {
      (unpacked!.match(/\w+(?=\s*(?:[:=,]|$))/g) ?? []).forEach((name) => names.add(name));
    }
  }
  return [...names].filter((name) => !NPM_OWN.test(name)).sort();
}

/** Only the hash is kept: variables may hold secrets. */
export function environmentHash(names: readonly string[], environment: NodeJS.ProcessEnv): string {
  const hash = createHash('sha256');
  names.forEach((name) => hash.update(JSON.stringify([name, environment[name] ?? null])));
  return hash.digest('hex');
}

function lockFile(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const found = LOCK_FILES.map((name) => join(at, name)).find((path) => existsSync(path));
    if (found !== undefined || dirname(at) === at) {
      return found;
    }
  }
}
