import * as v from 'valibot';
import { JsonError, parseJson, pointerTo } from './json';
import { Problem } from './problem';
import type { ProblemPart } from './problem';
import type { Route } from './route';
import type { Schema } from './schemas/base';

/** Most errors that a problem lists. */
const MAX_ERRORS = 10;

/** https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ leaves the form to the server. */
const IDEMPOTENCY_KEY = /^[A-Za-z0-9_-]{16,128}$/;

/** Parameters of the path, percent-decoded once by the router. */
export function readParams(route: Route, params: Readonly<Record<string, string>>): unknown {
  return parse(route.params, params, parameterPart, 'invalid-parameter');
}

/** Parameters of the query: each known, and given once. */
export function readQuery(route: Route, url: string): unknown {
  const params = new URL(url).searchParams;
  const names = [...params.keys()];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw parameterProblem(shorten(twice), 'is given more than once');
  const given = Object.assign(Object.create(null) as object, Object.fromEntries(params));
  return parse(route.query, given, parameterPart, 'invalid-parameter');
}

function parameterProblem(parameter: string, detail: string): Problem {
  return new Problem('invalid-parameter', `${parameter}: ${detail}`, { errors: [{ parameter, detail }] });
}

export function readIdempotencyKey(route: Route, headers: Headers): string | undefined {
  const key = headers.get('idempotency-key');
  if (key === null || route.idempotent !== true) return undefined;
  if (IDEMPOTENCY_KEY.test(key)) return key;
  const detail = 'must be 16 to 128 letters, digits, hyphens and underscores';
  const errors = [{ header: 'Idempotency-Key', detail }];
  throw new Problem('invalid-parameter', `Idempotency-Key: ${detail}`, { errors });
}

/** A body as it was sent, and what it says. */
export interface Body {
  readonly text: string;
  readonly value: unknown;
}

/** The body as the route's schema takes it; a route without a schema does not look at it. */
export async function readBody(route: Route, request: Request, maxBytes: number): Promise<Body> {
  if (route.body === undefined) return { text: '', value: undefined };
  const text = decodeUtf8(await readBytes(request, maxBytes));
  if (text === '' && route.bodyOptional === true) return { text, value: parseBody(route.body, {}) };
  checkMediaType(request.headers);
  return { text, value: parseBody(route.body, parseText(text)) };
}

function parseBody(schema: Schema, value: unknown): unknown {
  return parse(schema, value, bodyPart, 'invalid');
}

function parseText(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const { pointer, detail } = error;
    throw new Problem('bad-json', detail, { errors: [{ pointer, detail }] });
  }
}

function checkMediaType(headers: Headers): void {
  const [type = '', ...parameters] = (headers.get('content-type') ?? '').toLowerCase().split(';');
  const charset = parameters.map((part) => part.trim()).find((part) => part.startsWith('charset='));
  const isJson = /^application\/(?:[a-z0-9!#$&^_.-]{1,100}\+)?json$/.test(type.trim());
  if (!isJson) throw unsupported('The body has to be application/json.');
  if (charset !== undefined && !/^charset="?utf-8"?$/.test(charset)) {
    throw unsupported('The charset has to be UTF-8.');
  }
  const coding = headers.get('content-encoding')?.toLowerCase() ?? 'identity';
  if (coding !== 'identity') throw unsupported('The body must not have a content coding.');
}

function unsupported(detail: string): Problem {
  return new Problem('unsupported-media-type', detail, { headers: { 'accept-post': 'application/json' } });
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length')) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (request.body === null) return new Uint8Array();
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): Problem {
  return new Problem('too-large', `The body has more than ${maxBytes} bytes.`);
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const detail = 'The body is not UTF-8.';
    throw new Problem('bad-json', detail, { errors: [{ pointer: '', detail }] });
  }
}

type Issue = v.BaseIssue<unknown>;
type Part = (path: readonly (string | number)[], detail: string) => ProblemPart;

const parameterPart: Part = (path, detail) => ({ parameter: shorten(String(path[0] ?? '')), detail });
const bodyPart: Part = (path, detail) => ({ pointer: pointerTo(path), detail });

function parse(schema: Schema, value: unknown, part: Part, code: 'invalid' | 'invalid-parameter'): unknown {
  const result = v.safeParse(schema, value, { abortPipeEarly: true });
  if (result.success) return result.output;
  const errors = result.issues.slice(0, MAX_ERRORS).map((issue) => part(pathOf(issue), detailOf(issue)));
  const words = errors.map((error) => `${whereOf(error)} ${error.detail}`);
  throw new Problem(code, words.join('; '), { errors });
}

function whereOf(part: ProblemPart): string {
  if ('pointer' in part) return part.pointer === '' ? 'The body' : part.pointer;
  return 'parameter' in part ? part.parameter : part.header;
}

function pathOf(issue: Issue): (string | number)[] {
  return (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
}

/** In words of our own, without the value: it may be a secret, or a megabyte. */
function detailOf(issue: Issue): string {
  if (issue.type === 'strict_object' && issue.path !== undefined) {
    if (issue.expected === 'never') return 'is not a known property';
    if (issue.path.at(-1)?.origin === 'key') return 'is missing';
  }
  if (issue.kind === 'schema' || issue.message.startsWith('Invalid ')) return `must be ${expectedOf(issue)}`;
  return issue.message;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  array: 'an array',
  strict_object: 'an object',
  record: 'an object',
  null: 'null',
  integer: 'a whole number',
};

function expectedOf(issue: Issue): string {
  const kind = KINDS[issue.type];
  if (kind !== undefined) return kind;
  return (issue.expected ?? 'something else')
    .replaceAll('|', 'or')
    .replace(/^>=/, 'at least ')
    .replace(/^<=/, 'at most ');
}

function shorten(name: string): string {
  return Buffer.from(name.slice(0, 100)).toString();
}
