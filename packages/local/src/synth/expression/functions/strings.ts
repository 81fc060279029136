import { ResolveError } from '../../../errors';
import type { Value } from '../values';
import { describe, list, number, plain, text } from '../values';
import { format } from './format';
import { pureAll } from './types';

export const strings = pureAll({
  chomp: (value) => text(value).replace(/[\r\n]+$/, ''),
  endswith: (value, suffix) => text(value).endsWith(text(suffix)),
  format: (spec, ...args) => format(text(spec), args),
  formatlist: (spec, ...args) => formatList(text(spec), args),
  indent: (spaces, value) => text(value).replaceAll('\n', `\n${' '.repeat(number(spaces))}`),
  join: (separator, ...lists) => lists.flatMap(list).map(text).join(text(separator)),
  lower: (value) => text(value).toLowerCase(),
  regex: (pattern, value) => {
    const match = regExp(text(pattern)).exec(text(value));
    return match === null
      ? refuse(`${describe(value)} does not match the pattern ${describe(pattern)}`)
      : captured(match);
  },
  regexall: (pattern, value) => [...text(value).matchAll(regExp(text(pattern), 'g'))].map(captured),
  replace: (value, search, replacement) => replace(text(value), text(search), text(replacement)),
  split: (separator, value) => text(value).split(text(separator)),
  startswith: (value, prefix) => text(value).startsWith(text(prefix)),
  strcontains: (value, part) => text(value).includes(text(part)),
  strrev: (value) => [...text(value)].reverse().join(''),
  substr: (value, offset, length) => {
    const letters = [...text(value)];
    const from = number(offset) < 0 ? letters.length + number(offset) : number(offset);
    const to = number(length) < 0 ? undefined : from + number(length);
    return letters.slice(from, to).join('');
  },
  title: (value) => text(value).replace(/(?<![\p{L}\p{N}])\p{Ll}/gu, (letter) => letter.toUpperCase()),
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
});

function refuse(problem: string): never {
  throw new ResolveError(problem);
}

/** Terraform's expressions are RE2's: flags stand in front, and groups are named with a P. */
function regExp(pattern: string, more = ''): RegExp {
  const [, flags = '', rest = pattern] = /^\(\?([ims]+)\)([\s\S]*)$/.exec(pattern) ?? [];
  return new RegExp(rest.replaceAll('(?P<', '(?<'), `${flags}${more}u`);
}

/** Named groups are a map, others a list, and without any it is the match. */
function captured(match: RegExpMatchArray | RegExpExecArray): Value {
  if (match.groups !== undefined) {
    return Object.fromEntries(Object.entries(match.groups).map(([name, value]) => [name, value ?? null]));
  }
  return match.length > 1 ? match.slice(1).map((value: string | undefined) => value ?? null) : match[0];
}

/** A search string in slashes is a regular expression, whose groups the replacement names `$1` or `${name}`. */
function replace(value: string, search: string, replacement: string): string {
  if (search.length > 1 && search.startsWith('/') && search.endsWith('/')) {
    const named = replacement.replace(/\$\{(\d+)\}/g, '$$$1').replace(/\$\{(\w+)\}/g, '$<$1>');
    return value.replace(regExp(search.slice(1, -1), 'g'), named);
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

/** A format for each element; what is no list stands in each. */
function formatList(spec: string, args: readonly Value[]): Value {
  const lengths = args.flatMap((arg) => (Array.isArray(arg) ? [arg.length] : []));
  const length = lengths[0] ?? 1;
  if (lengths.some((each) => each !== length)) {
    return refuse('formatlist() takes lists of one length');
  }
  return Array.from({ length }, (_, index) =>
    format(
      spec,
      args.map((arg) => (Array.isArray(arg) ? (plain(arg) as readonly Value[])[index]! : arg)),
    ),
  );
}
