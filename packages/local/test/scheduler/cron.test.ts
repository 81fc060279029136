import { Cron as Oracle } from 'croner';
import fc from 'fast-check';
import { recurrenceOf } from '../../src/scheduler';

const BERLIN = 'Europe/Berlin';
const UTC = 'UTC';
const FROM = Date.UTC(2026, 0, 1);

/** The next times after a moment, as ISO texts without milliseconds. */
function times(expression: string, count: number, timeZone = UTC, from = FROM): string[] {
  const recurrence = recurrenceOf({ kind: 'schedule', expression, timeZone });
  const found: string[] = [];
  let after = from;
  while (found.length < count) {
    const next = recurrence.next(after, from);
    if (next === undefined) break;
    found.push(new Date(next).toISOString().replace('.000Z', 'Z'));
    after = next;
  }
  return found;
}

describe('cron', () => {
  test.each<[string, string[]]>([
    ['cron(15 10 * * ? *)', ['2026-01-01T10:15:00Z', '2026-01-02T10:15:00Z']],
    ['cron(0 18 ? * MON-FRI *)', ['2026-01-01T18:00:00Z', '2026-01-02T18:00:00Z', '2026-01-05T18:00:00Z']],
    ['cron(0 8 1 * ? *)', ['2026-01-01T08:00:00Z', '2026-02-01T08:00:00Z']],
    [
      'cron(1/20 9 ? * 2 *)',
      ['2026-01-05T09:01:00Z', '2026-01-05T09:21:00Z', '2026-01-05T09:41:00Z', '2026-01-12T09:01:00Z'],
    ],
    ['cron(0-10/5 0 * * ? *)', ['2026-01-01T00:05:00Z', '2026-01-01T00:10:00Z', '2026-01-02T00:00:00Z']],
    // The last Friday of each month: 1 is Sunday.
    [
      'cron(15 10 ? * 6L 2026-2027)',
      ['2026-01-30T10:15:00Z', '2026-02-27T10:15:00Z', '2026-03-27T10:15:00Z'],
    ],
    ['cron(0 0 ? * L *)', ['2026-01-03T00:00:00Z', '2026-01-10T00:00:00Z']],
    // The second Tuesday, and a fifth Friday where there is one.
    ['cron(0 0 ? * 3#2 *)', ['2026-01-13T00:00:00Z', '2026-02-10T00:00:00Z']],
    ['cron(0 0 ? * FRI#5 *)', ['2026-01-30T00:00:00Z', '2026-05-29T00:00:00Z']],
    ['cron(0 12 L * ? *)', ['2026-01-31T12:00:00Z', '2026-02-28T12:00:00Z']],
    ['cron(0 12 31 * ? *)', ['2026-01-31T12:00:00Z', '2026-03-31T12:00:00Z']],
    // The 3rd of January 2026 is a Saturday, the 1st of February a Sunday, the 1st of August a Saturday.
    ['cron(0 0 3W 1 ? *)', ['2026-01-02T00:00:00Z', '2027-01-04T00:00:00Z']],
    ['cron(0 0 1W FEB,AUG ? 2026)', ['2026-02-02T00:00:00Z', '2026-08-03T00:00:00Z']],
    ['cron(0 0 31W MAY ? 2026-2027)', ['2026-05-29T00:00:00Z', '2027-05-31T00:00:00Z']],
    ['cron(0 0 LW 1,2 ? 2026)', ['2026-01-30T00:00:00Z', '2026-02-27T00:00:00Z']],
    ['cron(0 0 29 2 ? *)', ['2028-02-29T00:00:00Z', '2032-02-29T00:00:00Z']],
    ['cron(0 0 30 2 ? *)', []],
    ['cron(0 0 1 1 ? 2025)', []],
    ['cron(59 23 31 12 ? 2026/3)', ['2026-12-31T23:59:00Z', '2029-12-31T23:59:00Z']],
    ['cron(0  0 1 jan ?  2027)', ['2027-01-01T00:00:00Z']],
  ])('%s', (expression, expected) => {
    expect(times(expression, expected.length + (expected.length < 2 ? 1 : 0))).toEqual(expected);
  });

  test.each<[string, string]>([
    ['cron(0 0 * * *)', 'cron has six fields, not 5'],
    ['cron(0 0 * * ? * *)', 'cron has six fields, not 7'],
    ['cron(0 0 * * * *)', 'exactly one of day of the month and day of the week must be ?'],
    ['cron(0 0 ? * ? *)', 'exactly one of day of the month and day of the week must be ?'],
    ['cron(60 0 * * ? *)', '"60" is no minutes'],
    ['cron(0 24 * * ? *)', '"24" is no hours'],
    ['cron(0 0 0 * ? *)', '"0" is no day of the month'],
    ['cron(0 0 32W * ? *)', '"32" is no day of the month'],
    ['cron(0 0 * 13 ? *)', '"13" is no month'],
    ['cron(0 0 * JANUARY ? *)', '"JANUARY" is no month'],
    ['cron(0 0 ? * 0 *)', '"0" is no day of the week'],
    ['cron(0 0 ? * 8L *)', '"8" is no day of the week'],
    ['cron(0 0 ? * 3#6 *)', '"3#6" is no day of the week'],
    ['cron(0 0 ? * 3#1,6#3 *)', '"3#1" is no day of the week'],
    ['cron(0 0 * * ? 1969)', '"1969" is no year'],
    ['cron(0 0 * * ? 2200)', '"2200" is no year'],
    ['cron(10-5 0 * * ? *)', '"10-5" is no minutes'],
    ['cron(1-2-3 0 * * ? *)', '"1-2-3" is no minutes'],
    ['cron(*/0 0 * * ? *)', '"*/0" is no minutes'],
    ['cron(1/2/3 0 * * ? *)', '"1/2/3" is no minutes'],
    ['cron(1, 0 * * ? *)', '"" is no minutes'],
    ['cron(? 0 * * ? *)', '"?" is no minutes'],
    ['every day', 'rate(...), cron(...) or at(...) is needed'],
  ])('%s is refused', (expression, message) => {
    expect(() => times(expression, 1)).toThrow(message);
  });

  test('agrees with another implementation', () => {
    const list = (min: number, max: number) =>
      fc.oneof(
        fc.constant('*'),
        fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 3 }).map(String),
        fc
          .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
          .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
        fc.integer({ min: 2, max: 12 }).map((step) => `*/${step}`),
      );
    const day = fc.oneof(list(1, 28), fc.constantFrom('L', '15W', '1W', '31W'));
    // The other one's weeks begin with 0.
    const weekday = fc.oneof(
      fc
        .uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 3 })
        .map((days) => [String(days), String(days.map((each) => each - 1))] as const),
      fc.constantFrom(['2#1', '1#1'] as const, ['5#3', '4#3'] as const, ['6L', '5L'] as const),
    );
    fc.assert(
      fc.property(
        list(0, 59),
        list(0, 23),
        list(1, 12),
        fc.oneof(
          day.map((d) => [d, '?', d, '*']),
          weekday.map(([own, other]) => ['?', own, '*', other]),
        ),
        fc.integer({ min: 0, max: 365 * 24 * 60 }),
        (minutes, hours, months, [d, w, otherDay, otherWeekday], offset) => {
          const from = FROM + offset * 60_000;
          const own = times(`cron(${minutes} ${hours} ${d} ${months} ${w} *)`, 5, UTC, from);
          const oracle = new Oracle(`0 ${minutes} ${hours} ${otherDay} ${months} ${otherWeekday}`, {
            timezone: UTC,
          });
          const expected = oracle
            .nextRuns(5, new Date(from))
            .map((date) => date.toISOString().replace('.000Z', 'Z'));
          expect(own).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('summer time in Berlin', () => {
  // Clocks go from 2:00 to 3:00 on 2026-03-29 at 01:00 UTC, and from 3:00 to 2:00 on 2026-10-25 at 01:00 UTC.
  const spring = Date.UTC(2026, 2, 28, 12);
  const autumn = Date.UTC(2026, 9, 24, 12);

  test('a time of day keeps its hour', () => {
    expect(times('cron(0 8 * * ? *)', 2, BERLIN, spring)).toEqual([
      '2026-03-29T06:00:00Z',
      '2026-03-30T06:00:00Z',
    ]);
    expect(times('cron(0 8 * * ? *)', 1, BERLIN, Date.UTC(2026, 2, 27, 12))).toEqual([
      '2026-03-28T07:00:00Z',
    ]);
    expect(times('cron(0 8 * * ? *)', 2, BERLIN, Date.UTC(2026, 9, 24, 0))).toEqual([
      '2026-10-24T06:00:00Z',
      '2026-10-25T07:00:00Z',
    ]);
  });

  test('a time that does not exist in spring is skipped', () => {
    expect(times('cron(30 2 * * ? *)', 2, BERLIN, spring)).toEqual([
      '2026-03-30T00:30:00Z',
      '2026-03-31T00:30:00Z',
    ]);
    expect(times('cron(0 1-3 29 3 ? 2026)', 3, BERLIN, spring)).toEqual([
      '2026-03-29T00:00:00Z',
      '2026-03-29T01:00:00Z',
    ]);
    expect(times('at(2026-03-29T02:30:00)', 1, BERLIN, spring)).toEqual([]);
  });

  test('a time that comes twice in autumn is its first', () => {
    expect(times('cron(30 2 * * ? *)', 2, BERLIN, autumn)).toEqual([
      '2026-10-25T00:30:00Z',
      '2026-10-26T01:30:00Z',
    ]);
    expect(times('cron(0/30 2-3 25 10 ? 2026)', 5, BERLIN, autumn)).toEqual([
      '2026-10-25T00:00:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-25T02:00:00Z',
      '2026-10-25T02:30:00Z',
    ]);
    // Between the first and the second 2:30, and after the second one.
    for (const minute of [45, 91]) {
      const from = Date.UTC(2026, 9, 25, 0, minute);
      expect(times('cron(30 2 * * ? *)', 1, BERLIN, from)).toEqual(['2026-10-26T01:30:00Z']);
    }
    expect(times('at(2026-10-25T02:30:00)', 1, BERLIN, autumn)).toEqual(['2026-10-25T00:30:00Z']);
  });

  test('a rate is of hours that pass', () => {
    expect(times('rate(1 day)', 2, BERLIN, spring)).toEqual(['2026-03-29T12:00:00Z', '2026-03-30T12:00:00Z']);
  });

  test('zones south of the equator and with half hours', () => {
    expect(times('cron(0 9 1 1,7 ? 2027)', 2, 'Australia/Adelaide')).toEqual([
      '2026-12-31T22:30:00Z',
      '2027-06-30T23:30:00Z',
    ]);
  });
});

describe('rate and at', () => {
  test('a schedule’s rate begins at once, a rule’s after an interval', () => {
    const at = FROM;
    for (const [kind, first] of [
      ['schedule', 0],
      ['rule', 1],
    ] as const) {
      const rate = recurrenceOf({ kind, expression: 'rate(5 minutes)', timeZone: UTC });
      expect(rate.next(at - 1, at)).toBe(at + first * 300_000);
      expect(rate.next(at + 299_999, at)).toBe(at + 300_000);
      expect(rate.next(at + 300_000, at)).toBe(at + 600_000);
    }
  });

  test.each([
    'rate(1 minute)',
    'rate(2 minutes)',
    'rate(1 hour)',
    'rate(12 hours)',
    'rate(1 day)',
    'rate(7 days)',
  ])('%s', (expression) => {
    expect(times(expression, 1)).toHaveLength(1);
  });

  test.each([
    'rate(0 minutes)',
    'rate(1 minutes)',
    'rate(2 minute)',
    'rate(1.5 hours)',
    'rate(30 seconds)',
    'rate(5  minutes)',
    'rate(5)',
  ])('%s is refused', (expression) =>
    expect(() => times(expression, 1)).toThrow('a rate is a number and its unit'),
  );

  test('at is one moment of a zone', () => {
    expect(times('at(2026-07-01T12:34:56)', 2, BERLIN)).toEqual(['2026-07-01T10:34:56Z']);
    expect(times('at(2025-07-01T12:00:00)', 1, BERLIN)).toEqual([]);
  });

  test.each([
    'at(2026-02-30T00:00:00)',
    'at(2026-01-01T24:00:00)',
    'at(2026-01-01)',
    'at(2026-01-01T00:00:00Z)',
  ])('%s is refused', (expression) => {
    expect(() => times(expression, 1)).toThrow('a moment is written yyyy-mm-ddThh:mm:ss, and must exist');
  });

  test('a rule has no at', () => {
    const rule = { kind: 'rule' as const, expression: 'at(2026-07-01T12:00:00)', timeZone: UTC };
    expect(() => recurrenceOf(rule)).toThrow('rate(...) or cron(...) is needed');
  });
});
