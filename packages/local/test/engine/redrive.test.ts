import type { Broker } from '../../src/engine';
import { taskHandle } from '../../src/engine/sqs/move-task';
import { ManualClock } from '../support/manual-clock';
import { bodies, cleanUp, openBroker, receive, settle, temporaryFolder } from './support';

let clock: ManualClock;
let folder: string;
let broker: Broker;
let source: string;
let dead: string;

afterEach(cleanUp);

async function open(contentMemory?: number): Promise<void> {
  broker = await openBroker({ folder, clock, contentMemory });
}

beforeEach(async () => {
  clock = new ManualClock();
  folder = temporaryFolder();
  await open();
  dead = (await broker.ensureQueue('dead')).arn;
  source = await redriven('orders', dead);
});

async function redriven(name: string, target: string, attributes = {}): Promise<string> {
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: target, maxReceiveCount: 1 });
  return (await broker.ensureQueue(name, { RedrivePolicy, ...attributes })).arn;
}

function depth(arn: string): number {
  const { visible, inFlight, delayed } = broker.queues.get(arn).depth();
  return visible + inFlight + delayed;
}

/** Sends messages and lets them die. */
async function die(from: string, texts: readonly string[], groupId?: string): Promise<void> {
  const target = broker.queues.get(from).settings.redrive!.deadLetterTargetArn;
  const before = depth(target);
  for (const body of texts) await broker.send(from, { body, groupId });
  await receive(broker, from, texts.length, 0);
  await receive(broker, from, texts.length, 0);
  await until(() => depth(target) === before + texts.length);
}

async function until(reached: () => boolean): Promise<void> {
  for (let i = 0; i < 10_000 && !reached(); i += 1) await settle(broker);
  expect(reached()).toBe(true);
}

/** Waits until so many messages are back and the redrive waits for its next second. */
async function paused(moved: number): Promise<void> {
  await until(() => latest().moved === moved);
  for (let i = 0; i < 5; i += 1) await settle(broker);
  expect(latest().moved).toBe(moved);
}

const latest = () => broker.queues.moves.list(dead, 1)[0]!;
const ended = () => until(() => !['RUNNING', 'CANCELLING'].includes(latest().status));
const many = (count: number) => [...Array(count).keys()].map((i) => `m${i}`);

describe('a redrive', () => {
  it('sends messages anew to where each of them came from', async () => {
    const other = await redriven('invoices', dead);
    await die(source, ['one']);
    await die(other, ['two']);
    const [letter] = await receive(broker, dead, 1, 0);
    clock.advanceSeconds(100);
    await broker.queues.moves.start({ sourceArn: dead });
    await ended();
    expect(latest()).toMatchObject({ status: 'COMPLETED', moved: 2, toMove: 2 });
    const [message] = await receive(broker, source);
    expect(message).toMatchObject({ body: 'one', receiveCount: 1, sentAt: clock.now() });
    expect(message!.messageId).not.toBe(letter!.messageId);
    expect(message!.deadLetterSourceArn).toBeUndefined();
    expect(bodies(await receive(broker, other))).toEqual(['two']);
    expect(depth(dead)).toBe(0);
  });

  it('sends them to a queue of choice', async () => {
    const elsewhere = await broker.ensureQueue('elsewhere', { DelaySeconds: '10' });
    await die(source, ['one']);
    await broker.queues.moves.start({ sourceArn: dead, destinationArn: elsewhere.arn });
    await ended();
    expect(broker.queues.get(elsewhere.arn).depth()).toEqual({ visible: 0, inFlight: 0, delayed: 1 });
    expect(depth(source)).toBe(0);
  });

  it('moves many, some of them from the store, and leaves those in flight', async () => {
    await die(source, many(250));
    await broker.close();
    await open(0);
    await receive(broker, dead, 5, 600);
    await broker.queues.moves.start({ sourceArn: dead });
    await ended();
    expect(latest()).toMatchObject({ status: 'COMPLETED', moved: 245, toMove: 245 });
    expect([depth(source), depth(dead)]).toEqual([245, 5]);
  });

  it('keeps to its rate', async () => {
    await die(source, many(7));
    await broker.queues.moves.start({ sourceArn: dead, rate: 3 });
    for (const moved of [3, 6, 7]) {
      await paused(moved);
      expect(depth(source)).toBe(moved);
      clock.advanceSeconds(1);
    }
    await ended();
    expect(latest()).toMatchObject({ status: 'COMPLETED', moved: 7 });
  });

  it('does not go on for ever with messages that die again', async () => {
    await die(source, many(3));
    await broker.queues.moves.start({ sourceArn: dead, rate: 1 });
    await until(() => depth(source) === 1);
    await receive(broker, source, 1, 0);
    await receive(broker, source, 1, 0);
    await until(() => depth(dead) === 3);
    for (const moved of [1, 2, 3]) {
      await paused(moved);
      clock.advanceSeconds(1);
    }
    await ended();
    expect(latest()).toMatchObject({ status: 'COMPLETED', moved: 3 });
    expect([depth(source), depth(dead)]).toEqual([2, 1]);
  });

  it('is cancelled where it stands', async () => {
    await die(source, many(5));
    const handle = await broker.queues.moves.start({ sourceArn: dead, rate: 2 });
    await paused(2);
    expect(await broker.queues.moves.cancel(handle)).toBe(2);
    await ended();
    clock.advanceSeconds(10);
    await settle(broker);
    expect(latest()).toMatchObject({ status: 'CANCELLED', moved: 2, toMove: 5 });
    expect([depth(source), depth(dead)]).toEqual([2, 3]);
    await expect(broker.queues.moves.cancel(handle)).rejects.toMatchObject({ code: 'UnsupportedOperation' });
  });

  it('goes on after a restart', async () => {
    await die(source, many(5));
    await broker.queues.moves.start({ sourceArn: dead, rate: 2 });
    await until(() => depth(source) === 2);
    await broker.close();
    await open();
    await paused(4);
    expect(depth(source)).toBe(4);
    clock.advanceSeconds(1);
    await ended();
    expect(latest()).toMatchObject({ status: 'COMPLETED', moved: 5, toMove: 5 });
    expect(bodies(await receive(broker, source))).toEqual(many(5));
    expect(depth(dead)).toBe(0);
  });

  it('fails with the reason, and moves no more, where a message has no way back', async () => {
    await die(source, ['one']);
    await broker.send(dead, { body: 'sent directly' });
    await die(source, ['two']);
    await broker.queues.moves.start({ sourceArn: dead });
    await ended();
    expect(latest()).toMatchObject({
      status: 'FAILED',
      failureReason: 'CouldNotDetermineMessageSource',
      moved: 1,
    });
    expect(bodies(await receive(broker, dead))).toEqual(['sent directly', 'two']);
    expect(bodies(await receive(broker, source))).toEqual(['one']);
  });

  it('fails where the queue of origin is gone', async () => {
    await redriven('other', dead);
    await die(source, ['one']);
    await broker.queues.delete(broker.queues.get(source));
    await broker.queues.moves.start({ sourceArn: dead });
    await ended();
    expect(latest()).toMatchObject({
      status: 'FAILED',
      failureReason: 'AWS.SimpleQueueService.NonExistentQueue',
    });
    expect(depth(dead)).toBe(1);
  });

  it('keeps the order of groups, also of those that it puts back', async () => {
    const fifo = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };
    const deadFifo = (await broker.ensureQueue('dead.fifo', fifo)).arn;
    const origin = await redriven('orders.fifo', deadFifo, fifo);
    await die(origin, ['1', '2'], 'g');
    await broker.send(deadFifo, { body: 'sent directly', groupId: 'g' });
    await die(origin, ['3'], 'g');
    await broker.queues.moves.start({ sourceArn: deadFifo });
    await until(() => broker.queues.moves.list(deadFifo, 1)[0]!.status === 'FAILED');
    expect(bodies(await receive(broker, origin))).toEqual(['1', '2']);
    expect(bodies(await receive(broker, deadFifo))).toEqual(['sent directly', '3']);
    const standard = broker.queues.moves.start({ sourceArn: deadFifo, destinationArn: source });
    await expect(standard).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });
});

describe('redrives', () => {
  it('are listed with the latest first, ten of them, and forgotten with their queue', async () => {
    for (let i = 0; i < 12; i += 1) {
      await broker.queues.moves.start({ sourceArn: dead, rate: i + 1 });
      await ended();
    }
    const rates = () => broker.queues.moves.list(dead, 10).map((task) => task.rate);
    expect(rates()).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
    await broker.close();
    await open();
    expect(rates()).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
    await broker.queues.delete(broker.queues.get(dead));
    await broker.ensureQueue('dead');
    expect(rates()).toEqual([]);
  });

  it('are refused where they make no sense', async () => {
    const { moves } = broker.queues;
    await expect(moves.start({ sourceArn: source })).rejects.toThrow('must be configured as a Dead Letter');
    await expect(moves.start({ sourceArn: `${dead}-missing` })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
    await expect(moves.start({ sourceArn: dead, destinationArn: `${dead}-missing` })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
    await expect(moves.start({ sourceArn: dead, destinationArn: dead })).rejects.toThrow(
      'cannot be the same',
    );
    for (const handle of ['', 'nonsense', taskHandle({ ...latestOr(), sourceArn: dead })]) {
      await expect(moves.cancel(handle)).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    }
  });

  it('have their source to themselves', async () => {
    await die(source, many(3));
    await broker.queues.moves.start({ sourceArn: dead, rate: 1 });
    await expect(broker.queues.moves.start({ sourceArn: dead })).rejects.toMatchObject({
      code: 'UnsupportedOperation',
    });
  });
});

function latestOr() {
  return {
    id: '0',
    sourceArn: dead,
    sourceId: '0',
    status: 'RUNNING' as const,
    moved: 0,
    toMove: 0,
    startedAt: 0,
  };
}
