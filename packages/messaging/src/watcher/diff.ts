import { isDeepStrictEqual } from 'node:util';
import type { ResourceType } from '../events';
import type { Attributes } from './lists';

/** An alarm's state has an event of its own. */
const OWN_EVENT = new Set(['state', 'stateReason', 'stateChangedAt']);

export type AttributeChanges = Record<string, { from: unknown; to: unknown }>;

/** What differs, by attribute; undefined when nothing does. What is missing is null. */
export function diff(
  type: ResourceType,
  before: Attributes,
  after: Attributes,
): AttributeChanges | undefined {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changes: AttributeChanges = {};
  for (const name of names) {
    if (type === 'alarm' && OWN_EVENT.has(name)) continue;
    const from = before[name] ?? null;
    const to = after[name] ?? null;
    if (!isDeepStrictEqual(from, to)) changes[name] = { from, to };
  }
  return Object.keys(changes).length === 0 ? undefined : changes;
}
