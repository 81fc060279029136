import { randomUUID } from 'node:crypto';
import type { Clock, Timer } from '../clock';
import type { Deliveries } from '../deliveries';
import { scheduledEvent } from '../deliveries';
import type { Activity } from '../engine/activity';
import type { Locale } from '../engine/arn';
import type { Schedule } from './schedule';
import { nextTime, recurrenceOf } from './schedule';
import type { Run } from './state';
import { StateFile } from './state';

/** AWS calls targets within a minute; what is later than that was missed, and is not made up for. */
const LATE_MS = 60_000;

export interface SchedulerOptions {
  /** Where runs and schedules made by the API are kept. */
  readonly file: string;
  readonly deliveries: Deliveries;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly locale: Locale;
  /** Told when a rule is due. @default there are no rules */
  readonly onRule?: (ruleArn: string, at: number) => Promise<void>;
}

/** EventBridge Scheduler, and the clock of scheduled rules: calls targets when they are due. */
export class Scheduler {
  private readonly schedules = new Map<string, Schedule>();
  private readonly timers = new Map<string, Timer>();
  private readonly state: StateFile;
  /** Groups that schedules may be in. */
  readonly groups = new Set(['default']);
  private running = false;

  constructor(private readonly options: SchedulerOptions) {
    this.state = new StateFile(options.file);
    for (const schedule of this.state.content.created) this.schedules.set(schedule.arn, schedule);
  }

  get locale(): Locale {
    return this.options.locale;
  }

  get now(): number {
    return this.options.clock.now();
  }

  arn(groupName: string, name: string): string {
    const { region, accountId } = this.options.locale;
    return `arn:aws:scheduler:${region}:${accountId}:schedule/${groupName}/${name}`;
  }

  find(arn: string): Schedule | undefined {
    return this.schedules.get(arn);
  }

  /** In the order of their groups and names. */
  list(): Schedule[] {
    return [...this.schedules.values()].sort((a, b) => (a.arn < b.arn ? -1 : 1));
  }

  /** Begins to call targets; what was missed until then stays so. */
  start(): void {
    this.running = true;
    for (const arn of Object.keys(this.state.content.runs)) {
      if (!this.schedules.has(arn)) this.state.forget(arn);
    }
    for (const schedule of this.schedules.values()) this.plan(schedule);
  }

  /** Begins no more calls. */
  stop(): void {
    this.running = false;
    for (const timer of this.timers.values()) timer.cancel();
    this.timers.clear();
  }

  /** Puts a schedule in place of the one with its ARN, if there is one. */
  put(schedule: Schedule): void {
    this.schedules.set(schedule.arn, schedule);
    if (!schedule.declared) this.keepCreated();
    if (this.running) this.plan(schedule);
  }

  /** What failed is not tried again either. */
  delete(arn: string): void {
    this.options.deliveries.cancel(arn);
    this.remove(arn);
  }

  private remove(arn: string): void {
    this.schedules.delete(arn);
    this.timers.get(arn)?.cancel();
    this.timers.delete(arn);
    this.state.forget(arn);
  }

  private keepCreated(): void {
    this.state.setCreated(this.list().filter(({ declared }) => !declared));
  }

  private plan(schedule: Schedule): void {
    const { arn } = schedule;
    this.timers.get(arn)?.cancel();
    this.timers.delete(arn);
    const isNew = this.knownRun(schedule) === undefined;
    const { anchor, lastAt } = this.runOf(schedule);
    // A rate that begins is due at once.
    const isDue = isNew && recurrenceOf(schedule).kind === 'rate';
    const after = isDue ? anchor - 1 : Math.max(this.now, lastAt ?? 0);
    const at = nextTime(schedule, after, anchor);
    if (at !== undefined) this.waitFor(schedule, at);
    else if (lastAt !== undefined && schedule.enabled && schedule.afterCompletion === 'DELETE')
      this.remove(arn);
  }

  private waitFor(schedule: Schedule, at: number): void {
    const timer = this.options.clock.schedule(Math.max(0, at - this.now), () => {
      // A clock's longest delay may be shorter than the wait.
      if (this.now < at) this.waitFor(schedule, at);
      else this.fire(schedule, at);
    });
    this.timers.set(schedule.arn, timer);
  }

  /** The disk may refuse the state: that is to end a firing, not the runtime. */
  private fire(schedule: Schedule, at: number): void {
    const warn = (error: Error, what: string) =>
      this.options.activity.warn('scheduler', `${schedule.name} ${what}: ${error.message}`);
    try {
      // Remembered first: what is interrupted from here on is missed, and not done twice.
      this.state.setRun(schedule.arn, { ...this.runOf(schedule), lastAt: at });
      if (this.now <= at + LATE_MS)
        this.call(schedule, at).catch((error: Error) => warn(error, 'was not called'));
      this.plan(schedule);
    } catch (error) {
      warn(error as Error, 'is no longer called');
    }
  }

  private async call({ kind, arn, name, targets }: Schedule, at: number): Promise<void> {
    const { deliveries, locale, onRule } = this.options;
    if (kind === 'rule') {
      await onRule?.(arn, at);
      return;
    }
    const source = { kind, arn, name };
    const eventId = randomUUID();
    const event = scheduledEvent(source, eventId, at, locale);
    await deliveries.add(targets.map((target) => ({ source, target, event, eventId, at })));
  }

  /** It begins anew where its times are others. */
  private runOf(schedule: Schedule): Run {
    const known = this.knownRun(schedule);
    if (known !== undefined) return known;
    const run: Run = { form: formOf(schedule), anchor: this.now };
    this.state.setRun(schedule.arn, run);
    return run;
  }

  private knownRun(schedule: Schedule): Run | undefined {
    const known = this.state.content.runs[schedule.arn];
    return known?.form === formOf(schedule) ? known : undefined;
  }
}

function formOf({ expression, timeZone, startAt }: Schedule): string {
  return JSON.stringify([expression, timeZone, startAt]);
}
