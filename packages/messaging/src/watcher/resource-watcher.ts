import type { Aws } from '../clients';
import { asError } from '../consumer';
import type { FieldError } from '../errors';
import { MessagingError, refuse } from '../errors';
import type { ResourceEvent, ResourceType } from '../events';
import { Lists } from './lists';
import type { Memory } from './look';
import { Look } from './look';
import { RateLimit } from './rate';
import { Told } from './told';
import type { Changes, WatchOptions } from './types';

const ALL: readonly ResourceType[] = ['queue', 'topic', 'subscription', 'alarm'];
const DEFAULT_INTERVAL_SECONDS = 30;
const DEFAULT_REQUESTS_PER_SECOND = 20;
/** Between a look that took longer than the interval and the next. */
const SHORTEST_PAUSE_MS = 1_000;

/**
 * Tells by events which resources were created, changed or deleted since the look before; the first look tells nothing, and what was
 * created or deleted through this library, which is told at once, is not told again. A look lists
 * everything, asks for the attributes of what is new, and then of what was not asked about for the longest time, as far as the calls of
 * an interval go: what comes and goes is seen in each look, a changed attribute of thousands of queues some looks later. What cannot
 * be listed is never taken for deleted.
 *
 * Costs one call per 1,000 queues, 100 topics, subscriptions or alarms, and one per queue, topic and subscription for its attributes.
 */
export class ResourceWatcher {
  private readonly types: readonly ResourceType[];
  private readonly intervalMs: number | undefined;
  private readonly perSecond: number;
  private readonly rate: RateLimit;
  private readonly memory: Memory = new Map();
  private readonly told: Told;
  private stopping = new AbortController();
  private untrack?: () => void;
  private looping?: Promise<void>;
  /** Looks come one after the other. */
  private last: Promise<unknown> = Promise.resolve();
  private calls = 0;

  /** @throws MessagingError 'invalid' when an option is */
  constructor(
    private readonly aws: Aws,
    options: WatchOptions = {},
  ) {
    const { intervalSeconds = DEFAULT_INTERVAL_SECONDS, requestsPerSecond = DEFAULT_REQUESTS_PER_SECOND } =
      options;
    checkOptions(options);
    this.types = ALL.filter((type) => (options.types ?? ALL).includes(type));
    this.intervalMs = intervalSeconds === 'off' ? undefined : intervalSeconds * 1000;
    this.perSecond = requestsPerSecond;
    this.rate = new RateLimit(aws.clock, requestsPerSecond);
    this.told = new Told(aws.events);
  }

  get running(): boolean {
    return this.looping !== undefined;
  }

  /** AWS calls so far. */
  get requests(): number {
    return this.calls;
  }

  /** What was last seen; without attributes where none were asked for yet. */
  get snapshot(): ResourceEvent[] {
    const all = [...this.memory.values()].flatMap((known) => [...known.values()]);
    return all.map(({ listed: { type, name, arn }, attributes = {} }) => {
      const known = attributes['arn'];
      return { type, name, arn: arn || (typeof known === 'string' ? known : ''), attributes };
    });
  }

  /** Looks now and then every interval; with the interval 'off' only `check` looks. Started again it goes on from what it knows. */
  start(): void {
    if (this.looping !== undefined || this.intervalMs === undefined) return;
    this.untrack = this.aws.track({ close: () => this.stop() });
    this.looping = this.loop(this.intervalMs, this.signal());
  }

  /** Looks no more; a look that is under way ends at once. */
  async stop(): Promise<void> {
    this.stopping.abort(new MessagingError('closed', 'The watcher was stopped'));
    this.untrack?.();
    await Promise.all([this.looping, this.last.catch(() => undefined)]);
    this.looping = undefined;
  }

  /**
   * Looks once at everything, after the look that is under way, and answers what differs.
   *
   * @throws MessagingError 'closed' when the watcher is stopped meanwhile
   */
  check(): Promise<Changes> {
    return this.look(Infinity, this.signal());
  }

  private signal(): AbortSignal {
    if (this.stopping.signal.aborted) this.stopping = new AbortController();
    return this.stopping.signal;
  }

  private async loop(intervalMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const began = this.aws.clock.now();
      try {
        await this.look((intervalMs / 1000) * this.perSecond, signal);
      } catch (error) {
        if (!signal.aborted) this.aws.events.emit('error', asError(error));
      }
      const left = began + intervalMs - this.aws.clock.now();
      await this.aws.clock.wait(Math.max(left, SHORTEST_PAUSE_MS), signal).catch(() => undefined);
    }
  }

  private look(budget: number, signal: AbortSignal): Promise<Changes> {
    const look = this.last.then(
      () => this.lookNow(budget, signal),
      () => this.lookNow(budget, signal),
    );
    this.last = look;
    return look;
  }

  private async lookNow(budget: number, signal: AbortSignal): Promise<Changes> {
    signal.throwIfAborted();
    const lists = new Lists(this.aws, this.rate, signal);
    const look = new Look(this.aws, lists, this.memory, this.told, signal);
    try {
      await look.run(this.types, budget);
    } finally {
      this.calls += lists.requests;
    }
    const { created, changed, deleted, alarmStates } = look;
    return { created, changed, deleted, alarmStates };
  }
}

function checkOptions({ types = ALL, intervalSeconds, requestsPerSecond }: WatchOptions): void {
  const errors: FieldError[] = [];
  const check = (field: string, ok: boolean, detail: string) => ok || errors.push({ field, detail });
  const unknown = types.filter((type) => !ALL.includes(type));
  check('types', types.length > 0 && unknown.length === 0, `must be some of ${ALL.join(', ')}`);
  check(
    'intervalSeconds',
    isOff(intervalSeconds) || isBetween(intervalSeconds, 1, 86_400),
    "must be 1 to 86400 or 'off'",
  );
  check('requestsPerSecond', isBetween(requestsPerSecond, 0.1, 1_000), 'must be 0.1 to 1000');
  refuse(errors);
}

function isOff(interval: number | 'off' | undefined): interval is 'off' {
  return interval === 'off';
}

function isBetween(value: number | undefined, from: number, to: number): boolean {
  return value === undefined || (value >= from && value <= to);
}
