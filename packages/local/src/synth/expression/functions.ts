import { createHash } from 'node:crypto';
import { ResolveError } from '../../errors';
import type { Json, JsonObject } from '../json';
import { isObject } from '../json';
import { describe, number, text } from './evaluate';

type TerraformFunction = (...args: Json[]) => Json;

/** Terraform's functions that synthesized stacks use, under their own names. */
export const functions: Readonly<Record<string, TerraformFunction | undefined>> = {
  ...stringFunctions(),
  ...collectionFunctions(),
  ...numberFunctions(),
};

function stringFunctions(): Record<string, TerraformFunction> {
  return {
    base64decode: (value) => Buffer.from(text(value), 'base64').toString(),
    base64encode: (value) => Buffer.from(text(value)).toString('base64'),
    base64sha256: (value) => hash('sha256', value, 'base64'),
    chomp: (value) => text(value).replace(/[\r\n]+$/, ''),
    endswith: (value, suffix) => text(value).endsWith(text(suffix)),
    format: (spec, ...args) => format(text(spec), args),
    join: (separator, ...lists) => lists.flatMap(list).map(text).join(text(separator)),
    jsondecode: (value) => JSON.parse(text(value)) as Json,
    // Terraform sorts the keys of objects and escapes what HTML could misread.
    jsonencode: (value) =>
      JSON.stringify(sorted(value ?? null)).replace(
        /[<>&\u2028\u2029]/g,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
      ),
    lower: (value) => text(value).toLowerCase(),
    md5: (value) => hash('md5', value, 'hex'),
    replace: (value, search, replacement) => replace(text(value), text(search), text(replacement)),
    sensitive: (value) => value ?? null,
    nonsensitive: (value) => value ?? null,
    sha1: (value) => hash('sha1', value, 'hex'),
    sha256: (value) => hash('sha256', value, 'hex'),
    split: (separator, value) => text(value).split(text(separator)),
    startswith: (value, prefix) => text(value).startsWith(text(prefix)),
    substr: (value, offset, length) => {
      const from = number(offset);
      return number(length) < 0 ? text(value).slice(from) : text(value).slice(from, from + number(length));
    },
    title: (value) => text(value).replace(/\b\p{Ll}/gu, (letter) => letter.toUpperCase()),
    tostring: (value) => (value === null ? null : text(value)),
    trim: (value, characters) => trim(text(value), text(characters)),
    trimprefix: (value, prefix) =>
      text(value).startsWith(text(prefix)) ? text(value).slice(text(prefix).length) : text(value),
    trimspace: (value) => text(value).trim(),
    trimsuffix: (value, suffix) =>
      text(suffix) !== '' && text(value).endsWith(text(suffix))
        ? text(value).slice(0, -text(suffix).length)
        : text(value),
    upper: (value) => text(value).toUpperCase(),
    urlencode: (value) => encodeURIComponent(text(value)).replace(/%20/g, '+'),
  };
}

function collectionFunctions(): Record<string, TerraformFunction> {
  return {
    coalesce: (...args) => args.find((value) => value !== null && value !== '') ?? null,
    compact: (values) => list(values).filter((value) => value !== null && value !== ''),
    concat: (...lists) => lists.flatMap(list),
    contains: (values, value) => includes(list(values), value ?? null),
    distinct: (values) => distinct(list(values)),
    element: (values, index) => element(list(values), number(index)),
    flatten: (values) => flatten(list(values)),
    keys: (values) => Object.keys(map(values)).sort(),
    length: (value) => (typeof value === 'string' ? [...value].length : Object.keys(value ?? {}).length),
    lookup: (values, name, fallback) => map(values)[text(name)] ?? fallback ?? missing(values, name),
    merge: (...maps) => Object.assign({}, ...maps.filter((value) => value !== null).map(map)) as Json,
    one: (values) => list(values)[0] ?? null,
    reverse: (values) => [...list(values)].reverse(),
    slice: (values, from, to) => list(values).slice(number(from), number(to)),
    sort: (values) => list(values).map(text).sort(),
    tolist: (values) => list(values),
    tomap: (values) => map(values),
    toset: (values) => distinct(list(values)),
    values: (values) =>
      Object.keys(map(values))
        .sort()
        .map((name) => map(values)[name]!),
    zipmap: (names, values) =>
      Object.fromEntries(list(names).map((name, index) => [text(name), list(values)[index] ?? null])),
  };
}

function numberFunctions(): Record<string, TerraformFunction> {
  return {
    abs: (value) => Math.abs(number(value)),
    ceil: (value) => Math.ceil(number(value)),
    floor: (value) => Math.floor(number(value)),
    max: (...values) => Math.max(...values.map(number)),
    min: (...values) => Math.min(...values.map(number)),
    tobool: (value) => (value === null ? null : value === true || value === 'true'),
    tonumber: (value) => (value === null ? null : number(value)),
  };
}

function list(value: Json | undefined): readonly Json[] {
  if (Array.isArray(value)) {
    return value as readonly Json[];
  }
  throw new ResolveError(`${describe(value)} is not a list`);
}

function map(value: Json | undefined): JsonObject {
  if (isObject(value)) {
    return value;
  }
  throw new ResolveError(`${describe(value)} is not a map`);
}

function missing(values: Json | undefined, name: Json | undefined): never {
  throw new ResolveError(`${describe(values)} has no key ${describe(name)}`);
}

function element(values: readonly Json[], index: number): Json {
  if (values.length === 0) {
    throw new ResolveError('element() of an empty list');
  }
  return values[((index % values.length) + values.length) % values.length]!;
}

function includes(values: readonly Json[], value: Json): boolean {
  const wanted = JSON.stringify(value);
  return values.some((candidate) => JSON.stringify(candidate) === wanted);
}

function distinct(values: readonly Json[]): Json[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

function flatten(values: readonly Json[]): Json[] {
  return values.flatMap((value) => (Array.isArray(value) ? flatten(value as readonly Json[]) : [value]));
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map(sorted);
  }
  if (isObject(value)) {
    return Object.fromEntries(
      Object.keys(value)
        .sort()
        .map((name) => [name, sorted(value[name]!)]),
    );
  }
  return value;
}

function hash(algorithm: string, value: Json | undefined, encoding: 'hex' | 'base64'): string {
  return createHash(algorithm).update(text(value)).digest(encoding);
}

/** A search string in slashes is a regular expression, whose groups the replacement names `$1` or `${name}`. */
function replace(value: string, search: string, replacement: string): string {
  if (search.length > 1 && search.startsWith('/') && search.endsWith('/')) {
    return value.replace(new RegExp(search.slice(1, -1), 'g'), replacement.replace(/\$\{(\w+)\}/g, '$<$1>'));
  }
  return value.replaceAll(search, () => replacement);
}

function trim(value: string, characters: string): string {
  let [from, to] = [0, value.length];
  while (from < to && characters.includes(value[from]!)) {
    from += 1;
  }
  while (to > from && characters.includes(value[to - 1]!)) {
    to -= 1;
  }
  return value.slice(from, to);
}

/** The verbs of Go's fmt that Terraform documents for plain values; `%05d`-style widths included. */
function format(spec: string, args: readonly Json[]): string {
  let next = 0;
  return spec.replace(/%(%|(0?)(\d*)(?:\.(\d+))?([sdvqtfgx]))/g, (_, whole: string, ...groups: unknown[]) => {
    if (whole === '%') {
      return '%';
    }
    const [zero, width, precision, verb] = groups as [string, string, string | undefined, string];
    const value = verbatim(verb, args[next], precision);
    next += 1;
    return value.padStart(Number(width), zero === '0' ? '0' : ' ');
  });
}

function verbatim(verb: string, value: Json | undefined, precision: string | undefined): string {
  switch (verb) {
    case 'd':
      return String(Math.trunc(number(value)));
    case 'f':
      return number(value).toFixed(precision === undefined ? 6 : Number(precision));
    case 'x':
      return number(value).toString(16);
    case 'q':
      return JSON.stringify(value ?? null);
    case 'v':
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
    default:
      return text(value);
  }
}
