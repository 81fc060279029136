import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Json } from '../../json';
import type { Value } from '../values';
import { plain, sorted, text } from '../values';
import { pureAll } from './types';

export const encodings = pureAll({
  base64decode: (value) => Buffer.from(text(value), 'base64').toString(),
  base64encode: (value) => Buffer.from(text(value)).toString('base64'),
  base64gzip: (value) => gzipSync(text(value)).toString('base64'),
  base64sha256: (value) => hash('sha256', value, 'base64'),
  base64sha512: (value) => hash('sha512', value, 'base64'),
  csvdecode: (value) => csv(text(value)),
  jsondecode: (value) => JSON.parse(text(value)) as Json,
  // Terraform sorts the keys of objects and escapes what HTML could misread.
  jsonencode: (value) =>
    JSON.stringify(sorted(plain(value ?? null))).replace(
      /[<>&\u2028\u2029]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  md5: (value) => hash('md5', value, 'hex'),
  nonsensitive: (value) => value ?? null,
  sensitive: (value) => value ?? null,
  sha1: (value) => hash('sha1', value, 'hex'),
  sha256: (value) => hash('sha256', value, 'hex'),
  sha512: (value) => hash('sha512', value, 'hex'),
  urlencode: (value) => encodeURIComponent(text(value)).replace(/%20/g, '+'),
});

function hash(algorithm: string, value: Value | undefined, encoding: 'hex' | 'base64'): string {
  return createHash(algorithm).update(text(value)).digest(encoding);
}

/** Rows by the names of the first line; a cell in quotes may hold commas, line ends and doubled quotes. */
function csv(source: string): Value {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, bare = '', end] of source
    .trimEnd()
    .matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    if (end === '' && quoted === undefined && bare === '' && row.length === 0) break;
    row.push(quoted?.replaceAll('""', '"') ?? bare);
    if (end !== ',') {
      rows.push(row);
      row = [];
    }
  }
  const [names = [], ...values] = rows;
  return values.map((cells) => Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ''])));
}
