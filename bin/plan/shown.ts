import type { ChangeJson, Json, Mask } from './plan-json';

/** Stands for a value that may not be shown, or that is not known before the apply. */
export class Placeholder {
  constructor(readonly text: string) {}
}

export const unknown = new Placeholder('(known after apply)');
const sensitive = new Placeholder('(sensitive)');
const sensitiveChanged = new Placeholder('(sensitive, changed)');

/** A value that is safe to print: whatever is sensitive has been replaced. */
export type Shown = undefined | null | boolean | number | string | Placeholder | Shown[] | ShownObject;
export interface ShownObject {
  readonly [key: string]: Shown;
}

/** A resource or output before and after, safe to print. */
export interface ShownChange {
  readonly before: Shown;
  readonly after: Shown;
}

/**
 * Takes the sensitive values out, once and before anything else looks at a change: no rule and no format that works on
 * the result can leak one. A value that is sensitive on one side only is hidden on both.
 */
export function show(change: ChangeJson): ShownChange {
  const { before, after } = change;
  const hidden = union(change.before_sensitive, change.after_sensitive);
  return {
    before: conceal(before, undefined, hidden, sensitive, before),
    after: conceal(after, change.after_unknown, hidden, sensitiveChanged, before),
  };
}

function conceal(
  value: Json | undefined,
  notKnown: Mask,
  hidden: Mask,
  changed: Placeholder,
  original: Json | undefined,
): Shown {
  if (hidden === true && (!isEmpty(value) || notKnown === true)) {
    return isEmpty(original) || equal(value, original) ? sensitive : changed;
  }
  if (notKnown === true) return unknown;
  if (isEmpty(value) && !holdsTrue(notKnown)) return value;
  const inside = (key: string | number): Shown =>
    conceal(at(value, key), at(notKnown, key), at(hidden, key), changed, at(original, key));
  if (Array.isArray(value) || Array.isArray(notKnown)) {
    const length = Math.max(lengthOf(value), lengthOf(notKnown));
    return Array.from({ length }, (_, index) => inside(index));
  }
  if (!isObject(value) && !isObject(notKnown)) return value;
  return Object.fromEntries(keysOf(value, notKnown).map((key) => [key, inside(key)]));
}

function union(one: Mask, other: Mask): Mask {
  if (one === true || other === true) return true;
  if (!isObject(one) && !Array.isArray(one)) return other;
  if (!isObject(other) && !Array.isArray(other)) return one;
  return Object.fromEntries(
    keysOf(one, other).map((key) => [key, union(at(one, key), at(other, key)) ?? false]),
  );
}

function at(value: Json | undefined, key: string | number): Json | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Record<string, Json>)[key];
}

function isObject(value: Json | undefined): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '';
}

function holdsTrue(mask: Mask): boolean {
  return mask === true || (typeof mask === 'object' && mask !== null && Object.values(mask).some(holdsTrue));
}

function lengthOf(value: Json | undefined): number {
  return Array.isArray(value) ? value.length : 0;
}

function keysOf(...values: readonly (Json | undefined)[]): string[] {
  const keys = values.flatMap((value) =>
    typeof value === 'object' && value !== null ? Object.keys(value) : [],
  );
  return [...new Set(keys)].sort();
}

function equal(one: Json | undefined, other: Json | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
