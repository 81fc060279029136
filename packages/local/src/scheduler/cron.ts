import { momentOf, wallTime } from './wall-clock';
import type { WallTime } from './wall-clock';

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const SATURDAY = 7;

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Words for the numbers from `min` on. */
  readonly words?: readonly string[];
}

const MINUTE: Field = { name: 'minutes', min: 0, max: 59 };
const HOUR: Field = { name: 'hours', min: 0, max: 23 };
const DAY: Field = { name: 'day of the month', min: 1, max: 31 };
const MONTH: Field = { name: 'month', min: 1, max: 12, words: MONTHS };
const WEEKDAY: Field = { name: 'day of the week', min: 1, max: 7, words: WEEKDAYS };
const YEAR: Field = { name: 'year', min: 1970, max: 2199 };

/** A cron expression of AWS: minutes, hours, day of the month, month, day of the week (1 is Sunday), year. */
export interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly months: readonly number[];
  readonly years: readonly number[];
  /** Days of a month, in order. */
  readonly days: (year: number, month: number) => readonly number[];
}

/**
 * @param text what is between the brackets of `cron(...)`
 * @throws Error saying which field is wrong
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function parseCron(text: string): Cron {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 6) throw new Error(`cron has six fields, not ${fields.length}`);
  const [minutes, hours, day, month, weekday, year] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if ((day === '?') === (weekday === '?')) {
    throw new Error('exactly one of day of the month and day of the week must be ?');
  }
  return {
    minutes: numbers(minutes, MINUTE),
    hours: numbers(hours, HOUR),
    months: numbers(month, MONTH),
    years: numbers(year, YEAR),
    days: weekday === '?' ? daysOfMonth(day) : daysOfWeek(weekday),
  };
}

/** The first moment after another (milliseconds since the epoch) at which the expression says so; undefined where there is none. */
export function nextMoment(cron: Cron, after: number, timeZone: string): number | undefined {
  const now = wallTime(after, timeZone);
  for (const time of wallTimes(cron, now)) {
    const moment = momentOf(time, timeZone);
    if (moment !== undefined && moment > after) return moment;
  }
  return undefined;
}

/** The times that an expression means, from the minute of another on. */
function* wallTimes(cron: Cron, from: WallTime): Generator<WallTime> {
  for (const year of cron.years.filter((each) => each >= from.year)) {
    const isYear = year === from.year;
    for (const month of cron.months.filter((each) => !isYear || each >= from.month)) {
      const isMonth = isYear && month === from.month;
      for (const day of cron.days(year, month).filter((each) => !isMonth || each >= from.day)) {
        const isDay = isMonth && day === from.day;
        for (const hour of cron.hours.filter((each) => !isDay || each >= from.hour)) {
          const isHour = isDay && hour === from.hour;
          for (const minute of cron.minutes.filter((each) => !isHour || each >= from.minute)) {
            yield { year, month, day, hour, minute };
          }
        }
      }
    }
  }
}

/** Values, ranges and steps, in order. @throws Error */
function numbers(text: string, field: Field): number[] {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', step, ...more] = part.split('/');
    const every = step === undefined ? 1 : Number(step);
    if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) throw wrong(part, field);
    const [first, last] = ends(range, step !== undefined, field);
    for (let value = first; value <= last; value += every) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

/** The first and last value; a single one with a step goes on to the end. */
function ends(range: string, hasStep: boolean, field: Field): [number, number] {
  if (range === '*') return [field.min, field.max];
  const [from = '', to, ...more] = range.split('-');
  const first = value(from, field);
  const last = to === undefined ? (hasStep ? field.max : first) : value(to, field);
  if (more.length > 0 || first > last) throw wrong(range, field);
  return [first, last];
}

function value(text: string, field: Field): number {
  const word = field.words?.indexOf(text.toUpperCase()) ?? -1;
  const number = word >= 0 ? word + field.min : /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  if (number >= field.min && number <= field.max) return number;
  throw wrong(text, field);
}

function wrong(text: string, { name, min, max }: Field): Error {
  return new Error(`"${text}" is no ${name}: ${min} to ${max}, *, lists, ranges and steps are`);
}

function daysOfMonth(text: string): Cron['days'] {
  if (text === 'L') return (year, month) => [lengthOf(year, month)];
  if (text === 'LW') return (year, month) => [nearestWeekday(year, month, lengthOf(year, month))];
  const weekday = /^(\d{1,2})W$/.exec(text)?.[1];
  if (weekday !== undefined) {
    const day = value(weekday, DAY);
    return (year, month) => (day > lengthOf(year, month) ? [] : [nearestWeekday(year, month, day)]);
  }
  const days = numbers(text, DAY);
  return (year, month) => days.filter((day) => day <= lengthOf(year, month));
}

function daysOfWeek(text: string): Cron['days'] {
  if (text === 'L') return (year, month) => weekdays(year, month, [SATURDAY]);
  const last = /^(\w+)L$/.exec(text)?.[1];
  if (last !== undefined) {
    const day = value(last, WEEKDAY);
    return (year, month) => weekdays(year, month, [day]).slice(-1);
  }
  const [, name, nth] = /^(\w+)#([1-5])$/.exec(text) ?? [];
  if (name !== undefined) {
    const day = value(name, WEEKDAY);
    return (year, month) => weekdays(year, month, [day]).slice(Number(nth) - 1, Number(nth));
  }
  const days = numbers(text, WEEKDAY);
  return (year, month) => weekdays(year, month, days);
}

/** The days of a month that are one of these weekdays. */
function weekdays(year: number, month: number, wanted: readonly number[]): number[] {
  const days = Array.from({ length: lengthOf(year, month) }, (_, i) => i + 1);
  return days.filter((day) => wanted.includes(weekdayOf(year, month, day)));
}

/** Monday to Friday, without leaving the month. */
function nearestWeekday(year: number, month: number, day: number): number {
  const weekday = weekdayOf(year, month, day);
  if (weekday === SATURDAY) return day > 1 ? day - 1 : day + 2;
  if (weekday === 1) return day < lengthOf(year, month) ? day + 1 : day - 2;
  return day;
}

function weekdayOf(year: number, month: number, day: number): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;
}

function lengthOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
