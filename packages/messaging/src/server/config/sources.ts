import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { nearest } from '../nearest';
import { ConfigError } from './error';
import { keys, readText, VARIABLE_PREFIX } from './keys';
import type { Key } from './keys';

/** A value, and where it came from. */
export interface Found {
  readonly value: unknown;
  /** For people: `--port`, `AWS_MICRO_PORT`, `messaging.config.json`. */
  readonly from: string;
}

/** By the name of the key. */
export type Findings = ReadonlyMap<string, Found>;

/** What a command line asks for besides keys. */
export interface CommandLine {
  readonly findings: Findings;
  readonly config: string | undefined;
  readonly environment: string | undefined;
  readonly help: boolean;
  readonly version: boolean;
}

/** A wrong command line: the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const OPTIONS = {
  config: { type: 'string' },
  env: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/** @throws UsageError */
export function readCommandLine(args: readonly string[]): CommandLine {
  const byOption = new Map(keys.flatMap((key) => (key.option === undefined ? [] : [[key.option, key]])));
  const parsed = parse(args, byOption);
  const findings = new Map<string, Found>();
  for (const [option, key] of byOption as ReadonlyMap<string, Key>) {
    const given = parsed[option];
    if (given === undefined) continue;
    const from = given === false ? `--no-${option}` : `--${option}`;
    findings.set(key.name, { value: typeof given === 'string' ? readText(key.kind, given) : given, from });
  }
  return {
    findings,
    config: parsed['config'] as string | undefined,
    environment: parsed['env'] as string | undefined,
    help: parsed['help'] === true,
    version: parsed['version'] === true,
  };
}

function parse(args: readonly string[], byOption: ReadonlyMap<string, Key>) {
  const options = Object.fromEntries(
    [...byOption].map(([option, { kind }]) => {
      return [option, { type: kind === 'flag' ? ('boolean' as const) : ('string' as const) }];
    }),
  );
  try {
    const config = { args: [...args], options: { ...options, ...OPTIONS }, allowNegative: true };
    return parseArgs(config).values as Record<string, string | boolean | undefined>;
  } catch (error) {
    const [problem = ''] = (error as Error).message.split('. ');
    const wrong = /^Unknown option '--([^']+)'/.exec(problem)?.[1];
    const meant = wrong && nearest(wrong, [...byOption.keys(), ...Object.keys(OPTIONS)]);
    throw new UsageError(meant ? `${problem}: did you mean --${meant}?` : problem);
  }
}

/**
 * @param warn takes what is odd but not wrong
 * @throws ConfigError for a variable that is probably mistyped
 */
export function readEnvironment(environment: NodeJS.ProcessEnv, warn: (line: string) => void): Findings {
  const findings = new Map<string, Found>();
  for (const key of keys) {
    const variable = [key.variable, ...(key.traits.variables ?? [])].find((name) => environment[name]);
    if (variable === undefined) continue;
    findings.set(key.name, { value: readText(key.kind, environment[variable]!), from: variable });
  }
  checkVariables(environment, warn);
  return findings;
}

/** Which file and environment are read. */
export const FILE_VARIABLES = { config: `${VARIABLE_PREFIX}CONFIG`, environment: `${VARIABLE_PREFIX}ENV` };

function checkVariables(environment: NodeJS.ProcessEnv, warn: (line: string) => void): void {
  const known = [...keys.map((key) => key.variable), ...Object.values(FILE_VARIABLES)];
  for (const name of Object.keys(environment)) {
    if (!name.startsWith(VARIABLE_PREFIX) || known.includes(name)) continue;
    const short = name.slice(VARIABLE_PREFIX.length);
    const meant = nearest(
      short,
      known.map((variable) => variable.slice(VARIABLE_PREFIX.length)),
    );
    if (meant !== undefined) {
      throw new ConfigError(`there is no variable ${name}: did you mean ${VARIABLE_PREFIX}${meant}?`);
    }
    warn(`the variable ${name} is none of the server's`);
  }
}

/** @throws ConfigError for what cannot be read, or is no JSON */
export function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    // The message of newer versions quotes the text, in which secrets may be.
    const at = /position \d+|line \d+ column \d+/.exec((error as Error).message)?.[0];
    throw new ConfigError(`${path} is no JSON${at === undefined ? '' : ` (${at})`}`);
  }
}
