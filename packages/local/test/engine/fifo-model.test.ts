import fc from 'fast-check';
import type { Broker } from '../../src/engine';
import { ManualClock } from '../support/manual-clock';
import { bodies, cleanUp, openBroker, receive, temporaryFolder } from './support';

afterEach(cleanUp);

const VISIBILITY = 30;
const MAX_RECEIVES = 3;
const GROUPS = ['a', 'b', 'c'];

type Step =
  | { kind: 'send'; group: string }
  | { kind: 'receive'; max: number; visibility: number }
  | { kind: 'delete'; receipt: number }
  | { kind: 'hide'; receipt: number; seconds: number }
  | { kind: 'wait'; seconds: number }
  | { kind: 'restart' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('send' as const), group: fc.constantFrom(...GROUPS) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('receive' as const),
      max: fc.integer({ min: 1, max: 4 }),
      visibility: fc.constantFrom(VISIBILITY, VISIBILITY, 0, 5),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('delete' as const), receipt: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('hide' as const),
      receipt: fc.nat(),
      seconds: fc.constantFrom(0, 7, 60),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(1, 5, 10, 30) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

/** A message as the documentation describes it; all that a model of a FIFO queue needs. */
interface ModelMessage {
  readonly body: string;
  readonly group: string;
  hiddenUntil: number;
  receives: number;
}

/** Runs the same steps on a queue and on a list of messages. */
class Run {
  private messages: ModelMessage[] = [];
  private readonly receipts: { message: ModelMessage; handle: string; receives: number }[] = [];
  private readonly clock = new ManualClock();
  private readonly folder = temporaryFolder();
  private broker!: Broker;
  private arn = '';
  private deadArn = '';
  private sent = 0;

  async open(): Promise<void> {
    this.broker = await openBroker({ folder: this.folder, clock: this.clock, contentMemory: 2000 });
    this.deadArn = (await this.broker.ensureQueue('dead.fifo', { FifoQueue: 'true' })).arn;
    const RedrivePolicy = JSON.stringify({
      deadLetterTargetArn: this.deadArn,
      maxReceiveCount: MAX_RECEIVES,
    });
    const attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'true', RedrivePolicy };
    this.arn = (await this.broker.ensureQueue('queue.fifo', attributes)).arn;
  }

  async take(steps: readonly Step[]): Promise<void> {
    for (const each of steps) await this.step(each);
    await this.drain();
    await this.broker.close();
  }

  private async step(each: Step): Promise<void> {
    switch (each.kind) {
      case 'send':
        return this.send(each.group);
      case 'receive':
        return this.receive(each.max, each.visibility);
      case 'delete':
        return this.delete(each.receipt);
      case 'hide':
        return this.hide(each.receipt, each.seconds);
      case 'wait':
        return this.clock.advanceSeconds(each.seconds);
      case 'restart':
        await this.broker.close();
        for (const message of this.messages) message.hiddenUntil = 0;
        return this.open();
    }
  }

  private async send(group: string): Promise<void> {
    const body = `${this.sent}`;
    this.sent += 1;
    await this.broker.send(this.arn, { body, groupId: group });
    this.messages.push({ body, group, hiddenUntil: 0, receives: 0 });
  }

  private of(group: string): ModelMessage[] {
    return this.messages.filter((message) => message.group === group);
  }

  private isHidden(message: ModelMessage): boolean {
    return message.hiddenUntil > this.clock.now();
  }

  private async receive(max: number, visibility: number): Promise<void> {
    const open = GROUPS.filter((group) => !this.of(group).some((message) => this.isHidden(message)));
    const available = open
      .flatMap((group) => this.of(group))
      .filter(({ receives }) => receives < MAX_RECEIVES);
    const received = await receive(this.broker, this.arn, max, visibility);
    expect(received).toHaveLength(Math.min(max, available.length));
    const groups = new Set(received.map((message) => message.groupId!));
    for (const group of groups) {
      expect(open).toContain(group);
      const got = bodies(received.filter(({ groupId }) => groupId === group));
      const inOrder = this.of(group).filter(({ receives }) => receives < MAX_RECEIVES);
      // From the first one on and without a gap.
      expect(got).toEqual(inOrder.slice(0, got.length).map(({ body }) => body));
    }
    for (const { body, receiptHandle, receiveCount } of received) {
      const message = this.messages.find((one) => one.body === body)!;
      message.receives += 1;
      message.hiddenUntil = this.clock.now() + visibility * 1000;
      expect(receiveCount).toBe(message.receives);
      this.receipts.push({ message, handle: receiptHandle, receives: receiveCount });
    }
  }

  private async delete(index: number): Promise<void> {
    const receipt = this.receipts[index % this.receipts.length];
    if (!receipt) return;
    await this.broker.deleteMessages(this.arn, [receipt.handle]);
    const { message, receives } = receipt;
    if (message.receives === receives && this.isHidden(message)) {
      this.messages = this.messages.filter((one) => one !== message);
    }
  }

  private async hide(index: number, seconds: number): Promise<void> {
    const receipt = this.receipts[index % this.receipts.length];
    if (!receipt) return;
    const { message, receives, handle } = receipt;
    const possible =
      this.messages.includes(message) && message.receives === receives && this.isHidden(message);
    const change = this.broker.changeVisibility(this.arn, handle, seconds);
    if (!possible) return expect(change).rejects.toThrow();
    await change;
    message.hiddenUntil = this.clock.now() + seconds * 1000;
  }

  /** At the end every message is in one of the queues, in the order of its group. */
  private async drain(): Promise<void> {
    this.clock.advanceSeconds(60);
    const rest = await receive(this.broker, this.arn, 1000, 43_200);
    await this.broker.queues.get(this.arn).departed();
    const letters = await receive(this.broker, this.deadArn, 1000);
    for (const group of GROUPS) {
      const inGroup = (messages: typeof rest) => bodies(messages.filter(({ groupId }) => groupId === group));
      const expected = (exhausted: boolean) => {
        const messages = this.of(group).filter(({ receives }) => receives >= MAX_RECEIVES === exhausted);
        return messages.map(({ body }) => body);
      };
      expect(inGroup(rest)).toEqual(expected(false));
      expect(inGroup(letters)).toEqual(expected(true));
    }
  }
}

describe('a FIFO queue', () => {
  it('behaves as the model of one, whatever is done with it', async () => {
    const sequences = fc.array(step, { minLength: 1, maxLength: 40 });
    const property = fc.asyncProperty(sequences, async (steps) => {
      const run = new Run();
      await run.open();
      await run.take(steps);
    });
    await fc.assert(property, { numRuns: 200, endOnFailure: false });
  });
});
