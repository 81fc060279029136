import type { HopView, Items, TraceView } from '../admin/model';
import { UserError } from '../errors';
import { AdminClient } from './admin-client';
import { command } from './command';
import { pause } from './pause';
import { dataOption } from './shared-options';
import { onTarget } from './target';
import type { Terminal } from './terminal';

const POLL_MS = 200;
/** A trace in which nothing waits is over after this long without a step. */
const QUIET_MS = 1000;
const RECENT = 10;

export const trace = command({
  name: 'trace',
  synopsis: '[id]',
  summary: 'show the way of a message through the system: requests, topics, queues, functions',
  details: `The id may be that of a message (SNS, SQS, or a UUID in the request's answer or in the message), of a request, or of a trace
(traceparent, X-Ray). Without one it lists the last traces. The runtime remembers the last 16 MB of steps, which is the way of
some 9,000 messages, until it ends.`,
  options: {
    follow: {
      type: 'boolean',
      short: 'f',
      help: 'print further steps as they happen, until no message of it is in a queue',
    },
    json: { type: 'boolean', help: 'print one JSON object for each trace' },
    'endpoint-url': { type: 'string', value: '<url>', help: 'of the runtime (or AWS_ENDPOINT_URL)' },
    ...dataOption,
  },
  positionals: { min: 0, max: 1 },
  async run({ values, positionals: [id], terminal }) {
    const place = { ...values, profile: undefined, region: undefined };
    await onTarget(place, terminal, async (target) => {
      const admin = AdminClient.on(target);
      if (id === undefined) return list(admin, values.json, terminal);
      if (values.follow && !values.json) return follow(admin, id, terminal);
      if (values.follow) await untilQuiet(admin, id, terminal.signal);
      for (const found of await find(admin, id)) {
        await terminal.print(...(values.json ? [JSON.stringify(found)] : textOf(found, terminal)));
      }
    });
  },
});

async function find(admin: AdminClient, id: string): Promise<readonly TraceView[]> {
  const found = await admin.get<Items<TraceView>>(`traces/${encodeURIComponent(id)}`);
  if (found !== undefined) return found.items;
  throw new UserError(
    `No trace of ${id}: the runtime remembers some 9,000 messages, since it started (aws-micro trace lists the newest)`,
  );
}

async function list(admin: AdminClient, json: boolean, terminal: Terminal): Promise<void> {
  const traces = (await admin.get<Items<TraceView>>(`traces?limit=${RECENT}`))?.items ?? [];
  if (json) return terminal.print(...traces.map((each) => JSON.stringify(each)));
  if (traces.length === 0) return terminal.print('nothing was traced yet');
  await terminal.print(
    ...traces.map((each) => {
      return `${each.traceId}  ${each.startedAt}  ${terminal.clean(each.hops[0]!.step)}  ${summary(each)}`;
    }),
  );
}

/** Prints what is there and then what comes; steps that take time come at their end. */
async function follow(admin: AdminClient, id: string, terminal: Terminal): Promise<void> {
  const printed = new Set<string>();
  let last: readonly TraceView[] = [];
  await watch(admin, id, terminal.signal, async (traces) => {
    for (const { traceId, hops } of traces) {
      if (!last.some((each) => each.traceId === traceId))
        await terminal.print(terminal.paint('bold', traceId));
      for (const hop of hops) {
        const key = `${traceId} ${hop.at} ${hop.step} ${hop.ids.join(' ')}`;
        if (!printed.has(key)) await terminal.print(line(hop, terminal));
        printed.add(key);
      }
    }
    last = traces;
  });
  for (const each of last) await terminal.print(summary(each));
}

async function untilQuiet(admin: AdminClient, id: string, signal: AbortSignal): Promise<void> {
  await watch(admin, id, signal, () => Promise.resolve());
}

async function watch(
  admin: AdminClient,
  id: string,
  signal: AbortSignal,
  seen: (traces: readonly TraceView[]) => Promise<void>,
): Promise<void> {
  let hops = 0;
  let changedAt = Date.now();
  while (!signal.aborted) {
    const traces = await find(admin, id);
    await seen(traces);
    const now = traces.reduce((sum, each) => sum + each.hops.length + each.omitted, 0);
    if (now !== hops) changedAt = Date.now();
    hops = now;
    const isWaiting = traces.some(({ pending }) => pending > 0);
    if (!isWaiting && Date.now() - changedAt >= QUIET_MS) return;
    await pause(POLL_MS, signal);
  }
}

function textOf(found: TraceView, terminal: Terminal): string[] {
  const head = `${terminal.paint('bold', found.traceId)}  ${found.startedAt}`;
  const gap = found.omitted > 0 ? [`  ${found.omitted} steps in the middle are forgotten`] : [];
  return [head, ...found.hops.map((hop) => line(hop, terminal)), ...gap, summary(found)];
}

/** `  +12 ms    3 ms  invoked consumer  <ids>` */
function line({ afterMs, durationMs, step, ids, failed }: HopView, terminal: Terminal): string {
  const after = `+${afterMs} ms`.padStart(10);
  const took = (durationMs === undefined ? '' : `${durationMs} ms`).padStart(9);
  const mark = failed ? '! ' : '';
  const text = terminal.clean(step).replaceAll('\n', ' ');
  const shown = failed ? terminal.paint('red', mark + text) : text;
  return `${after} ${took}  ${shown}  ${terminal.paint('dim', terminal.clean(ids.join(' ')))}`.trimEnd();
}

function summary({ hops, durationMs, failures, pending }: TraceView): string {
  const steps = `${hops.length} ${hops.length === 1 ? 'step' : 'steps'} in ${durationMs} ms`;
  const failed = failures === 0 ? '' : `, ${failures} failed`;
  const waiting = pending === 0 ? '' : `, ${pending} still in a queue`;
  return `${steps}${failed}${waiting}`;
}
