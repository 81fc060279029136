import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { Messaging } from '../../messaging';
import { everyPage } from '../../page';
import type { QueueInfo } from '../../queues';
import { Cached, within } from '../cached';
import { queueAges } from './queue-ages';

/** What is asked at once. */
const CONCURRENCY = 10;
/** A scrape waits no longer; what comes later is there at the next one. Prometheus itself gives up after 10 s. */
const PATIENCE_MS = 5000;
/** CloudWatch has a new age no more often, and asking costs. https://aws.amazon.com/cloudwatch/pricing/ */
const AGES_CACHE_MS = 60_000;
const ALARM_STATES = ['ok', 'alarm', 'insufficient-data'] as const;

export interface ResourceGaugesOptions {
  readonly cacheMs: number;
  /** Queues, and alarms, that are asked. */
  readonly maxResources: number;
}

/** Queues and alarms as gauges, asked when somebody scrapes, and then not again for a while. */
export class ResourceGauges {
  private readonly visible: Gauge;
  private readonly inFlight: Gauge;
  private readonly delayed: Gauge;
  private readonly oldestAge: Gauge;
  private readonly alarmState: Gauge;
  private readonly success: Gauge;
  private readonly look: Cached<void>;
  private readonly ages: Cached<void>;

  constructor(
    private readonly messaging: Messaging,
    registry: Registry,
    private readonly options: ResourceGaugesOptions,
  ) {
    const gauge = (name: string, help: string, labelNames: string[]): Gauge =>
      new Gauge({ name, help, labelNames, registers: [registry] });
    const queue = (name: string, help: string): Gauge => gauge(`aws_micro_queue_${name}`, help, ['queue']);
    this.visible = queue('messages_visible', 'Messages that can be received');
    this.inFlight = queue('messages_in_flight', 'Messages that were received and not deleted yet');
    this.delayed = queue('messages_delayed', 'Messages that wait for their delay');
    this.oldestAge = queue(
      'oldest_message_age_seconds',
      'Age of the oldest message, where CloudWatch has it',
    );
    this.alarmState = gauge('aws_micro_alarm_state', '1 for the state that an alarm is in', [
      'alarm',
      'state',
    ]);
    this.success = gauge('aws_micro_collect_success', 'Whether the last look at a kind succeeded', ['kind']);
    this.look = new Cached(() => this.collect(), options.cacheMs);
    const agesCacheMs = Math.max(options.cacheMs, AGES_CACHE_MS);
    this.ages = new Cached(async () => this.collectAges(await this.queueNames()), agesCacheMs);
  }

  /** Brings the gauges up to date, as far as it is time and AWS answers soon. */
  async refresh(): Promise<void> {
    await within(PATIENCE_MS, this.look.get());
  }

  private async collect(): Promise<void> {
    const kinds = {
      queues: async () => this.collectQueues(await this.queueNames()),
      ages: () => this.ages.get(),
      alarms: () => this.collectAlarms(),
    };
    await Promise.all(
      Object.entries(kinds).map(async ([kind, collect]) => {
        const succeeded = await collect().then(
          () => true,
          // Told by the gauge; the values before it stay.
          () => false,
        );
        this.success.set({ kind }, succeeded ? 1 : 0);
      }),
    );
  }

  private async queueNames(): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const { name } of everyPage((options) => this.messaging.queues.list(options))) {
      if (names.push(name) === this.options.maxResources) break;
    }
    return names;
  }

  private async collectQueues(all: readonly string[]): Promise<void> {
    const names = [...all];
    const found: QueueInfo[] = [];
    const workers = Array.from({ length: CONCURRENCY }, async () => {
      for (let name = names.pop(); name !== undefined; name = names.pop()) {
        const info = await this.queue(name);
        if (info !== undefined) found.push(info);
      }
    });
    await Promise.all(workers);
    for (const gauge of [this.visible, this.inFlight, this.delayed]) gauge.reset();
    for (const { name, visible, inFlight, delayed } of found) {
      this.visible.set({ queue: name }, visible);
      this.inFlight.set({ queue: name }, inFlight);
      this.delayed.set({ queue: name }, delayed);
    }
  }

  /** Undefined: deleted since it was listed. */
  private async queue(name: string): Promise<QueueInfo | undefined> {
    try {
      return await this.messaging.queues.get(name);
    } catch (error) {
      if ((error as { code?: string }).code === 'not-found') return undefined;
      throw error;
    }
  }

  private async collectAges(names: readonly string[]): Promise<void> {
    const ages = await queueAges(this.messaging.aws, names);
    this.oldestAge.reset();
    for (const [queue, seconds] of ages) this.oldestAge.set({ queue }, seconds);
  }

  private async collectAlarms(): Promise<void> {
    const found: { readonly name: string; readonly state: string }[] = [];
    for await (const alarm of everyPage((options) => this.messaging.alarms.list(options))) {
      if (found.push(alarm) === this.options.maxResources) break;
    }
    this.alarmState.reset();
    for (const { name, state } of found) {
      for (const each of ALARM_STATES) {
        this.alarmState.set({ alarm: name, state: each }, each === state ? 1 : 0);
      }
    }
  }
}
