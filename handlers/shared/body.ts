import * as v from 'valibot';
import { HttpProblem, type ProblemPart } from './http';

const MAX_PARTS = 10;

export interface BodyRules<Schema extends v.GenericSchema> {
  /** What the body is to the API's user: `message`. */
  readonly noun: string;
  /**
   * A strict object: an unknown field is an error, because it would be lost without a word if it were ignored, and could
   * never get a meaning later. Checks of its fields need messages of their own: valibot's quote the value.
   */
  readonly schema: Schema;
  /** A body that would do: `{"message": "..."}`. */
  readonly example: string;
}

/**
 * The body as its schema describes it.
 *
 * @throws HttpProblem 422 that names every wrong field (the first ten), never with its value
 */
export function readBody<Schema extends v.GenericSchema>(
  body: unknown,
  { noun, schema, example }: BodyRules<Schema>,
): v.InferOutput<Schema> {
  // To valibot an array is an object that lacks fields.
  const result = v.safeParse(schema, Array.isArray(body) ? undefined : body);
  if (result.success) return result.output;
  const parts = result.issues.slice(0, MAX_PARTS).map((issue) => describe(issue, example));
  const summary = parts.map((part) => `${part.pointer} ${part.detail}`).join('; ');
  throw new HttpProblem(422, `The ${noun} cannot be taken: ${summary}.`, parts);
}

function describe(issue: v.BaseIssue<unknown>, example: string): Extract<ProblemPart, { pointer: string }> {
  const key = issue.path?.[0]?.key as string | undefined;
  const pointer = key === undefined ? '#' : `#/${escapePointer(key)}`;
  if (issue.type === 'strict_object') {
    if (key === undefined) return { pointer, detail: `must be an object like ${example}` };
    return { pointer, detail: issue.expected === 'never' ? 'is not a known field' : 'is missing' };
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
