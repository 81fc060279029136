/** A calendar day in a time zone, which may have 23 or 25 hours. */
export interface Day {
  /** `2026-01-31` */
  readonly date: string;
  /** IANA: `Europe/Berlin`. */
  readonly timeZone: string;
  /** Its beginning: ISO 8601 in UTC. */
  readonly from: string;
  /** The next day's beginning. */
  readonly before: string;
}

/** The day before the one on which `time` is in the time zone. @param time milliseconds since the epoch */
export function dayBefore(time: number, timeZone: string): Day {
  const today = dateOf(time, timeZone);
  const date = plusDays(today, -1);
  return {
    date,
    timeZone,
    from: new Date(beginningOf(date, timeZone)).toISOString(),
    before: new Date(beginningOf(today, timeZone)).toISOString(),
  };
}

/** `03:00`: of a clock on the wall there. @param time ISO 8601 in UTC */
export function hourOf(time: string, timeZone: string): string {
  return `${wallClock(Date.parse(time), timeZone).slice(11, 13)}:00`;
}

function dateOf(time: number, timeZone: string): string {
  return wallClock(time, timeZone).slice(0, 10);
}

/** A formatter takes longer to make than thousands of times to write. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** `2026-01-31 03:00`: Sweden writes dates as ISO 8601 does. */
function wallClock(time: number, timeZone: string): string {
  const format = formats.get(timeZone) ?? newFormat(timeZone);
  formats.set(timeZone, format);
  return format.format(time);
}

function newFormat(timeZone: string): Intl.DateTimeFormat {
  const two = '2-digit' as const;
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: two,
    day: two,
    hour: two,
    minute: two,
  });
}

function plusDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Zones are up to 14 hours ahead of UTC. */
const EARLIEST_MS = 14 * 3_600_000;
const QUARTER_HOUR_MS = 15 * 60_000;

/**
 * The first moment of a date there: the first quarter of an hour, which is what zones differ by, that has the date. Where
 * summer time begins at midnight it is 01:00.
 */
function beginningOf(date: string, timeZone: string): number {
  let time = Date.parse(date) - EARLIEST_MS;
  while (dateOf(time, timeZone) < date) time += QUARTER_HOUR_MS;
  return time;
}
