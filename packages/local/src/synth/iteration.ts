import { ResolveError } from '../errors';
import type { Value } from './expression/values';
import { describe, entriesOf, isList, number, text } from './expression/values';
import type { Json, JsonObject } from './json';

/** One of the instances that a block stands for. */
export interface Iteration {
  /** `count.index` or `each.key`; undefined where the block is not repeated. */
  readonly key: string | number | undefined;
  /** The names that it has beside the module's: `count`, or `each`. */
  readonly names: Readonly<Record<string, Value>>;
}

/** Whether a body stands for several resources, or none. */
export function isRepeated(body: JsonObject): boolean {
  return body['count'] !== undefined || body['for_each'] !== undefined;
}

/** @throws {@link ResolveError} where `count` is no number, or `for_each` neither a map nor a set of texts */
export function iterationsOf(body: JsonObject, valueOf: (json: Json) => Value): Iteration[] {
  if (body['count'] !== undefined) {
    const length = number(valueOf(body['count']));
    return Array.from({ length }, (_, index) => ({ key: index, names: { count: { index } } }));
  }
  const all = valueOf(body['for_each']!);
  if (all === null) {
    throw new ResolveError('for_each is null: it takes a map, or a set of texts');
  }
  if (isList(all) && all.some((item) => typeof item !== 'string')) {
    throw new ResolveError(`for_each takes a map, or a set of texts, not ${describe(all)}`);
  }
  return entriesOf(all).map(([key, value]) => {
    // A set's members are keys and values at once.
    const name = isList(all) ? text(value) : String(key);
    return { key: name, names: { each: { key: name, value } } };
  });
}
