import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from './config/error';
import { serverHelp } from './config/help';
import { loadSettings } from './config/load';
import type { Loaded } from './config/load';
import type { ServerSettings } from './config/schema';
import { readCommandLine, UsageError } from './config/sources';
import { randomToken } from './gate/tokens';
import { isLoopbackHost } from './gate/hosts';
import { startServer } from './server';
import type { MessagingServer } from './server';

export interface CommandOptions {
  /** As it was called. @default 'aws-micro-messaging' */
  readonly name?: string;
  /** Where lines for people go. @default standard error */
  readonly note?: (line: string) => void;
  /** Where requests are logged, and what was asked for is printed. @default standard output */
  readonly print?: (line: string) => void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const INTERRUPTED = 130;

/**
 * The command: reads the configuration, serves until a signal comes, and lets requests finish then; a second signal ends the
 * process at once. Tells PM2 when it is ready.
 *
 * @returns the exit code: 0 stopped, 1 could not start, 2 wrong usage
 */
export async function runServer(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  options: CommandOptions = {},
): Promise<number> {
  // The SDK would print it on Node.js 20.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  // Whoever read the log may leave; requests are served all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const name = options.name ?? 'aws-micro-messaging';
  const note = options.note ?? ((line: string) => void process.stderr.write(`${line}\n`));
  const print = options.print ?? ((line: string) => void process.stdout.write(`${line}\n`));
  try {
    const line = readCommandLine(args);
    if (line.help || line.version) {
      print(line.help ? serverHelp(name) : version());
      return 0;
    }
    const loaded = loadSettings(line, environment, (text) => note(`${name}: ${text}`));
    await serve(loaded, { note, print });
    return 0;
  } catch (error) {
    note(`${name}: ${describe(error)}`);
    if (!(error instanceof UsageError)) return 1;
    note(`(${name} --help)`);
    return 2;
  }
}

async function serve(loaded: Loaded, { note, print }: Required<Omit<CommandOptions, 'name'>>): Promise<void> {
  const { settings, made } = withToken(loaded.settings);
  const ended = nextSignal();
  const server = await startServer(settings, { log: print });
  for (const text of banner(server, loaded, made)) note(text);
  // PM2 with wait_ready.
  process.send?.('ready');
  await ended;
  note('stopping');
  await server.stop();
}

/** On loopback a token is made where there is none. */
function withToken(settings: ServerSettings): { settings: ServerSettings; made: string | undefined } {
  const { auth, tokens, host } = settings;
  if (!auth || tokens.length > 0 || !isLoopbackHost(host)) return { settings, made: undefined };
  const token = randomToken();
  return { settings: { ...settings, tokens: [{ name: 'session', scope: 'admin', token }] }, made: token };
}

function banner(server: MessagingServer, { file, environment }: Loaded, made: string | undefined): string[] {
  const { url, target, allowsWrites } = server;
  const from = file === undefined ? [] : [`configured by ${file}${environment ? ` (${environment})` : ''}`];
  return [
    `${url} serves ${target}${allowsWrites ? '' : ', read-only (--allow-writes lets it write)'}`,
    ...from,
    `${url}/docs explains it; events are at /v1/events, metrics at /metrics`,
    ...(made === undefined ? [] : [`token of this run: ${made}`]),
  ];
}

/** A second signal does not wait. */
function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    for (const name of SIGNALS) {
      process.on(name, () => {
        count += 1;
        if (count > 1) process.exit(INTERRUPTED);
        resolve();
      });
    }
  });
}

function version(): string {
  const manifest = join(__dirname, '..', '..', 'package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

/** People get what they can do something about; only a mistake of the server shows its stack. */
function describe(error: unknown): string {
  if (error instanceof ConfigError || error instanceof UsageError) return error.message;
  const { code, message, stack } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return `the port is taken: choose another one (--port)`;
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return message;
  return stack ?? String(error);
}
