import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ManualClock as BrokerClock } from '../../local/test/support/manual-clock';
import type { Messaging } from '../src';
import { ManualClock } from './manual-clock';
import type { Cloud } from './support';
import { startCloud } from './support';
import { gate, like, until } from './waiting';

const FAST = { waitSeconds: 1 } as const;

let cloud: Cloud;
let messaging: Messaging;
let queue: string;
let queues = 0;
const brokerClock = new BrokerClock();

beforeAll(async () => {
  cloud = await startCloud({ clock: brokerClock });
  messaging = cloud.open();
});
afterAll(() => cloud.close());
beforeEach(async () => {
  queue = `work-${++queues}`;
  await messaging.queues.create({ name: queue, visibilityTimeoutSeconds: 30 });
});

async function fill(count: number): Promise<void> {
  await messaging.queues.sendAll(
    queue,
    Array.from({ length: count }, (_, index) => ({ body: `body ${index}` })),
  );
}

async function depths(): Promise<{ visible: number; inFlight: number }> {
  const { visible, inFlight } = await messaging.queues.get(queue);
  return { visible, inFlight };
}

/** Moves the consumer's time and the queue's. */
async function pass(clock: ManualClock, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await clock.advance(1_000);
    brokerClock.advanceSeconds(1);
    // A heartbeat's call is answered before the next second.
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
}

describe('a consumer that stops', () => {
  it('lets handlers finish, receives no more, and has nothing in hand', async () => {
    await fill(3);
    const hold = gate();
    const signals: AbortSignal[] = [];
    const consumer = messaging.receive(queue, (_message, { signal }) => (signals.push(signal), hold.opened), {
      ...FAST,
      concurrency: 2,
    });
    await until(() => consumer.stats.running === 2);
    const stopped = consumer.stop();
    hold.open();
    await stopped;
    await consumer.finished;
    expect(consumer.stats).toMatchObject({ received: 2, deleted: 2, running: 0 });
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    expect(await depths()).toEqual({ visible: 1, inFlight: 0 });
  });

  it('under load gives back what was on its way', async () => {
    await fill(250);
    let deleted = 0;
    for (let round = 0; round < 4; round++) {
      const consumer = messaging.receive(queue, () => undefined, { ...FAST, concurrency: 20 });
      await until(() => consumer.stats.handled >= 20);
      await consumer.stop();
      deleted += consumer.stats.deleted;
      expect(await depths()).toEqual({ visible: 250 - deleted, inFlight: 0 });
    }
    expect(deleted).toBeGreaterThan(0);
  });

  it('aborts handlers after the grace, and gives their messages back', async () => {
    await fill(2);
    const reasons: unknown[] = [];
    const consumer = messaging.receive(
      queue,
      (_message, { signal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason);
            reject(signal.reason as Error);
          }),
        ),
      FAST,
    );
    await until(() => consumer.stats.running === 2);
    await consumer.stop({ graceMs: 1 });
    expect(reasons).toMatchObject([{ code: 'closed' }, { code: 'closed' }]);
    expect(consumer.stats).toMatchObject({ returned: 2, failed: 0, running: 0 });
    expect(await depths()).toEqual({ visible: 2, inFlight: 0 });
  });

  it('does not wait for handlers that do not hear', async () => {
    await fill(1);
    const clock = new ManualClock();
    const hold = gate();
    const consumer = cloud.open({ clock }).receive(queue, () => hold.opened, FAST);
    await until(() => consumer.stats.running === 1);
    const stopped = consumer.stop({ graceMs: 0 });
    await until(() => clock.pending.includes(1_000));
    await clock.advance(1_000);
    await stopped;
    expect(await depths()).toEqual({ visible: 1, inFlight: 0 });
    hold.open();
    await until(() => consumer.stats.running === 0);
    expect(consumer.stats).toMatchObject({ deleted: 0, returned: 1 });
    expect(await depths()).toEqual({ visible: 1, inFlight: 0 });
  });

  it('stops by a signal, also by one that was aborted before', async () => {
    const stop = new AbortController();
    const consumer = messaging.receive(queue, () => undefined, { signal: stop.signal });
    await until(() => consumer.stats.polls === 0);
    stop.abort();
    await consumer.finished;
    const late = messaging.receive(queue, () => undefined, { signal: stop.signal });
    await late.finished;
    await fill(1);
    expect(late.stats.received).toBe(0);
    expect(await depths()).toEqual({ visible: 1, inFlight: 0 });
  });

  it('stops with the library', async () => {
    await fill(1);
    const other = cloud.open();
    const hold = gate();
    const consumer = other.receive(queue, () => hold.opened, FAST);
    await until(() => consumer.stats.running === 1);
    const closed = other.close();
    hold.open();
    await closed;
    expect(consumer.stats).toMatchObject({ deleted: 1 });
    expect(() => other.receive(queue, () => undefined)).toThrow(like({ code: 'closed' }));
  });
});

describe('the heartbeat', () => {
  it('keeps a message for far longer than its visibility timeout', async () => {
    await fill(1);
    const clock = new ManualClock();
    const hold = gate();
    const consumer = cloud.open({ clock }).receive(queue, () => hold.opened, FAST);
    await until(() => consumer.stats.running === 1);
    await pass(clock, 65);
    expect(await depths()).toEqual({ visible: 0, inFlight: 1 });
    hold.open();
    await until(() => consumer.stats.deleted === 1);
    await consumer.stop();
    expect(consumer.stats).toMatchObject({ received: 1, lost: 0 });
  });

  it('tells the handler when it could not keep the message', async () => {
    await fill(1);
    const clock = new ManualClock();
    const other = cloud.open({ clock });
    const reasons: string[] = [];
    other.events.on('message.failed', ({ reason }) => reasons.push(reason));
    const [seen, hold] = [gate(), gate()];
    const consumer = other.receive(
      queue,
      async (_message, { signal }) => {
        signal.addEventListener('abort', seen.open);
        await hold.opened;
      },
      { ...FAST, concurrency: 1, heartbeatSeconds: 20 },
    );
    await until(() => consumer.stats.running === 1);
    // The queue's time goes on, and the consumer's stands still: the heartbeat comes too late.
    brokerClock.advanceSeconds(31);
    const [again] = await messaging.queues.receive(queue);
    await messaging.queues.deleteMessage(queue, again!.receiptHandle);
    await clock.advance(20_000);
    await seen.opened;
    expect(reasons).toEqual(['visibility-lost']);
    expect(consumer.stats.lost).toBe(1);
    hold.open();
    await until(() => consumer.stats.running === 0);
    const stopped = consumer.stop();
    // For the answer of a poll that is open.
    await until(() => clock.pending.includes(500));
    await clock.advance(500);
    await stopped;
  });
});

describe('a consumer that is killed in a handler', () => {
  it('leaves the message, which comes again', async () => {
    await fill(1);
    const script = join(__dirname, 'consumer-process.ts');
    const args = ['--import', 'tsx', script, cloud.runtime.endpoint.url, queue];
    const child = spawn(process.execPath, args, { cwd: join(__dirname, '..', '..', '..') });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    expect(line.toString()).toBe('body 0\n');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await depths()).toEqual({ visible: 0, inFlight: 1 });
    brokerClock.advanceSeconds(31);
    const counts: number[] = [];
    const consumer = messaging.receive(queue, ({ receiveCount }) => void counts.push(receiveCount), FAST);
    await until(() => consumer.stats.deleted === 1);
    await consumer.stop();
    expect(counts).toEqual([2]);
  });
});

describe('messages in a loop', () => {
  it('are deleted when they are done', async () => {
    await fill(5);
    const bodies: string[] = [];
    for await (const message of messaging.messages(queue, FAST)) {
      bodies.push(message.data);
      await message.done();
      if (bodies.length === 5) break;
    }
    expect(bodies.sort()).toEqual(['body 0', 'body 1', 'body 2', 'body 3', 'body 4']);
    expect(await depths()).toEqual({ visible: 0, inFlight: 0 });
  });

  it('are given back when the loop ends', async () => {
    await fill(5);
    for await (const message of messaging.messages(queue, FAST)) {
      await message.done();
      break;
    }
    expect(await depths()).toEqual({ visible: 4, inFlight: 0 });
  });

  it('are given back when the loop fails', async () => {
    await fill(3);
    const loop = async () => {
      for await (const message of messaging.messages(queue, FAST)) throw new Error(message.messageId);
    };
    await expect(loop()).rejects.toThrow(/^[0-9a-f-]{36}$/);
    expect(await depths()).toEqual({ visible: 3, inFlight: 0 });
  });

  it('come again when they should', async () => {
    await fill(1);
    const counts: number[] = [];
    for await (const message of messaging.messages(queue, FAST)) {
      counts.push(message.receiveCount);
      if (message.receiveCount === 3) {
        await message.done();
        break;
      }
      await message.retry(0);
    }
    expect(counts).toEqual([1, 2, 3]);
  });

  it('end when the signal aborts, and throw when the queue is gone', async () => {
    const stop = new AbortController();
    const iterator = messaging.messages(queue, { signal: stop.signal })[Symbol.asyncIterator]();
    const next = iterator.next();
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    const gone = messaging.messages('never-was')[Symbol.asyncIterator]();
    await expect(gone.next()).rejects.toMatchObject({ code: 'not-found' });
  });
});
