import { ResolveError } from '../../../errors';
import type { Value } from '../values';
import { canonical, describe, equal, isList, isMap, list, map, number, sortedKeys, text } from '../values';
import { pureAll } from './types';

export const collections = pureAll({
  alltrue: (values) => list(values).every((value) => value === true || value === 'true'),
  anytrue: (values) => list(values).some((value) => value === true || value === 'true'),
  chunklist: (values, size) => chunks(list(values), number(size)),
  coalesce: (...args) => args.find((value) => value !== null && value !== '') ?? none('coalesce'),
  coalescelist: (...lists) => lists.find((each) => list(each).length > 0) ?? none('coalescelist'),
  compact: (values) => list(values).filter((value) => value !== null && value !== ''),
  concat: (...lists) => lists.flatMap(list),
  contains: (values, value) => list(values).some((each) => equal(each, value ?? null)),
  distinct: (values) => distinct(list(values)),
  element: (values, index) => element(list(values), number(index)),
  flatten: (values) => flatten(list(values)),
  index: (values, value) => {
    const found = list(values).findIndex((each) => equal(each, value ?? null));
    return found === -1 ? refuse(`${describe(values)} has no element ${describe(value)}`) : found;
  },
  keys: (values) => sortedKeys(map(values)),
  length: (value) => length(value ?? null),
  lookup: (values, name, fallback) => own(values, text(name)) ?? fallback ?? missing(values, name),
  matchkeys: (values, keys, wanted) =>
    list(values).filter((_, index) => list(wanted).some((each) => equal(each, list(keys)[index] ?? null))),
  merge: (...maps) => Object.assign({}, ...maps.filter((value) => value !== null).map(map)) as Value,
  one: (values) =>
    list(values).length > 1 ? refuse('one() of a list of several') : (list(values)[0] ?? null),
  range: (...limits) => range(limits.map(number)),
  reverse: (values) => [...list(values)].reverse(),
  setintersection: (first, ...more) =>
    distinct(list(first)).filter((value) => more.every((each) => includes(list(each), value))),
  setproduct: (...lists) =>
    lists.reduce<Value[][]>(
      (products, each) => products.flatMap((product) => list(each).map((value) => [...product, value])),
      [[]],
    ),
  setsubtract: (first, second) => distinct(list(first)).filter((value) => !includes(list(second), value)),
  setunion: (...lists) => distinct(lists.flatMap(list)),
  slice: (values, from, to) => list(values).slice(number(from), number(to)),
  sort: (values) => list(values).map(text).sort(),
  tolist: (values) => list(values),
  tomap: (values) => map(values),
  toset: (values) => set(list(values)),
  transpose: (values) => transpose(values),
  values: (values) => sortedKeys(map(values)).map((name) => map(values)[name]!),
  zipmap: (names, values) =>
    Object.fromEntries(list(names).map((name, index) => [text(name), list(values)[index] ?? null])),
});

function refuse(problem: string): never {
  throw new ResolveError(problem);
}

function none(name: string): never {
  return refuse(`no argument of ${name}() has a value`);
}

function own(values: Value | undefined, name: string): Value | undefined {
  return Object.hasOwn(map(values), name) ? (map(values)[name] ?? undefined) : undefined;
}

function missing(values: Value | undefined, name: Value | undefined): never {
  return refuse(`${describe(values)} has no key ${describe(name)}`);
}

function length(value: Value): number {
  if (typeof value === 'string') {
    return [...value].length;
  }
  return isList(value) || isMap(value)
    ? Object.keys(value).length
    : refuse(`${describe(value)} has no length`);
}

function chunks(values: readonly Value[], size: number): Value[] {
  if (size < 1) {
    return [values];
  }
  const count = Math.ceil(values.length / size);
  return Array.from({ length: count }, (_, index) => values.slice(index * size, (index + 1) * size));
}

function element(values: readonly Value[], index: number): Value {
  if (values.length === 0) {
    return refuse('element() of an empty list');
  }
  return values[((index % values.length) + values.length) % values.length]!;
}

function includes(values: readonly Value[], value: Value): boolean {
  return values.some((each) => equal(each, value));
}

function distinct(values: readonly Value[]): Value[] {
  const known = new Map<string, Value>();
  for (const value of values) {
    const name = canonical(value);
    if (!known.has(name)) known.set(name, value);
  }
  return [...known.values()];
}

/** Sets of texts are gone through in the order of the texts. */
function set(values: readonly Value[]): Value[] {
  const members = distinct(values);
  return members.every((member) => typeof member === 'string') ? [...members].sort() : members;
}

function flatten(values: readonly Value[]): Value[] {
  return values.flatMap((value) => (isList(value) ? flatten(value) : [value]));
}

/** `range(to)`, `range(from, to)` or `range(from, to, step)`; 1,024 elements at most, as in Terraform. */
function range(limits: readonly number[]): Value {
  const [from, to] = limits.length === 1 ? [0, limits[0]!] : [limits[0]!, limits[1]!];
  const step = limits[2] ?? (to < from ? -1 : 1);
  const count = Math.max(0, Math.ceil((to - from) / step));
  return Number.isFinite(count) && count <= 1024
    ? Array.from({ length: count }, (_, index) => from + index * step)
    : refuse('range() of more than 1024 elements');
}

function transpose(values: Value | undefined): Value {
  const result: Record<string, string[]> = {};
  for (const name of sortedKeys(map(values))) {
    for (const value of list(map(values)[name])) (result[text(value)] ??= []).push(name);
  }
  return result;
}
