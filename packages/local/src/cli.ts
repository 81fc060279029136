import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UserError } from './errors';
import type { RequestedPort, UpOptions } from './up';

const HELP = `Runs a synthesized CDKTF or Terraform-JSON stack on this machine.

  aws-micro [up] [folder]    host the stack of the project in the folder (default: here, or above)
  aws-micro reset [folder]   delete what runs left behind: messages, database, synth
  aws-micro sql <statement>  run a statement on the database of the running stack, and show its rows

  --data <folder>  where messages, database and synth are kept (default: .aws-micro in the project)

Options of up:
  --port <n>       of the HTTP API (or PORT; default 3000, or the next free one)
  --aws-port <n>   of the AWS endpoint (or AWS_PORT; default 4566, or the next free one)
  --stage <name>   sets STAGE for the synth
  --stack <name>   which stack, where the app has several
  --fresh          synthesize even where nothing changed
  --help, --version

Environment: MYSQL_URL=mysql://user:password@host:port[?ca=file.pem] uses that server instead of a private one.
Exit codes: 0 stopped, or done; 1 could not start; 2 wrong usage.`;

const OPTIONS = {
  data: { type: 'string' },
  port: { type: 'string' },
  'aws-port': { type: 'string' },
  stage: { type: 'string' },
  stack: { type: 'string' },
  fresh: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', short: 'v', default: false },
} as const;

/** A wrong command line. */
class UsageError extends Error {}

/** Runs the command line and sets the exit code. */
export async function main(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  try {
    await run(args, environment);
  } catch (error) {
    process.exitCode = error instanceof UsageError ? 2 : 1;
    process.stderr.write(`aws-micro: ${describe(error)}\n`);
  }
}

async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  const { values, positionals } = parse(args);
  if (values.help || values.version) {
    process.stdout.write(`${values.help ? HELP : version()}\n`);
    return;
  }
  if (positionals[0] === 'sql') {
    await sql(positionals.slice(1), values.data);
    return;
  }
  const [command, folder] = commandOf(positionals);
  if (command === 'reset') {
    const { reset } = await import('./up/reset');
    process.stdout.write(`${await reset(folder, values.data)}\n`);
    return;
  }
  const { runUp } = await import('./run-up');
  await runUp(upOptions(folder, values, environment));
}

async function sql([statement, ...surplus]: readonly string[], dataFolder?: string): Promise<void> {
  if (statement === undefined || surplus.length > 0) {
    throw new UsageError('sql takes one statement, in quotes (aws-micro --help)');
  }
  const { runSql } = await import('./sql');
  const result = await runSql({ folder: '.', dataFolder, statement });
  if (typeof result === 'number') process.stdout.write(`${result} rows changed\n`);
  else if (result.length === 0) process.stdout.write('no rows\n');
  else console.table(result);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]} (aws-micro --help)`);
  }
}

function commandOf([first = 'up', ...rest]: readonly string[]): ['up' | 'reset', string] {
  const isCommand = first === 'up' || first === 'reset';
  const [folder = '.', surplus] = isCommand ? rest : [first, ...rest];
  if (surplus !== undefined) {
    throw new UsageError(`what is "${surplus}"? (aws-micro --help)`);
  }
  return [first === 'reset' ? 'reset' : 'up', folder];
}

function upOptions(
  folder: string,
  values: ReturnType<typeof parse>['values'],
  environment: NodeJS.ProcessEnv,
): UpOptions {
  return {
    folder,
    dataFolder: values.data,
    port: requestedPort([values.port, '--port'], [environment['PORT'], 'PORT']),
    awsPort: requestedPort([values['aws-port'], '--aws-port'], [environment['AWS_PORT'], 'AWS_PORT']),
    stack: values.stack,
    fresh: values.fresh,
    environment: values.stage === undefined ? environment : { ...environment, STAGE: values.stage },
  };
}

function requestedPort(
  ...sources: readonly (readonly [string | undefined, string])[]
): RequestedPort | undefined {
  const given = sources.find(([text]) => text !== undefined && text !== '');
  if (given === undefined) {
    return undefined;
  }
  const [text, by] = given as [string, string];
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) {
    throw new UsageError(`${by} is "${text}": a port is a number from 0 to 65535 (0: any free one)`);
  }
  return { port: Number(text), by };
}

function version(): string {
  const manifest = join(__dirname, '..', 'package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

/** People get one line; what only a mistake in the runtime explains gets its stack as well. */
function describe(error: unknown): string {
  if (error instanceof UserError || error instanceof UsageError) {
    return error.message;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
