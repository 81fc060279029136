import fc from 'fast-check';
import type { Broker } from '../../src/engine';
import { ManualClock } from '../support/manual-clock';
import { cleanUp, openBroker, receive, settle, temporaryFolder } from './support';

afterEach(cleanUp);

const VISIBILITY = 30;
const RETENTION = 600;
const MAX_RECEIVES = 3;

type Step =
  | { kind: 'send'; delay: number }
  | { kind: 'receive'; max: number; visibility: number }
  | { kind: 'delete'; receipt: number }
  | { kind: 'hide'; receipt: number; seconds: number }
  | { kind: 'wait'; seconds: number }
  | { kind: 'purge' }
  | { kind: 'restart' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('send' as const), delay: fc.constantFrom(0, 0, 0, 10) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('receive' as const),
      max: fc.integer({ min: 1, max: 4 }),
      visibility: fc.constantFrom(VISIBILITY, VISIBILITY, 0, 5),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('delete' as const), receipt: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('hide' as const),
      receipt: fc.nat(),
      seconds: fc.constantFrom(0, 7, 60),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(1, 5, 10, 30, 250) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'purge' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

/** A message as the documentation describes it; all that a model of a standard queue needs. */
interface ModelMessage {
  readonly expiresAt: number;
  hiddenUntil: number;
  inFlight: boolean;
  receives: number;
}

/** Runs the same steps on a queue and on a map of messages. */
class Run {
  private readonly alive = new Map<string, ModelMessage>();
  private readonly receipts: { id: string; handle: string; receives: number }[] = [];
  private readonly clock = new ManualClock();
  private readonly folder = temporaryFolder();
  private broker!: Broker;
  private arn = '';
  private deadArn = '';
  private purgedAt = -Infinity;

  async open(): Promise<void> {
    this.broker = await openBroker({ folder: this.folder, clock: this.clock, contentMemory: 500 });
    this.deadArn = (await this.broker.ensureQueue('dead', { MessageRetentionPeriod: '1209600' })).arn;
    const redrive = JSON.stringify({ deadLetterTargetArn: this.deadArn, maxReceiveCount: MAX_RECEIVES });
    const attributes = { MessageRetentionPeriod: String(RETENTION), RedrivePolicy: redrive };
    this.arn = (await this.broker.ensureQueue('queue', attributes)).arn;
  }

  async take(steps: readonly Step[]): Promise<void> {
    for (const each of steps) {
      await this.step(each);
      this.expire();
      await this.compareDepth();
    }
    await this.drain();
  }

  private async step(each: Step): Promise<void> {
    switch (each.kind) {
      case 'send':
        return this.send(each.delay);
      case 'receive':
        return this.receive(each.max, each.visibility);
      case 'delete':
        return this.delete(each.receipt);
      case 'hide':
        return this.hide(each.receipt, each.seconds);
      case 'wait':
        return this.clock.advanceSeconds(each.seconds);
      case 'purge':
        return this.purge();
      case 'restart':
        await this.broker.close();
        this.purgedAt = -Infinity;
        for (const message of this.alive.values()) {
          if (message.inFlight) message.hiddenUntil = 0;
          message.inFlight = false;
        }
        return this.open();
    }
  }

  private async purge(): Promise<void> {
    const now = this.clock.now();
    const purging = this.broker.queues.purge(this.broker.queues.get(this.arn));
    if (now < this.purgedAt + 60_000) return expect(purging).rejects.toThrow('every 60 seconds');
    await purging;
    this.purgedAt = now;
    this.alive.clear();
  }

  private async send(delay: number): Promise<void> {
    const now = this.clock.now();
    const { messageId } = await this.broker.send(this.arn, { body: 'body '.repeat(20), delaySeconds: delay });
    const hiddenUntil = now + delay * 1000;
    this.alive.set(messageId, {
      expiresAt: now + RETENTION * 1000,
      hiddenUntil,
      inFlight: false,
      receives: 0,
    });
  }

  private async receive(max: number, visibility: number): Promise<void> {
    this.expire();
    const now = this.clock.now();
    const available = [...this.alive.values()].filter(
      (one) => one.hiddenUntil <= now && one.receives < MAX_RECEIVES,
    );
    const received = await receive(this.broker, this.arn, max, visibility);
    expect(received).toHaveLength(Math.min(max, available.length));
    expect(new Set(received.map((message) => message.messageId)).size).toBe(received.length);
    for (const { messageId, receiptHandle, receiveCount } of received) {
      const message = this.alive.get(messageId)!;
      expect(available).toContain(message);
      message.receives += 1;
      message.inFlight = true;
      message.hiddenUntil = now + visibility * 1000;
      expect(receiveCount).toBe(message.receives);
      this.receipts.push({ id: messageId, handle: receiptHandle, receives: receiveCount });
    }
  }

  private async delete(index: number): Promise<void> {
    const receipt = this.receipts[index % this.receipts.length];
    if (!receipt) return;
    const message = this.alive.get(receipt.id);
    // A message at its last receive may have left for the dead-letter queue; its handle is stale there.
    if (message?.receives === MAX_RECEIVES && message.hiddenUntil <= this.clock.now()) return;
    await this.broker.deleteMessages(this.arn, [receipt.handle]);
    if (message?.receives === receipt.receives) this.alive.delete(receipt.id);
  }

  private async hide(index: number, seconds: number): Promise<void> {
    const receipt = this.receipts[index % this.receipts.length];
    if (!receipt) return;
    this.expire();
    const now = this.clock.now();
    const message = this.alive.get(receipt.id);
    const possible = message?.receives === receipt.receives && message.hiddenUntil > now;
    const change = this.broker.changeVisibility(this.arn, receipt.handle, seconds);
    if (!possible) return expect(change).rejects.toThrow();
    await change;
    message.hiddenUntil = now + seconds * 1000;
  }

  private expire(): void {
    const now = this.clock.now();
    for (const [id, message] of this.alive) if (message.expiresAt <= now) this.alive.delete(id);
  }

  /** Exhausted messages are in either queue: they move when someone comes across them. */
  private async compareDepth(): Promise<void> {
    const now = this.clock.now();
    const messages = [...this.alive.values()];
    const hidden = messages.filter((message) => message.hiddenUntil > now);
    await this.movesDone(hidden.filter((message) => message.inFlight).length);
    const { visible, delayed } = this.broker.queues.get(this.arn).depth();
    expect(delayed).toBe(hidden.filter((message) => !message.inFlight).length);
    const shown = messages.filter((message) => message.hiddenUntil <= now);
    const fresh = shown.filter((message) => message.receives < MAX_RECEIVES);
    expect(visible).toBeGreaterThanOrEqual(fresh.length);
    expect(visible).toBeLessThanOrEqual(shown.length);
  }

  /** A message on its way to the dead-letter queue counts as in flight until it is there. */
  private async movesDone(expectedInFlight: number): Promise<void> {
    const queue = this.broker.queues.get(this.arn);
    for (let i = 0; i < 10_000 && queue.depth().inFlight !== expectedInFlight; i += 1)
      await settle(this.broker);
    expect(queue.depth().inFlight).toBe(expectedInFlight);
  }

  private async drain(): Promise<void> {
    const drained = new Set<string>();
    this.clock.advanceSeconds(61);
    this.expire();
    for (;;) {
      const messages = await receive(this.broker, this.arn, 10, 43_200);
      if (messages.length === 0) break;
      for (const message of messages) drained.add(message.messageId);
    }
    await this.movesDone(drained.size);
    const dead = await receive(this.broker, this.deadArn, 1000, 43_200);
    expect(new Set(dead.map((letter) => letter.messageId)).size).toBe(dead.length);
    for (const message of dead) expect(drained.has(message.messageId)).toBe(false);
    for (const [id, message] of this.alive) {
      const exhausted = message.receives >= MAX_RECEIVES;
      expect(exhausted ? dead.some((letter) => letter.messageId === id) : drained.has(id)).toBe(true);
      drained.delete(id);
    }
    expect([...drained]).toEqual([]);
    await this.broker.close();
  }
}

describe('a queue', () => {
  it('behaves as the model of a standard queue, whatever is done with it', async () => {
    const sequences = fc.array(step, { minLength: 1, maxLength: 40 });
    const property = fc.asyncProperty(sequences, async (steps) => {
      const run = new Run();
      await run.open();
      await run.take(steps);
    });
    await fc.assert(property, { numRuns: 200, endOnFailure: false });
  });
});
