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
  if (existsSync(code)) return code;
  const draft = `${code}.${randomUUID()}`;
  for (const [name, content] of Object.entries(unzip(zip, zipFile))) {
    const file = join(draft, name);
    if (!file.startsWith(draft + sep) || name.includes('\\')) {
      throw new UserError(`${zipFile} holds the unsafe path ${JSON.stringify(name)}`);
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
  return code;
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

/** Deletes the code of packages that no function has any more. */
export async function prune(folder: string, inUse: readonly string[]): Promise<void> {
  const keep = new Set(inUse.map((code) => dirname(code)));
  const names = await readdir(folder).catch(() => []);
  const old = names.map((name) => join(folder, name)).filter((home) => !keep.has(home));
  await Promise.all(old.map((home) => rm(home, { recursive: true, force: true })));
}
