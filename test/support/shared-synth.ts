import { cpSync, existsSync, mkdtempSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Where the first system of a test run leaves its synth for the others, each of which would make the very same one. Whether it is
 * still what the sources give is for the runtime to see, as at any start.
 */
const SHARED = process.env.TEST_SYNTH_FOLDER;

/** In a folder of its own, under the name by which the runtime takes it for one of its own before it has been there. */
export function newDataDir(): string {
  return join(mkdtempSync(join(tmpdir(), 'aws-micro-system-')), '.aws-micro');
}

export function takeSynth(dataDir: string): void {
  const own = join(dataDir, 'synth');
  if (SHARED !== undefined && existsSync(SHARED) && !existsSync(own))
    cpSync(SHARED, own, { recursive: true });
}

export function leaveSynth(dataDir: string): void {
  if (SHARED === undefined || existsSync(SHARED)) return;
  const draft = `${SHARED}.${process.pid}`;
  cpSync(join(dataDir, 'synth'), draft, { recursive: true });
  try {
    renameSync(draft, SHARED);
  } catch {
    // Another suite was quicker.
  }
}
