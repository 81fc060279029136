import { ServiceError } from '../../engine';
import type { Metric, Monitoring } from '../../monitoring';
import { checkMetric, invalid } from '../../monitoring';
import type { Call, Input, WireContext } from '../protocol';
import { isInput, optionalText, text } from '../protocol';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html */
const UNITS = new Set([
  ...['Seconds', 'Microseconds', 'Milliseconds', 'Percent', 'Count', 'None'],
  ...['', 'Kilo', 'Mega', 'Giga', 'Tera'].flatMap((size) => {
    const [bytes, bits] = size === '' ? ['Bytes', 'Bits'] : [`${size}bytes`, `${size}bits`];
    return [bytes, bits, `${bytes}/Second`, `${bits}/Second`];
  }),
  'Count/Second',
]);

/** What a Date can be; milliseconds since the epoch. */
const MAX_MOMENT = 8.64e15;

/** @throws ServiceError where CloudWatch is not hosted */
export function monitoringOf({ monitoring }: WireContext): Monitoring {
  if (monitoring) return monitoring;
  throw new ServiceError('UnknownOperationException', 'CloudWatch is not hosted here.');
}

export function alarmsOf({ context }: Call): Monitoring['alarms'] {
  return monitoringOf(context).alarms;
}

/** A number, which the Query protocol writes as text. @throws ServiceError ValidationError */
export function optionalNumber(input: Input, name: string): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw invalid(`The value of ${name} must be a number`);
}

/** @throws ServiceError MissingParameter, ValidationError */
export function number(input: Input, name: string): number {
  const value = optionalNumber(input, name);
  if (value !== undefined) return value;
  throw new ServiceError('MissingParameter', `The parameter ${name} is required.`);
}

/** @throws ServiceError ValidationError */
export function flag(input: Input, name: string, byDefault: boolean): boolean {
  const value = input[name] ?? byDefault;
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw invalid(`The value of ${name} must be true or false`);
}

/** Structures of a list; none where it is not there. @throws ServiceError ValidationError */
export function structures(input: Input, name: string): Input[] {
  const value = input[name] === '' ? undefined : input[name];
  const list = value ?? [];
  if (Array.isArray(list) && list.every(isInput)) return list;
  throw invalid(`The value of ${name} must be a list of structures`);
}

/** Milliseconds since the epoch, of seconds (JSON), ISO 8601 (Query) or a date (CBOR). @throws ServiceError */
export function optionalMoment(input: Input, name: string): number | undefined {
  const value = input[name];
  if (value === undefined || value === null || value === '') return undefined;
  const at = momentOf(value);
  if (Math.abs(at) <= MAX_MOMENT) return at;
  throw new ServiceError('InvalidParameterValue', `The value of ${name} is no timestamp.`);
}

function momentOf(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'number') return value * 1000;
  return typeof value === 'string' ? Date.parse(value) : NaN;
}

/** @throws ServiceError MissingParameter */
export function moment(input: Input, name: string): number {
  const at = optionalMoment(input, name);
  if (at !== undefined) return at;
  throw new ServiceError('MissingParameter', `The parameter ${name} is required.`);
}

/** Namespace, MetricName and Dimensions. @throws ServiceError */
export function metricOf(input: Input): Metric {
  const dimensions = structures(input, 'Dimensions').map((each) => ({
    name: text(each, 'Name'),
    value: text(each, 'Value'),
  }));
  const metric = { namespace: text(input, 'Namespace'), name: text(input, 'MetricName'), dimensions };
  checkMetric(metric);
  return metric;
}

/** @throws ServiceError ValidationError */
export function optionalUnit(input: Input): string | undefined {
  const unit = optionalText(input, 'Unit');
  if (unit === undefined || UNITS.has(unit)) return unit;
  throw invalid(`The value ${unit.slice(0, 50)} for parameter Unit is invalid`);
}

/** @throws ServiceError ValidationError */
export function choice(input: Input, name: string, choices: readonly string[]): string | undefined {
  const value = optionalText(input, name);
  if (value === undefined || choices.includes(value)) return value;
  throw invalid(`The value of ${name} must be one of ${choices.join(', ')}`);
}

export function renderDimensions({ dimensions }: Metric) {
  return dimensions.map(({ name, value }) => ({ Name: name, Value: value }));
}
