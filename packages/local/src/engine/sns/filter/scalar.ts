/** A value that a pattern can match: JSON's, but for objects and arrays. */
export type Scalar = string | number | boolean | null;

/** Whether a value matches. */
export type Test = (value: Scalar) => boolean;

export function isScalar(value: unknown): value is Scalar {
  return value === null || typeof value !== 'object';
}

/** Why a pattern is none, in the words of AWS. */
export class PatternError extends Error {
  constructor(
    readonly reason: string,
    /** What of the pattern is wrong: `key[0].numeric`; undefined for the whole of it. */
    readonly where?: string,
  ) {
    super(where === undefined ? reason : `${reason}\n at ${where}`);
  }
}
