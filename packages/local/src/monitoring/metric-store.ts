import type { Clock } from '../clock';
import { merged } from './statistics';
import type { StatisticSet } from './statistics';
import { TimeSeries } from './time-series';

export interface Dimension {
  readonly name: string;
  readonly value: string;
}

export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly Dimension[];
}

/** Values of a metric at a moment. */
export interface Datum {
  readonly metric: Metric;
  /** @default None */
  readonly unit?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly statistics: StatisticSet;
  /** Whether it is also kept by 10 seconds, and not by minutes alone. @default false */
  readonly highResolution?: boolean;
}

export interface MetricFilter {
  readonly namespace?: string;
  readonly name?: string;
  /** Each must be there; without a value with any. */
  readonly dimensions?: readonly { readonly name: string; readonly value?: string }[];
  /** Milliseconds since the epoch. */
  readonly activeSince?: number;
}

export const MINUTE_MS = 60_000;
export const FINE_STEP_MS = 10_000;
export const NO_UNIT = 'None';
/** CloudWatch keeps 3 hours of what is finer than a minute, and 15 days of minutes. */
const FINE_RETENTION_MS = 3 * 3_600_000;
const RETENTION_MS = 15 * 86_400_000;
/** A metric whose value changes every minute is kept for two days. */
const MAX_RUNS = 2880;
const MAX_ALL_RUNS = 250_000;
const MAX_METRICS = 10_000;
/** Of all distributions together. */
const MAX_ALL_VALUES = 500_000;

interface Series {
  readonly minutes: TimeSeries;
  fine?: TimeSeries;
}

interface Kept {
  readonly metric: Metric;
  readonly byUnit: Map<string, Series>;
}

/**
 * The values of metrics, in memory: minutes for up to 15 days, 10 seconds of those in high resolution for 3 hours. What is more
 * than memory should hold goes, the oldest first.
 */
export class MetricStore {
  /** The metrics in the order in which they were written last. */
  private readonly kept = new Map<string, Kept>();

  constructor(private readonly clock: Clock) {}

  put({ metric, unit = NO_UNIT, at, statistics, highResolution = false }: Datum): void {
    const key = keyOf(metric);
    const entry = this.kept.get(key) ?? { metric, byUnit: new Map<string, Series>() };
    this.kept.delete(key);
    this.kept.set(key, entry);
    const series = entry.byUnit.get(unit) ?? { minutes: new TimeSeries(MINUTE_MS) };
    entry.byUnit.set(unit, series);
    series.minutes.add(at, statistics);
    if (highResolution) (series.fine ??= new TimeSeries(FINE_STEP_MS)).add(at, statistics);
    if (this.kept.size > MAX_METRICS) this.kept.delete(this.kept.keys().next().value!);
  }

  /**
   * What came from `from` up to but not including `to` (milliseconds since the epoch); undefined where nothing did. Bounds within
   * a minute are heeded for data in high resolution only.
   * @param unit only what came with it @default any
   */
  statistics(metric: Metric, from: number, to: number, unit?: string): StatisticSet | undefined {
    const units = this.kept.get(keyOf(metric))?.byUnit;
    let all: StatisticSet | undefined;
    for (const [each, { minutes, fine }] of units ?? []) {
      if (unit !== undefined && unit !== each) continue;
      const whole = from % MINUTE_MS === 0 && to % MINUTE_MS === 0;
      const found = (whole ? minutes : (fine ?? minutes)).between(from, to);
      if (found) all = merged(all, found);
    }
    return all;
  }

  /** From where to where there may be values, in milliseconds since the epoch; nothing lies between where there are none. */
  extent(metric: Metric, unit?: string): { readonly from: number; readonly to: number } {
    let [from, to] = [0, 0];
    for (const [each, { minutes }] of this.kept.get(keyOf(metric))?.byUnit ?? []) {
      if (minutes.size === 0 || (unit !== undefined && unit !== each)) continue;
      from = to === 0 ? minutes.begin : Math.min(from, minutes.begin);
      to = Math.max(to, minutes.end);
    }
    return { from, to };
  }

  /** The units that a metric's values came with. */
  units(metric: Metric): string[] {
    return [...(this.kept.get(keyOf(metric))?.byUnit.keys() ?? [])];
  }

  list(filter: MetricFilter = {}): Metric[] {
    const { namespace, name, dimensions = [], activeSince = -Infinity } = filter;
    return [...this.kept.values()]
      .filter(
        ({ metric, byUnit }) =>
          (namespace === undefined || metric.namespace === namespace) &&
          (name === undefined || metric.name === name) &&
          dimensions.every((wanted) => hasDimension(metric, wanted)) &&
          [...byUnit.values()].some(({ minutes }) => minutes.end >= activeSince),
      )
      .map(({ metric }) => metric);
  }

  /** Forgets what is old. */
  trim(): void {
    const now = this.clock.now();
    let runs = 0;
    this.trimValues(now - FINE_RETENTION_MS);
    for (const [key, { byUnit }] of this.kept) {
      for (const [unit, { minutes, fine }] of byUnit) {
        minutes.trim(now - RETENTION_MS, MAX_RUNS);
        fine?.trim(now - FINE_RETENTION_MS, MAX_RUNS);
        runs += minutes.size + (fine?.size ?? 0);
        if (minutes.size === 0) byUnit.delete(unit);
      }
      if (byUnit.size === 0) this.kept.delete(key);
    }
    if (runs <= MAX_ALL_RUNS) return;
    const share = Math.floor(MAX_ALL_RUNS / this.kept.size / 2);
    for (const { byUnit } of this.kept.values()) {
      for (const { minutes, fine } of byUnit.values()) {
        minutes.trim(-Infinity, share);
        fine?.trim(-Infinity, share);
      }
    }
  }

  /** Percentiles of many values a minute are most of the memory: the older ones go first, then all. */
  private trimValues(old: number): void {
    const all = [...this.kept.values()].flatMap(({ byUnit }) => [...byUnit.values()]);
    const series = all.flatMap(({ minutes, fine }) => (fine ? [minutes, fine] : [minutes]));
    for (const before of [old, Infinity]) {
      const values = series.reduce((sum, each) => sum + each.values, 0);
      if (values <= MAX_ALL_VALUES) return;
      for (const each of series) each.forgetValues(before);
    }
  }
}

/** Two metrics are the same if their dimensions are, in whatever order. */
export function sameMetric(one: Metric, other: Metric): boolean {
  return keyOf(one) === keyOf(other);
}

function keyOf({ namespace, name, dimensions }: Metric): string {
  if (dimensions.length === 0) return `${namespace}\n${name}`;
  const pairs = dimensions.map((each) => `${each.name}\t${each.value}`);
  return [namespace, name, ...pairs.sort()].join('\n');
}

function hasDimension(
  { dimensions }: Metric,
  wanted: { readonly name: string; readonly value?: string },
): boolean {
  return dimensions.some(
    ({ name, value }) => name === wanted.name && (wanted.value === undefined || value === wanted.value),
  );
}
