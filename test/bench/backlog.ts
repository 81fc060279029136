import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Broker } from '../../packages/local/src/engine';
import { runConcurrently } from '../support/load';
import { perSecond } from './measure';

const CONCURRENCY = 32;
const BODY = JSON.stringify({ messageId: '00000000-0000-4000-8000-000000000000', message: 'hello' });
const FILL_AT_ONCE = 1_000;

export interface Backlog {
  /** Messages that wait in the queue while it is measured. */
  readonly messages: number;
  /** Cycles of send, receive and delete per second, in process. */
  readonly cyclesPerSecond: number;
  /** Milliseconds to open the store with the messages in it. */
  readonly openMs: number;
}

/** What the engine does by itself, without HTTP and SDK, while a queue holds a backlog. */
export async function measureBacklog(messages: number, cycles: number): Promise<Backlog> {
  const folder = mkdtempSync(join(tmpdir(), 'aws-micro-bench-'));
  try {
    const filling = await Broker.open({ folder });
    const { arn } = await filling.ensureQueue('backlog');
    await fill(filling, arn, messages);
    await filling.close();
    const started = performance.now();
    const broker = await Broker.open({ folder });
    const openMs = performance.now() - started;
    const cycle = async (): Promise<void> => {
      await broker.send(arn, { body: BODY });
      const [message] = await broker.receive(arn, { maxMessages: 1, waitSeconds: 0 });
      await broker.deleteMessages(arn, [message?.receiptHandle ?? '']);
    };
    await runConcurrently(cycles, CONCURRENCY, cycle);
    const cyclesPerSecond = await perSecond(cycles, () => runConcurrently(cycles, CONCURRENCY, cycle));
    await broker.close();
    return { messages, cyclesPerSecond, openMs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fill(broker: Broker, arn: string, messages: number): Promise<void> {
  const queue = broker.queues.get(arn);
  for (let sent = 0; sent < messages; sent += FILL_AT_ONCE) {
    const count = Math.min(FILL_AT_ONCE, messages - sent);
    await broker.sendAll(
      queue,
      Array.from({ length: count }, () => ({ body: BODY, senderId: '000000000000' })),
    );
  }
}
