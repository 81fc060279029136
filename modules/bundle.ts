import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BuildFailure, BuildOptions, Metafile } from 'esbuild';
import { zipSync } from 'fflate';
import { build, buildTogether } from './bundle-build';
import type { EntryOptions } from './bundle-build';

/** What a project may say about how its handlers are bundled. Relative paths are relative to the project folder. */
export interface BundlingOptions {
  /** Replaces a package by another package or file: `{ 'iconv-lite': './handlers/shared/iconv.ts' }`. */
  readonly alias?: Readonly<Record<string, string>>;
  /** Packages that are left out, because the runtime brings them. @default none */
  readonly external?: readonly string[];
  /** How files are read, by extension. @default `{ '.sql': 'text' }`; what is given here is added to it */
  readonly loader?: BuildOptions['loader'];
  /** Replaces global names by constant expressions: `{ 'process.env.REGION': '"us-east-1"' }`. */
  readonly define?: Readonly<Record<string, string>>;
  /** Files that run before the entry. */
  readonly inject?: readonly string[];
  /**
   * Which of a package's files is its main one. `['module', 'main']` takes ES modules, of which only what is used goes
   * in; try whether all packages work so. @default `['main', 'module']`
   */
  readonly mainFields?: readonly string[];
}

/** One Lambda deployment package: `index.js` (one CommonJS file with all its dependencies) and `index.js.map`. */
export interface Bundle {
  /** Absolute path of the zip; the file is named after `hash` and never changes. */
  readonly zipFile: string;
  /** SHA-256 (hex) of the names and contents of the files in the zip; the same in every folder and time zone. */
  readonly hash: string;
  /** Sizes in bytes; `zip` is the compressed whole. */
  readonly bytes: { readonly js: number; readonly map: number; readonly zip: number };
  /**
   * Bytes that each source file adds to `index.js`, by path relative to the project folder
   * (`node_modules/<package>/...` for dependencies). Files of which nothing is left are not listed.
   */
  readonly inputs: Readonly<Record<string, number>>;
  /** Names of the npm packages that went in, sorted: `@aws-sdk/client-sns`. */
  readonly packages: readonly string[];
}

interface ZipEntries {
  readonly [name: string]: Uint8Array;
}

/**
 * Bundles a handler for Lambda: `index.handler` on Node.js 20 and newer.
 *
 * The same sources give the same bytes in every folder, so a plan shows a function as changed only when its code
 * changed. Zips are kept in `.aws-micro/bundles/` of the project, by content; beside each `<hash>.json` says what it was made
 * of, for the local runtime: it makes a bundle anew when one of its sources changes. That file is not deployed.
 *
 * @param entry the handler's file, absolute or relative to the current folder
 * @throws Error that names the entry and the first problem, if it does not exist or does not compile
 */
export function bundle(entry: string, options: BundlingOptions = {}): Bundle {
  const file = locate(entry);
  const project = projectFolder(file);
  const buildOptions = optionsFor(file, project, options);
  const { js, map, metafile } = compile(file, project, buildOptions);
  const entries: ZipEntries = { 'index.js': js, 'index.js.map': map };
  const hash = hashOf(entries);
  const zipFile = store(path.join(project, '.aws-micro', 'bundles', `${hash}.zip`), entries);
  writeRecipe(zipFile, buildOptions, metafile);
  const inputs = inputsOf(metafile);
  return {
    zipFile,
    hash,
    bytes: { js: js.length, map: map.length, zip: statSync(zipFile).size },
    inputs,
    packages: packagesOf(Object.keys(inputs)),
  };
}

/**
 * Gets handlers ready for {@link bundle}, all in one go, in a third of the time; the bundles are the same. Each is taken as its
 * sources are now by the next call of `bundle` with these options.
 *
 * @param entries files of one project, absolute or relative to the current folder
 * @throws Error for an entry that does not exist
 */
export function prepareBundles(entries: readonly string[], options: BundlingOptions = {}): void {
  const files = entries.map(locate);
  const [first] = files;
  if (first === undefined) return;
  const project = projectFolder(first);
  buildTogether(files.map((file) => optionsFor(file, project, options)));
}

/** The real path, as esbuild resolves links too: a linked project folder gives the same output. */
function locate(entry: string): string {
  if (!existsSync(entry)) throw new Error(`cannot bundle ${entry}: there is no such file`);
  return realpathSync(entry);
}

function projectFolder(file: string): string {
  let folder = path.dirname(file);
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error(`cannot bundle ${file}: no package.json in a folder above it`);
    folder = parent;
  }
  return folder;
}

function compile(file: string, project: string, options: EntryOptions) {
  try {
    const { js, map, metafile } = build(options);
    return { js, map: normalizeSourceMap(map), metafile };
  } catch (error) {
    throw new Error(`cannot bundle ${path.relative(project, file)}: ${firstMessage(error)}`, {
      cause: error,
    });
  }
}

function optionsFor(file: string, project: string, options: BundlingOptions): EntryOptions {
  return {
    // esbuild writes paths relative to its working folder into the source map: pinned, output is the same anywhere.
    absWorkingDir: project,
    entryPoints: [path.relative(project, file)],
    outfile: 'index.js',
    nodePaths: [],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    sourcemap: 'linked',
    // Stack traces need positions only; Node.js reads the whole map when it loads the function, so sources would cost
    // cold start, and they would put them where everyone who may download the function reads them.
    sourcesContent: false,
    logLevel: 'silent',
    alias: { ...options.alias },
    external: [...(options.external ?? [])],
    loader: { '.sql': 'text', ...options.loader },
    define: { ...options.define },
    inject: [...(options.inject ?? [])],
    mainFields: [...(options.mainFields ?? ['main', 'module'])],
  };
}

function firstMessage(error: unknown): string {
  const message = (error as Partial<BuildFailure>).errors?.[0];
  if (!message) return error instanceof Error ? error.message : String(error);
  const at = message.location;
  return at ? `${at.file}:${at.line}:${at.column + 1}: ${message.text}` : message.text;
}

/** Where node_modules is a link, or is hoisted to a folder above, its real path must not reach the output. */
function normalizeSourceMap(text: string): Uint8Array {
  const map = JSON.parse(text) as { sources: string[] };
  return Buffer.from(JSON.stringify({ ...map, sources: map.sources.map(stablePath) }));
}

function stablePath(source: string): string {
  return source.replace(/^.*?(?=(?:^|(?<=\/))node_modules\/)/, '');
}

function hashOf(entries: ZipEntries): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(entries).sort()) {
    const contents = entries[name] ?? new Uint8Array();
    // Lengths keep a name from running into contents.
    hash.update(`${name.length}:${name}${contents.length}:`).update(contents);
  }
  return hash.digest('hex');
}

function store(zipFile: string, entries: ZipEntries): string {
  if (existsSync(zipFile)) return zipFile;
  mkdirSync(path.dirname(zipFile), { recursive: true });
  // Renamed into place: a synth that runs at the same time, or one that is killed, never leaves half a zip.
  const partial = `${zipFile}.${randomUUID()}.part`;
  writeFileSync(partial, zip(entries));
  renameSync(partial, zipFile);
  return zipFile;
}

/** esbuild's options, and the project's own files that went in; all paths are relative to the project folder. */
function writeRecipe(zipFile: string, options: BuildOptions, metafile: Metafile): void {
  const recipe = {
    options: { ...options, absWorkingDir: undefined },
    inputs: Object.keys(metafile.inputs)
      .filter((file) => !file.includes('node_modules/'))
      .sort(),
  };
  const file = zipFile.replace(/\.zip$/, '.json');
  const partial = `${file}.${randomUUID()}.part`;
  writeFileSync(partial, JSON.stringify(recipe));
  renameSync(partial, file);
}

function zip(entries: ZipEntries): Uint8Array {
  const sorted = Object.keys(entries).sort();
  const files = Object.fromEntries(sorted.map((name) => [name, entries[name] ?? new Uint8Array()]));
  // Zips hold local time without a zone, so the fixed time is a local one. Lambda needs files that everyone may read.
  return zipSync(files, { level: 9, mtime: new Date(1980, 0, 1), os: 3, attrs: 0o100644 << 16 });
}

function inputsOf(metafile: Metafile): Record<string, number> {
  const inputs: Record<string, number> = {};
  for (const [file, { bytesInOutput }] of Object.entries(metafile.outputs['index.js']?.inputs ?? {})) {
    if (bytesInOutput > 0) inputs[stablePath(file)] = bytesInOutput;
  }
  return inputs;
}

function packagesOf(files: readonly string[]): string[] {
  const names = files.map((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}
