import { nearest } from '../nearest';
import { ConfigError } from './error';
import { keys } from './keys';
import { readJson } from './sources';
import type { Findings, Found } from './sources';

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads a file: its own keys, and over them those of the chosen environment.
 *
 * @param environment one of its `environments`; undefined for none
 * @throws ConfigError
 */
export function readFile(path: string, environment: string | undefined): Findings {
  const content = objectAt(readJson(path), path);
  const findings = new Map<string, Found>();
  const { $schema: _schema, environments, ...common } = content;
  collect(common, [], path, findings);
  if (environment !== undefined) {
    const from = `${path}, environments.${environment}`;
    collect(environmentOf(environments, environment, path), [], from, findings);
  }
  return findings;
}

function environmentOf(environments: unknown, name: string, path: string): Json {
  const known = objectAt(environments ?? {}, `environments of ${path}`);
  if (Object.hasOwn(known, name)) return objectAt(known[name], `environments.${name} of ${path}`);
  const names = Object.keys(known);
  const meant = nearest(name, names);
  const hint = meant === undefined ? `there is ${names.join(', ') || 'none'}` : `did you mean ${meant}?`;
  throw new ConfigError(`${path} has no environment "${name}": ${hint}`);
}

function collect(content: Json, above: readonly string[], from: string, into: Map<string, Found>): void {
  for (const [part, value] of Object.entries(content)) {
    const name = [...above, part].join('.');
    if (keys.some((key) => key.name === name)) {
      into.set(name, { value, from });
    } else if (keys.some((key) => key.name.startsWith(`${name}.`))) {
      collect(objectAt(value, `${name} (in ${from})`), [...above, part], from, into);
    } else {
      const siblings = keys.map((key) => key.name);
      const meant = nearest(name, siblings) ?? siblings.find((key) => key.endsWith(`.${part}`));
      throw new ConfigError(
        `there is no key ${name} (in ${from})${meant === undefined ? '' : `: did you mean ${meant}?`}`,
      );
    }
  }
}

function objectAt(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new ConfigError(`${what} is no object of keys`);
}
