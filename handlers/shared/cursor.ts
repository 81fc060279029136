import { HttpProblem } from './http';

/** No key of ours is longer. */
const MAX_CURSOR_CHARACTERS = 4096;

/** A place in a list by the values of its key, opaque for clients: base64url of a JSON list of texts. */
export function encodeCursor(values: readonly string[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/**
 * The values that {@link encodeCursor} was given.
 *
 * @param count how many there are
 * @throws HttpProblem 400 if it is not one of ours
 */
export function decodeCursor(cursor: string, count: number): string[] {
  const values = parse(cursor);
  if (values?.length === count && values.every((value) => value !== '')) return values;
  const detail = 'must be the nextCursor of an earlier answer';
  throw new HttpProblem(400, `The cursor ${detail}.`, [{ parameter: 'cursor', detail }]);
}

function parse(cursor: string): string[] | undefined {
  if (cursor.length > MAX_CURSOR_CHARACTERS) return undefined;
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const isTexts = Array.isArray(values) && values.every((value) => typeof value === 'string');
    return isTexts ? values : undefined;
  } catch {
    return undefined;
  }
}
