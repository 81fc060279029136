/** `npm run demo:messaging`: what the messaging framework does, step by step, through its REST API. See `--help`. */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { Terminal } from '../packages/local/src/commands/terminal';
import { messagingClient } from './demo-messaging/client';
import { ownPlace } from './demo-messaging/place';
import type { Place } from './demo-messaging/place';
import { steps } from './demo-messaging/steps';
import type { Scene } from './demo-messaging/steps';

const usage = `Usage: npm run demo:messaging -- [options]

Makes a queue, a topic and an alarm, sends messages through them, and removes them again: ${steps.length} steps, each a call or two
of the REST API, by a client whose types are generated from the API's OpenAPI document.

  --url URL        a server that runs already (default: one of its own, with a runtime and data that go with it)
  --token TOKEN    its token, with the scope admin (or AWS_MICRO_TOKEN)
  --prefix TEXT    what the names begin with (default: demo-)
  --help           this text

Exit codes: 0 every step was done, 1 one failed, 2 wrong usage, 130 interrupted
`;

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const options = {
  url: { type: 'string' },
  token: { type: 'string' },
  prefix: { type: 'string', default: 'demo-' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

async function main(): Promise<number> {
  const values = readOptions();
  if (values === undefined) return 2;
  const terminal = new Terminal(process.env);
  if (values.help) {
    await terminal.print(usage.trimEnd());
    return 0;
  }
  const token = values.token ?? process.env['AWS_MICRO_TOKEN'];
  const place = values.url === undefined ? await ownPlace() : placeAt(values.url, token);
  try {
    return await play(place, values.prefix, terminal);
  } finally {
    await place.close();
  }
}

function readOptions() {
  try {
    return parseArgs({ options, allowPositionals: false }).values;
  } catch (error) {
    process.stderr.write(
      `demo: ${(error as Error).message.split('. ')[0]} (npm run demo:messaging -- --help)\n`,
    );
    return undefined;
  }
}

function placeAt(url: string, token: string | undefined): Place {
  return { url, token, close: () => Promise.resolve() };
}

async function play({ url, token }: Place, prefix: string, terminal: Terminal): Promise<number> {
  // Of its own each time: SQS does not give a deleted queue's name again for a minute.
  const suffix = randomBytes(3).toString('hex');
  const [queue, topic, alarm] = ['queue', 'topic', 'alarm'].map((kind) => `${prefix}${kind}-${suffix}`);
  const calls: string[] = [];
  const client = messagingClient(url, token, async (input, init) => {
    const response = await fetch(input, init);
    calls.push(describeCall(input as Request, response));
    return response;
  });
  const scene: Scene = { client, queue: queue!, topic: topic!, alarm: alarm! };
  await terminal.print(`The REST API at ${url}; its documentation is at ${url}/docs\n`);
  for (const [index, step] of steps.entries()) {
    if (terminal.signal.aborted) {
      await cleanUp(scene, index - 1);
      return 130;
    }
    await terminal.print(`${String(index + 1).padStart(2)}/${steps.length}  ${step.title}`);
    const seen = await step.run(scene).catch((error: unknown) => error as Error);
    for (const call of calls.splice(0)) await terminal.print(terminal.paint('dim', `       ${call}`));
    if (seen instanceof Error) {
      terminal.note(`       ${seen.message}`);
      await cleanUp(scene, index);
      return 1;
    }
    await terminal.print(`       ${seen}\n`);
  }
  await terminal.print('Everything that was made is gone again.');
  return 0;
}

/** Takes away what was made until the step that failed; what was not made is not there to take away. */
async function cleanUp(scene: Scene, failed: number): Promise<void> {
  for (const step of steps.slice(failed + 1)) {
    if (step.cleansUp) await step.run(scene).catch(() => undefined);
  }
}

const PATH_LENGTH = 90;

function describeCall({ method, url }: Request, { status }: Response): string {
  const { pathname, search } = new URL(url);
  const path = pathname + search;
  return `${method} ${path.length > PATH_LENGTH ? `${path.slice(0, PATH_LENGTH)}…` : path} -> ${status}`;
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
