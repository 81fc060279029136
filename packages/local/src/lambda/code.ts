import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { unzipSync } from 'fflate';
import { UserError } from '../errors';

/** Lambda's limit for an unzipped package. */
const MAX_UNZIPPED_BYTES = 262_144_000;

/**
 * Unzips a function's package into `<folder>/<hash of the zip>/code`, once for each content.
 *
 * @returns the folder of the code
 * @throws UserError where the zip is missing, broken, too large, or names files outside of the folder
 */
export async function unpack(zipFile: string, folder: string): Promise<string> {
  const zip = await readFile(zipFile).catch(() => {
    throw new UserError(`The function package ${zipFile} cannot be read; synthesize the stack again`);
  });
  const home = join(folder, createHash('sha256').update(zip).digest('hex').slice(0, 32));
  const code = join(home, 'code');
  if (!existsSync(code)) await write(unzip(zip, zipFile), code, zipFile);
  return code;
}

/**
 * Puts files into `<folder>/<hash of them>/code`, as {@link unpack} does with those of a zip.
 *
 * @returns the folder of the code
 */
export async function install(files: Readonly<Record<string, Uint8Array>>, folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const [name, content] of Object.entries(files))
    hash.update(`${name}\0${content.length}\0`).update(content);
  const code = join(folder, hash.digest('hex').slice(0, 32), 'code');
  if (!existsSync(code)) await write(files, code, 'the bundle');
  return code;
}

/** Writes a draft beside it and renames that: what is at `code` is whole. */
async function write(
  files: Readonly<Record<string, Uint8Array>>,
  code: string,
  origin: string,
): Promise<void> {
  const draft = `${code}.${randomUUID()}`;
  for (const [name, content] of Object.entries(files)) {
    const file = join(draft, name);
    if (!file.startsWith(draft + sep) || name.includes('\\')) {
      throw new UserError(`${origin} holds the unsafe path ${JSON.stringify(name)}`);
    }
    await mkdir(name.endsWith('/') ? file : dirname(file), { recursive: true });
    if (!name.endsWith('/')) await writeFile(file, content);
  }
  await mkdir(draft, { recursive: true });
  try {
    await rename(draft, code);
  } catch (error) {
    await rm(draft, { recursive: true });
    // Two functions may have the same code; whoever came first has put it there.
    if (!existsSync(code)) throw error;
  }
}

function unzip(zip: Uint8Array, zipFile: string): Record<string, Uint8Array> {
  let bytes = 0;
  const filter = ({ originalSize }: { originalSize: number }) => {
    bytes += originalSize;
    if (bytes <= MAX_UNZIPPED_BYTES) return true;
    throw new UserError(`${zipFile} unzips to more than ${MAX_UNZIPPED_BYTES} bytes, Lambda's limit`);
  };
  try {
    return unzipSync(zip, { filter });
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${zipFile} is not a readable zip file: ${(error as Error).message}`);
  }
}

/** Deletes one package's code. */
export async function remove(code: string): Promise<void> {
  await rm(dirname(code), { recursive: true, force: true });
}

/** Deletes the code of packages that no function has any more. */
export async function prune(folder: string, inUse: readonly string[]): Promise<void> {
  const keep = new Set(inUse.map((code) => dirname(code)));
  const names = await readdir(folder).catch(() => []);
  const old = names.map((name) => join(folder, name)).filter((home) => !keep.has(home));
  await Promise.all(old.map((home) => rm(home, { recursive: true, force: true })));
}
