import { readFile, stat } from 'node:fs/promises';
import * as v from 'valibot';
import { MessagingError } from '../errors';
import type { CredentialsProvider } from './types';

const Contents = v.object({
  accessKeyId: v.pipe(v.string(), v.nonEmpty()),
  secretAccessKey: v.pipe(v.string(), v.nonEmpty()),
  sessionToken: v.optional(v.pipe(v.string(), v.nonEmpty())),
  region: v.optional(v.pipe(v.string(), v.nonEmpty())),
});

export type CredentialsFile = v.InferOutput<typeof Contents>;

/**
 * A JSON file of static keys. A file that others may read is refused: the keys in it are known to more than its owner.
 *
 * @throws 'invalid' when it is missing, readable by others, or not of this shape; no message quotes what is in it
 */
export async function readCredentialsFile(path: string): Promise<CredentialsFile> {
  const text = await readPrivate(path);
  const parsed = v.safeParse(Contents, parseJson(path, text));
  if (parsed.success) return parsed.output;
  const errors = parsed.issues.map((issue) => ({
    field: v.getDotPath(issue) ?? 'path',
    detail: issue.received === 'undefined' ? 'is missing' : `must be a ${issue.expected ?? 'string'}`,
  }));
  const reasons = errors.map(({ field, detail }) => `${field} ${detail}`).join(', ');
  throw new MessagingError('invalid', `The credentials file ${path}: ${reasons}`, { errors });
}

/** How long keys of a file are taken for good. */
const GOOD_FOR_MS = 15 * 60_000;

/** The file's keys. They are rotated by writing the file: a program that runs has the new ones a quarter of an hour later. */
export function fromFile(path: string, now: () => number): CredentialsProvider {
  return async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = await readCredentialsFile(path);
    const expiration = new Date(now() + GOOD_FOR_MS);
    return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }), expiration };
  };
}

async function readPrivate(path: string): Promise<string> {
  try {
    const { mode } = await stat(path);
    // Windows has no such bits: there every file seems readable by all.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw fileError(
        path,
        `can be read or written by others (mode ${(mode & 0o777).toString(8)}): chmod 600`,
      );
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof MessagingError) throw error;
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw fileError(path, missing ? 'does not exist' : `cannot be read: ${(error as Error).message}`, error);
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, and with it a secret.
    throw fileError(path, 'is not JSON');
  }
}

function fileError(path: string, detail: string, cause?: unknown): MessagingError {
  return new MessagingError('invalid', `The credentials file ${path} ${detail}`, {
    errors: [{ field: 'credentials.path', detail }],
    cause,
  });
}
