/** A date and a time as a clock on a wall shows it, whatever the zone. */
export interface WallTime {
  readonly year: number;
  /** 1-12 */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  /** @default 0 */
  readonly second?: number;
}

const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether a name is a zone of the IANA database; offsets such as `+02:00` are none. */
export function isTimeZone(name: string): boolean {
  try {
    format(name);
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
}

/** What clocks of a zone show at a moment (milliseconds since the epoch). */
export function wallTime(at: number, timeZone: string): Required<WallTime> {
  const parts = Object.fromEntries(
    format(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year, month, day, hour, minute, second } = parts as unknown as Required<WallTime>;
  return { year, month, day, hour, minute, second };
}

/**
 * The first moment at which clocks of a zone show a time; undefined where they never do: the hour that is skipped in spring.
 * A time that they show twice, in autumn, is its first.
 */
export function momentOf(time: WallTime, timeZone: string): number | undefined {
  const { year, month, day, hour, minute, second = 0 } = time;
  const asUtc = Date.UTC(year, month - 1, day, hour, minute, second);
  // Zones change their offset at most once in two days.
  const offsets = [asUtc - DAY_MS, asUtc + DAY_MS].map((at) => offset(at, timeZone));
  const moments = offsets.map((ms) => asUtc - ms).filter((at) => at + offset(at, timeZone) === asUtc);
  return moments.length === 0 ? undefined : Math.min(...moments);
}

/** Milliseconds that a zone is ahead of UTC. */
function offset(at: number, timeZone: string): number {
  const { year, month, day, hour, minute, second } = wallTime(at, timeZone);
  const seconds = Math.floor(at / 1000) * 1000;
  return Date.UTC(year, month - 1, day, hour, minute, second) - seconds;
}

function format(timeZone: string): Intl.DateTimeFormat {
  let known = formats.get(timeZone);
  if (known === undefined) {
    known = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, known);
  }
  return known;
}
