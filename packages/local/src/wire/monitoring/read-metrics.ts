import { ServiceError } from '../../engine';
import type { Metric, MetricStore } from '../../monitoring';
import {
  FINE_STEP_MS,
  invalid,
  isPercentile,
  isStatistic,
  MINUTE_MS,
  SIMPLE_STATISTICS,
  statistic,
} from '../../monitoring';
import { page } from '../paging';
import type { Call, Input, Operations, Output } from '../protocol';
import { isInput, optionalInteger, optionalText, text, textList } from '../protocol';
import { SCANS } from './history';
import {
  choice,
  flag,
  metricOf,
  moment,
  monitoringOf,
  number,
  optionalUnit,
  renderDimensions,
  structures,
} from './input';

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html and API_GetMetricData.html
const MAX_DATAPOINTS = 1440;
const MAX_DATA = 100_800;
const MAX_QUERIES = 500;
const METRICS_A_PAGE = 500;
const FINE_PERIODS = [1, 5, 10, 20, 30];
const RECENT_MS = 3 * 3_600_000;
const QUERY_ID = /^[a-z][A-Za-z0-9_]{0,254}$/;

export const readOperations: Operations = {
  GetMetricStatistics: { permission: 'cloudwatch:GetMetricStatistics', run: getMetricStatistics },
  GetMetricData: { permission: 'cloudwatch:GetMetricData', run: getMetricData },
  ListMetrics: { permission: 'cloudwatch:ListMetrics', run: listMetrics },
};

interface Span {
  /** Milliseconds since the epoch; on a full period. */
  readonly from: number;
  readonly to: number;
  readonly periodMs: number;
}

function getMetricStatistics(input: Input, { context }: Call): Output {
  const { metrics } = monitoringOf(context);
  const metric = metricOf(input);
  const simple = textList(input, 'Statistics');
  const extended = textList(input, 'ExtendedStatistics');
  if (simple.length + extended.length === 0) {
    throw new ServiceError(
      'InvalidParameterCombination',
      'At least one of the parameters Statistics and ExtendedStatistics must be set.',
    );
  }
  checkStatistics(simple, extended);
  const unit = optionalUnit(input);
  const span = spanOf(input, number(input, 'Period'));
  const count = Math.ceil((span.to - span.from) / span.periodMs);
  if (count > MAX_DATAPOINTS) {
    throw new ServiceError(
      'InvalidParameterCombination',
      `You have requested up to ${count} datapoints, which exceeds the limit of ${MAX_DATAPOINTS}. You may reduce the ` +
        'datapoints requested by increasing Period, or decreasing the time range.',
    );
  }
  const units = unit === undefined ? metrics.units(metric) : [unit];
  const Datapoints = units.flatMap((each) =>
    datapoints(metrics, metric, span, each).map(({ at, set }) => ({
      Timestamp: new Date(at),
      ...Object.fromEntries(simple.map((name) => [name, statistic(set, name)])),
      Unit: each,
      ...(extended.length > 0 && {
        ExtendedStatistics: Object.fromEntries(
          extended.flatMap((name) => {
            const value = statistic(set, name);
            return value === undefined ? [] : [[name, value]];
          }),
        ),
      }),
    })),
  );
  return { Label: metric.name, Datapoints };
}

function checkStatistics(simple: readonly string[], extended: readonly string[]): void {
  const strange =
    simple.find((name) => !(SIMPLE_STATISTICS as readonly string[]).includes(name)) ??
    extended.find((name) => !isPercentile(name));
  if (strange !== undefined) {
    throw new ServiceError('InvalidParameterValue', `The statistic ${strange.slice(0, 50)} is invalid.`);
  }
}

function getMetricData(input: Input, { context }: Call): Output {
  const { metrics } = monitoringOf(context);
  const queries = structures(input, 'MetricDataQueries').map((query) => queryOf(query, input));
  if (queries.length === 0 || queries.length > MAX_QUERIES) {
    throw invalid(`MetricDataQueries must have 1 to ${MAX_QUERIES} queries`);
  }
  if (new Set(queries.map(({ id }) => id)).size < queries.length) throw invalid('Ids must be unique');
  const oldestFirst = choice(input, 'ScanBy', SCANS) === 'TimestampAscending';
  const points = queries.flatMap((query) => {
    const found = datapoints(metrics, query.metric, query.span, query.unit).flatMap(({ at, set }) => {
      const value = statistic(set, query.statistic);
      return value === undefined ? [] : [{ query, at, value }];
    });
    return oldestFirst ? found : found.reverse();
  });
  const size = optionalInteger(input, 'MaxDatapoints', 1, MAX_DATA) ?? MAX_DATA;
  const { items, nextToken } = page(points, size, optionalText(input, 'NextToken'), 'InvalidNextToken');
  const MetricDataResults = queries
    .filter(({ returned }) => returned)
    .map((query) => {
      const own = items.filter((point) => point.query === query);
      return {
        Id: query.id,
        Label: query.label,
        Timestamps: own.map(({ at }) => new Date(at)),
        Values: own.map(({ value }) => value),
        StatusCode: nextToken === undefined ? 'Complete' : 'PartialData',
      };
    });
  return { MetricDataResults, Messages: [], NextToken: nextToken };
}

function queryOf(query: Input, request: Input) {
  const id = text(query, 'Id');
  if (!QUERY_ID.test(id)) {
    throw invalid(`The Id ${id.slice(0, 50)} must be letters, digits and _, beginning with a small letter`);
  }
  const stat = query.MetricStat;
  if (!isInput(stat) || !isInput(stat.Metric)) {
    throw invalid(`${id}: metric math (Expression) is not hosted by the local runtime: a MetricStat is`);
  }
  const metric = metricOf(stat.Metric);
  const name = text(stat, 'Stat');
  if (!isStatistic(name))
    throw invalid(`${id}: the value ${name.slice(0, 50)} for parameter Stat is invalid`);
  return {
    id,
    metric,
    statistic: name,
    unit: optionalUnit(stat),
    span: spanOf(request, number(stat, 'Period')),
    label: optionalText(query, 'Label') ?? metric.name,
    returned: flag(query, 'ReturnData', true),
  };
}

/** From StartTime, rounded down as CloudWatch does it, to EndTime. */
function spanOf(input: Input, period: number): Span {
  const fine = FINE_PERIODS.includes(period);
  if (!fine && (!Number.isInteger(period) || period < 60 || period % 60 !== 0)) {
    throw new ServiceError(
      'InvalidParameterValue',
      `The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60, and is ${period}.`,
    );
  }
  const start = moment(input, 'StartTime');
  const to = moment(input, 'EndTime');
  if (start >= to) {
    const text = 'The parameter StartTime must be less than the parameter EndTime.';
    throw new ServiceError('InvalidParameterValue', text);
  }
  const step = fine ? Math.max(FINE_STEP_MS, period * 1000) : MINUTE_MS;
  const periodMs = Math.max(period * 1000, fine ? FINE_STEP_MS : MINUTE_MS);
  return { from: Math.floor(start / step) * step, to, periodMs };
}

/** The periods with data, the oldest first. */
function datapoints(metrics: MetricStore, metric: Metric, { from, to, periodMs }: Span, unit?: string) {
  const found = [];
  const kept = metrics.extent(metric, unit);
  // A span of years has few periods that can have data.
  const before = Math.max(0, Math.floor((kept.from - from) / periodMs));
  const end = Math.min(to, kept.to);
  for (let at = from + before * periodMs; at < end; at += periodMs) {
    const set = metrics.statistics(metric, at, at + periodMs, unit);
    if (set) found.push({ at, set });
    if (found.length > MAX_DATA) break;
  }
  return found;
}

function listMetrics(input: Input, { context }: Call): Output {
  const recent = choice(input, 'RecentlyActive', ['PT3H']) !== undefined;
  const metrics = monitoringOf(context).metrics.list({
    namespace: optionalText(input, 'Namespace'),
    name: optionalText(input, 'MetricName'),
    dimensions: structures(input, 'Dimensions').map((each) => ({
      name: text(each, 'Name'),
      value: optionalText(each, 'Value'),
    })),
    activeSince: recent ? context.broker.queues.clock.now() - RECENT_MS : undefined,
  });
  const token = optionalText(input, 'NextToken');
  const { items, nextToken } = page(metrics, METRICS_A_PAGE, token, 'InvalidParameterValue');
  return {
    Metrics: items.map((metric) => ({
      Namespace: metric.namespace,
      MetricName: metric.name,
      Dimensions: renderDimensions(metric),
    })),
    NextToken: nextToken,
  };
}
