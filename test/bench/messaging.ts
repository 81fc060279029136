import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SQSClient } from '@aws-sdk/client-sqs';
import { Messaging } from '@aws-micro/messaging';
import { Consumer } from 'sqs-consumer';
import { pause } from '../support/load';
import { EngineClient } from './engine-client';
import type { Row } from './measure';
import { ms, perSecond, rate } from './measure';
import { measureRest } from './rest';

const REGION = 'us-east-1';
const CREDENTIALS = { accessKeyId: 'bench', secretAccessKey: 'bench' };
const CONCURRENCY = 10;
/** A handler that waits for something else, unevenly: the mean of these. */
const WAITS_MS = [2, 5, 3, 30, 4, 6, 2, 8];
const WATCHED = [10, 1_000, 10_000];
/** The limit is not what is measured. */
const UNLIMITED = 1_000;
const MB = 1024 * 1024;

/** The messaging library and its server. */
export async function measureMessaging(operations: number, progress: (text: string) => void): Promise<Row[]> {
  return [
    ...(await consumerRows(operations, progress)),
    ...(await measureRest(operations, progress)),
    ...(await watcherRows(progress)),
  ];
}

type Handler = (index: number) => Promise<void>;

async function consumerRows(count: number, progress: (text: string) => void): Promise<Row[]> {
  const handlers: [string, Handler][] = [
    ['done at once', () => Promise.resolve()],
    ['2 to 30 ms', (index) => pause(WAITS_MS[index % WAITS_MS.length] ?? 0)],
  ];
  const rows: Row[] = [];
  for (const [name, handler] of handlers) {
    progress(`consumers, handlers ${name}`);
    const own = await withEngine((messaging) => ours(messaging, count, handler));
    const other = await withEngine((messaging, url) => theirs(messaging, url, count, handler));
    rows.push({
      what: `consumer, ${CONCURRENCY} handlers at a time, ${name}: messages/s`,
      value: rate(own),
      beside: `sqs-consumer: ${rate(other)} (${(own / other).toFixed(2)} x)`,
    });
  }
  return rows;
}

/** Each contestant has the same endpoint to itself, in a process of its own, with an empty store. */
async function withEngine<T>(work: (messaging: Messaging, url: string) => Promise<T>): Promise<T> {
  const engine = await EngineClient.start('aws-micro');
  const credentials = { kind: 'static', ...CREDENTIALS } as const;
  const messaging = new Messaging({ endpoint: engine.url, region: REGION, credentials });
  try {
    return await work(messaging, engine.url);
  } finally {
    await messaging.close();
    await engine.stop();
  }
}

/** Messages a second of this library's consumer, after a quarter as many to warm up. */
async function ours(messaging: Messaging, count: number, handler: Handler): Promise<number> {
  const run = async (messages: number): Promise<number> => {
    const queue = await fill(messaging, messages);
    return perSecond(messages, async () => {
      let begun = 0;
      const all = left(messages);
      messaging.events.on('message.deleted', all.done);
      const consumer = messaging.receive(queue, () => handler(begun++), { concurrency: CONCURRENCY });
      await all.zero;
      messaging.events.off('message.deleted', all.done);
      void consumer.stop();
    });
  };
  await run(Math.ceil(count / 4));
  return run(count);
}

async function theirs(messaging: Messaging, url: string, count: number, handler: Handler): Promise<number> {
  const sqs = new SQSClient({ endpoint: url, region: REGION, credentials: CREDENTIALS });
  const run = async (messages: number): Promise<number> => {
    const queue = await fill(messaging, messages);
    const { url: queueUrl } = await messaging.queues.get(queue);
    return perSecond(messages, async () => {
      let begun = 0;
      const all = left(messages);
      const consumer = Consumer.create({
        sqs,
        queueUrl,
        batchSize: CONCURRENCY,
        handleMessage: async (message) => {
          await handler(begun++);
          return message;
        },
      });
      // It tells of a message as handled when it has deleted it.
      consumer.on('message_processed', all.done);
      consumer.start();
      await all.zero;
      consumer.stop({ abort: true });
    });
  };
  await run(Math.ceil(count / 4));
  const measured = await run(count);
  sqs.destroy();
  return measured;
}

let queues = 0;

async function fill(messaging: Messaging, count: number): Promise<string> {
  const name = `measured-${++queues}`;
  await messaging.queues.create({ name });
  const body = JSON.stringify({ messageId: '00000000-0000-4000-8000-000000000000', message: 'hello' });
  const { failed } = await messaging.queues.sendAll(
    name,
    Array.from({ length: count }, () => ({ body })),
  );
  if (failed.length > 0) throw new Error(`${failed.length} messages were not sent`);
  return name;
}

/** Counts down. */
function left(count: number): { readonly zero: Promise<void>; readonly done: () => void } {
  let done!: () => void;
  const zero = new Promise<void>((resolve) => {
    done = () => {
      count -= 1;
      if (count === 0) resolve();
    };
  });
  return { zero, done };
}

/** What one look costs, with all attributes, and what is kept. */
async function watcherRows(progress: (text: string) => void): Promise<Row[]> {
  const engine = await EngineClient.start('aws-micro');
  const rows: Row[] = [];
  let there = 0;
  try {
    for (const count of WATCHED) {
      progress(`a watcher of ${count} queues`);
      await engine.createQueues(count - there);
      there = count;
      rows.push(await watcherRow(engine.url, count));
    }
  } finally {
    await engine.stop();
  }
  return rows;
}

async function watcherRow(endpoint: string, count: number): Promise<Row> {
  const credentials = { kind: 'static', ...CREDENTIALS } as const;
  const messaging = new Messaging({ endpoint, region: REGION, credentials });
  try {
    const before = heap();
    const watcher = messaging.watch({
      types: ['queue'],
      intervalSeconds: 'off',
      requestsPerSecond: UNLIMITED,
    });
    await watcher.check();
    // Of a few queues it is less than what was collected meanwhile.
    const kept = Math.max(0, heap() - before);
    const [requests, cpu] = [watcher.requests, process.cpuUsage()];
    await watcher.check();
    const { user, system } = process.cpuUsage(cpu);
    if (watcher.snapshot.length !== count)
      throw new Error(`${watcher.snapshot.length} of ${count} were seen`);
    return {
      what: `watcher of ${count.toLocaleString('en')} queues, one look at all attributes: requests; CPU`,
      value: `${watcher.requests - requests}; ${ms((user + system) / 1000)}`,
      beside: `kept: ${(kept / MB).toFixed(1)} MB`,
    };
  } finally {
    await messaging.close();
  }
}

/** Bytes in use after a collection. */
function heap(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}
