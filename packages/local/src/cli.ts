import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commands } from './commands';
import { readArguments, UsageError } from './commands/command';
import type { Command } from './commands/command';
import { commandHelp, overview } from './commands/help';
import { nearest } from './commands/nearest';
import { INTERRUPTED, OutputClosed, Terminal } from './commands/terminal';
import { UserError } from './errors';

/** Runs the command line and sets the exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted before it was done. */
export async function main(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  const terminal = new Terminal(environment);
  try {
    process.exitCode = await run(args, terminal);
  } catch (error) {
    process.exitCode = exitCodeOf(error, terminal);
    if (process.exitCode === 1 || process.exitCode === 2) terminal.note(`aws-micro: ${describe(error)}`);
  }
}

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const { command, rest } = select(args);
  if (typeof command === 'string') {
    await terminal.print(command);
    return 0;
  }
  const invocation = readArguments(command, rest);
  if (invocation === 'help') {
    await terminal.print(commandHelp(command));
    return 0;
  }
  return (await command.run({ ...invocation, terminal })) ?? 0;
}

/** The command that is called, or the text that is asked for. Its name may come after options; without one it is `up`. */
function select(args: readonly string[]): { command: Command | string; rest: readonly string[] } {
  const up = commandNamed('up')!;
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(Object.entries(up.options).map(([name, { type }]) => [name, { type }])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const first = tokens.find((token) => token.kind === 'positional');
  if (first === undefined) {
    const asked = args.find((arg) => /^(-h|--help|-v|--version)$/.test(arg));
    if (asked === undefined) return { command: up, rest: args };
    return { command: asked.includes('v') ? version() : overview(commands), rest: [] };
  }
  const rest = args.filter((_, index) => index !== first.index);
  if (first.value === 'help') return helpOn(rest[0]);
  const command = commandNamed(first.value);
  if (command !== undefined) return { command, rest };
  // Behind an unknown option it may be that option's value: `up` complains about the option.
  const isValue = tokens.some((token) => {
    return token.kind === 'option' && token.index < first.index && !Object.hasOwn(up.options, token.name);
  });
  const isFolder = /[./\\]/.test(first.value) || existsSync(first.value);
  if (!isFolder && !isValue) throw unknownCommand(first.value);
  return { command: up, rest: args };
}

function commandNamed(name: string): Command | undefined {
  return commands.find((command) => command.name === name);
}

function helpOn(name: string | undefined): ReturnType<typeof select> {
  if (name === undefined) return { command: overview(commands), rest: [] };
  const command = commandNamed(name);
  if (command === undefined) throw unknownCommand(name);
  if (command.readsItself) return { command, rest: ['--help'] };
  return { command: commandHelp(command), rest: [] };
}

function unknownCommand(name: string): UsageError {
  const meant = nearest(
    name,
    commands.map((command) => command.name),
  );
  const hint = meant === undefined ? '' : `, did you mean ${meant}?`;
  return new UsageError(`there is neither a command nor a folder "${name}"${hint} (aws-micro help)`);
}

function version(): string {
  const manifest = join(__dirname, '..', 'package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

function exitCodeOf(error: unknown, terminal: Terminal): number {
  if (error instanceof OutputClosed) return 0;
  if (terminal.isInterrupted) return INTERRUPTED;
  return error instanceof UsageError ? 2 : 1;
}

/** People get one line; what only a mistake in the runtime explains gets its stack as well. */
function describe(error: unknown): string {
  if (error instanceof UserError || error instanceof UsageError) {
    return error.message;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
