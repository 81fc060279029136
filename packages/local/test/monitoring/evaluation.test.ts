import type { AlarmDefinition, MissingData } from '../../src/monitoring';
import { evaluate } from '../../src/monitoring/evaluation';
import type { Datapoint } from '../../src/monitoring/evaluation';
import { definition } from './support';

const TREATMENTS: readonly MissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];
const NOON = Date.UTC(2026, 10, 21, 12);

/** `0 - X`: not breaching, missing, breaching; the oldest first, as the documentation writes it. */
function range(text: string): (Datapoint | undefined)[] {
  const newestFirst = text.split(' ').reverse();
  return newestFirst.map((each, i) =>
    each === '-' ? undefined : { at: NOON - (i + 1) * 300_000, value: each === 'X' ? 5 : 0, sampleCount: 1 },
  );
}

function judged(text: string, more: Partial<AlarmDefinition>) {
  const alarm = definition({ periodSeconds: 300, evaluationPeriods: 3, ...more });
  return evaluate(alarm, range(text));
}

// The tables of https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
test.each([
  ['0 - X - X', 3, 'OK OK OK OK'],
  ['0 - - - -', 3, 'OK OK OK OK'],
  ['- - - - -', 3, 'INSUFFICIENT_DATA kept ALARM OK'],
  ['0 X X - X', 3, 'ALARM ALARM ALARM ALARM'],
  ['- - X - -', 3, 'ALARM kept ALARM OK'],
  ['X - - - -', 3, 'ALARM kept ALARM OK'],
  ['- - - - X', 3, 'INSUFFICIENT_DATA kept ALARM OK'],
  ['0 - X - X', 2, 'ALARM ALARM ALARM ALARM'],
  ['0 0 X 0 X', 2, 'ALARM ALARM ALARM ALARM'],
  ['0 - X - -', 2, 'OK OK ALARM OK'],
  ['- - - - 0', 2, 'OK OK ALARM OK'],
  ['- - - X -', 2, 'ALARM kept ALARM OK'],
  ['- - - - X', 2, 'INSUFFICIENT_DATA kept ALARM OK'],
  ['0 0 X X 0', 3, 'OK OK OK OK'],
  ['X X 0 0 0', 2, 'OK OK OK OK'],
])('%s with %d of 3 datapoints', (text, datapointsToAlarm, wanted) => {
  const states = TREATMENTS.map(
    (treatMissingData) => judged(text, { treatMissingData, datapointsToAlarm })?.value ?? 'kept',
  );
  expect(states.join(' ')).toBe(wanted);
});

test.each([
  ['GreaterThanThreshold', [false, false, true]],
  ['GreaterThanOrEqualToThreshold', [false, true, true]],
  ['LessThanThreshold', [true, false, false]],
  ['LessThanOrEqualToThreshold', [true, true, false]],
] as const)('%s', (comparison, wanted) => {
  const breaching = [4, 5, 6].map((value) => {
    const alarm = definition({ comparison, threshold: 5 });
    return evaluate(alarm, [{ at: NOON, value, sampleCount: 1 }])!.value === 'ALARM';
  });
  expect(breaching).toEqual(wanted);
});

test('reasons are in the words of CloudWatch', () => {
  const reason = (text: string, more: Partial<AlarmDefinition> = {}) => judged(text, more)!.reason;
  expect(reason('- - 0 X X', { datapointsToAlarm: 2 })).toBe(
    'Threshold Crossed: 2 out of the last 3 datapoints [5.0 (21/11/26 11:55:00), 5.0 (21/11/26 11:50:00)] were greater than ' +
      'the threshold (0.0) (minimum 2 datapoints for OK -> ALARM transition).',
  );
  expect(reason('X 0', { evaluationPeriods: 1, comparison: 'LessThanThreshold', threshold: -0.5 })).toBe(
    'Threshold Crossed: 1 out of the last 1 datapoints [0.0 (21/11/26 11:55:00)] was not less than the threshold (-0.5) ' +
      '(minimum 1 datapoint for ALARM -> OK transition).',
  );
  expect(reason('- - -', { evaluationPeriods: 1, treatMissingData: 'notBreaching' })).toBe(
    'Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].',
  );
  expect(reason('- - - - X', { treatMissingData: 'breaching' })).toBe(
    'Threshold Crossed: 1 datapoint [5.0 (21/11/26 11:55:00)] was greater than the threshold (0.0) and 2 missing datapoints ' +
      'were treated as [Breaching].',
  );
  expect(reason('- - - - -')).toBe('Insufficient Data: 3 datapoints were unknown.');
});

test('a percentile of few samples keeps the state where the alarm says so', () => {
  const alarm = definition({ statistic: 'p90', lowSamples: 'ignore' });
  const of = (sampleCount: number) => evaluate(alarm, [{ at: NOON, value: 5, sampleCount }])?.value;
  expect([of(99), of(101)]).toEqual([undefined, 'ALARM']);
  const eager = { ...alarm, lowSamples: 'evaluate' as const };
  expect(evaluate(eager, [{ at: NOON, value: 5, sampleCount: 1 }])?.value).toBe('ALARM');
});
