import type { Clock, Timer } from '../clock';
import type { MessageAttributes } from '../contracts';
import type { Activity } from '../engine/activity';
import type { Locale } from '../engine/arn';
import { nameOf } from '../engine/arn';
import { ServiceError } from '../engine/errors';
import { isoSeconds, payloadOf } from './events';
import type { Schedule, Target } from './schedule';
import type { Retry, StateFile } from './state';
import type { Targets } from './targets';

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 15 * 60_000;
/** Errors that a rule does not try again: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
const FINAL_FOR_RULES = new Set([
  'AccessDeniedException',
  'ResourceNotFoundException',
  'QueueDoesNotExist',
  'NotFound',
]);

type Exhausted = 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds';

export interface DeliveriesOptions {
  readonly targets: Targets;
  readonly state: StateFile;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly locale: Locale;
}

/** Calls of targets, tried again with growing pauses until their policy ends that, and then sent to the dead-letter queue. */
export class Deliveries {
  private readonly timers = new Map<string, Timer>();
  private readonly underWay = new Set<Promise<void>>();
  /** What is being tried and may be tried again. */
  private readonly wanted = new Set<Retry>();
  private stopped = false;

  constructor(private readonly options: DeliveriesOptions) {}

  /** Calls all targets of a schedule that is due. */
  begin(schedule: Schedule, executionId: string, at: number): void {
    for (const target of schedule.targets) {
      const first = {
        scheduleArn: schedule.arn,
        targetId: target.id,
        executionId,
        at,
        attempts: 0,
        nextAt: at,
      };
      this.attempt(schedule, target, first);
    }
  }

  /** Goes on with what an earlier run was to try again. */
  resume(schedule: Schedule): void {
    for (const retry of this.options.state.content.retries) {
      const target = schedule.targets.find(({ id }) => id === retry.targetId);
      if (retry.scheduleArn === schedule.arn && target !== undefined) this.wait(schedule, target, retry);
    }
  }

  /** Tries nothing more of a schedule. */
  cancel(scheduleArn: string): void {
    for (const retry of this.wanted) if (retry.scheduleArn === scheduleArn) this.wanted.delete(retry);
    for (const [key, timer] of this.timers) {
      if (!key.startsWith(`${scheduleArn} `)) continue;
      timer.cancel();
      this.timers.delete(key);
    }
  }

  /** Resolves when no call is under way; what fails meanwhile is tried again by the next run. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers.values()) timer.cancel();
    this.timers.clear();
    await this.idle();
  }

  async idle(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  private attempt(schedule: Schedule, target: Target, before: Retry): void {
    this.wanted.add(before);
    const work = this.try(schedule, target, before)
      .catch((error: Error) => this.warn(schedule, `internal error: ${error.message}`))
      .finally(() => {
        this.wanted.delete(before);
        this.underWay.delete(work);
      });
    this.underWay.add(work);
  }

  private async try(schedule: Schedule, target: Target, before: Retry): Promise<void> {
    const { targets, state, clock, locale, activity } = this.options;
    const { executionId: id, at } = before;
    const attempt = before.attempts + 1;
    const payload = payloadOf(schedule, target, { id, at, attempt }, locale);
    const isTooOld = before.attempts > 0 && clock.now() >= at + target.maximumEventAgeSeconds * 1000;
    try {
      if (isTooOld) throw new ServiceError('EventAgeExceeded', 'The event is too old.');
      await targets.call(schedule, target, payload);
      state.dropRetry(before);
      activity.event('scheduler', () => `${schedule.name} -> ${nameOf(target.arn)}`);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      if (!this.wanted.has(before)) return;
      const attempts = isTooOld ? before.attempts : attempt;
      const exhausted = isTooOld
        ? 'MaximumEventAgeInSeconds'
        : this.exhausted(schedule, target, attempts, error);
      if (exhausted === undefined) this.again(schedule, target, { ...before, attempts }, error);
      else await this.end(schedule, target, { ...before, attempts }, payload, error, exhausted);
    }
  }

  /** Undefined where it is to be tried again. */
  private exhausted(
    { kind }: Schedule,
    target: Target,
    attempts: number,
    error: ServiceError,
  ): Exhausted | 'final' | undefined {
    if (kind === 'rule' && FINAL_FOR_RULES.has(error.code)) return 'final';
    return attempts > target.maximumRetryAttempts ? 'MaximumRetryAttempts' : undefined;
  }

  private again(schedule: Schedule, target: Target, failed: Retry, error: ServiceError): void {
    const { state, clock } = this.options;
    const pause = Math.min(FIRST_RETRY_MS * 2 ** (failed.attempts - 1), LONGEST_RETRY_MS);
    const oldestAt = failed.at + target.maximumEventAgeSeconds * 1000;
    const retry = { ...failed, nextAt: Math.min(clock.now() + pause, oldestAt) };
    state.setRetry(retry);
    this.wait(schedule, target, retry);
    const seconds = Math.ceil((retry.nextAt - clock.now()) / 1000);
    if (failed.attempts === 1)
      this.warn(schedule, `${target.arn}: ${error.message}; again in ${seconds} s, with growing pauses`);
  }

  private wait(schedule: Schedule, target: Target, retry: Retry): void {
    if (this.stopped) return;
    const { clock } = this.options;
    const key = `${schedule.arn} ${retry.executionId} ${target.id}`;
    const timer = clock.schedule(Math.max(0, retry.nextAt - clock.now()), () => {
      this.timers.delete(key);
      this.attempt(schedule, target, retry);
    });
    this.timers.set(key, timer);
  }

  private async end(
    schedule: Schedule,
    target: Target,
    retry: Retry,
    payload: string,
    error: ServiceError,
    exhausted: Exhausted | 'final',
  ): Promise<void> {
    const what = `${target.arn}: ${error.message}; given up after ${retry.attempts} attempts`;
    if (target.deadLetterArn === undefined) {
      this.warn(schedule, `${what}, the event is lost`);
    } else {
      try {
        const attributes = deadLetterAttributes(schedule, target, retry, error, exhausted);
        await this.options.targets.bury(schedule, target, payload, attributes);
        this.warn(schedule, `${what}, sent to ${nameOf(target.deadLetterArn)}`);
      } catch (refusal) {
        this.warn(
          schedule,
          `${what}; the event is lost, ${target.deadLetterArn} did not take it: ${(refusal as Error).message}`,
        );
      }
    }
    this.options.state.dropRetry(retry);
  }

  private warn({ name }: Schedule, text: string): void {
    this.options.activity.warn('scheduler', `${name}: ${text}`);
  }
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html */
function deadLetterAttributes(
  { kind, arn }: Schedule,
  target: Target,
  { executionId, at, attempts }: Retry,
  error: ServiceError,
  exhausted: Exhausted | 'final',
): MessageAttributes {
  const texts: Record<string, string> = {
    ERROR_CODE: error.code,
    ERROR_MESSAGE: error.message,
    RETRY_ATTEMPTS: String(attempts - 1),
    TARGET_ARN: target.arn,
    ...(exhausted !== 'final' && { EXHAUSTED_RETRY_CONDITION: exhausted }),
    ...(kind === 'rule'
      ? { RULE_ARN: arn }
      : {
          EXECUTION_ID: executionId,
          IS_PAYLOAD_TRUNCATED: 'false',
          SCHEDULED_TIME: isoSeconds(at),
          SCHEDULE_ARN: arn,
        }),
  };
  return Object.fromEntries(
    Object.entries(texts).map(([name, value]) => [name, { dataType: 'String', value }]),
  );
}
