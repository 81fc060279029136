import type { Schedule, ScheduleProps } from './schedule';
import { requireInteger, requireMatch, requireThat } from './validate';

const RATE = /^rate\(([1-9]\d*) (minute|hour|day)(s?)\)$/;
const AT = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/;
const CRON = /^cron\((.*)\)$/;
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly words?: readonly string[];
  /** Forms beside numbers, ranges, lists and steps. */
  readonly special?: RegExp;
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html, cron-based schedules */
const FIELDS: readonly Field[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31, special: /^(\?|L|LW|([1-9]|[12]\d|3[01])W)$/ },
  { name: 'month', min: 1, max: 12, words: MONTHS },
  {
    name: 'day of the week',
    min: 1,
    max: 7,
    words: WEEKDAYS,
    special: /^(\?|L|([1-7]|[A-Z]{3})(L|#[1-5]))$/,
  },
  { name: 'year', min: 1970, max: 2199 },
];

export function validateSchedule(schedule: Schedule, props: ScheduleProps): void {
  const nameRule =
    'up to 55 letters, digits, - and _ are allowed (a role with -schedule, a queue with -dead-letters)';
  requireMatch(schedule, 'name', props.name, /^[a-zA-Z0-9_-]{1,55}$/, nameRule);
  const problem = expressionProblem(props.expression);
  requireThat(schedule, problem === undefined, 'expression', props.expression, problem ?? '');
  const { timeZone } = props;
  requireThat(
    schedule,
    isTimeZone(timeZone),
    'timeZone',
    timeZone,
    'a zone of the IANA database is needed: Europe/Berlin',
  );
  const source = 'Scheduler CreateSchedule';
  const integer = (property: keyof ScheduleProps, min: number, max: number) =>
    requireInteger(schedule, property, props[property] as number | undefined, { min, max }, source);
  integer('flexibleMinutes', 1, 1440);
  integer('maximumRetryAttempts', 0, 185);
  integer('maximumEventAgeSeconds', 60, 86_400);
  requireMatch(
    schedule,
    'description',
    props.description,
    /^.{0,512}$/s,
    `up to 512 characters are allowed (${source})`,
  );
}

function expressionProblem(expression: string): string | undefined {
  const rate = RATE.exec(expression);
  if (rate) {
    const singular = rate[1] === '1';
    return singular === (rate[3] === '') ? undefined : 'the unit is singular for 1 and plural for more';
  }
  const at = AT.exec(expression)?.[1];
  if (at !== undefined) return isMoment(at) ? undefined : 'there is no such day or time';
  const cron = CRON.exec(expression)?.[1];
  if (cron !== undefined) return cronProblem(cron.split(' '));
  return 'rate(5 minutes), cron(0 3 * * ? *) or at(2030-01-31T03:00:00) is needed';
}

function isMoment(text: string): boolean {
  const date = new Date(`${text}Z`);
  // February 30th would become a day in March.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function cronProblem(fields: readonly string[]): string | undefined {
  if (fields.length !== FIELDS.length)
    return 'cron takes six fields: minute, hour, day, month, weekday and year';
  const wrong = FIELDS.find((field, index) => !isField(fields[index] ?? '', field));
  if (wrong) return `the ${wrong.name} is from ${wrong.min} to ${wrong.max}, a list, a range, a step or *`;
  const open = [fields[2], fields[4]].filter((field) => field === '?').length;
  return open === 1 ? undefined : 'one of day and weekday is ?, the other says when';
}

function isField(text: string, field: Field): boolean {
  if (field.special?.test(text)) return true;
  return text.split(',').every((part) => {
    const [range = '', step, ...more] = part.split('/');
    if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return false;
    if (range === '*') return true;
    const ends = range.split('-').map((end) => numberOf(end, field));
    const inside = ends.every((end) => end >= field.min && end <= field.max);
    return inside && ends.length <= 2 && (ends[0] ?? 0) <= (ends[1] ?? field.max);
  });
}

function numberOf(text: string, { words, min }: Field): number {
  const word = words?.indexOf(text.toUpperCase()) ?? -1;
  if (word >= 0) return word + min;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

function isTimeZone(name: string | undefined): boolean {
  if (name === undefined) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    // Offsets such as +02:00 are zones for JavaScript, and not for AWS.
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
}
