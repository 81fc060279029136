/** What is known of the values of a metric in some time. */
export interface StatisticSet {
  readonly sampleCount: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Value -> how often it came, where that is known and is more than one value: what percentiles are made of. */
  readonly values?: ReadonlyMap<number, number>;
}

export const SIMPLE_STATISTICS = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'] as const;
/** `p99`, `p99.9`; at most 10 digits behind the point. */
const PERCENTILE = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/;
/** Beyond so many different values there are no percentiles. */
const MAX_VALUES = 500;

/** `Sum`, `p99`: what can be asked of a {@link StatisticSet}. */
export function isStatistic(name: string): boolean {
  return isSimple(name) || PERCENTILE.test(name);
}

export function isPercentile(name: string): boolean {
  return PERCENTILE.test(name);
}

function isSimple(name: string): name is (typeof SIMPLE_STATISTICS)[number] {
  return (SIMPLE_STATISTICS as readonly string[]).includes(name);
}

/** @param values of at least one */
export function statisticsOf(values: ReadonlyMap<number, number>): StatisticSet {
  let sampleCount = 0;
  let sum = 0;
  let minimum = Infinity;
  let maximum = -Infinity;
  for (const [value, count] of values) {
    sampleCount += count;
    sum += value * count;
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
  }
  return { sampleCount, sum, minimum, maximum, values: kept(values) };
}

export function single(value: number, count = 1): StatisticSet {
  return { sampleCount: count, sum: value * count, minimum: value, maximum: value };
}

export function merged(one: StatisticSet | undefined, other: StatisticSet): StatisticSet {
  if (one === undefined) return other;
  return {
    sampleCount: one.sampleCount + other.sampleCount,
    sum: one.sum + other.sum,
    minimum: Math.min(one.minimum, other.minimum),
    maximum: Math.max(one.maximum, other.maximum),
    values: mergedValues(one, other),
  };
}

/** The same several times. */
export function repeated(set: StatisticSet, times: number): StatisticSet {
  if (times === 1) return set;
  const values = set.values && new Map([...set.values].map(([value, count]) => [value, count * times]));
  return { ...set, sampleCount: set.sampleCount * times, sum: set.sum * times, values };
}

export function sameStatistics(one: StatisticSet, other: StatisticSet): boolean {
  return (
    one.values === undefined &&
    other.values === undefined &&
    one.sampleCount === other.sampleCount &&
    one.sum === other.sum &&
    one.minimum === other.minimum &&
    one.maximum === other.maximum
  );
}

/** Undefined where there are no samples, or a percentile's distribution is not known. */
export function statistic(set: StatisticSet, name: string): number | undefined {
  if (set.sampleCount === 0) return undefined;
  switch (name) {
    case 'SampleCount':
      return set.sampleCount;
    case 'Sum':
      return set.sum;
    case 'Minimum':
      return set.minimum;
    case 'Maximum':
      return set.maximum;
    case 'Average':
      return set.sum / set.sampleCount;
    default:
      return percentile(set, Number(PERCENTILE.exec(name)?.[1] ?? NaN) / 100);
  }
}

/** By linear interpolation between the two nearest ranks. */
function percentile(set: StatisticSet, share: number): number | undefined {
  const values = distribution(set);
  if (values === undefined || Number.isNaN(share)) return undefined;
  const sorted = [...values].sort(([one], [other]) => one - other);
  const rank = share * (set.sampleCount - 1);
  const low = valueAt(sorted, Math.floor(rank));
  return low + (valueAt(sorted, Math.ceil(rank)) - low) * (rank % 1);
}

function valueAt(sorted: readonly (readonly [value: number, count: number])[], rank: number): number {
  let passed = 0;
  for (const [value, count] of sorted) {
    passed += count;
    if (rank < passed) return value;
  }
  return sorted.at(-1)![0];
}

function distribution(set: StatisticSet): ReadonlyMap<number, number> | undefined {
  if (set.minimum === set.maximum) return new Map([[set.minimum, set.sampleCount]]);
  return set.values;
}

function mergedValues(one: StatisticSet, other: StatisticSet): ReadonlyMap<number, number> | undefined {
  const first = distribution(one);
  const second = distribution(other);
  if (first === undefined || second === undefined) return undefined;
  const all = new Map(first);
  for (const [value, count] of second) all.set(value, (all.get(value) ?? 0) + count);
  return kept(all);
}

function kept(values: ReadonlyMap<number, number>): ReadonlyMap<number, number> | undefined {
  return values.size > 1 && values.size <= MAX_VALUES ? values : undefined;
}
