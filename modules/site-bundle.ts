import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';
import type { BuildFailure } from 'esbuild';
import type { Construct } from 'constructs';

/** One file of a site, ready to be served. */
export interface SiteFile {
  /** Its path in the site: `assets/main-ABC123.js`. */
  readonly key: string;
  /** Absolute; named after the content. */
  readonly file: string;
  /** SHA-256, hex. */
  readonly hash: string;
  readonly contentType: string;
  /** Whether its name changes with its content, so that browsers may keep it. */
  readonly immutable: boolean;
  readonly bytes: number;
}

/** Makes a site's files of the folder of its sources. */
export type SiteBundler = (folder: string) => SiteFile[];

/** Key in the app's context of a {@link SiteBundler} to use instead of {@link bundleSite}: for tests. */
export const SITE_BUNDLER = 'aws-micro:site-bundler';

export function siteBundlerOf(scope: Construct): SiteBundler {
  return (scope.node.tryGetContext(SITE_BUNDLER) as SiteBundler | undefined) ?? bundleSite;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

/**
 * Bundles a single-page site: `src/main.tsx` with what it imports (split where it imports lazily), `index.html`, whose
 * `{{script}}` and `{{style}}` become the bundles' paths, and `icon.svg`. The same sources give the same bytes in every folder.
 *
 * @param folder absolute
 * @returns the files, by key
 * @throws Error with the first problem, if it does not compile
 */
export function bundleSite(folder: string): SiteFile[] {
  const outputs = compile(folder);
  const page = pageOf(readFileSync(path.join(folder, 'index.html'), 'utf8'), [...outputs.keys()]);
  const contents = new Map<string, Buffer>([
    ...outputs,
    ['index.html', Buffer.from(page)],
    ['icon.svg', readFileSync(path.join(folder, 'icon.svg'))],
  ]);
  const store = path.join(folder, '..', '.aws-micro', 'site');
  return [...contents]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, content]) => siteFile(key, content, store));
}

function compile(folder: string): Map<string, Buffer> {
  try {
    const { outputFiles } = buildSync({
      entryPoints: [path.join(folder, 'src', 'main.tsx')],
      // Neither names nor contents may tell where the project lies.
      absWorkingDir: folder,
      // The names of chunks go with the paths of their modules: those through a link, not those where it leads.
      preserveSymlinks: true,
      outdir: path.join(folder, 'out'),
      entryNames: 'assets/[name]-[hash]',
      chunkNames: 'assets/[name]-[hash]',
      bundle: true,
      splitting: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      jsx: 'automatic',
      jsxImportSource: 'preact',
      legalComments: 'none',
      logLevel: 'silent',
      write: false,
    });
    const keyOf = (file: string) => path.relative(path.join(folder, 'out'), file).split(path.sep).join('/');
    return new Map(outputFiles.map((file) => [keyOf(file.path), Buffer.from(file.contents)]));
  } catch (error) {
    const [problem] = (error as BuildFailure).errors ?? [];
    if (problem === undefined) throw error;
    const { file = '', line = 0 } = problem.location ?? {};
    throw new Error(`cannot bundle the site ${folder}: ${file}:${line}: ${problem.text}`, { cause: error });
  }
}

function pageOf(template: string, keys: readonly string[]): string {
  const named = (pattern: RegExp) => `/${keys.find((key) => pattern.test(key)) ?? ''}`;
  return template
    .replace('{{script}}', named(/^assets\/main-\w+\.js$/))
    .replace('{{style}}', named(/^assets\/main-\w+\.css$/));
}

function siteFile(key: string, content: Buffer, store: string): SiteFile {
  const hash = createHash('sha256').update(content).digest('hex');
  const extension = path.extname(key);
  const file = path.join(store, `${hash}${extension}`);
  if (!existsSync(file)) {
    mkdirSync(store, { recursive: true });
    // Another synth may do the same at the same time.
    writeFileSync(`${file}.${process.pid}`, content);
    renameSync(`${file}.${process.pid}`, file);
  }
  const contentType = CONTENT_TYPES[extension];
  if (contentType === undefined) throw new Error(`${key}: files of type ${extension} are not served`);
  return { key, file, hash, contentType, immutable: key.startsWith('assets/'), bytes: content.length };
}
