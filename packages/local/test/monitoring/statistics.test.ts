import { MetricStore } from '../../src/monitoring/metric-store';
import { merged, repeated, single, statistic, statisticsOf } from '../../src/monitoring/statistics';
import { TimeSeries } from '../../src/monitoring/time-series';
import { ManualClock } from '../support/manual-clock';

const MINUTE = 60_000;
const all = (set: Parameters<typeof statistic>[0], ...names: string[]) =>
  names.map((name) => statistic(set, name));

test('statistics of values that come together and one after the other', () => {
  const set = merged(statisticsOf(new Map([[1, 2], [4, 1]])), single(10)); // prettier-ignore
  expect(all(set, 'SampleCount', 'Sum', 'Minimum', 'Maximum', 'Average')).toEqual([4, 16, 1, 10, 4]);
  expect(all(set, 'p0', 'p50', 'p75', 'p100')).toEqual([1, 2.5, 5.5, 10]);
  expect(all(repeated(set, 3), 'SampleCount', 'Sum', 'p100')).toEqual([12, 48, 10]);
});

test('there are no percentiles where the values are not known', () => {
  const summed = { sampleCount: 3, sum: 6, minimum: 1, maximum: 3 };
  expect(statistic(summed, 'p50')).toBeUndefined();
  expect(statistic(merged(summed, single(2)), 'p50')).toBeUndefined();
  expect(statistic({ ...summed, minimum: 2, maximum: 2 }, 'p50')).toBe(2);
  const many = statisticsOf(new Map(Array.from({ length: 501 }, (_, i) => [i, 1])));
  expect(all(many, 'Maximum', 'p50')).toEqual([500, undefined]);
});

describe('a time series', () => {
  let series: TimeSeries;
  const sums = (steps: number) =>
    Array.from({ length: steps }, (_, i) => series.between(i * MINUTE, (i + 1) * MINUTE)?.sum);

  beforeEach(() => (series = new TimeSeries(MINUTE)));

  it('keeps equal steps in a row as one', () => {
    for (let i = 0; i < 1000; i += 1) series.add(i * MINUTE + 1, single(0));
    expect(series.size).toBe(1);
    expect(series.between(10 * MINUTE, 20 * MINUTE)).toMatchObject({ sampleCount: 10 });
    expect(series.end).toBe(1000 * MINUTE);
  });

  it('takes what comes late into the step where it belongs', () => {
    for (let i = 0; i < 4; i += 1) series.add(i * MINUTE, single(1));
    series.add(6 * MINUTE, single(7));
    series.add(2 * MINUTE + 59_999, single(5));
    series.add(5 * MINUTE, single(3));
    expect(sums(8)).toEqual([1, 1, 6, 1, undefined, 3, 7, undefined]);
    expect(series.between(MINUTE, 6 * MINUTE)).toMatchObject({ sampleCount: 5, sum: 11 });
  });

  it('forgets what is old, and the oldest beyond a number', () => {
    for (let i = 0; i < 6; i += 1) series.add(i * MINUTE, single(i));
    series.trim(2 * MINUTE, 100);
    expect(sums(6)).toEqual([undefined, undefined, 2, 3, 4, 5]);
    series.trim(0, 2);
    expect(sums(6)).toEqual([undefined, undefined, undefined, undefined, 4, 5]);
  });
});

test('of more single values than memory should hold the older ones go, and sums stay', () => {
  const clock = new ManualClock();
  const store = new MetricStore(clock);
  const HOURS = 5;
  const metrics = ['a', 'b', 'c', 'd'].map((name) => ({ namespace: 'Shop', name, dimensions: [] }));
  const now = Math.floor(clock.now() / MINUTE) * MINUTE;
  const statistics = statisticsOf(new Map(Array.from({ length: 500 }, (_, i) => [i, 1])));
  for (const metric of metrics) {
    for (let at = now - HOURS * 60 * MINUTE; at < now; at += MINUTE) store.put({ metric, at, statistics });
  }
  const minute = (age: number) =>
    all(store.statistics(metrics[0]!, now - age, now - age + MINUTE)!, 'p50', 'Sum');
  expect(minute(4 * 60 * MINUTE)).toEqual([249.5, 124_750]);
  store.trim();
  expect(minute(4 * 60 * MINUTE)).toEqual([undefined, 124_750]);
  expect(minute(MINUTE)).toEqual([249.5, 124_750]);
});
