import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from './engine';

/** The files of a private server, all below one folder that only this user can read. */
export interface ServerFiles {
  readonly folder: string;
  /** The server's data directory; there once it is initialized. */
  readonly data: string;
  readonly state: string;
  readonly pid: string;
  readonly log: string;
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  /** A server that was downloaded. */
  readonly engine: string;
}

/** What a private server remembers from one start to the next. */
export interface ServerState {
  readonly password: string;
  readonly port?: number;
  /** The server that the data belongs to. */
  readonly engine?: Engine;
  /** The runtime that started the server last. */
  readonly ownerPid?: number;
}

export async function openFolder(folder: string): Promise<ServerFiles> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const at = (name: string) => join(folder, name);
  return {
    folder,
    data: at('data'),
    state: at('state.json'),
    pid: at('server.pid'),
    log: at('server.log'),
    ca: at('ca.pem'),
    certificate: at('server.pem'),
    key: at('server-key.pem'),
    engine: at('engine'),
  };
}

export async function readState(files: ServerFiles): Promise<ServerState> {
  const text = await readIfThere(files.state);
  if (text !== undefined) return JSON.parse(text) as ServerState;
  const state = { password: randomBytes(18).toString('base64url') };
  await writeState(files, state);
  return state;
}

export async function writeState(files: ServerFiles, state: ServerState): Promise<void> {
  await writePrivate(files.state, JSON.stringify(state));
}

/** Replaces the file as a whole, readable by this user only. */
export async function writePrivate(file: string, text: string): Promise<void> {
  const draft = `${file}.new`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, file);
}

export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
