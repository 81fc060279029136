/**
 * Takes the place of `iconv-lite` in bundles: mysql2 wants its tables for charsets that Node.js does not know, and
 * everything here is utf8mb4. Anything else fails instead of being misread.
 */
function unknownCharset(charset: string): never {
  throw new Error(`the database uses the charset ${charset}; only utf8mb4 is supported`);
}

export const getDecoder = unknownCharset;
export const getEncoder = unknownCharset;
