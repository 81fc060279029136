import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { cleanUp, openBroker, receive, temporaryFolder } from './support';

const MESSAGES = 5000;
const KILLED_AT = [700, 1900, 3100];
const GROUPS = 7;

afterEach(cleanUp);

/** Runs the mover in a process of its own; kills it after so many moved messages. */
function runUntil(folder: string, messages: number, killedAt: number): Promise<NodeJS.Signals | null> {
  return new Promise((resolve, reject) => {
    const script = join(__dirname, 'killed-mover.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script, folder, String(messages)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      if (chunk.split('\n').some((line) => Number(line) >= killedAt)) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', (_code, signal) => resolve(signal));
  });
}

it('a redrive that is killed again and again loses nothing, doubles nothing and keeps the order', async () => {
  const folder = temporaryFolder();
  const signals: (NodeJS.Signals | null)[] = [];
  for (const [i, killedAt] of KILLED_AT.entries()) {
    signals.push(await runUntil(folder, i === 0 ? MESSAGES : 0, killedAt));
  }
  expect(signals).toEqual(KILLED_AT.map(() => 'SIGKILL'));
  expect(await runUntil(folder, 0, Infinity)).toBeNull();

  const broker = await openBroker({ folder });
  const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
  expect(broker.queues.moves.list(arn('dead.fifo'), 1)).toMatchObject([
    { status: 'COMPLETED', moved: MESSAGES, toMove: MESSAGES },
  ]);
  expect(broker.queues.get(arn('dead.fifo')).depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  const groups = new Map<string, number[]>();
  const messages = await receive(broker, arn('source.fifo'), 2 * MESSAGES);
  for (const { groupId, body } of messages) {
    groups.set(groupId!, [...(groups.get(groupId!) ?? []), Number(body)]);
  }
  expect(messages).toHaveLength(MESSAGES);
  for (let group = 0; group < GROUPS; group += 1) {
    const expected = [...Array(MESSAGES).keys()].filter((i) => i % GROUPS === group);
    expect(groups.get(`g${group}`)).toEqual(expected);
  }
}, 60_000);
