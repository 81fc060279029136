import { parseArgs } from 'node:util';
import { nearest } from './nearest';
import type { Terminal } from './terminal';

/** A wrong command line: the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Option {
  readonly type: 'string' | 'boolean';
  /** One letter: `-h`. */
  readonly short?: string;
  /** May be given more than once. @default false */
  readonly multiple?: boolean;
  /** What stands for the value in the help: `<n>`. Strings only. */
  readonly value?: string;
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

/** What the options of a command line came out as. */
export type Values<O extends Options> = {
  readonly [Name in keyof O]: O[Name]['type'] extends 'boolean'
    ? boolean
    : O[Name]['multiple'] extends true
      ? readonly string[]
      : string | undefined;
};

/** One call of a command. */
export interface Invocation<O extends Options = Options> {
  readonly values: Values<O>;
  readonly positionals: readonly string[];
  readonly terminal: Terminal;
}

/** A command of the command line; registered in index.ts. */
export interface Command<O extends Options = Options> {
  readonly name: string;
  /** What follows the name: `[folder]`; empty for nothing. */
  readonly synopsis: string;
  /** One line. */
  readonly summary: string;
  /** More for those who ask for the command's own help: defaults, examples. */
  readonly details?: string;
  readonly options: O;
  /** How many arguments that are no options it takes. */
  readonly positionals: { readonly min: number; readonly max: number };
  /**
   * Its arguments, `--help` among them, are read by whom it hands them over to: it gets them all as positionals.
   *
   * @default false
   */
  readonly readsItself?: boolean;
  /**
   * Resolves to the exit code. @default 0
   *
   * @throws UsageError, UserError
   */
  run(invocation: Invocation<O>): Promise<number | void>;
}

/** Defines a command; what its options come out as follows from their definitions. */
export function command<const O extends Options>(definition: Command<O>): Command {
  return definition;
}

const HELP: Options = { help: { type: 'boolean', short: 'h', help: 'this text' } };

/**
 * Reads a command's arguments.
 *
 * @returns `help` where the command's help is asked for
 * @throws UsageError
 */
export function readArguments(
  { name, options, positionals: { min, max }, readsItself = false }: Command,
  args: readonly string[],
): Pick<Invocation, 'values' | 'positionals'> | 'help' {
  if (readsItself) return { values: {}, positionals: args };
  const { values, positionals } = parse(name, { ...options, ...HELP }, args);
  if (values['help'] === true) return 'help';
  const surplus = positionals[max];
  if (surplus !== undefined) throw new UsageError(`what is "${surplus}"? (aws-micro help ${name})`);
  if (positionals.length < min) {
    throw new UsageError(`${name}: an argument is missing (aws-micro help ${name})`);
  }
  const complete = Object.entries(options).map(([option, { type, multiple }]) => {
    const missing = type === 'boolean' ? false : multiple ? [] : undefined;
    return [option, values[option] ?? missing] as const;
  });
  return { values: Object.fromEntries(complete) as Values<Options>, positionals };
}

function parse(name: string, options: Options, args: readonly string[]) {
  try {
    const known = Object.entries<Option>(options).map(([option, { type, short, multiple = false }]) => {
      return [option, { type, multiple, ...(short !== undefined && { short }) }] as const;
    });
    return parseArgs({ args: [...args], options: Object.fromEntries(known), allowPositionals: true });
  } catch (error) {
    const [problem = ''] = (error as Error).message.split('. ');
    const wrong = /^Unknown option '--([^']+)'/.exec(problem)?.[1];
    const meant = wrong === undefined ? undefined : nearest(wrong, Object.keys(options));
    const hint = meant === undefined ? '' : `: did you mean --${meant}?`;
    throw new UsageError(`${problem}${hint} (aws-micro help ${name})`);
  }
}

/**
 * A whole number.
 *
 * @param option as it is written: `--limit`
 * @throws UsageError
 */
export function integer(text: string, option: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${option} is "${text}": a whole number from ${min} to ${max} is needed`);
}
