import { join } from 'node:path';
import type { AlarmDefinition } from '../../src/monitoring';
import { Monitoring } from '../../src/monitoring';
import type { Broker } from '../../src/engine';
import { cleanUp, Lines, openBroker, temporaryFolder } from '../engine/support';
import { ManualClock } from '../support/manual-clock';

export const METRIC = { namespace: 'Shop', name: 'Orders', dimensions: [] };

/** An alarm as soon as one minute has more than 0. */
export function definition(more: Partial<AlarmDefinition> = {}): AlarmDefinition {
  return {
    name: 'orders',
    metric: METRIC,
    statistic: 'Sum',
    periodSeconds: 60,
    evaluationPeriods: 1,
    comparison: 'GreaterThanThreshold',
    threshold: 0,
    treatMissingData: 'missing',
    actionsEnabled: true,
    actions: { OK: [], ALARM: [], INSUFFICIENT_DATA: [] },
    ...more,
  };
}

/** Metrics and alarms over a broker, on a clock that stands at a full minute. */
export class TestMonitoring {
  readonly clock = new ManualClock();
  readonly reporter = new Lines();
  readonly folder = temporaryFolder();
  /** Pairs of function and alarm that may not be invoked. */
  readonly forbidden = new Set<string>();
  broker!: Broker;
  monitoring!: Monitoring;

  async open(): Promise<this> {
    const { clock, reporter } = this;
    this.broker ??= await openBroker({ clock, reporter });
    this.monitoring = await Monitoring.open({
      folder: join(this.folder, 'alarms'),
      clock,
      broker: this.broker,
      mayInvoke: (functionArn, alarmArn) => !this.forbidden.has(`${functionArn} ${alarmArn}`),
    });
    this.monitoring.start();
    return this;
  }

  /** Lets the time pass, and what it brings about be written. */
  async pass(seconds: number): Promise<void> {
    this.clock.advanceSeconds(seconds);
    await this.monitoring.alarms.settled();
  }

  async put(name: string, more: Partial<AlarmDefinition> = {}): Promise<void> {
    await this.monitoring.alarms.put(definition({ name, ...more }));
  }

  /** A value of `Shop/Orders` now. */
  value(value: number, highResolution = false): void {
    const statistics = { sampleCount: 1, sum: value, minimum: value, maximum: value };
    this.monitoring.metrics.put({ metric: METRIC, at: this.clock.now(), statistics, highResolution });
  }

  state(name = 'orders'): string {
    return this.monitoring.alarms.get(name).state.value;
  }

  async close(): Promise<void> {
    await this.monitoring.stop();
    await cleanUp();
  }
}
