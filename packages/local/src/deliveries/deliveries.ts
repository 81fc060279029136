import { randomUUID } from 'node:crypto';
import type { Clock, Timer } from '../clock';
import type { Activity } from '../engine/activity';
import { nameOf } from '../engine/arn';
import { ServiceError } from '../engine/errors';
import type { Operation, Store } from '../engine/store';
import type { Exhausted } from './dead-letters';
import { deadLetterAttributes, isFinalForRules } from './dead-letters';
import { payloadOf } from './delivery';
import type { Delivery, NewDelivery, Source } from './delivery';
import type { Targets } from './targets';

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 15 * 60_000;
const KEYS = 'e!';
const SCOPES = { schedule: 'scheduler', rule: 'events' } as const;

export interface DeliveriesOptions {
  readonly targets: Targets;
  /** Keeps what is to be delivered. */
  readonly store: Pick<Store, 'commit' | 'get' | 'pages'>;
  readonly clock: Clock;
  readonly activity: Activity;
}

/** What is not done yet; the rest of it is in the store while it waits. */
interface Pending {
  readonly sourceArn: string;
  timer?: Timer;
}

/**
 * Events on their way to targets, kept from before anyone is told that they were accepted until the target has them. What
 * fails is tried again with growing pauses until the target's policy ends that, and then sent to the dead-letter queue.
 */
export class Deliveries {
  private readonly pending = new Map<string, Pending>();
  private readonly underWay = new Set<Promise<unknown>>();
  private stopped = false;

  constructor(private readonly options: DeliveriesOptions) {}

  /**
   * Resolves once they are kept; they are under way then.
   * @param operations what is written together with them
   */
  add(deliveries: readonly NewDelivery[], operations: readonly Operation[] = []): Promise<void> {
    const added = deliveries.map((each) => {
      return { ...each, id: randomUUID(), attempts: 0, nextAt: each.at };
    });
    for (const { id, source } of added) this.pending.set(id, { sourceArn: source.arn });
    return this.track(
      this.options.store.commit([...operations, ...added.map(kept)], () => {
        for (const each of added) void this.attempt(each);
      }),
    );
  }

  /** Goes on with what an earlier run has left. */
  async start(): Promise<void> {
    this.stopped = false;
    for await (const page of this.options.store.pages(KEYS)) {
      const attempts = page.flatMap(([, value]) => {
        const delivery = JSON.parse(value) as Delivery;
        if (this.pending.has(delivery.id)) return [];
        this.pending.set(delivery.id, { sourceArn: delivery.source.arn });
        if (delivery.nextAt <= this.options.clock.now()) return [this.attempt(delivery)];
        this.wait(delivery);
        return [];
      });
      // What a long absence has left is not taken into memory all at once.
      await Promise.all(attempts);
    }
  }

  /** Tries nothing more of a source. */
  cancel(sourceArn: string): void {
    const operations: Operation[] = [];
    for (const [id, { sourceArn: own, timer }] of this.pending) {
      if (own !== sourceArn) continue;
      timer?.cancel();
      this.pending.delete(id);
      operations.push({ type: 'del', key: KEYS + id });
    }
    if (operations.length === 0) return;
    const { store, activity } = this.options;
    void this.track(store.commit(operations)).catch(({ message }: Error) =>
      activity.warn('events', `internal error: ${message}`),
    );
  }

  /** Resolves when no attempt is under way; what fails meanwhile is tried again by the next run. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const { timer } of this.pending.values()) timer?.cancel();
    await this.idle();
    this.pending.clear();
  }

  /** Resolves when nothing is under way, however it ended. */
  async idle(): Promise<void> {
    while (this.underWay.size > 0) await Promise.allSettled(this.underWay);
  }

  private track<T>(work: Promise<T>): Promise<T> {
    const tracked = work.finally(() => this.underWay.delete(tracked));
    this.underWay.add(tracked);
    return tracked;
  }

  private attempt(delivery: Delivery): Promise<void> {
    return this.track(
      this.try(delivery).catch((error: Error) =>
        this.warn(delivery.source, `internal error: ${error.message}`),
      ),
    );
  }

  private async try(before: Delivery): Promise<void> {
    const { targets, clock, activity } = this.options;
    const { source, target, at } = before;
    const attempt = before.attempts + 1;
    const isTooOld = before.attempts > 0 && clock.now() >= at + target.maximumEventAgeSeconds * 1000;
    try {
      if (isTooOld) throw new ServiceError('EventAgeExceeded', 'The event is too old.');
      await targets.call(before, payloadOf(before, attempt));
      await this.forget(before);
      activity.event(SCOPES[source.kind], () => `${source.name} -> ${nameOf(target.arn)}`);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      if (!this.pending.has(before.id)) return;
      const failed = isTooOld ? before : { ...before, attempts: attempt };
      const exhausted = isTooOld ? 'MaximumEventAgeInSeconds' : exhaustedBy(failed, error);
      if (exhausted === undefined) await this.again(failed, error);
      else await this.end(failed, error, exhausted);
    }
  }

  private async again(failed: Delivery, error: ServiceError): Promise<void> {
    const { store, clock } = this.options;
    const { source, target } = failed;
    const pause = Math.min(FIRST_RETRY_MS * 2 ** (failed.attempts - 1), LONGEST_RETRY_MS);
    const oldestAt = failed.at + target.maximumEventAgeSeconds * 1000;
    const retry = { ...failed, nextAt: Math.min(clock.now() + pause, oldestAt) };
    await store.commit([kept(retry)]);
    this.wait(retry);
    const seconds = Math.ceil((retry.nextAt - clock.now()) / 1000);
    if (failed.attempts === 1)
      this.warn(source, `${target.arn}: ${error.message}; again in ${seconds} s, with growing pauses`);
  }

  /** Without what it carries, which may be much. */
  private wait({ id, nextAt }: Delivery): void {
    const pending = this.pending.get(id);
    if (pending === undefined || this.stopped) return;
    const { clock, store } = this.options;
    pending.timer = clock.schedule(Math.max(0, nextAt - clock.now()), () => {
      const value = store.get(KEYS + id);
      if (value !== undefined) void this.attempt(JSON.parse(value) as Delivery);
    });
  }

  private async end(failed: Delivery, error: ServiceError, exhausted: Exhausted): Promise<void> {
    const { source, target, attempts, event } = failed;
    const what = `${target.arn}: ${error.message}; given up after ${attempts} attempts`;
    if (target.deadLetterArn === undefined) {
      this.warn(source, `${what}, the event is lost`);
    } else {
      try {
        // Of a rule the event itself, so that it can be put on the bus again.
        const body = source.kind === 'rule' ? event : payloadOf(failed, attempts);
        await this.options.targets.bury(failed, body, deadLetterAttributes(failed, error, exhausted));
        this.warn(source, `${what}, sent to ${nameOf(target.deadLetterArn)}`);
      } catch (refusal) {
        if (!(refusal instanceof ServiceError)) throw refusal;
        this.warn(
          source,
          `${what}; the event is lost, ${target.deadLetterArn} did not take it: ${refusal.message}`,
        );
      }
    }
    await this.forget(failed);
  }

  private async forget({ id }: Delivery): Promise<void> {
    await this.options.store.commit([{ type: 'del', key: KEYS + id }]);
    this.pending.delete(id);
  }

  private warn({ kind, name }: Source, text: string): void {
    this.options.activity.warn(SCOPES[kind], `${name}: ${text}`);
  }
}

function kept(delivery: Delivery): Operation {
  return { type: 'put', key: KEYS + delivery.id, value: JSON.stringify(delivery) };
}

/** Undefined where it is to be tried again. */
function exhaustedBy({ source, target, attempts }: Delivery, error: ServiceError): Exhausted | undefined {
  if (source.kind === 'rule' && isFinalForRules(error)) return 'final';
  return attempts > target.maximumRetryAttempts ? 'MaximumRetryAttempts' : undefined;
}
