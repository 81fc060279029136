import type { Clock } from '../clock';
import type { InvocationObserver } from '../contracts';
import type { MetricStore } from './metric-store';
import { single } from './statistics';

/**
 * What Lambda tells CloudWatch of functions.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 */
export class FunctionMetrics implements InvocationObserver {
  constructor(
    private readonly metrics: MetricStore,
    private readonly clock: Clock,
  ) {}

  invoked(functionName: string, durationMs: number, failed: boolean): void {
    this.put(functionName, 'Invocations', 1);
    this.put(functionName, 'Errors', failed ? 1 : 0);
    this.put(functionName, 'Throttles', 0);
    this.put(functionName, 'Duration', durationMs, 'Milliseconds');
  }

  throttled(functionName: string): void {
    this.put(functionName, 'Throttles', 1);
  }

  private put(functionName: string, name: string, value: number, unit = 'Count'): void {
    const dimensions = [{ name: 'FunctionName', value: functionName }];
    const metric = { namespace: 'AWS/Lambda', name, dimensions };
    this.metrics.put({ metric, at: this.clock.now(), unit, statistics: single(value) });
  }
}
