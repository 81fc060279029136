import type { Target } from '../deliveries';
import type { Recurrence } from './expression';
import { parseExpression } from './expression';

/** A schedule of EventBridge Scheduler, or a rule with a schedule expression. */
export interface Schedule {
  readonly kind: 'schedule' | 'rule';
  readonly arn: string;
  readonly name: string;
  /** Of a schedule; a rule has none. */
  readonly groupName: string;
  readonly expression: string;
  /** A rule's is UTC. */
  readonly timeZone: string;
  readonly enabled: boolean;
  /** Milliseconds since the epoch. */
  readonly startAt?: number;
  /** Milliseconds since the epoch. */
  readonly endAt?: number;
  /** Of a schedule; a rule's are its event bus's matter. */
  readonly targets: readonly Target[];
  readonly description?: string;
  /** Minutes; the target is called at the beginning. @default none */
  readonly flexibleMinutes?: number;
  readonly kmsKeyArn?: string;
  /** What becomes of a schedule that has no further times. */
  readonly afterCompletion: 'NONE' | 'DELETE';
  /** Whether the stack made it. */
  readonly declared: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

/** @throws Error saying what is wrong with the expression */
export function recurrenceOf({
  kind,
  expression,
  timeZone,
}: Pick<Schedule, 'kind' | 'expression' | 'timeZone'>): Recurrence {
  const isSchedule = kind === 'schedule';
  return parseExpression(expression, { timeZone, once: isSchedule, immediate: isSchedule });
}

/**
 * The first time after another at which a schedule calls its target, as long as it is enabled; undefined where there is none.
 * @param anchor where a rate without a start date begins to count
 */
export function nextTime(schedule: Schedule, after: number, anchor: number): number | undefined {
  const { enabled, startAt, endAt } = schedule;
  if (!enabled) return undefined;
  const from = startAt === undefined ? after : Math.max(after, startAt - 1);
  const next = recurrenceOf(schedule).next(from, startAt ?? anchor);
  return next === undefined || (endAt !== undefined && next > endAt) ? undefined : next;
}
