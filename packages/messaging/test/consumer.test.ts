import type { Messaging } from '../src';
import type { EventMap } from '../src/events';
import { ManualClock } from './manual-clock';
import type { Cloud } from './support';
import { startCloud } from './support';
import { FUNCTION_KEY } from '../../local/test/wire/support';
import { gate, like, until } from './waiting';

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
  queue = `work-${++queues}`;
  await messaging.queues.create({ name: queue, visibilityTimeoutSeconds: 30 });
});

async function fill(count: number): Promise<string[]> {
  const bodies = Array.from({ length: count }, (_, index) => `body ${index}`);
  const { failed } = await messaging.queues.sendAll(
    queue,
    bodies.map((body) => ({ body })),
  );
  expect(failed).toEqual([]);
  return bodies;
}

async function depths(): Promise<{ visible: number; inFlight: number }> {
  const { visible, inFlight } = await messaging.queues.get(queue);
  return { visible, inFlight };
}

function failures(): EventMap['message.failed'][] {
  const seen: EventMap['message.failed'][] = [];
  messaging.events.on('message.failed', (event) => event.resource === queue && seen.push(event));
  return seen;
}

describe('a consumer', () => {
  it('handles every message and deletes it', async () => {
    const bodies = await fill(57);
    const seen: string[] = [];
    const consumer = messaging.receive(queue, ({ body }) => void seen.push(body), FAST);
    await until(() => consumer.stats.deleted === 57);
    await consumer.stop();
    expect(seen.sort()).toEqual(bodies.sort());
    expect(consumer.stats).toMatchObject({ received: 57, handled: 57, failed: 0, running: 0, waiting: 0 });
    expect(await depths()).toEqual({ visible: 0, inFlight: 0 });
  });

  it('handles as many at a time as it may, and never more', async () => {
    await fill(60);
    const hold = gate();
    let running = 0;
    let most = 0;
    const consumer = messaging.receive(
      queue,
      async () => {
        most = Math.max(most, ++running);
        await hold.opened;
        running -= 1;
      },
      { ...FAST, concurrency: 25 },
    );
    await until(() => running === 25);
    hold.open();
    await until(() => consumer.stats.deleted === 60);
    await consumer.stop();
    expect(most).toBe(25);
  });

  it('deletes nothing before the handler is done', async () => {
    await fill(1);
    const hold = gate();
    const consumer = messaging.receive(queue, () => hold.opened, FAST);
    await until(() => consumer.stats.running === 1);
    expect(await depths()).toEqual({ visible: 0, inFlight: 1 });
    hold.open();
    await until(() => consumer.stats.deleted === 1);
    expect(await depths()).toEqual({ visible: 0, inFlight: 0 });
    await consumer.stop();
  });

  it('deletes one by one where that is wanted', async () => {
    await fill(12);
    const consumer = messaging.receive(queue, () => undefined, { ...FAST, batchDelete: false });
    await until(() => consumer.stats.deleted === 12);
    await consumer.stop();
    expect(await depths()).toEqual({ visible: 0, inFlight: 0 });
  });

  it('has what failed again, when it should', async () => {
    await fill(1);
    const seen = failures();
    const counts: number[] = [];
    const errors: string[] = [];
    const consumer = messaging.receive(
      queue,
      ({ receiveCount }) => {
        counts.push(receiveCount);
        if (receiveCount < 3) throw new Error(`no ${receiveCount}`);
      },
      { ...FAST, retryAfterSeconds: (_message, { message }) => (errors.push(message), 0) },
    );
    await until(() => consumer.stats.deleted === 1);
    await consumer.stop();
    expect(counts).toEqual([1, 2, 3]);
    expect(errors).toEqual(['no 1', 'no 2']);
    expect(seen).toMatchObject([
      { reason: 'handler', receiveCount: 1, error: { message: 'no 1' } },
      { reason: 'handler', receiveCount: 2, error: { message: 'no 2' } },
    ]);
    expect(consumer.stats).toMatchObject({ handled: 1, failed: 2 });
  });

  it('leaves what failed until its visibility timeout ends', async () => {
    await fill(1);
    const consumer = messaging.receive(queue, () => Promise.reject(new Error('no')), FAST);
    await until(() => consumer.stats.failed === 1);
    await consumer.stop();
    expect(await depths()).toEqual({ visible: 0, inFlight: 1 });
  });

  it('leaves to the dead letters what fails again and again', async () => {
    await messaging.queues.create({ name: `${queue}-dead` });
    await messaging.queues.update(queue, { deadLetter: { queue: `${queue}-dead`, maxReceiveCount: 2 } });
    const seen = failures();
    await fill(1);
    const consumer = messaging.receive(queue, () => undefined, {
      ...FAST,
      parse: (body: string) => JSON.parse(body) as unknown,
      retryAfterSeconds: 0,
    });
    await until(async () => (await messaging.queues.get(`${queue}-dead`)).visible === 1);
    await consumer.stop();
    expect(seen.map(({ reason, receiveCount }) => [reason, receiveCount])).toEqual([
      ['parse', 1],
      ['parse', 2],
    ]);
  });

  it('hands over what the body is', async () => {
    await messaging.queues.send(queue, { body: '{"id":7}', attributes: { kind: 'order' } });
    const seen: [number, unknown][] = [];
    const consumer = messaging.receive(
      queue,
      ({ data, attributes }) => void seen.push([data.id, attributes['kind']]),
      { ...FAST, parse: (body: string) => JSON.parse(body) as { id: number } },
    );
    await until(() => consumer.stats.deleted === 1);
    await consumer.stop();
    expect(seen).toEqual([[7, 'order']]);
  });

  it('tells of what it receives and deletes', async () => {
    const told: string[] = [];
    messaging.events.on('message.received', ({ resource }) => resource === queue && told.push('received'));
    messaging.events.on('message.deleted', ({ resource }) => resource === queue && told.push('deleted'));
    await fill(1);
    const consumer = messaging.receive(queue, () => void told.push('handled'), FAST);
    await until(() => consumer.stats.deleted === 1);
    await consumer.stop();
    expect(told).toEqual(['received', 'handled', 'deleted']);
  });

  it('ends with an error when the queue is gone', async () => {
    const errors: Error[] = [];
    messaging.events.on('error', (error) => errors.push(error));
    const consumer = messaging.receive(queue, () => undefined, { waitSeconds: 0 });
    await until(() => consumer.stats.polls > 0);
    await messaging.queues.delete(queue);
    await expect(consumer.finished).rejects.toMatchObject({ code: 'not-found' });
    expect(errors).toContainEqual(like({ code: 'not-found' }));
    await consumer.stop();
  });

  it('refuses what cannot be', () => {
    const bad = { concurrency: 0, waitSeconds: 21, heartbeatSeconds: 30, visibilityTimeoutSeconds: 30 };
    expect(() => messaging.receive(queue, () => undefined, { ...bad, retryAfterSeconds: -1 })).toThrow(
      like({
        code: 'invalid',
        errors: ['concurrency', 'waitSeconds', 'retryAfterSeconds', 'heartbeatSeconds'].map((field) =>
          like({ field }),
        ),
      }),
    );
    expect(() => messaging.receive('a queue', () => undefined)).toThrow(like({ code: 'invalid' }));
  });

  it('goes on after errors of SQS, a while after each', async () => {
    const clock = new ManualClock();
    const credentials = { kind: 'static', accessKeyId: FUNCTION_KEY, secretAccessKey: 'secret' } as const;
    const other = cloud.open({ clock, credentials, maxAttempts: 1 });
    const errors: Error[] = [];
    other.events.on('error', (error) => errors.push(error));
    cloud.runtime.guard.rule = ({ action }) =>
      action === 'sqs:ReceiveMessage' && errors.length < 2
        ? { kind: 'deny', message: 'not yet' }
        : { kind: 'allow' };
    const consumer = other.receive(queue, () => undefined, { waitSeconds: 0 });
    await until(() => errors.length === 1 && clock.pending.length === 1);
    expect(clock.pending[0]).toBeGreaterThanOrEqual(25);
    expect(clock.pending[0]).toBeLessThanOrEqual(250);
    await clock.advance(250);
    await until(() => errors.length === 2 && clock.pending.length === 1);
    await fill(1);
    await clock.advance(500);
    await until(() => consumer.stats.deleted === 1);
    expect(errors).toMatchObject([{ code: 'denied' }, { code: 'denied' }]);
    expect(consumer.stats.errors).toBe(2);
    await consumer.stop();
  });

  it('does not ask an empty queue all the time, even without long polls', async () => {
    const clock = new ManualClock();
    const consumer = cloud.open({ clock }).receive(queue, () => undefined, { waitSeconds: 0 });
    await until(() => clock.pending.length === 1);
    expect(clock.pending).toEqual([1_000]);
    await clock.advance(1_000);
    await until(() => consumer.stats.polls === 2);
    expect(consumer.stats).toMatchObject({ polls: 2, emptyPolls: 2 });
    await consumer.stop();
  });
});

describe('the deletion of a message', () => {
  const credentials = { kind: 'static', accessKeyId: FUNCTION_KEY, secretAccessKey: 'secret' } as const;

  it('is tried again, and the message is not handled again meanwhile', async () => {
    let denied = 0;
    cloud.runtime.guard.rule = ({ action }) =>
      action === 'sqs:DeleteMessage' && denied++ < 2
        ? { kind: 'deny', message: 'not yet' }
        : { kind: 'allow' };
    await fill(1);
    let handled = 0;
    const consumer = cloud.open({ credentials }).receive(queue, () => void handled++, FAST);
    await until(() => consumer.stats.deleted === 1);
    await consumer.stop();
    expect(handled).toBe(1);
    expect(denied).toBe(3);
  });
});
