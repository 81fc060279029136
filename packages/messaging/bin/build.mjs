// Writes src as JavaScript into dist, file by file, with the OpenAPI document and the schema of the configuration;
// with --types also the declarations, as a package that is published has them.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const packageDir = dirname(dirname(fileURLToPath(import.meta.url)));
const src = join(packageDir, 'src');
const dist = join(packageDir, 'dist');

/** Whether dist is missing, or older than a source. Always false for an installed package, which has no sources. */
export function isStale() {
  if (!existsSync(src)) return false;
  if (!existsSync(join(dist, 'index.js'))) return true;
  const builtAt = statSync(join(dist, 'index.js')).mtimeMs;
  return [fileURLToPath(import.meta.url), ...filesOf(src)].some((file) => statSync(file).mtimeMs > builtAt);
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Writes a whole new dist beside the old one, then changes places: a process that starts meanwhile finds one or the other. */
export async function build({ types = false } = {}) {
  const draft = `${dist}.${process.pid}`;
  try {
    await compile(draft);
    const documents = await describe(draft);
    if (types) await declare(draft, documents.openapi);
    replace(dist, draft);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function compile(folder) {
  const esbuild = await import('esbuild');
  await esbuild.build({
    entryPoints: filesOf(src).filter((file) => file.endsWith('.ts')),
    outbase: src,
    outdir: folder,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
  });
  // Its helper process would stay for as long as this one.
  await esbuild.stop();
}

/** Both come from the schemas that validate, so they are made from what was just built. */
async function describe(folder) {
  const { openApiDocument } = require(join(folder, 'rest', 'index.js'));
  const { configSchema } = require(join(folder, 'server', 'index.js'));
  const documents = { openapi: openApiDocument(), 'config.schema': configSchema() };
  for (const [name, document] of Object.entries(documents)) {
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(document, null, 2)}\n`);
  }
  return documents;
}

async function declare(folder, openapi) {
  const config = join(packageDir, 'tsconfig.build.json');
  const tsc = [require.resolve('typescript/bin/tsc'), '-p', config, '--outDir', folder];
  execFileSync(process.execPath, tsc, { stdio: 'inherit' });
  const { astToString, default: openapiTypes } = await import('openapi-typescript');
  writeFileSync(join(folder, 'openapi.d.ts'), astToString(await openapiTypes(openapi)));
}

/** As quick as two renames: another process may be about to load the old one. */
function replace(folder, draft) {
  const former = `${draft}.old`;
  if (existsSync(folder)) renameSync(folder, former);
  try {
    renameSync(draft, folder);
  } catch (error) {
    // Another build was quicker, and made the same.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    rmSync(draft, { recursive: true, force: true });
  }
  rmSync(former, { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build({ types: process.argv.includes('--types') });
}
