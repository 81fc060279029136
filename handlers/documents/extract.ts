import { createHash } from 'node:crypto';
import { basename, extname } from 'node:path/posix';
import type { Document } from './document';

/** What is read; anything else is recorded as unsupported. */
export const CONTENT_TYPES = ['text/plain', 'text/markdown', 'text/csv', 'application/json'] as const;
export type ContentType = (typeof CONTENT_TYPES)[number];

const BY_EXTENSION: Readonly<Record<string, ContentType>> = {
  '.txt': 'text/plain',
  '.md': 'text/markdown',
  '.csv': 'text/csv',
  '.json': 'application/json',
};

/** What says nothing about an object: S3's own, for objects that came without a type, and that of the aws CLI. */
const NO_TYPES = ['', 'binary/octet-stream', 'application/octet-stream'];

/** The type that an object came with, in lower case and without parameters; where it came with none, by its name. */
export function contentTypeOf(key: string, given = ''): string {
  const [type = ''] = given.split(';');
  const known = type.trim().toLowerCase();
  if (!NO_TYPES.includes(known)) return known;
  return BY_EXTENSION[extname(key).toLowerCase()] ?? 'application/octet-stream';
}

export function isSupported(contentType: string): contentType is ContentType {
  return CONTENT_TYPES.some((each) => each === contentType);
}

type Extract = Pick<
  Document,
  'status' | 'contentType' | 'bytes' | 'title' | 'words' | 'lines' | 'sha256' | 'excerpt'
>;

const MAX_TITLE = 120;
const MAX_EXCERPT = 200;

/** What a document says of itself. One that is not UTF-8, or no JSON where it should be, is `unreadable`. */
export function extract(key: string, contentType: ContentType, contents: Uint8Array): Extract {
  const sha256 = createHash('sha256').update(contents).digest('hex');
  const about = { contentType, bytes: contents.length, sha256 };
  const name = basename(key);
  const text = decode(contents);
  const title = text === undefined ? undefined : TITLES[contentType](text, name);
  if (text === undefined || title === undefined) return { status: 'unreadable', title: name, ...about };
  return {
    status: 'taken-in',
    ...about,
    title: shortened(title, MAX_TITLE) || name,
    words: text.match(/\S+/g)?.length ?? 0,
    lines: text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    excerpt: shortened(text, MAX_EXCERPT),
  };
}

/** Without a byte order mark. @returns undefined if it is not UTF-8 */
function decode(contents: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(contents);
  } catch {
    return undefined;
  }
}

/** How a title is found; undefined says that the text is none of that type. */
const TITLES: Readonly<Record<ContentType, (text: string, name: string) => string | undefined>> = {
  'text/plain': firstLine,
  'text/markdown': (text) => firstHeading(text) ?? firstLine(text),
  // The first line names columns.
  'text/csv': (_text, name) => name,
  'application/json': jsonTitle,
};

/** As far as a title goes, without the hashes that may close it. */
function firstHeading(text: string): string | undefined {
  const [, heading] = /^#{1,6}[ \t]+(\S.*)$/m.exec(text) ?? [];
  return heading?.slice(0, MAX_TITLE * 4).replace(/[ \t]+#+[ \t]*$/, '');
}

function firstLine(text: string): string {
  return /\S.*/.exec(text)?.[0] ?? '';
}

function jsonTitle(text: string, name: string): string | undefined {
  try {
    const value = JSON.parse(text) as { readonly title?: unknown } | null;
    return typeof value?.title === 'string' ? value.title : name;
  } catch {
    return undefined;
  }
}

/** On one line, cut between characters. */
function shortened(text: string, maxCharacters: number): string {
  // Twice as many units as characters are enough, and a large text is not read to its end.
  const start = text.slice(0, maxCharacters * 8).replace(/\s+/g, ' ');
  return [...start.trim()].slice(0, maxCharacters).join('');
}
