import * as v from 'valibot';
import { HttpProblem, type ProblemPart } from '../shared/http';
import { messageText } from './envelope';

/** An unknown field is an error: ignored, it would be lost without a word, and could never get a meaning later. */
const newMessage = v.strictObject({ message: messageText });

const MAX_PARTS = 10;

/**
 * The text of `{"message": "..."}`.
 *
 * @throws HttpProblem 422 that names every wrong field (the first ten)
 */
export function newMessageText(body: unknown): string {
  // To valibot an array is an object that lacks fields.
  const result = v.safeParse(newMessage, Array.isArray(body) ? undefined : body);
  if (result.success) return result.output.message;
  const parts = result.issues.slice(0, MAX_PARTS).map(describe);
  const summary = parts.map((part) => `${part.pointer} ${part.detail}`).join('; ');
  throw new HttpProblem(422, `The message cannot be taken: ${summary}.`, parts);
}

type Issue = v.InferIssue<typeof newMessage>;

function describe(issue: Issue): Extract<ProblemPart, { pointer: string }> {
  const key = issue.path?.[0]?.key as string | undefined;
  const pointer = key === undefined ? '#' : `#/${escapePointer(key)}`;
  if (issue.type === 'strict_object') {
    if (key === undefined) return { pointer, detail: 'must be an object like {"message": "..."}' };
    return { pointer, detail: key === 'message' ? 'is missing' : 'is not a known field' };
  }
  return {
    pointer,
    detail: issue.type === 'string' ? `must be a string, not ${typeOf(issue.input)}` : issue.message,
  };
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a${typeof value === 'object' ? 'n' : ''} ${typeof value}`;
}

/** A JSON Pointer (RFC 6901) in a URI fragment; through UTF-8, because a URI has no form for half a surrogate pair. */
function escapePointer(key: string): string {
  const shown = Buffer.from(key.slice(0, 100)).toString();
  return encodeURIComponent(shown.replaceAll('~', '~0').replaceAll('/', '~1'));
}
