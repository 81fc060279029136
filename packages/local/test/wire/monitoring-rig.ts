import type { PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import { CloudWatchClient, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { ManualClock } from '../support/manual-clock';
import type { Runtime } from './support';
import { clientConfig, startRuntime, stopRuntime } from './support';

export const NOON = Date.UTC(2026, 0, 1, 12);

/** CloudWatch behind the AWS endpoint, on a clock that the test moves, and a client of it. */
export class MonitoringRig {
  readonly clock = new ManualClock(NOON);
  runtime!: Runtime;
  client!: CloudWatchClient;

  async start(): Promise<void> {
    this.runtime = await startRuntime({ clock: this.clock });
    this.client = new CloudWatchClient(clientConfig(this.url));
  }

  get monitoring(): Runtime['monitoring'] {
    return this.runtime.monitoring;
  }

  get url(): string {
    return this.runtime.endpoint.url;
  }

  /** Lets time pass, and what it brings about be written. */
  async pass(seconds: number): Promise<void> {
    this.clock.advanceSeconds(seconds);
    await this.monitoring.alarms.settled();
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await stopRuntime(this.runtime);
  }
}

/** An alarm as soon as a minute has an order. */
export function alarm(
  AlarmName: string,
  more: Partial<PutMetricAlarmCommandInput> = {},
): PutMetricAlarmCommand {
  return new PutMetricAlarmCommand({
    AlarmName,
    Namespace: 'Shop',
    MetricName: 'Orders',
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: 0,
    ...more,
  });
}
