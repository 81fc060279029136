/** mysql2's name for utf8mb3, which servers use for names and settings. It is UTF-8 without its four-byte characters. */
const UTF8MB3 = 'cesu8';

/**
 * Takes the place of `iconv-lite` in bundles: mysql2 wants its tables for charsets that Node.js does not know, and
 * data here is utf8mb4. Anything else fails instead of being misread.
 *
 * @throws Error for a charset that is neither utf8mb4 nor utf8mb3
 */
export function getDecoder(charset: string) {
  if (charset !== UTF8MB3) unknownCharset(charset);
  return { write: (bytes: Buffer): string => bytes.toString('utf8'), end: (): undefined => undefined };
}

export const getEncoder = unknownCharset;

function unknownCharset(charset: string): never {
  throw new Error(`the database uses the charset ${charset}; only utf8mb4 is supported`);
}
