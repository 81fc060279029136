import type { Clock, Timer } from '../clock';
import type { Broker } from '../engine';
import type { AlarmActionsOptions } from './alarm-actions';
import { AlarmActions } from './alarm-actions';
import { AlarmStore } from './alarm-store';
import { Alarms } from './alarms';
import { FunctionMetrics } from './function-metrics';
import { FINE_STEP_MS, MetricStore, MINUTE_MS } from './metric-store';
import { MessagingSources } from './sources';

export interface MonitoringOptions {
  /** Of the alarms; created with the first of them. */
  readonly folder: string;
  readonly clock: Clock;
  readonly broker: Broker;
  /** @default every alarm may invoke every function */
  readonly mayInvoke?: AlarmActionsOptions['mayInvoke'];
}

/** Namespaces whose metrics are known here; others come from PutMetricData alone. */
export const KNOWN_NAMESPACES: ReadonlySet<string> = new Set(['AWS/SQS', 'AWS/SNS', 'AWS/Lambda']);

/**
 * Amazon CloudWatch: metrics of queues, topics and functions and those that programs put, and alarms on them. Queues and topics
 * are read at the end of every minute; then the alarms are judged.
 */
export class Monitoring {
  readonly metrics: MetricStore;
  readonly alarms: Alarms;
  /** To be told of invocations. */
  readonly functions: FunctionMetrics;
  private readonly sources: MessagingSources;
  private readonly store: AlarmStore;
  private timer: Timer | undefined;
  private due = Infinity;
  private running = false;

  private constructor({ folder, clock, broker, mayInvoke = () => true }: MonitoringOptions) {
    const { activity, locale } = broker;
    const onFailure = ({ message }: Error) =>
      activity.warn('alarms', `cannot write to ${folder}: ${message}`);
    this.clock = clock;
    this.metrics = new MetricStore(clock);
    this.functions = new FunctionMetrics(this.metrics, clock);
    this.sources = new MessagingSources(broker, this.metrics);
    this.store = new AlarmStore({ folder, clock, onFailure });
    this.alarms = new Alarms({
      clock,
      locale,
      metrics: this.metrics,
      store: this.store,
      actions: new AlarmActions({ broker, mayInvoke }),
      activity,
      onChange: () => this.schedule(),
    });
  }

  private readonly clock: Clock;

  /** Reads the alarms of earlier runs. @throws StoreInUseError */
  static async open(options: MonitoringOptions): Promise<Monitoring> {
    const monitoring = new Monitoring(options);
    await monitoring.alarms.restore();
    return monitoring;
  }

  /** Begins to read and to judge; actions that a kill prevented are carried out. */
  start(): void {
    this.running = true;
    this.alarms.resume();
    this.schedule();
  }

  /** Lets the actions that are under way end, and closes the store. */
  async stop(): Promise<void> {
    this.running = false;
    this.timer?.cancel();
    await this.alarms.settled();
    await this.store.close();
  }

  /** At the next full minute, or with alarms of less than a minute at the next ten seconds. */
  private schedule(): void {
    if (!this.running) return;
    const now = this.clock.now();
    const step = this.alarms.hasFinePeriods ? FINE_STEP_MS : MINUTE_MS;
    const next = (Math.floor(now / step) + 1) * step;
    if (next >= this.due) return;
    this.timer?.cancel();
    this.due = next;
    this.timer = this.clock.schedule(next - now, () => this.tick(next));
  }

  private tick(at: number): void {
    this.due = Infinity;
    const now = this.clock.now();
    if (at % MINUTE_MS === 0) {
      this.sources.sample(at - MINUTE_MS, now);
      this.metrics.trim();
    }
    this.alarms.evaluate(at);
    this.schedule();
  }
}
