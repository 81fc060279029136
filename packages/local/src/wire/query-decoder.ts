import { ServiceError } from '../engine';
import type { Input } from './protocol';

// Deeper than any parameter of SNS or SQS.
const MAX_DEPTH = 10;

interface Node {
  [part: string]: Node | string;
}

/** The pairs of a form or a query string. @throws ServiceError MalformedQueryString */
export function formPairs(form: string): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  let start = 0;
  while (start < form.length) {
    let end = form.indexOf('&', start);
    if (end < 0) end = form.length;
    if (end > start) {
      let equals = form.indexOf('=', start);
      if (equals < 0 || equals > end) equals = end;
      pairs.push([unescape(form.slice(start, equals)), unescape(form.slice(equals + 1, end))]);
    }
    start = end + 1;
  }
  return pairs;
}

function unescape(part: string): string {
  const spaced = part.includes('+') ? part.replaceAll('+', ' ') : part;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    throw new ServiceError('MalformedQueryString', 'The query string contains a syntax error.', 400);
  }
}

/** `MessageAttributes.entry.1.Name=a` and the like as nested nodes. */
export function formTree(pairs: readonly (readonly [string, string])[]): Node {
  const root = newNode();
  for (const [name, value] of pairs) {
    const parts = name.split('.');
    const last = parts.pop()!;
    if (parts.length >= MAX_DEPTH)
      throw new ServiceError('MalformedQueryString', `The parameter ${name} is too deep.`);
    let node = root;
    for (const part of parts) {
      let next = node[part];
      if (typeof next !== 'object') {
        next = newNode();
        node[part] = next;
      }
      node = next;
    }
    node[last] = value;
  }
  return root;
}

function newNode(): Node {
  return Object.create(null) as Node;
}

/** A node whose keys are `1`, `2`, ... in their order. */
export function numbered(node: Node): (Node | string)[] {
  const indices = Object.keys(node).map(Number);
  if (indices.some((index) => !Number.isInteger(index))) {
    throw new ServiceError(
      'MalformedQueryString',
      `Expected a numbered list, found ${Object.keys(node).join(', ')}`,
    );
  }
  return indices.sort((a, b) => a - b).map((index) => node[index]!);
}

/** Lists are `X.member.N`, maps `X.entry.N.key` and `.value`: SNS and most services of this protocol. */
export function wrappedInput(node: Node): Input {
  const input: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(node)) input[name] = wrappedValue(value);
  return input;
}

function wrappedValue(value: Node | string): unknown {
  if (typeof value === 'string') return value;
  if (typeof value.member === 'object') return numbered(value.member).map(wrappedValue);
  if (typeof value.entry === 'object') return entries(numbered(value.entry), wrappedValue);
  return wrappedInput(value);
}

/** A map from `{key, value}`, `{Name, Value}` or `{Key, Value}`. */
export function entries(
  items: readonly (Node | string)[],
  convert: (value: Node | string) => unknown,
): Input {
  // Without a prototype, since callers choose the keys.
  const map = Object.create(null) as Record<string, unknown>;
  for (const item of items) {
    if (typeof item === 'string') continue;
    const key = item.key ?? item.Name ?? item.Key;
    const value = item.value ?? item.Value ?? '';
    if (typeof key === 'string') map[key] = convert(value);
  }
  return map;
}

/** How a flattened list or map of SQS is named in the model. */
export interface Flattened {
  readonly name: string;
  readonly kind: 'list' | 'map';
}

/** Lists are `X.N`, maps `X.N.Name` and `.Value`, under names of their own: SQS. */
export function flattenedInput(node: Node, names: Readonly<Record<string, Flattened>>): Input {
  const input: Record<string, unknown> = {};
  const convert = (value: Node | string): unknown =>
    typeof value === 'string' ? value : flattenedInput(value, names);
  for (const [name, value] of Object.entries(node)) {
    const flattened = names[name];
    if (!flattened || typeof value === 'string') input[name] = convert(value);
    else if (flattened.kind === 'list') input[flattened.name] = numbered(value).map(convert);
    else input[flattened.name] = entries(numbered(value), convert);
  }
  return input;
}
