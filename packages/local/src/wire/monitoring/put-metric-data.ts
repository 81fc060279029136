import { ServiceError } from '../../engine';
import type { Datum, StatisticSet } from '../../monitoring';
import { statisticsOf } from '../../monitoring';
import type { Call, Input, Operations, Output } from '../protocol';
import { isInput, text } from '../protocol';
import {
  metricOf,
  monitoringOf,
  number,
  optionalMoment,
  optionalNumber,
  optionalUnit,
  structures,
} from './input';

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
const MAX_DATA = 1000;
const MAX_VALUES = 150;
const MAX_VALUE = 2 ** 360;
const MAX_AGE_MS = 14 * 86_400_000;
const MAX_AHEAD_MS = 2 * 3_600_000;

export const putOperations: Operations = {
  PutMetricData: {
    permissions: (input) => [
      {
        action: 'cloudwatch:PutMetricData',
        resource: '*',
        conditions: () => new Map([['cloudwatch:namespace', text(input, 'Namespace')]]),
      },
    ],
    run: putMetricData,
  },
};

function putMetricData(input: Input, { context }: Call): Output {
  const { metrics } = monitoringOf(context);
  const Namespace = text(input, 'Namespace');
  if (Namespace.startsWith('AWS/')) {
    throw refuse(
      `The value ${Namespace.slice(0, 100)} for parameter Namespace is invalid: AWS/ is reserved.`,
    );
  }
  const data = structures(input, 'MetricData');
  if (data.length === 0) throw new ServiceError('MissingParameter', 'The parameter MetricData is required.');
  if (data.length > MAX_DATA) throw refuse(`MetricData may have ${MAX_DATA} entries at most.`);
  const now = context.broker.queues.clock.now();
  // All of them are checked before one is kept.
  const kept = data.map((datum) => datumOf({ ...datum, Namespace }, now));
  for (const datum of kept) metrics.put(datum);
  return {};
}

function datumOf(input: Input, now: number): Datum {
  const at = optionalMoment(input, 'Timestamp') ?? now;
  if (at < now - MAX_AGE_MS || at > now + MAX_AHEAD_MS) {
    throw refuse(
      'The parameter Timestamp must be no more than two weeks in the past and two hours in the future.',
    );
  }
  const resolution = optionalNumber(input, 'StorageResolution') ?? 60;
  if (resolution !== 1 && resolution !== 60) throw refuse('The parameter StorageResolution must be 1 or 60.');
  return {
    metric: metricOf(input),
    unit: optionalUnit(input),
    at,
    statistics: statisticsIn(input),
    highResolution: resolution === 1,
  };
}

function statisticsIn(input: Input): StatisticSet {
  const given = ['Value', 'Values', 'StatisticValues'].filter((name) => input[name] !== undefined);
  if (given.length !== 1) {
    throw new ServiceError(
      'InvalidParameterCombination',
      'One of the parameters Value, Values and StatisticValues must be set, and not more than one.',
    );
  }
  if (given[0] === 'Value') return statisticsOf(new Map([[checked(number(input, 'Value')), 1]]));
  if (given[0] === 'StatisticValues') return setOf(input.StatisticValues);
  return statisticsOf(countedValues(input));
}

function setOf(value: unknown): StatisticSet {
  const set = isInput(value) ? value : {};
  const [sampleCount, sum, minimum, maximum] = ['SampleCount', 'Sum', 'Minimum', 'Maximum'].map((name) =>
    checked(number(set, name)),
  ) as [number, number, number, number];
  if (sampleCount <= 0 || minimum > maximum) {
    throw refuse('StatisticValues needs a positive SampleCount, and a Minimum not above its Maximum.');
  }
  return { sampleCount, sum, minimum, maximum };
}

function countedValues(input: Input): Map<number, number> {
  const values = numbers(input, 'Values');
  const counts = input.Counts === undefined ? values.map(() => 1) : numbers(input, 'Counts');
  if (values.length === 0 || values.length > MAX_VALUES || counts.length !== values.length) {
    throw refuse(`Values has 1 to ${MAX_VALUES} values, and Counts as many.`);
  }
  const counted = new Map<number, number>();
  values.forEach((value, i) => {
    const count = counts[i]!;
    if (count <= 0) throw refuse('Counts must be positive.');
    counted.set(value, (counted.get(value) ?? 0) + count);
  });
  return counted;
}

function numbers(input: Input, name: string): number[] {
  const list = input[name];
  if (!Array.isArray(list)) throw refuse(`The parameter ${name} must be a list.`);
  return list.map((value: unknown) => checked(number({ [name]: value }, name)));
}

function checked(value: number): number {
  if (Math.abs(value) <= MAX_VALUE) return value;
  throw refuse('Values must be in the range of -2^360 to 2^360.');
}

function refuse(message: string): ServiceError {
  return new ServiceError('InvalidParameterValue', message);
}
