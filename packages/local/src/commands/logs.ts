import { UserError } from '../errors';
import { command, UsageError } from './command';
import { textOf } from './logs/entry';
import type { LogEntry } from './logs/entry';
import { pause } from './pause';
import { functionNamed, RuntimeApi } from './runtime-api';
import { dataOption } from './shared-options';
import { onTarget } from './target';
import type { Terminal } from './terminal';

const POLL_MS = 300;
const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A log group to read, and whose it is. */
interface Source {
  readonly group: string;
  readonly label: string;
}

interface Found extends LogEntry {
  readonly label: string;
}

export const logs = command({
  name: 'logs',
  synopsis: '[function]',
  summary: 'show what functions logged',
  details: `Name the function or the end of its name, or a log group; without one it shows all functions. Filters are those of CloudWatch
Logs: terms and "phrases" that must occur, -excluded, ?any ?other, { $.level = "ERROR" }.
  aws-micro logs consumer --since 1h --filter ERROR
  aws-micro logs --follow`,
  options: {
    follow: { type: 'boolean', short: 'f', help: 'print what comes until Ctrl-C' },
    since: { type: 'string', value: '<time>', help: '30s, 10m, 2h, 1d, or a date (default: 10m)' },
    filter: { type: 'string', value: '<pattern>', help: 'only what matches' },
    json: { type: 'boolean', help: 'print one JSON object for each event, as it is' },
    'endpoint-url': { type: 'string', value: '<url>', help: 'of the runtime (or AWS_ENDPOINT_URL)' },
    ...dataOption,
  },
  positionals: { min: 0, max: 1 },
  async run({ values, positionals: [name], terminal }) {
    const since = startOf(values.since ?? '10m');
    const place = { ...values, profile: undefined, region: undefined };
    const print = (events: readonly Found[]) => show(events, values.json, terminal);
    await onTarget(place, terminal, async (target) => {
      const api = RuntimeApi.on(target);
      const reader = new Reader(api, await sourcesOf(api, name), values.filter, since);
      await print(await reader.next());
      while (values.follow && !terminal.signal.aborted) {
        await pause(POLL_MS, terminal.signal);
        await print(await reader.next());
      }
    });
  },
});

function startOf(since: string): number {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(since) ?? [];
  if (count !== undefined) return Date.now() - Number(count) * UNITS[unit]!;
  const date = Date.parse(since);
  if (!Number.isNaN(date)) return date;
  throw new UsageError(`--since is "${since}": 30s, 10m, 2h, 1d or a date is needed`);
}

async function sourcesOf(api: RuntimeApi, name: string | undefined): Promise<Source[]> {
  const functions = await api.functions();
  const source = (fn: (typeof functions)[number]) => {
    return { group: fn.LoggingConfig.LogGroup, label: fn.FunctionName };
  };
  if (name === undefined) {
    const all = functions.map(source);
    return all.filter(({ group }, index) => all.findIndex((each) => each.group === group) === index);
  }
  return name.startsWith('/') ? [{ group: name, label: name }] : [source(functionNamed(name, functions))];
}

/** Reads what is new in log groups. */
class Reader {
  /** Events of the last millisecond that was read: others of it may follow. */
  private seen = new Set<string>();

  constructor(
    private readonly api: RuntimeApi,
    private readonly sources: readonly Source[],
    private readonly filterPattern: string | undefined,
    private since: number,
  ) {}

  /** By time. */
  async next(): Promise<Found[]> {
    const found = (await Promise.all(this.sources.map((source) => this.read(source)))).flat();
    const fresh = found.filter(({ eventId, label }) => !this.seen.has(`${label} ${eventId}`));
    fresh.sort((a, b) => a.timestamp - b.timestamp);
    this.since = Math.max(this.since, ...fresh.map(({ timestamp }) => timestamp));
    const last = found.filter(({ timestamp }) => timestamp === this.since);
    this.seen = new Set(last.map(({ eventId, label }) => `${label} ${eventId}`));
    return fresh;
  }

  private async read({ group, label }: Source): Promise<Found[]> {
    const found: Found[] = [];
    let nextToken: string | undefined;
    do {
      const input = {
        logGroupName: group,
        filterPattern: this.filterPattern,
        startTime: this.since,
        nextToken,
      };
      const page = await this.page(input);
      found.push(...page.events.map((event) => ({ ...event, label })));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return found;
  }

  /** A function that was never called has no log group yet. */
  private async page(input: object): Promise<{ events: LogEntry[]; nextToken?: string }> {
    try {
      return await this.api.call('Logs_20140328.FilterLogEvents', input);
    } catch (error) {
      const isMissing = error instanceof UserError && error.message.includes('log group does not exist');
      if (isMissing && this.sources.some(({ label, group }) => label !== group)) return { events: [] };
      throw error;
    }
  }
}

async function show(events: readonly Found[], json: boolean, terminal: Terminal): Promise<void> {
  const lines = events.flatMap((event) => (json ? JSON.stringify(event) : (line(event, terminal) ?? [])));
  if (lines.length > 0) await terminal.print(...lines);
}

/** `09:30:00.123 consumer stored 1 message` */
function line({ timestamp, label, message }: Found, terminal: Terminal): string | undefined {
  const text = textOf(message, terminal);
  if (text === undefined || text === '') return undefined;
  const time = new Date(timestamp).toISOString().slice(11, 23);
  return `${terminal.paint('dim', time)} ${terminal.paint('cyan', label)} ${text.replaceAll('\n', '\n    ')}`;
}
