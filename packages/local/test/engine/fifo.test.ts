import type { Broker } from '../../src/engine';
import { ManualClock } from '../support/manual-clock';
import { bodies, cleanUp, openBroker, receive, settle, temporaryFolder } from './support';

let clock: ManualClock;
let folder: string;
let broker: Broker;
let arn: string;

const FIFO = { FifoQueue: 'true', ContentBasedDeduplication: 'true', VisibilityTimeout: '30' };

afterEach(cleanUp);

beforeEach(async () => {
  clock = new ManualClock();
  folder = temporaryFolder();
  broker = await openBroker({ folder, clock });
  ({ arn } = await broker.ensureQueue('orders.fifo', FIFO));
});

/** Sends `a1`, `b1`, ...: the letter is the group. */
async function send(...texts: string[]): Promise<void> {
  for (const body of texts) await broker.send(arn, { body, groupId: body[0] });
}

async function remove(...messages: { receiptHandle: string }[]): Promise<void> {
  await broker.deleteMessages(
    arn,
    messages.map((message) => message.receiptHandle),
  );
}

describe('a FIFO queue', () => {
  it('hands out what consumers need to know', async () => {
    await broker.send(arn, { body: 'x', groupId: 'g', deduplicationId: 'd' });
    const [message] = await receive(broker, arn);
    expect(message).toMatchObject({ groupId: 'g', deduplicationId: 'd' });
    expect(message!.sequenceNumber).toMatch(/^\d{20}$/);
  });

  it('gives as many of one group as it can, in order, then those of the next', async () => {
    await send('a1', 'b1', 'a2', 'b2', 'a3');
    const messages = await receive(broker, arn, 4);
    expect(bodies(messages)).toEqual(['a1', 'a2', 'a3', 'b1']);
    const numbers = messages.slice(0, 3).map((message) => message.sequenceNumber);
    expect([...numbers].sort()).toEqual(numbers);
  });

  it('locks a group while one of its messages is in flight, and no other', async () => {
    await send('a1', 'a2', 'b1');
    const [first] = await receive(broker, arn, 1);
    expect(bodies(await receive(broker, arn))).toEqual(['b1']);
    expect(await receive(broker, arn)).toEqual([]);
    await send('a3');
    await remove(first!);
    expect(bodies(await receive(broker, arn))).toEqual(['a2', 'a3']);
  });

  it('unlocks a group when its last message in flight is deleted', async () => {
    await send('a1', 'a2', 'a3');
    const [first, second] = await receive(broker, arn, 2);
    await remove(first!);
    expect(await receive(broker, arn)).toEqual([]);
    await remove(second!);
    expect(bodies(await receive(broker, arn))).toEqual(['a3']);
  });

  it('goes on in order after a visibility timeout, and after a changed one', async () => {
    await send('a1', 'a2', 'a3');
    const [first, second] = await receive(broker, arn, 2);
    await broker.changeVisibility(arn, second!.receiptHandle, 0);
    expect(await receive(broker, arn)).toEqual([]);
    await broker.changeVisibility(arn, first!.receiptHandle, 0);
    expect(bodies(await receive(broker, arn))).toEqual(['a1', 'a2', 'a3']);
    clock.advanceSeconds(30);
    expect(bodies(await receive(broker, arn))).toEqual(['a1', 'a2', 'a3']);
  });

  it('returns a message to its place while later ones of its receive were deleted', async () => {
    await send('a1', 'a2', 'a3');
    const [, second] = await receive(broker, arn, 2);
    await remove(second!);
    clock.advanceSeconds(30);
    expect(bodies(await receive(broker, arn))).toEqual(['a1', 'a3']);
  });

  it('lets groups take turns', async () => {
    for (let i = 0; i < 4; i += 1) await send(`a${i}`, `b${i}`);
    const turns: string[] = [];
    for (let i = 0; i < 8; i += 1) {
      const messages = await receive(broker, arn, 1);
      turns.push(...bodies(messages));
      await remove(...messages);
    }
    expect(turns).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
  });

  it('wakes who waits for a locked group', async () => {
    await send('a1', 'a2');
    const [first] = await receive(broker, arn, 1);
    const waiting = broker.receive(arn, { maxMessages: 10, waitSeconds: 20 });
    await remove(first!);
    expect(bodies(await waiting)).toEqual(['a2']);
  });

  it('keeps order, locks and numbers across a restart', async () => {
    await send('a1', 'a2', 'b1');
    const [first] = await receive(broker, arn, 1);
    await broker.close();
    broker = await openBroker({ folder, clock });
    await send('a3');
    const messages = await receive(broker, arn);
    expect(bodies(messages)).toEqual(['a1', 'a2', 'a3', 'b1']);
    expect(messages[0]).toMatchObject({ sequenceNumber: first!.sequenceNumber, receiveCount: 2 });
    expect(messages[2]!.sequenceNumber! > messages[1]!.sequenceNumber!).toBe(true);
  });

  it('delays all messages alike, also those that wait already', async () => {
    await broker.queues.setAttributes(broker.queues.get(arn), { DelaySeconds: '60' });
    await send('a1', 'a2');
    expect(broker.queues.get(arn).depth()).toEqual({ visible: 0, inFlight: 0, delayed: 2 });
    expect(await receive(broker, arn)).toEqual([]);
    clock.advanceSeconds(20);
    await broker.queues.setAttributes(broker.queues.get(arn), { DelaySeconds: '30' });
    expect(await receive(broker, arn)).toEqual([]);
    clock.advanceSeconds(10);
    expect(bodies(await receive(broker, arn))).toEqual(['a1', 'a2']);
    await expect(broker.send(arn, { body: 'x', groupId: 'g', delaySeconds: 1 })).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
    // No delay of its own: the queue's.
    await broker.send(arn, { body: 'x', groupId: 'g', delaySeconds: 0 });
    expect(broker.queues.get(arn).depth()).toMatchObject({ visible: 0, delayed: 1 });
  });

  it('drops what expires in the middle of a group, and empty groups with it', async () => {
    await broker.queues.setAttributes(broker.queues.get(arn), { MessageRetentionPeriod: '60' });
    await send('a1', 'b1');
    clock.advanceSeconds(40);
    await send('a2');
    clock.advanceSeconds(20);
    expect(bodies(await receive(broker, arn))).toEqual(['a2']);
  });

  it('has no late deletion: the message may be with another consumer', async () => {
    await send('a1');
    const [late] = await receive(broker, arn);
    const check = (handle: string) => broker.queues.get(arn).checkDeletion(handle);
    check(late!.receiptHandle);
    clock.advanceSeconds(30);
    expect(() => check(late!.receiptHandle)).toThrow('The receipt handle has expired');
    await remove(late!);
    const [again] = await receive(broker, arn);
    expect(() => check(late!.receiptHandle)).toThrow('The receipt handle has expired');
    await remove(again!);
    check(again!.receiptHandle);
    expect(await receive(broker, arn)).toEqual([]);
  });

  it('forgets its groups when it is purged', async () => {
    await send('a1', 'a2');
    await receive(broker, arn, 1);
    await broker.queues.purge(broker.queues.get(arn));
    await send('a3');
    expect(bodies(await receive(broker, arn))).toEqual(['a3']);
  });

  it('gives messages back in order to others when their consumer has left', async () => {
    await broker.close();
    broker = await openBroker({ folder, clock, contentMemory: 0 });
    await send('a1', 'a2', 'a3');
    const leaving = new AbortController();
    const reading = broker.receive(arn, { maxMessages: 2, waitSeconds: 0, signal: leaving.signal });
    leaving.abort();
    expect(await reading).toEqual([]);
    expect(await receive(broker, arn)).toMatchObject([
      { body: 'a1', receiveCount: 1 },
      { body: 'a2', receiveCount: 1 },
      { body: 'a3', receiveCount: 1 },
    ]);
  });

  it.each([
    ['a message without a group', {}, 'MissingParameter'],
    ['a group with a space in its name', { groupId: 'a b' }, 'InvalidParameterValue'],
    ['a group of 129 characters', { groupId: 'x'.repeat(129) }, 'InvalidParameterValue'],
    ['an empty deduplication id', { groupId: 'g', deduplicationId: '' }, 'InvalidParameterValue'],
  ])('refuses %s', async (_what, draft, code) => {
    await expect(broker.send(arn, { body: 'x', ...draft })).rejects.toMatchObject({ code });
  });

  it('refuses a message that it could not tell from its duplicate', async () => {
    const plain = await broker.ensureQueue('plain.fifo', { FifoQueue: 'true' });
    await expect(broker.send(plain.arn, { body: 'x', groupId: 'g' })).rejects.toThrow(
      'ContentBasedDeduplication enabled or MessageDeduplicationId provided',
    );
  });
});

describe('a standard queue', () => {
  it('carries a message group and knows no deduplication id', async () => {
    const plain = await broker.ensureQueue('plain');
    for (const body of ['1', '2']) await broker.send(plain.arn, { body, groupId: 'tenant' });
    expect(await receive(broker, plain.arn)).toMatchObject([{ groupId: 'tenant' }, { groupId: 'tenant' }]);
    const deduplicated = broker.send(plain.arn, { body: 'x', deduplicationId: 'd' });
    await expect(deduplicated).rejects.toThrow('not valid for this queue type');
  });
});

describe('an attempt to receive that is made again', () => {
  const attempt = (attemptId = 'attempt', visibilitySeconds?: number) =>
    broker.receive(arn, { maxMessages: 10, waitSeconds: 0, attemptId, visibilitySeconds });

  beforeEach(() => send('a1', 'a2', 'b1'));

  it('gets the same messages by the same handles, hidden for another while', async () => {
    const first = await attempt();
    clock.advanceSeconds(29);
    expect(await attempt()).toEqual(first);
    clock.advanceSeconds(29);
    expect(await receive(broker, arn)).toEqual([]);
    expect(await attempt('another')).toEqual([]);
    await remove(...first);
    expect(broker.queues.get(arn).depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it('is a new one if a message was deleted, hidden anew or is visible again', async () => {
    const [first] = await attempt();
    await remove(first!);
    expect(await attempt()).toEqual([]);
    clock.advanceSeconds(30);
    const second = await attempt();
    expect(second).toMatchObject([
      { body: 'a2', receiveCount: 2 },
      { body: 'b1', receiveCount: 2 },
    ]);
    await broker.changeVisibility(arn, second[0]!.receiptHandle, 100);
    expect(await attempt()).toEqual([]);
  });

  it('is a new one after five minutes', async () => {
    await attempt('attempt', 1000);
    clock.advanceSeconds(299);
    expect(await attempt('attempt', 1000)).toHaveLength(3);
    clock.advanceSeconds(1);
    expect(await attempt('attempt', 1000)).toEqual([]);
  });
});

describe('dead letters of a FIFO queue', () => {
  let deadArn: string;

  beforeEach(async () => {
    deadArn = (await broker.ensureQueue('dead.fifo', { FifoQueue: 'true' })).arn;
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadArn, maxReceiveCount: 1 });
    await broker.queues.setAttributes(broker.queues.get(arn), { RedrivePolicy });
  });

  it.each([0, 1_000_000])('keep the order of their group (content memory %s)', async (contentMemory) => {
    await broker.close();
    broker = await openBroker({ folder, clock, contentMemory });
    await send('a1', 'a2', 'b1', 'a3');
    await receive(broker, arn, 10, 0);
    await send('a4');
    expect(bodies(await receive(broker, arn))).toEqual(['a4']);
    for (let i = 0; i < 100 && broker.queues.get(deadArn).depth().visible < 4; i += 1) await settle(broker);
    const letters = await receive(broker, deadArn);
    // Group b was unlocked before group a, whose a3 was sent last.
    expect(bodies(letters)).toEqual(['b1', 'a1', 'a2', 'a3']);
    expect(letters[1]).toMatchObject({ groupId: 'a', deadLetterSourceArn: arn });
    expect(letters[1]!.deduplicationId).toBe(letters[1]!.messageId);
  });

  it('go to a queue of the same kind only', async () => {
    const standard = await broker.ensureQueue('standard');
    const policy = (target: string) => ({
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: target, maxReceiveCount: 1 }),
    });
    const refused = { code: 'InvalidParameterValue' };
    const queue = (name: string) => broker.queues.findByName(name)!;
    await expect(
      broker.queues.setAttributes(queue('orders.fifo'), policy(standard.arn)),
    ).rejects.toMatchObject(refused);
    await expect(broker.queues.setAttributes(queue('standard'), policy(deadArn))).rejects.toMatchObject(
      refused,
    );
  });
});
