import type { Broker } from '../../src/engine';
import { ManualClock } from '../support/manual-clock';
import { cleanUp, openBroker, receive } from './support';

let clock: ManualClock;
let broker: Broker;
let arn: string;

beforeEach(async () => {
  clock = new ManualClock();
  broker = await openBroker({ clock, contentMemory: 2000 });
  ({ arn } = await broker.ensureQueue('orders'));
});

afterEach(cleanUp);

const browse = (limit: number, after?: string) => broker.queues.get(arn).browse({ limit, after });

describe('browsing a queue', () => {
  it('shows every message with its state, and touches none', async () => {
    const attributes = { kind: { dataType: 'String', value: 'test' } };
    await broker.send(arn, { body: 'in flight', attributes, groupId: 'tenant' });
    await receive(broker, arn);
    await broker.send(arn, { body: 'visible' });
    await broker.send(arn, { body: 'delayed', delaySeconds: 60 });
    const now = clock.now();
    for (let i = 0; i < 2; i += 1) {
      const { messages, next } = await browse(10);
      expect(next).toBeUndefined();
      expect(messages).toMatchObject([
        {
          body: 'in flight',
          state: 'in-flight',
          receiveCount: 1,
          firstReceivedAt: now,
          visibleAt: now + 30_000,
          attributes,
          groupId: 'tenant',
        },
        { body: 'visible', state: 'visible', receiveCount: 0, sentAt: now, visibleAt: undefined },
        { body: 'delayed', state: 'delayed', visibleAt: now + 60_000 },
      ]);
    }
    expect(broker.queues.get(arn).depth()).toEqual({ visible: 1, inFlight: 1, delayed: 1 });
    clock.advanceSeconds(30);
    expect((await browse(1)).messages).toMatchObject([{ body: 'in flight', state: 'visible' }]);
  });

  it('goes from page to page, over what is deleted meanwhile', async () => {
    for (let i = 0; i < 25; i += 1) await broker.send(arn, { body: `${i} ${'x'.repeat(100)}` });
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const { messages, next } = await browse(10, after);
      seen.push(...messages.map((message) => message.body.split(' ')[0]!));
      const taken = await receive(broker, arn, 1);
      await broker.deleteMessages(
        arn,
        taken.map((message) => message.receiptHandle),
      );
      after = next;
    } while (after !== undefined);
    expect(seen).toEqual([...Array(25).keys()].map(String));
    expect((await browse(1)).messages[0]!.body).toMatch(/^3 /);
  });

  it('shows sequence numbers of a FIFO queue', async () => {
    ({ arn } = await broker.ensureQueue('orders.fifo', { FifoQueue: 'true' }));
    const draft = { body: 'x', groupId: 'g', deduplicationId: 'd', senderId: 'me' };
    const [sent] = await broker.sendAll(broker.queues.get(arn), [draft]);
    expect((await browse(1)).messages).toMatchObject([{ ...sent, groupId: 'g', deduplicationId: 'd' }]);
  });

  it('ends a page early that grows too large', async () => {
    for (let i = 0; i < 12; i += 1) await broker.send(arn, { body: 'x'.repeat(262_000) });
    await broker.queues.setAttributes(broker.queues.get(arn), { MaximumMessageSize: '1048576' });
    for (let i = 0; i < 10; i += 1) await broker.send(arn, { body: 'x'.repeat(1_000_000) });
    const { messages, next } = await browse(1000);
    expect(messages.length).toBeLessThan(22);
    const rest = await browse(1000, next);
    expect(messages.length + rest.messages.length).toBe(22);
  });

  it('refuses pages without end and cursors that are none', async () => {
    for (const limit of [0, 1001, 1.5]) await expect(browse(limit)).rejects.toThrow('limit must be');
    await expect(browse(1, 'nonsense')).rejects.toThrow('must be the `next`');
    expect(await browse(1)).toEqual({ messages: [] });
  });
});
