import * as v from 'valibot';

// The u flag reads pairs as one character, so that only halves are left to match.
const LONE_SURROGATE = /\p{Surrogate}/u;

/** A text that has a form in UTF-8, wherever it enters. */
export const unicodeText = v.pipe(
  v.string(),
  v.check((text) => !LONE_SURROGATE.test(text), 'must not have half of a surrogate pair'),
);

export const uuid = v.pipe(v.string(), v.regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/));

/** ISO 8601 in UTC with milliseconds, of a day that exists. */
export const isoTime = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  v.check((text) => toIsoString(Date.parse(text)) === text),
);

function toIsoString(time: number): string | undefined {
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** JSON for SNS and SQS: they refuse U+FFFE and U+FFFF, and all control characters but three; JSON escapes those by itself. */
export function messageJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\uFFFE\uFFFF]/g, (char) =>
    char === '\uFFFE' ? '\\ufffe' : '\\uffff',
  );
}

/** @returns undefined if it is not JSON, or not what the schema describes */
export function parseMessage<Schema extends v.GenericSchema>(
  schema: Schema,
  text: string,
): v.InferOutput<Schema> | undefined {
  try {
    const result = v.safeParse(schema, JSON.parse(text));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
