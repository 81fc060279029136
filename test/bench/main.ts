import { parseArgs } from 'node:util';
import { measureEngine } from './engine';
import { table } from './measure';
import { measureMessaging } from './messaging';
import { measureSystem } from './system';

const HELP = `Usage: npm run bench [-- [system | engine | messaging] OPTIONS]

Measures, and prints a table with what it measured beside the limits or rivals, measured in the same run:
  system      the whole system on data of its own, beside what its parts do by themselves
  engine      SNS and SQS alone, beside another engine
  messaging   the messaging library and its server, beside another library and the SDK itself

  --messages N     POSTs of the throughput rows (default 10000)
  --samples N      POSTs of the latency rows (default 500)
  --starts N       starts of the first-row rows (default 5)
  --operations N   publishes, cycles and messages of an engine or messaging row (default 5000)
  --backlog N      messages that wait in a queue (default 1000000)
  --help           this text

Exit codes: 0 measured, 1 something failed, 2 wrong usage`;

const OPTIONS = {
  messages: { type: 'string', default: '10000' },
  samples: { type: 'string', default: '500' },
  starts: { type: 'string', default: '5' },
  operations: { type: 'string', default: '5000' },
  backlog: { type: 'string', default: '1000000' },
  help: { type: 'boolean', default: false },
} as const;

const SECTIONS = ['system', 'engine', 'messaging'] as const;

class UsageError extends Error {}

async function main(): Promise<void> {
  const { values, positionals } = parse();
  if (values.help) return void console.log(HELP);
  const size = (option: keyof typeof values): number => positive(`--${option}`, String(values[option]));
  const sizes = { messages: size('messages'), samples: size('samples'), starts: size('starts') };
  const engineSizes = { operations: size('operations'), backlog: size('backlog') };
  const measure = {
    system: () => measureSystem(sizes, progress),
    engine: () => measureEngine(engineSizes, progress),
    messaging: () => measureMessaging(engineSizes.operations, progress),
  };
  for (const section of sectionsOf(positionals)) console.log(`${table(await measure[section]())}\n`);
}

function parse() {
  try {
    return parseArgs({ options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function sectionsOf(names: readonly string[]): readonly (typeof SECTIONS)[number][] {
  const unknown = names.find((name) => !SECTIONS.some((section) => section === name));
  if (unknown !== undefined) throw new UsageError(`"${unknown}" is none of ${SECTIONS.join(', ')}`);
  return names.length === 0 ? SECTIONS : SECTIONS.filter((section) => names.includes(section));
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new UsageError(`${option} is "${text}": a whole number from 1 is needed`);
}

function progress(text: string): void {
  process.stderr.write(`bench: ${text} ...\n`);
}

main().catch((error: unknown) => {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
