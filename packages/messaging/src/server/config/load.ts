import { existsSync, readFileSync } from 'node:fs';
import * as v from 'valibot';
import { ConfigError } from './error';
import { readFile } from './file';
import { keys, readTokens } from './keys';
import type { Key } from './keys';
import { settingsSchema } from './schema';
import type { ServerSettings } from './schema';
import { FILE_VARIABLES, readEnvironment, UsageError } from './sources';
import type { CommandLine, Findings, Found } from './sources';

/** Read where none is named, if it is there. */
export const DEFAULT_FILE = 'messaging.config.json';

/** The settings, and what a caller has to know of where they are from. */
export interface Loaded {
  readonly settings: ServerSettings;
  /** The file that was read. */
  readonly file: string | undefined;
  /** Its environment. */
  readonly environment: string | undefined;
}

/**
 * The settings: an option beats a variable, that beats the file's environment, that beats the rest of the file, and
 * that the default.
 *
 * @param warn takes what is odd but not wrong
 * @throws ConfigError; UsageError where an option is wrong
 */
export function loadSettings(
  line: CommandLine,
  environment: NodeJS.ProcessEnv,
  warn: (line: string) => void,
): Loaded {
  const named = line.config ?? (environment[FILE_VARIABLES.config] || undefined);
  const chosen = line.environment ?? (environment[FILE_VARIABLES.environment] || undefined);
  const file = named ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined);
  if (file === undefined && chosen !== undefined) {
    throw new ConfigError(`environment "${chosen}": there is no ${DEFAULT_FILE} here, name one (--config)`);
  }
  const fromFile = file === undefined ? [] : [...readFile(file, chosen)];
  const findings = new Map([...fromFile, ...readEnvironment(environment, warn), ...line.findings]);
  addTokens(findings);
  return { settings: validate(findings), file, environment: chosen };
}

/** Tokens of the file of tokens come to those that are configured. */
function addTokens(findings: Map<string, Found>): void {
  const path = findings.get('tokensFile')?.value;
  if (typeof path !== 'string') return;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`tokensFile ${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  const given = findings.get('tokens');
  const others = Array.isArray(given?.value) ? (given.value as unknown[]) : [];
  const from = given === undefined ? path : `${given.from} and ${path}`;
  findings.set('tokens', { value: [...others, ...readTokens(text)], from });
}

/** @throws ConfigError, UsageError */
function validate(findings: Findings): ServerSettings {
  const input: Record<string, unknown> = {};
  for (const key of keys) {
    const found = findings.get(key.name);
    if (found !== undefined) put(input, key.path, found.value);
  }
  const result = v.safeParse(settingsSchema, input, { abortPipeEarly: true });
  if (!result.success) throw problemOf(result.issues, findings);
  const settings = result.output;
  checkTokens(settings);
  return settings;
}

function put(into: Record<string, unknown>, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) into[first] = value;
  else put((into[first] ??= {}) as Record<string, unknown>, rest, value);
}

function problemOf(issues: readonly v.BaseIssue<unknown>[], findings: Findings): ConfigError | UsageError {
  const text = issues.map((issue) => tell(issue, findings)).join('\n');
  const isOption = issues.some((issue) => findings.get(keyOf(issue).name)!.from.startsWith('--'));
  return isOption ? new UsageError(text) : new ConfigError(text);
}

function keyOf(issue: v.BaseIssue<unknown>): Key {
  const at = issue.path ?? [];
  return keys.find(({ path }) => path.every((part, index) => at[index]?.key === part))!;
}

function tell(issue: v.BaseIssue<unknown>, findings: Findings): string {
  const at = (issue.path ?? []).map(({ key }) => String(key));
  const key = keyOf(issue);
  const from = findings.get(key.name)!.from;
  const rest = at.slice(key.path.length).map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`));
  const shown = key.traits.secret ? '' : ` is ${JSON.stringify(issue.input)}`;
  return `${key.name}${rest.join('')}${shown} (from ${from}): ${issue.message} is needed`;
}

/** @throws ConfigError */
function checkTokens({ tokens }: ServerSettings): void {
  const names = tokens.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ConfigError(`tokens: the name "${twice}" is there twice`);
  if (new Set(tokens.map(({ token }) => token)).size < tokens.length) {
    throw new ConfigError('tokens: two of them are the same');
  }
}
