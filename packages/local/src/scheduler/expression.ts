import { nextMoment, parseCron } from './cron';
import { momentOf, wallTime } from './wall-clock';

const UNITS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** When something happens. */
export interface Recurrence {
  readonly kind: 'rate' | 'cron' | 'at';
  /**
   * The first time after another, in milliseconds since the epoch; undefined where there is none.
   * @param anchor where a rate begins to count
   */
  next(after: number, anchor: number): number | undefined;
}

export interface ExpressionRules {
  readonly timeZone: string;
  /** Whether `at(...)` is allowed: rules have none. */
  readonly once: boolean;
  /** Whether a rate's first time is when it begins, or one interval later. */
  readonly immediate: boolean;
}

/** @throws Error saying what is wrong */
export function parseExpression(text: string, { timeZone, once, immediate }: ExpressionRules): Recurrence {
  const [, kind, content] = /^(rate|cron|at)\((.*)\)$/.exec(text) ?? [];
  if (kind === 'rate') return rate(content!, immediate);
  if (kind === 'cron') {
    const cron = parseCron(content!);
    return { kind, next: (after) => nextMoment(cron, after, timeZone) };
  }
  if (kind === 'at' && once) return at(content!, timeZone);
  throw new Error(`rate(...)${once ? ', cron(...) or at(...)' : ' or cron(...)'} is needed`);
}

/** The unit is singular for 1 and plural for more: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html */
function rate(content: string, immediate: boolean): Recurrence {
  const [, count, unit, plural] = /^([1-9]\d*) (minute|hour|day)(s?)$/.exec(content) ?? [];
  if (count === undefined || (count === '1') !== (plural === '')) {
    throw new Error('a rate is a number and its unit: 1 minute, 5 minutes, 1 hour, 2 hours, 1 day, 7 days');
  }
  const every = Number(count) * UNITS[unit as keyof typeof UNITS];
  const first = immediate ? 0 : 1;
  return {
    kind: 'rate',
    next: (after, anchor) => anchor + Math.max(first, Math.floor((after - anchor) / every) + 1) * every,
  };
}

function at(content: string, timeZone: string): Recurrence {
  const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(content) ? new Date(`${content}Z`) : new Date(NaN);
  // February 30th would become a day in March.
  if (Number.isNaN(utc.getTime()) || !utc.toISOString().startsWith(content)) {
    throw new Error('a moment is written yyyy-mm-ddThh:mm:ss, and must exist');
  }
  const moment = momentOf(wallTime(utc.getTime(), 'UTC'), timeZone);
  return { kind: 'at', next: (after) => (moment !== undefined && moment > after ? moment : undefined) };
}
