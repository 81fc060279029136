import * as v from 'valibot';
import { settingsSchema } from './schema';
import type { KeyTraits } from './schema';

/** What the text of a variable or an option is read as. */
export type KeyKind = 'text' | 'number' | 'flag' | 'list' | 'number-or-text' | 'tokens';

/** One key of the configuration, and what it is called in each source. */
export interface Key {
  /** As in the file: `['rateLimit', 'burst']`. */
  readonly path: readonly string[];
  /** For people: `rateLimit.burst`. */
  readonly name: string;
  /** `AWS_MICRO_RATE_LIMIT_BURST`. */
  readonly variable: string;
  /** `rate-limit-burst`; undefined for what is secret. */
  readonly option: string | undefined;
  readonly kind: KeyKind;
  readonly help: string;
  readonly traits: KeyTraits;
}

/** Of every variable. */
export const VARIABLE_PREFIX = 'AWS_MICRO_';

/** Every key, in the order of the schema. */
export const keys: readonly Key[] = keysOf(settingsSchema.entries, []);

interface AnySchema {
  readonly type: string;
  readonly wrapped?: AnySchema;
  readonly entries?: Readonly<Record<string, AnySchema>>;
}

function keysOf(entries: Readonly<Record<string, unknown>>, above: readonly string[]): Key[] {
  return Object.entries(entries as Record<string, AnySchema>).flatMap(([name, optional]) => {
    const schema = optional.wrapped ?? optional;
    const path = [...above, name];
    return schema.entries === undefined ? [keyOf(path, schema)] : keysOf(schema.entries, path);
  });
}

function keyOf(path: readonly string[], schema: AnySchema): Key {
  const described = schema as unknown as v.GenericSchema;
  const traits = v.getMetadata(described) as KeyTraits;
  const words = path.flatMap((part) => part.split(/(?=[A-Z])/)).map((word) => word.toLowerCase());
  return {
    path,
    name: path.join('.'),
    variable: VARIABLE_PREFIX + words.join('_').toUpperCase(),
    option: traits.secret ? undefined : (traits.alias ?? words.join('-')),
    kind: kindOf(path, schema.type),
    help: v.getDescription(described) ?? '',
    traits,
  };
}

function kindOf(path: readonly string[], type: string): KeyKind {
  if (path[0] === 'tokens') return 'tokens';
  if (type === 'number') return 'number';
  if (type === 'boolean') return 'flag';
  if (type === 'array') return 'list';
  return type === 'union' ? 'number-or-text' : 'text';
}

/**
 * What a text means as the value of a key. What it cannot mean stays a text, so that the schema names the rule.
 */
export function readText(kind: KeyKind, text: string): unknown {
  switch (kind) {
    case 'text':
      return text;
    case 'number':
    case 'number-or-text':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case 'flag':
      return /^(true|1|yes|on)$/i.test(text) ? true : /^(false|0|no|off)$/i.test(text) ? false : text;
    case 'list':
      return text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    case 'tokens':
      return readTokens(text);
  }
}

/** `name:scope:token`, divided by commas or white space; lines that begin with # are comments. */
export function readTokens(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => !line.trim().startsWith('#'))
    .flatMap((line) => line.split(/[\s,]+/))
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [name = '', scope = '', ...rest] = entry.split(':');
      return { name, scope, token: rest.join(':') };
    });
}
