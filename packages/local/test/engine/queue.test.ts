import type { Broker } from '../../src/engine';
import { ManualClock } from '../support/manual-clock';
import { bodies, cleanUp, Lines, openBroker, receive, settle, temporaryFolder } from './support';

let clock: ManualClock;
let reporter: Lines;
let broker: Broker;
let arn: string;

async function depth(queueArn = arn) {
  await settle(broker);
  return broker.queues.get(queueArn).depth();
}

beforeEach(async () => {
  clock = new ManualClock();
  reporter = new Lines();
  broker = await openBroker({ clock, reporter });
  ({ arn } = await broker.ensureQueue('orders', { VisibilityTimeout: '30' }));
});

afterEach(cleanUp);

describe('receiving', () => {
  it('hands out messages in the order of arrival, with what SQS tells about them', async () => {
    const attributes = { kind: { dataType: 'String', value: 'test' } };
    await broker.send(arn, { body: 'one', attributes, traceHeader: 'Root=1-2-3' });
    const { messageId } = await broker.send(arn, { body: 'two' });
    const [first, second] = await receive(broker, arn);
    expect(first).toMatchObject({ body: 'one', attributes, traceHeader: 'Root=1-2-3', receiveCount: 1 });
    expect(first).toMatchObject({
      sentAt: clock.now(),
      firstReceivedAt: clock.now(),
      senderId: '000000000000',
    });
    expect(second).toMatchObject({ body: 'two', messageId });
  });

  it('gives no more than was asked for', async () => {
    for (const body of ['1', '2', '3']) await broker.send(arn, { body });
    expect(bodies(await receive(broker, arn, 2))).toEqual(['1', '2']);
    expect(bodies(await receive(broker, arn, 2))).toEqual(['3']);
  });

  it('hides a received message until its visibility timeout ends', async () => {
    await broker.send(arn, { body: 'hidden' });
    const [first] = await receive(broker, arn);
    expect(await depth()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
    clock.advanceSeconds(29.999);
    expect(await receive(broker, arn)).toEqual([]);
    clock.advanceSeconds(0.001);
    const [again] = await receive(broker, arn);
    expect(again).toMatchObject({ messageId: first!.messageId, receiveCount: 2 });
    expect(again!.firstReceivedAt).toBe(first!.firstReceivedAt);
    expect(again!.receiptHandle).not.toBe(first!.receiptHandle);
  });

  it('does not give the same message twice to one receive that hides nothing', async () => {
    await broker.send(arn, { body: 'visible' });
    expect(await receive(broker, arn, 10, 0)).toHaveLength(1);
    expect(await receive(broker, arn, 10, 0)).toHaveLength(1);
  });

  it('honours the delay of the queue and of a message', async () => {
    const delayed = await broker.ensureQueue('delayed', { DelaySeconds: '60' });
    await broker.send(delayed.arn, { body: 'late' });
    await broker.send(delayed.arn, { body: 'now', delaySeconds: 0 });
    expect(bodies(await receive(broker, delayed.arn))).toEqual(['now']);
    expect(await depth(delayed.arn)).toEqual({ visible: 0, inFlight: 1, delayed: 1 });
    clock.advanceSeconds(60);
    expect(bodies(await receive(broker, delayed.arn))).toContain('late');
  });

  it('drops messages at the end of their retention, in flight or not', async () => {
    const { arn: short } = await broker.ensureQueue('short', {
      MessageRetentionPeriod: '60',
      VisibilityTimeout: '600',
    });
    await broker.send(short, { body: 'in flight' });
    await receive(broker, short);
    await broker.send(short, { body: 'waiting' });
    clock.advanceSeconds(59.999);
    expect(await depth(short)).toMatchObject({ visible: 1, inFlight: 1 });
    clock.advanceSeconds(0.001);
    expect(await depth(short)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    expect(await receive(broker, short)).toEqual([]);
  });

  it('follows a changed retention for the messages it holds', async () => {
    await broker.send(arn, { body: 'old' });
    clock.advanceSeconds(100);
    await broker.queues.setAttributes(broker.queues.get(arn), { MessageRetentionPeriod: '60' });
    expect(await depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });
});

describe('long polling', () => {
  const poll = (signal?: AbortSignal) => broker.receive(arn, { maxMessages: 10, waitSeconds: 20, signal });

  it('is woken by the enqueue', async () => {
    const waiting = poll();
    await broker.send(arn, { body: 'wake' });
    expect(bodies(await waiting)).toEqual(['wake']);
  });

  it('takes messages that become durable together as one batch', async () => {
    const waiting = poll();
    await Promise.all(['1', '2', '3'].map((body) => broker.send(arn, { body })));
    expect(bodies(await waiting)).toEqual(['1', '2', '3']);
  });

  it('is woken by a visibility timeout, a delay and a changed visibility', async () => {
    await broker.send(arn, { body: 'a' });
    const [first] = await receive(broker, arn);
    clock.advanceSeconds(15);
    let waiting = poll();
    clock.advanceSeconds(15);
    const [second] = await waiting;
    expect(second!.messageId).toBe(first!.messageId);
    waiting = poll();
    await broker.changeVisibility(arn, second!.receiptHandle, 0);
    expect((await waiting)[0]!.receiveCount).toBe(3);
    await broker.send(arn, { body: 'b', delaySeconds: 5 });
    waiting = poll();
    clock.advanceSeconds(5);
    expect(bodies(await waiting)).toEqual(['b']);
  });

  it('answers with nothing after its time', async () => {
    const waiting = poll();
    clock.advanceSeconds(20);
    expect(await waiting).toEqual([]);
  });

  it('serves those who wait in the order in which they came', async () => {
    const first = broker.receive(arn, { maxMessages: 1, waitSeconds: 20 });
    const second = broker.receive(arn, { maxMessages: 1, waitSeconds: 20 });
    await broker.send(arn, { body: '1' });
    await broker.send(arn, { body: '2' });
    expect([...bodies(await first), ...bodies(await second)]).toEqual(['1', '2']);
  });

  it('never takes a message for a receive that was aborted', async () => {
    const leaving = new AbortController();
    const waiting = poll(leaving.signal);
    leaving.abort();
    await broker.send(arn, { body: 'stays' });
    expect(await waiting).toEqual([]);
    expect(await poll(leaving.signal)).toEqual([]);
    expect(await receive(broker, arn)).toMatchObject([{ body: 'stays', receiveCount: 1 }]);
  });

  it('gives a message back whose consumer leaves while it is read from the store', async () => {
    const small = await openBroker({ contentMemory: 0 });
    const { arn: stored } = await small.ensureQueue('stored');
    await small.send(stored, { body: 'from disk' });
    const leaving = new AbortController();
    const reading = small.receive(stored, { maxMessages: 1, waitSeconds: 0, signal: leaving.signal });
    leaving.abort();
    expect(await reading).toEqual([]);
    expect(await receive(small, stored)).toMatchObject([{ body: 'from disk', receiveCount: 1 }]);
  });

  it('ends empty when its queue is deleted', async () => {
    const waiting = poll();
    await broker.queues.delete(broker.queues.get(arn));
    expect(await waiting).toEqual([]);
    await expect(receive(broker, arn)).rejects.toMatchObject({ code: 'QueueDoesNotExist' });
  });
});

describe('deleting and hiding', () => {
  it('deletes by the latest handle, also when the message is visible again', async () => {
    await broker.send(arn, { body: 'done' });
    const [message] = await receive(broker, arn);
    clock.advanceSeconds(31);
    await broker.deleteMessages(arn, [message!.receiptHandle]);
    expect(await depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    expect(await receive(broker, arn)).toEqual([]);
  });

  it('passes over stale and foreign handles', async () => {
    await broker.send(arn, { body: 'kept' });
    const [stale] = await receive(broker, arn, 1, 0);
    await receive(broker, arn);
    await broker.deleteMessages(arn, [stale!.receiptHandle, 'no handle at all']);
    expect(await depth()).toMatchObject({ inFlight: 1 });
  });

  it('extends and ends invisibility', async () => {
    await broker.send(arn, { body: 'slow' });
    const [message] = await receive(broker, arn);
    await broker.changeVisibility(arn, message!.receiptHandle, 100);
    clock.advanceSeconds(99);
    expect(await receive(broker, arn)).toEqual([]);
    await broker.changeVisibility(arn, message!.receiptHandle, 0);
    expect(await receive(broker, arn)).toHaveLength(1);
  });

  it('refuses to hide a message for more than 12 hours, or one that is not in flight', async () => {
    await broker.send(arn, { body: 'x' });
    const [message] = await receive(broker, arn);
    clock.advanceSeconds(1);
    const change = (seconds: number) => broker.changeVisibility(arn, message!.receiptHandle, seconds);
    await expect(change(43_200)).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    await change(43_199);
    await change(0);
    await expect(change(10)).rejects.toMatchObject({ code: 'MessageNotInflight' });
    await broker.deleteMessages(arn, [message!.receiptHandle]);
    await expect(change(10)).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    await expect(broker.changeVisibility(arn, 'nonsense', 10)).rejects.toMatchObject({
      code: 'ReceiptHandleIsInvalid',
    });
  });

  it('purges what is there and keeps what comes after', async () => {
    await broker.send(arn, { body: 'before' });
    await receive(broker, arn);
    const late = broker.send(arn, { body: 'while' });
    const purged = broker.queues.purge(broker.queues.get(arn));
    const after = broker.send(arn, { body: 'after' });
    await Promise.all([late, purged, after]);
    expect(bodies(await receive(broker, arn))).toEqual(['after']);
  });
});

describe('dead letters', () => {
  const redrive = (target: string, maxReceiveCount = 2) => {
    return JSON.stringify({ deadLetterTargetArn: target, maxReceiveCount });
  };

  it('moves a message at the receive after the last allowed one, with its history', async () => {
    const dead = await broker.ensureQueue('dead');
    await broker.ensureQueue('orders', { RedrivePolicy: redrive(dead.arn) });
    const { messageId } = await broker.send(arn, {
      body: 'poison',
      attributes: { a: { dataType: 'Number', value: '1' } },
    });
    const sentAt = clock.now();
    for (let i = 0; i < 2; i += 1) {
      expect(await receive(broker, arn)).toHaveLength(1);
      clock.advanceSeconds(30);
    }
    expect(await receive(broker, arn)).toEqual([]);
    await settle(broker);
    expect(await depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    expect(await receive(broker, dead.arn)).toMatchObject([
      {
        messageId,
        body: 'poison',
        sentAt,
        receiveCount: 3,
        deadLetterSourceArn: arn,
        attributes: { a: { value: '1' } },
      },
    ]);
    expect(reporter.events.join()).toContain(`${messageId} moved to dead: received 2 times from orders`);
  });

  it('counts anew in a dead-letter queue that has one itself', async () => {
    const last = await broker.ensureQueue('last');
    const dead = await broker.ensureQueue('dead', { RedrivePolicy: redrive(last.arn, 1) });
    await broker.ensureQueue('orders', { RedrivePolicy: redrive(dead.arn, 1) });
    await broker.send(arn, { body: 'poison' });
    await receive(broker, arn, 1, 0);
    await receive(broker, arn, 1, 0);
    await settle(broker);
    expect(await receive(broker, dead.arn, 1, 0)).toHaveLength(1);
    expect(await receive(broker, dead.arn, 1, 0)).toHaveLength(0);
    await settle(broker);
    expect(await receive(broker, last.arn)).toHaveLength(1);
  });

  it('keeps the message, with a warning, where the target is missing or refuses', async () => {
    const refusing = await broker.ensureQueue('refusing', {
      RedriveAllowPolicy: '{"redrivePermission":"denyAll"}',
    });
    for (const target of [refusing.arn, `${refusing.arn}-missing`]) {
      await broker.ensureQueue('orders', { RedrivePolicy: redrive(target, 1) });
      await broker.send(arn, { body: target });
      await receive(broker, arn, 10, 0);
      expect(bodies(await receive(broker, arn, 10, 0))).toContain(target);
    }
    expect(reporter.warnings).toHaveLength(2);
    expect(reporter.warnings[0]).toContain('does not accept messages from it');
    expect(reporter.warnings[1]).toContain('does not exist');
  });

  it('lets only the listed sources redrive', async () => {
    const allow = JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [arn] });
    const dead = await broker.ensureQueue('dead', { RedriveAllowPolicy: allow });
    const policy = { RedrivePolicy: redrive(dead.arn) };
    await expect(broker.queues.create('other', policy)).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
    await broker.queues.setAttributes(broker.queues.get(arn), policy);
    expect(broker.queues.sourcesOf(dead.arn).map((queue) => queue.record.name)).toEqual(['orders']);
  });
});

describe('across restarts', () => {
  async function restart(folder: string): Promise<void> {
    await broker.close();
    broker = await openBroker({ folder, clock, reporter });
  }

  it('keeps messages, delays, receive counts and handles; in-flight messages are visible', async () => {
    const folder = temporaryFolder();
    broker = await openBroker({ folder, clock, reporter });
    await broker.ensureQueue('orders', { VisibilityTimeout: '30' });
    await broker.send(arn, { body: 'delayed', delaySeconds: 60 });
    await broker.send(arn, { body: 'in flight' });
    await broker.send(arn, { body: 'deleted' });
    const [inFlight, deleted] = await receive(broker, arn);
    await broker.deleteMessages(arn, [deleted!.receiptHandle]);
    await restart(folder);
    await broker.ensureQueue('orders', { VisibilityTimeout: '30' });
    expect(await depth()).toEqual({ visible: 1, inFlight: 0, delayed: 1 });
    const [again] = await receive(broker, arn);
    expect(again).toMatchObject({ body: 'in flight', receiveCount: 2, messageId: inFlight!.messageId });
    await restart(folder);
    await broker.deleteMessages(arn, [again!.receiptHandle]);
    clock.advanceSeconds(60);
    expect(bodies(await receive(broker, arn))).toEqual(['delayed']);
  });

  it('keeps a dead letter in one queue only', async () => {
    const folder = temporaryFolder();
    broker = await openBroker({ folder, clock, reporter });
    const dead = await broker.ensureQueue('dead');
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 });
    await broker.ensureQueue('orders', { RedrivePolicy });
    await broker.send(arn, { body: 'poison' });
    await receive(broker, arn, 1, 0);
    await receive(broker, arn, 1, 0);
    await settle(broker);
    await restart(folder);
    expect(await depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    expect(await receive(broker, dead.arn)).toMatchObject([{ body: 'poison', deadLetterSourceArn: arn }]);
  });

  it('neither revives purged messages nor those of a deleted queue', async () => {
    const folder = temporaryFolder();
    broker = await openBroker({ folder, clock, reporter });
    await broker.queues.create('purged', {});
    await broker.queues.create('deleted', {});
    for (const queue of broker.queues.list()) await broker.send(queue.arn, { body: 'gone' });
    await broker.queues.purge(broker.queues.findByName('purged')!);
    await broker.queues.delete(broker.queues.findByName('deleted')!);
    await restart(folder);
    await broker.queues.create('deleted', {});
    for (const queue of broker.queues.list()) expect(queue.depth().visible).toBe(0);
  });

  it('removes what the stack no longer declares, but no queue with messages in it', async () => {
    const folder = temporaryFolder();
    broker = await openBroker({ folder, clock, reporter });
    for (const name of ['kept', 'empty', 'full']) await broker.ensureQueue(name);
    const topic = await broker.ensureTopic('old');
    await broker.queues.create('from-the-cli', {});
    await broker.send(broker.queues.findByName('full')!.arn, { body: 'precious' });
    await restart(folder);
    await broker.ensureQueue('kept');
    await broker.removeUndeclared();
    expect(broker.queues.list().map((queue) => queue.record.name)).toEqual(['from-the-cli', 'full', 'kept']);
    expect(broker.topics.find(topic.arn)).toBeUndefined();
    expect(reporter.warnings.join()).toContain(
      'full is no longer in the stack but kept: it holds 1 messages',
    );
  });

  it('takes the attributes of the stack as they are now', async () => {
    await broker.ensureQueue('orders', { DelaySeconds: '5' });
    expect(broker.queues.get(arn).settings).toMatchObject({
      delaySeconds: 5,
      visibilitySeconds: 30,
      maximumMessageSize: 262_144,
    });
    await broker.ensureQueue('orders', { VisibilityTimeout: '7' });
    expect(broker.queues.get(arn).settings).toMatchObject({ delaySeconds: 0, visibilitySeconds: 7 });
  });

  it('says so when another process has the folder', async () => {
    const folder = temporaryFolder();
    await openBroker({ folder });
    await expect(openBroker({ folder })).rejects.toThrow(`${folder} is in use by another process`);
  });

  it('reads from the store what does not fit into memory', async () => {
    const folder = temporaryFolder();
    broker = await openBroker({ folder, clock, contentMemory: 1000 });
    await broker.ensureQueue('orders');
    const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(600));
    for (const body of texts) await broker.send(arn, { body });
    expect(bodies(await receive(broker, arn))).toEqual(texts);
    await broker.close();
    broker = await openBroker({ folder, clock, contentMemory: 0 });
    expect(bodies(await receive(broker, arn))).toEqual(texts);
  });
});
