import type { Clock, Timer } from '../clock';
import type { Reporter } from '../contracts';
import { ServiceError } from '../engine/errors';
import type { Operation, Store } from '../engine/store';
import { invalidArgument } from './errors';
import type { Change, Letter } from './events';
import { keys } from './keys';
import { notificationTargets, wants } from './notification-config';
import type { NotificationTarget } from './notification-config';
import type { BucketRecord } from './types';

const AT_ONCE = 64;
const RETRY_MS = 10_000;

/** Carries letters to what they are for. */
export interface Carrier {
  /** Why AWS would not let a bucket tell a target; undefined where it would. */
  refusal(target: NotificationTarget | Letter['target'], bucket: string): string | undefined;
  /** Resolves once the target has it for good. @throws ServiceError where the target does not take it */
  carry(letter: Letter): Promise<void>;
  /** Tells a queue or topic that a configuration names it now. */
  test(target: NotificationTarget, bucket: string): Promise<void>;
}

export interface OutboxOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly reporter: Reporter;
}

/**
 * Notifications that are to be delivered. They are written together with the change that they tell of, and deleted once their targets
 * have them: whatever is killed, none is lost.
 */
export class Outbox {
  private carrier: Carrier | undefined;
  private carrying: Promise<void> | undefined;
  private again = false;
  private stopped = false;
  private retry: Timer | undefined;
  private readonly warned = new Set<string>();
  private readonly targets = new WeakMap<BucketRecord, readonly NotificationTarget[]>();

  constructor(private readonly options: OutboxOptions) {}

  /** Begins to deliver what is there. */
  start(carrier: Carrier): void {
    this.carrier = carrier;
    this.wake();
  }

  /** Resolves when nothing is under way. */
  get settled(): Promise<void> {
    return this.carrying ?? Promise.resolve();
  }

  /** Resolves when nothing is under way; what is left is delivered after the next start. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.retry?.cancel();
    await this.carrying;
  }

  /**
   * Checks the targets of a configuration that is to be put.
   * @throws S3Error InvalidArgument where AWS would not let the bucket tell one of them
   */
  check(targets: readonly NotificationTarget[], bucket: string): void {
    for (const target of targets) {
      const refusal = this.carrier?.refusal(target, bucket);
      if (refusal === undefined) continue;
      const message = `Unable to validate the following destination configurations: ${refusal}`;
      throw invalidArgument(message, target.arn, refusal);
    }
  }

  /** Sends queues and topics that a configuration names anew the test event. */
  async announce(before: BucketRecord | undefined, after: BucketRecord): Promise<void> {
    const known = new Set((before ? this.targetsOf(before) : []).map((target) => JSON.stringify(target)));
    for (const target of this.targetsOf(after)) {
      const isTold = target.kind === 'queue' || target.kind === 'topic';
      if (!isTold || known.has(JSON.stringify(target))) continue;
      if (this.carrier?.refusal(target, after.name) === undefined)
        await this.carrier?.test(target, after.name);
    }
  }

  /** Of a bucket's configuration. */
  targetsOf(bucket: BucketRecord): readonly NotificationTarget[] {
    const known = this.targets.get(bucket) ?? notificationTargets(bucket.documents['notification']);
    this.targets.set(bucket, known);
    return known;
  }

  /** What is to be written with a change, so that everyone is told who wants to know of it. */
  stage(bucket: BucketRecord, change: Change): Operation[] {
    return this.targetsOf(bucket)
      .filter((target) => wants(target, `s3:${change.name}`, change.key))
      .map(({ kind, id, arn }, i) => ({
        type: 'put',
        key: keys.letter(change.sequence, i),
        value: JSON.stringify({ target: { kind, id, arn }, change } satisfies Letter),
      }));
  }

  /** Says that letters have been written. */
  wake(): void {
    if (this.carrier === undefined || this.stopped) return;
    this.again = true;
    this.carrying ??= this.carryAll().finally(() => (this.carrying = undefined));
  }

  private async carryAll(): Promise<void> {
    while (this.again && !this.stopped) {
      this.again = false;
      try {
        while (!this.stopped && (await this.carrySome()));
      } catch (error) {
        this.options.reporter.warn('s3', `cannot deliver notifications yet: ${(error as Error).message}`);
        this.retry = this.options.clock.schedule(RETRY_MS, () => this.wake());
      }
    }
  }

  /** Whether there was something. */
  private async carrySome(): Promise<boolean> {
    const letters: [string, Letter][] = [];
    const range = { gt: keys.outbox, lt: `${keys.outbox}~`, limit: AT_ONCE };
    for await (const [key, value] of this.options.store.range(range)) {
      letters.push([key, JSON.parse(value) as Letter]);
    }
    const results = await Promise.allSettled(letters.map(([, letter]) => this.carry(letter)));
    const carried = letters.filter((_, i) => results[i]!.status === 'fulfilled');
    await this.options.store.commit(carried.map(([key]) => ({ type: 'del', key })));
    const failure = results.find((result) => result.status === 'rejected');
    if (failure !== undefined) throw failure.reason as Error;
    return letters.length > 0;
  }

  private async carry(letter: Letter): Promise<void> {
    const { target, change } = letter;
    const refusal = this.carrier!.refusal(target, change.bucket);
    if (refusal !== undefined) return this.warnOnce(letter, refusal);
    try {
      await this.carrier!.carry(letter);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      this.warnOnce(letter, error.message);
    }
  }

  private warnOnce({ target, change }: Letter, reason: string): void {
    const line = `${change.bucket} cannot notify ${target.arn || 'EventBridge'}: ${reason}`;
    if (this.warned.has(line)) return;
    this.warned.add(line);
    this.options.reporter.warn('s3', line);
  }
}
