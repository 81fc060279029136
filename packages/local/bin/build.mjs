// Bundles src into dist. Native and lazily loaded packages stay outside.
import { cpSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packageDir = dirname(dirname(fileURLToPath(import.meta.url)));
const src = join(packageDir, 'src');
const dist = join(packageDir, 'dist');
export const entry = join(dist, 'main.js');

/** Whether dist is missing, or older than a source. Always false for an installed package, which has no sources. */
export function isStale() {
  if (!existsSync(src)) return false;
  if (!existsSync(entry)) return true;
  const builtAt = statSync(entry).mtimeMs;
  return statSync(fileURLToPath(import.meta.url)).mtimeMs > builtAt || newestIn(src) > builtAt;
}

function newestIn(folder) {
  return Math.max(
    statSync(folder).mtimeMs,
    ...readdirSync(folder, { withFileTypes: true }).map((file) =>
      file.isDirectory() ? newestIn(join(folder, file.name)) : statSync(join(folder, file.name)).mtimeMs,
    ),
  );
}

/** Writes a whole new dist beside the old one, then changes places: a process that starts meanwhile finds one or the other. */
export async function build() {
  const esbuild = await import('esbuild');
  const draft = join(packageDir, `.dist.${process.pid}`);
  await esbuild.build({
    entryPoints: [join(src, 'main.ts')],
    outdir: draft,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: [
      '@aws-micro/messaging/server',
      '@aws-sdk/*',
      '@smithy/*',
      'classic-level',
      'dynalite',
      'esbuild',
      'fast-xml-parser',
      'jose',
      'mysql2',
      'mysql2/promise',
      'mysql-memory-server',
      'nodemailer',
      'selfsigned',
    ],
    minifySyntax: true,
    sourcemap: 'linked',
    logLevel: 'warning',
  });
  // Its helper process would stay for as long as this one.
  await esbuild.stop();
  cpSync(join(src, 'lambda', 'bootstrap.js'), join(draft, 'bootstrap.js'));
  replace(dist, draft);
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

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
