import { DeduplicationWindow } from '../../src/engine/sqs/deduplication';
import type { Broker } from '../../src/engine';
import { ManualClock } from '../support/manual-clock';
import { bodies, cleanUp, openBroker, receive, settle, temporaryFolder } from './support';

let clock: ManualClock;
let folder: string;
let broker: Broker;

afterEach(cleanUp);

async function open(): Promise<void> {
  broker = await openBroker({ folder, clock });
}

beforeEach(async () => {
  clock = new ManualClock();
  folder = temporaryFolder();
  await open();
});

async function fifo(name: string, attributes: Record<string, string> = {}): Promise<string> {
  return (await broker.ensureQueue(`${name}.fifo`, { FifoQueue: 'true', ...attributes })).arn;
}

async function send(arn: string, body: string, deduplicationId?: string, groupId = 'g') {
  const draft = { body, deduplicationId, groupId, senderId: 'me' };
  const [sent] = await broker.sendAll(broker.queues.get(arn), [draft]);
  return sent!;
}

async function countKeys(prefix: string): Promise<number> {
  let count = 0;
  for await (const _entry of broker.queues.store.entries(prefix)) count += 1;
  return count;
}

describe('the deduplication window', () => {
  it('answers a duplicate with the first one, and puts it into the queue only once', async () => {
    const arn = await fifo('q');
    const first = await send(arn, 'one', 'id');
    expect(await send(arn, 'another body', 'id')).toEqual(first);
    expect(first.sequenceNumber).toMatch(/^\d{20}$/);
    expect(bodies(await receive(broker, arn))).toEqual(['one']);
  });

  it('sees a duplicate in the same write', async () => {
    const arn = await fifo('q');
    const draft = { body: 'twice', deduplicationId: 'id', groupId: 'g', senderId: 'me' };
    const [first, second] = await broker.sendAll(broker.queues.get(arn), [draft, draft]);
    expect(second).toEqual(first);
    const [third, fourth] = await Promise.all([send(arn, 'x', 'other'), send(arn, 'x', 'other')]);
    expect(fourth).toEqual(third);
    expect(await receive(broker, arn)).toHaveLength(2);
  });

  it('lasts five minutes from the first one, whatever became of it', async () => {
    const arn = await fifo('q');
    const first = await send(arn, 'one', 'id');
    const [message] = await receive(broker, arn);
    await broker.deleteMessages(arn, [message!.receiptHandle]);
    clock.advanceSeconds(299.999);
    expect(await send(arn, 'two', 'id')).toEqual(first);
    expect(await receive(broker, arn)).toEqual([]);
    clock.advanceSeconds(0.001);
    const next = await send(arn, 'three', 'id');
    expect(next.messageId).not.toBe(first.messageId);
    expect(next.sequenceNumber! > first.sequenceNumber!).toBe(true);
    expect(bodies(await receive(broker, arn))).toEqual(['three']);
    expect(await send(arn, 'four', 'id')).toEqual(next);
  });

  it('survives a restart', async () => {
    const arn = await fifo('q');
    const first = await send(arn, 'one', 'id');
    await broker.close();
    clock.advanceSeconds(200);
    await open();
    expect(await send(arn, 'two', 'id')).toEqual(first);
    await broker.close();
    clock.advanceSeconds(100);
    await open();
    expect((await send(arn, 'three', 'id')).messageId).not.toBe(first.messageId);
  });

  it('compares the content where the queue is set so, but not where an id is given', async () => {
    const arn = await fifo('q', { ContentBasedDeduplication: 'true' });
    const first = await send(arn, 'same');
    expect(await send(arn, 'same')).toEqual(first);
    expect((await send(arn, 'same', 'an-id')).messageId).not.toBe(first.messageId);
    expect((await send(arn, 'other')).messageId).not.toBe(first.messageId);
    const [message] = await receive(broker, arn);
    expect(message!.deduplicationId).toBe('0967115f2813a3541eaef77de9d9d5773f1c0c04314b0bbfe4ff3b3b1c55b5d5');
    expect(await send(arn, 'any', message!.deduplicationId)).toEqual(first);
  });

  it('is the queue or the message group', async () => {
    const whole = await fifo('whole');
    const grouped = await fifo('grouped', { DeduplicationScope: 'messageGroup' });
    for (const [arn, count] of [
      [whole, 1],
      [grouped, 2],
    ] as const) {
      for (const group of ['a', 'b', 'a']) await send(arn, 'x', 'id', group);
      expect(await receive(broker, arn)).toHaveLength(count);
    }
  });

  it('starts empty for a queue that is created again', async () => {
    await send(await fifo('q'), 'x', 'id');
    await broker.queues.delete(broker.queues.findByName('q.fifo')!);
    const arn = await fifo('q');
    await send(arn, 'x', 'id');
    expect(await receive(broker, arn)).toHaveLength(1);
  });

  it('forgets what is over, in memory and on disk', async () => {
    const arn = await fifo('q');
    for (let i = 0; i < 20; i += 1) await send(arn, 'x', `early ${i}`.replace(' ', '-'));
    clock.advanceSeconds(200);
    await send(arn, 'x', 'late');
    expect(await countKeys('d!')).toBe(21);
    clock.advanceSeconds(160);
    for (let i = 0; i < 100 && (await countKeys('d!')) > 1; i += 1) await settle(broker);
    expect(await countKeys('d!')).toBe(1);
    clock.advanceSeconds(300);
    for (let i = 0; i < 100 && (await countKeys('d!')) > 0; i += 1) await settle(broker);
    expect(await countKeys('d!')).toBe(0);
    expect(clock.pending.every((delay) => delay > 60_000)).toBe(true);
  });

  it('keeps thousands of answers apart while old ones make room', () => {
    const window = new DeduplicationWindow(broker.queues.store, clock);
    const answer = (i: number) => {
      return { messageId: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`, sequence: i };
    };
    for (let i = 0; i < 5000; i += 1) {
      window.remember('scope', `id${i}`, answer(i));
      if (i % 1000 === 0) clock.advanceSeconds(61);
    }
    expect(window.find('scope', 'id0')).toBeUndefined();
    for (const i of [1001, 2000, 3456, 4999]) expect(window.find('scope', `id${i}`)).toEqual(answer(i));
  });

  it('serves others than queues', async () => {
    const window = new DeduplicationWindow(broker.queues.store, clock);
    const accepted = { messageId: '0b3614e2-0689-427c-bae2-2a47b74a3def', sequence: 7 };
    await broker.queues.store.commit([window.remember('topic', 'id', accepted)]);
    expect(window.find('topic', 'id')).toMatchObject(accepted);
    expect(window.find('other', 'id')).toBeUndefined();
    const restored = new DeduplicationWindow(broker.queues.store, clock);
    await restored.restore();
    expect(restored.find('topic', 'id')).toMatchObject(accepted);
  });
});
