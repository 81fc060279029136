import { ResolveError } from '../../errors';
import type { Json } from '../json';

/** A named thing (a resource, `local`, `var`) whose members get their values when they are asked for. */
export class Namespace {
  constructor(
    readonly address: string,
    readonly member: (name: string) => Value,
  ) {}
}

/** JSON in which resources may stand as a whole. */
export type Value = Json | Namespace | readonly Value[] | { readonly [key: string]: Value };
export type ValueMap = { readonly [key: string]: Value };

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

export function isMap(value: Value | undefined): value is ValueMap {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Namespace)
  );
}

/** @throws {@link ResolveError} where a resource stands in it as a whole */
export function plain(value: Value): Json {
  if (value instanceof Namespace) {
    throw new ResolveError(`${value.address} is used as a whole; only its attributes have values here`);
  }
  if (typeof value === 'object' && value !== null) {
    Object.values(value as ValueMap).forEach(plain);
  }
  return value as Json;
}

/** @throws {@link ResolveError} where the value is not a string, number or boolean */
export function text(value: Value | undefined): string {
  if (typeof value === 'string') {
    return value;
  }
  if (typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  throw new ResolveError(`${describe(value)} cannot be used as text`);
}

/** @throws {@link ResolveError} where the value is not a number */
export function number(value: Value | undefined): number {
  const result =
    typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Number(value) : NaN;
  if (Number.isNaN(result)) {
    throw new ResolveError(`${describe(value)} is not a number`);
  }
  return result;
}

/** @throws {@link ResolveError} where the value is neither true nor false */
export function truth(value: Value | undefined): boolean {
  if (value === true || value === 'true') {
    return true;
  }
  if (value === false || value === 'false') {
    return false;
  }
  throw new ResolveError(`${describe(value)} is neither true nor false`);
}

/** @throws {@link ResolveError} where the value is not a list */
export function list(value: Value | undefined): readonly Value[] {
  if (isList(value)) {
    return value;
  }
  throw new ResolveError(`${describe(value)} is not a list`);
}

/** @throws {@link ResolveError} where the value is not a map */
export function map(value: Value | undefined): ValueMap {
  if (isMap(value)) {
    return value;
  }
  throw new ResolveError(`${describe(value)} is not a map`);
}

/** Keys (of a list: indexes) with their values, in the order in which Terraform goes through them. */
export function entriesOf(value: Value): [string | number, Value][] {
  return isList(value)
    ? value.map((item, index): [number, Value] => [index, item])
    : sortedKeys(map(value)).map((name): [string, Value] => [name, map(value)[name]!]);
}

export function sortedKeys(value: ValueMap): string[] {
  return Object.keys(value).sort();
}

/** Whether two values are the same to Terraform; the order of a map's keys says nothing. */
export function equal(one: Value, other: Value): boolean {
  return canonical(one) === canonical(other);
}

/** Text that is the same for equal values. */
export function canonical(value: Value): string {
  return JSON.stringify(sorted(plain(value)));
}

/** The value with the keys of its maps in order. */
export function sorted(value: Json): Json {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map(sorted);
  }
  return isMap(value)
    ? Object.fromEntries(sortedKeys(value).map((name) => [name, sorted(value[name]!)]))
    : value;
}

/** Words for a value in an error message. */
export function describe(value: Value | undefined): string {
  if (value === undefined || value === null) {
    return 'null';
  }
  if (value instanceof Namespace) {
    return value.address;
  }
  const json = JSON.stringify(value, (_, item: unknown) => (item instanceof Namespace ? item.address : item));
  return json.length > 60 ? `${json.slice(0, 60)}…` : json;
}
