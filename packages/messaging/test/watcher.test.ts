import type { Messaging } from '../src';
import type { MessagingEvent, ResourceEvent } from '../src/events';
import { RateLimit } from '../src/watcher/rate';
import { FUNCTION_KEY } from '../../local/test/wire/support';
import { ManualClock } from './manual-clock';
import type { Cloud } from './support';
import { startCloud } from './support';
import { like, until } from './waiting';

const TYPES = ['queue', 'topic', 'subscription'] as const;
const ONCE = { intervalSeconds: 'off', types: TYPES, requestsPerSecond: 1_000 } as const;
const NOTHING = { created: [], changed: [], deleted: [], alarmStates: [] };

let cloud: Cloud;
let messaging: Messaging;
let prefix: string;
let runs = 0;

beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());
beforeEach(() => {
  cloud.runtime.guard.rule = () => ({ kind: 'allow' });
  prefix = `run${++runs}-`;
  messaging = cloud.open({ prefix });
});

/** The events of resources and errors from here on. */
function events(of: Messaging): MessagingEvent[] {
  const seen: MessagingEvent[] = [];
  of.events.onAny((event) => /^(resource\.|alarm\.|error)/.test(event.name) && seen.push(event));
  return seen;
}

describe('a watcher', () => {
  it('tells nothing of what was there before', async () => {
    await messaging.queues.create({ name: `${prefix}a` });
    const seen = events(messaging);
    const watcher = messaging.watch(ONCE);
    expect(await watcher.check()).toEqual(NOTHING);
    expect(await watcher.check()).toEqual(NOTHING);
    expect(seen).toEqual([]);
    expect(watcher.snapshot).toMatchObject([
      { type: 'queue', name: `${prefix}a`, attributes: { delaySeconds: 0 } },
    ]);
  });

  it('tells what was created, changed and deleted, with the attributes', async () => {
    const other = cloud.open({ prefix });
    const watcher = other.watch(ONCE);
    await watcher.check();
    const seen = events(other);
    const queue = await messaging.queues.create({ name: `${prefix}a`, visibilityTimeoutSeconds: 30 });
    const topic = await messaging.topics.create({ name: `${prefix}t` });
    await messaging.subscriptions.create({ topic: `${prefix}t`, protocol: 'sqs', endpoint: `${prefix}a` });
    const first = await watcher.check();
    expect(first.created).toMatchObject([
      { type: 'queue', name: `${prefix}a`, arn: queue.arn, attributes: { visibilityTimeoutSeconds: 30 } },
      { type: 'topic', name: `${prefix}t`, arn: topic.arn, attributes: { subscriptionsConfirmed: 1 } },
      { type: 'subscription', attributes: { topic: `${prefix}t`, protocol: 'sqs', raw: true } },
    ]);
    expect(first).toMatchObject({ changed: [], deleted: [] });

    await messaging.queues.update(`${prefix}a`, { visibilityTimeoutSeconds: 60, delaySeconds: 5 });
    const second = await watcher.check();
    expect(second).toMatchObject({ created: [], deleted: [] });
    expect(second.changed).toMatchObject([
      {
        name: `${prefix}a`,
        changes: { visibilityTimeoutSeconds: { from: 30, to: 60 }, delaySeconds: { from: 0, to: 5 } },
      },
    ]);
    expect(Object.keys(second.changed[0]!.changes).sort()).toEqual([
      'delaySeconds',
      'visibilityTimeoutSeconds',
    ]);

    await messaging.queues.delete(`${prefix}a`);
    const third = await watcher.check();
    expect(third.deleted).toMatchObject([
      { type: 'queue', name: `${prefix}a`, arn: queue.arn, attributes: { visibilityTimeoutSeconds: 60 } },
    ]);
    expect(seen.map(({ name }) => name)).toEqual([
      ...Array<string>(3).fill('resource.created'),
      'resource.changed',
      'resource.deleted',
    ]);
    expect(watcher.snapshot.map(({ type }) => type).sort()).toEqual(['subscription', 'topic']);
  });

  it('does not tell again what was created or deleted through the same library', async () => {
    const own = cloud.open({ prefix });
    const watcher = own.watch(ONCE);
    await watcher.check();
    const seen = events(own);
    const told = () => seen.splice(0).map(({ name, data }) => [name, (data as ResourceEvent).type]);
    await own.queues.create({ name: `${prefix}a` });
    await own.queues.create({ name: `${prefix}a` });
    await own.topics.create({ name: `${prefix}t` });
    await own.topics.create({ name: `${prefix}short-lived` });
    await own.topics.delete(`${prefix}short-lived`);
    expect(told()).toEqual([
      ['resource.created', 'queue'],
      ['resource.created', 'topic'],
      ['resource.created', 'topic'],
      ['resource.deleted', 'topic'],
    ]);
    // They differ from the look before all the same.
    expect((await watcher.check()).created).toHaveLength(2);
    await own.queues.delete(`${prefix}a`);
    expect((await watcher.check()).deleted).toHaveLength(1);
    expect(told()).toEqual([['resource.deleted', 'queue']]);
    // What others do is told, also under names that were told of before.
    await messaging.topics.delete(`${prefix}t`);
    await watcher.check();
    await messaging.topics.create({ name: `${prefix}short-lived` });
    await watcher.check();
    expect(told()).toEqual([
      ['resource.deleted', 'topic'],
      ['resource.created', 'topic'],
    ]);
  });

  it('tells of alarms, and of their states in an event of their own', async () => {
    const other = cloud.open({ prefix });
    const watcher = other.watch({ ...ONCE, types: ['alarm'] });
    await watcher.check();
    const name = `${prefix}alarm`;
    const alarm = { name, metric: { queue: `${prefix}a`, measure: 'visible' }, comparison: '>' } as const;
    await messaging.alarms.create({ ...alarm, threshold: 1 });
    expect((await watcher.check()).created).toMatchObject([
      { type: 'alarm', name, attributes: { threshold: 1 } },
    ]);
    await messaging.alarms.setState(name, { state: 'alarm', reason: 'a test' });
    const seen = events(other);
    const { changed, alarmStates } = await watcher.check();
    expect(changed).toEqual([]);
    expect(alarmStates).toMatchObject([{ name, from: 'insufficient-data', to: 'alarm', reason: 'a test' }]);
    expect(seen).toMatchObject([{ name: 'alarm.state', data: { to: 'alarm' } }]);
    expect(await watcher.check()).toEqual(NOTHING);
  });

  it('does not take messages that come and go for a change', async () => {
    await messaging.queues.create({ name: `${prefix}a` });
    const watcher = messaging.watch(ONCE);
    await watcher.check();
    await messaging.queues.send(`${prefix}a`, { body: 'x' });
    await messaging.queues.send(`${prefix}a`, { body: 'x', delaySeconds: 60 });
    expect(await watcher.check()).toEqual(NOTHING);
    await messaging.queues.receive(`${prefix}a`);
    expect(await watcher.check()).toEqual(NOTHING);
  });

  it('never takes for deleted what it could not list', async () => {
    const credentials = { kind: 'static', accessKeyId: FUNCTION_KEY, secretAccessKey: 'secret' } as const;
    const other = cloud.open({ prefix, credentials });
    await messaging.queues.create({ name: `${prefix}a` });
    await messaging.topics.create({ name: `${prefix}t` });
    const watcher = other.watch(ONCE);
    await watcher.check();
    const seen = events(other);
    cloud.runtime.guard.rule = ({ action }) =>
      action === 'sqs:ListQueues' ? { kind: 'deny', message: 'not now' } : { kind: 'allow' };
    await messaging.topics.delete(`${prefix}t`);
    expect((await watcher.check()).deleted).toMatchObject([{ type: 'topic' }]);
    expect(seen).toMatchObject([
      { name: 'error', data: { code: 'denied' } },
      { name: 'resource.deleted', data: { type: 'topic' } },
    ]);
    cloud.runtime.guard.rule = () => ({ kind: 'allow' });
    expect(await watcher.check()).toEqual(NOTHING);
  });

  it('finds again what it could not describe', async () => {
    const credentials = { kind: 'static', accessKeyId: FUNCTION_KEY, secretAccessKey: 'secret' } as const;
    const other = cloud.open({ prefix, credentials });
    const watcher = other.watch(ONCE);
    await watcher.check();
    cloud.runtime.guard.rule = ({ action }) =>
      action === 'sqs:GetQueueAttributes' ? { kind: 'deny', message: 'not now' } : { kind: 'allow' };
    await messaging.queues.create({ name: `${prefix}a` });
    expect((await watcher.check()).created).toEqual([]);
    cloud.runtime.guard.rule = () => ({ kind: 'allow' });
    expect((await watcher.check()).created).toMatchObject([{ name: `${prefix}a` }]);
  });

  it('sees only names that begin with the prefix', async () => {
    const watcher = messaging.watch(ONCE);
    await watcher.check();
    await cloud.open().queues.create({ name: `other-${prefix}a` });
    await cloud.open().topics.create({ name: `other-${prefix}t` });
    expect(await watcher.check()).toEqual(NOTHING);
  });

  it('looks every interval until it is stopped, one look after the other', async () => {
    const clock = new ManualClock();
    const other = cloud.open({ prefix, clock });
    const seen = events(other);
    const watcher = other.watch({ ...ONCE, intervalSeconds: 30 });
    expect(watcher.running).toBe(false);
    watcher.start();
    watcher.start();
    expect(watcher.running).toBe(true);
    await until(() => clock.pending.length === 1);
    expect(clock.pending).toEqual([30_000]);
    const requests = watcher.requests;
    await messaging.queues.create({ name: `${prefix}a` });
    await clock.advance(29_999);
    expect(watcher.requests).toBe(requests);
    await clock.advance(1);
    await until(() => seen.length === 1);
    expect(seen).toMatchObject([{ name: 'resource.created', data: { name: `${prefix}a` } }]);
    await watcher.stop();
    expect(watcher.running).toBe(false);
    expect(clock.pending).toEqual([]);
  });

  it('stops at once, and a look that is under way ends', async () => {
    const clock = new ManualClock();
    for (let index = 0; index < 5; index++) await messaging.queues.create({ name: `${prefix}${index}` });
    const watcher = cloud.open({ prefix, clock }).watch({ ...ONCE, requestsPerSecond: 1 });
    const look = expect(watcher.check()).rejects.toMatchObject({ code: 'closed' });
    await until(() => clock.pending.length > 0);
    await watcher.stop();
    await look;
    expect(clock.pending).toEqual([]);
  });

  it('does nothing by itself when it is off', () => {
    const watcher = messaging.watch(ONCE);
    watcher.start();
    expect(watcher.running).toBe(false);
    expect(watcher.requests).toBe(0);
  });

  it('sees what comes and goes in each look, and asks about the others as the rate allows', async () => {
    const clock = new ManualClock();
    const other = cloud.open({ prefix, clock });
    const names = Array.from({ length: 40 }, (_, index) => `${prefix}${index}`);
    await Promise.all(names.map((name) => messaging.queues.create({ name })));
    const seen = events(other);
    const watcher = other.watch({ types: ['queue'], intervalSeconds: 5, requestsPerSecond: 5 });
    const pass = async (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        await until(() => clock.pending.length > 0);
        await clock.advance(1_000);
      }
    };
    watcher.start();
    // The first look asks about all: a list and 40 queues.
    await until(async () => (await pass(1), watcher.requests === 41));
    await until(() => clock.pending.length === 1);
    await Promise.all(names.map((name) => messaging.queues.update(name, { delaySeconds: 1 })));
    await messaging.queues.create({ name: `${prefix}new` });
    // A list, the new one, and what is left of 25 calls.
    await until(async () => (await pass(1), watcher.requests === 41 + 25));
    await until(() => clock.pending.length === 1);
    expect(seen.filter(({ name }) => name === 'resource.created')).toHaveLength(1);
    expect(seen.filter(({ name }) => name === 'resource.changed')).toHaveLength(23);
    await until(async () => (await pass(1), seen.length === 41));
    await watcher.stop();
  });

  it('refuses what cannot be', () => {
    const bad = { types: ['queue', 'cloud' as 'topic'] as const, intervalSeconds: 0, requestsPerSecond: 0 };
    expect(() => messaging.watch(bad)).toThrow(
      like({
        errors: ['types', 'intervalSeconds', 'requestsPerSecond'].map((field) => like({ field })),
      }),
    );
  });
});

describe('a rate of calls', () => {
  it('lets a second of calls through at once, and then one after the other', async () => {
    const clock = new ManualClock(0);
    const rate = new RateLimit(clock, 4);
    const at: number[] = [];
    const calls = Array.from({ length: 8 }, async () => {
      await rate.take();
      at.push(clock.now());
    });
    await new Promise(setImmediate);
    await clock.advance(2_000);
    await Promise.all(calls);
    expect(at).toEqual([0, 0, 0, 0, 250, 500, 750, 1_000]);
  });

  it('ends waits with the signal', async () => {
    const rate = new RateLimit(new ManualClock(), 1);
    const stop = new AbortController();
    await rate.take(stop.signal);
    const waiting = expect(rate.take(stop.signal)).rejects.toThrow('enough');
    stop.abort(new Error('enough'));
    await waiting;
    await expect(rate.take(stop.signal)).rejects.toThrow('enough');
  });
});
