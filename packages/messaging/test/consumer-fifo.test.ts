import fc from 'fast-check';
import type { Messaging } from '../src';
import type { Cloud } from './support';
import { startCloud } from './support';
import { gate, until } from './waiting';

const FAST = { waitSeconds: 1 } as const;

let cloud: Cloud;
let messaging: Messaging;
let queue: string;
let queues = 0;

beforeAll(async () => {
  cloud = await startCloud();
  messaging = cloud.open();
});
afterAll(() => cloud.close());
beforeEach(async () => {
  queue = await create();
});

async function create(): Promise<string> {
  const name = `work-${++queues}.fifo`;
  await messaging.queues.create({ name, contentBasedDeduplication: true });
  return name;
}

/** One message for each letter and number, in their order: `a1`, `b1`, `a2`. */
async function fill(name: string, bodies: readonly string[]): Promise<void> {
  const messages = bodies.map((body) => ({ body, groupId: body.charAt(0) }));
  const { failed } = await messaging.queues.sendAll(name, messages);
  expect(failed).toEqual([]);
}

function ofGroup(bodies: readonly string[], group: string): string[] {
  return bodies.filter((body) => body.startsWith(group));
}

describe('a consumer of a FIFO queue', () => {
  it('handles the messages of a group one after the other, and groups beside each other', async () => {
    const bodies = Array.from({ length: 24 }, (_, index) => `${'abc'.charAt(index % 3)}${index}`);
    await fill(queue, bodies);
    const done: string[] = [];
    const running = new Map<string, number>();
    const all = gate();
    const consumer = messaging.receive(
      queue,
      async ({ body, groupId }) => {
        running.set(groupId!, (running.get(groupId!) ?? 0) + 1);
        expect(running.get(groupId!)).toBe(1);
        // Each group's first waits for the others' first.
        if (running.size === 3) all.open();
        await all.opened;
        done.push(body);
        running.set(groupId!, 0);
      },
      { ...FAST, concurrency: 3 },
    );
    await until(() => consumer.stats.deleted === 24);
    await consumer.stop();
    for (const group of 'abc') expect(ofGroup(done, group)).toEqual(ofGroup(bodies, group));
    expect(consumer.stats).toMatchObject({ failed: 0, waiting: 0 });
  });

  it('keeps what waits for an earlier one from others, and starts it only when that one is deleted', async () => {
    await fill(queue, ['a1', 'a2', 'a3']);
    const hold = gate();
    const begun: string[] = [];
    const consumer = messaging.receive(queue, ({ body }) => (begun.push(body), hold.opened), FAST);
    await until(() => consumer.stats.waiting === 2);
    expect(begun).toEqual(['a1']);
    expect(await messaging.queues.get(queue)).toMatchObject({ visible: 0, inFlight: 3 });
    hold.open();
    await until(() => consumer.stats.deleted === 3);
    await consumer.stop();
    expect(begun).toEqual(['a1', 'a2', 'a3']);
  });

  it('holds back what comes after a failure, and not other groups', async () => {
    await fill(queue, ['a1', 'a2', 'b1', 'a3', 'b2']);
    const begun: string[] = [];
    const consumer = messaging.receive(
      queue,
      ({ body, receiveCount }) => {
        begun.push(body);
        if (body === 'a2' && receiveCount < 3) throw new Error('not yet');
      },
      { ...FAST, retryAfterSeconds: 0 },
    );
    await until(() => consumer.stats.deleted === 5);
    await consumer.stop();
    expect(ofGroup(begun, 'a')).toEqual(['a1', 'a2', 'a2', 'a2', 'a3']);
    expect(ofGroup(begun, 'b')).toEqual(['b1', 'b2']);
    expect(consumer.stats.failed).toBe(2);
  });

  it('gives back what waits when it stops', async () => {
    await fill(queue, ['a1', 'a2', 'a3']);
    const hold = gate();
    const consumer = messaging.receive(queue, () => hold.opened, FAST);
    await until(() => consumer.stats.waiting === 2);
    const stopped = consumer.stop();
    hold.open();
    await stopped;
    expect(consumer.stats).toMatchObject({ deleted: 1, returned: 2, waiting: 0 });
    expect(await messaging.queues.get(queue)).toMatchObject({ visible: 2, inFlight: 0 });
  });

  it('handles everything at least once and in order, whatever fails, and deletes only what is done', async () => {
    const group = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(group, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 12 }), run),
      { numRuns: 5 },
    );
  });
});

/** Groups of messages that fail so often before they succeed. */
async function run(groups: readonly (readonly number[])[], concurrency: number): Promise<void> {
  const name = await create();
  const failures = new Map<string, number>();
  groups.forEach((group, g) =>
    group.forEach((times, index) => failures.set(`${'abcd'.charAt(g)}${index}`, times)),
  );
  const bodies = [...failures.keys()];
  await fill(name, bodies);
  const done: string[] = [];
  const other = cloud.open();
  other.events.on('message.deleted', () => expect(deleted++).toBeLessThan(done.length));
  let deleted = 0;
  const consumer = other.receive(
    name,
    async ({ body }) => {
      await new Promise(setImmediate);
      const left = failures.get(body)!;
      failures.set(body, left - 1);
      if (left > 0) throw new Error(`${left} times more`);
      done.push(body);
    },
    { ...FAST, concurrency, retryAfterSeconds: 0 },
  );
  await until(() => consumer.stats.deleted === bodies.length);
  await other.close();
  for (const group of 'abcd') expect(ofGroup(done, group)).toEqual(ofGroup(bodies, group));
  expect(await messaging.queues.get(name)).toMatchObject({ visible: 0, inFlight: 0 });
}
