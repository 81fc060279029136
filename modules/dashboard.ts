import { CloudwatchDashboard } from '@cdktf/provider-aws/lib/cloudwatch-dashboard';
import { Lazy } from 'cdktf';
import { Construct } from 'constructs';
import { Account } from './account';
import type { Metric } from './metrics';

export interface DashboardProps {
  readonly name: string;
}

const COLUMNS = 2;
const WIDTH = 12;
const HEIGHT = 6;

/**
 * One page of graphs, two in a row. Made and filled by `Alarms`.
 *
 * Emits aws_cloudwatch_dashboard. Three dashboards of an account are free, then 3 USD a month each.
 */
export class Dashboard extends Construct {
  readonly dashboard: CloudwatchDashboard;
  private readonly region: string;
  private readonly graphs: { title: string; metrics: readonly Metric[] }[] = [];

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    this.region = Account.of(this).region;
    this.dashboard = new CloudwatchDashboard(this, 'dashboard', {
      dashboardName: props.name,
      dashboardBody: Lazy.stringValue({ produce: () => this.render() }),
    });
  }

  add(title: string, metrics: readonly Metric[]): void {
    this.graphs.push({ title, metrics });
  }

  private render(): string {
    const widgets = this.graphs.map(({ title, metrics }, index) => ({
      type: 'metric',
      x: (index % COLUMNS) * WIDTH,
      y: Math.floor(index / COLUMNS) * HEIGHT,
      width: WIDTH,
      height: HEIGHT,
      properties: { title, region: this.region, period: 300, metrics: metrics.map(line) },
    }));
    return JSON.stringify({ widgets });
  }
}

function line({ namespace, name, dimensions, statistic }: Metric) {
  return [namespace, name, ...Object.entries(dimensions).flat(), { stat: statistic }];
}
