import type { Output } from './protocol';
import { isInput } from './protocol';
import type { Xml } from './xml';

/** Maps that are no structures, by their names in the models. */
const MAPS = new Set(['Attributes', 'ExtendedStatistics']);

/** Lists as `member`, maps as `entry` with `key` and `value`: SNS and most services of the Query protocol. */
export function wrapped(output: Output): { [name: string]: Xml } {
  const elements: { [name: string]: Xml } = {};
  for (const [name, value] of Object.entries(output)) elements[name] = wrapValue(name, value);
  return elements;
}

function wrapValue(name: string, value: unknown): Xml {
  if (Array.isArray(value)) return { member: value.map((item) => wrapValue('member', item)) };
  if (!isInput(value)) return value as Xml;
  if (!MAPS.has(name)) return wrapped(value);
  return { entry: Object.entries(value).map(([key, item]) => ({ key, value: wrapValue('value', item) })) };
}
