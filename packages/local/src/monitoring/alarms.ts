import type { Clock } from '../clock';
import type { Locale } from '../engine';
import { ServiceError } from '../engine';
import type { Activity } from '../engine/activity';
import type {
  AlarmDefinition,
  AlarmRecord,
  AlarmState,
  HistoryItem,
  StateOfAlarm,
  Transition,
} from './alarm';
import { evaluationSeconds } from './alarm';
import type { AlarmActions } from './alarm-actions';
import { checkAlarm } from './alarm-rules';
import type { AlarmStore } from './alarm-store';
import { datapointsOf, evaluate } from './evaluation';
import * as history from './history';
import type { MetricStore } from './metric-store';
import { initialState, reasonData } from './state-reason';

const MAX_ALARMS = 5000;

export interface AlarmsOptions {
  readonly clock: Clock;
  readonly locale: Locale;
  readonly metrics: MetricStore;
  readonly store: AlarmStore;
  readonly actions: AlarmActions;
  readonly activity: Activity;
  /** The set of alarms has changed. */
  readonly onChange?: () => void;
}

/** The alarms, by name: kept on disk, judged by what the metrics say. */
export class Alarms {
  private readonly byName = new Map<string, AlarmRecord>();
  private readonly underWay = new Set<Promise<void>>();
  private readonly warned = new Set<string>();
  private transitions = 0;

  constructor(private readonly options: AlarmsOptions) {}

  /** Reads what is kept; {@link resume} carries out the actions that a kill prevented. */
  async restore(): Promise<void> {
    for (const alarm of await this.options.store.load()) this.byName.set(alarm.definition.name, alarm);
  }

  /** Once topics and functions are there. */
  resume(): void {
    for (const alarm of this.byName.values()) {
      for (const transition of alarm.pending) this.act(alarm, transition);
    }
  }

  get size(): number {
    return this.byName.size;
  }

  arnOf(name: string): string {
    const { region, accountId } = this.options.locale;
    return `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}`;
  }

  /** By name. */
  list(): AlarmRecord[] {
    return [...this.byName.values()].sort((a, b) => (a.definition.name < b.definition.name ? -1 : 1));
  }

  find(name: string): AlarmRecord | undefined {
    return this.byName.get(name);
  }

  /** @throws ServiceError ResourceNotFound */
  get(name: string): AlarmRecord {
    const alarm = this.byName.get(name);
    if (alarm) return alarm;
    throw new ServiceError('ResourceNotFound', `Unknown alarm ${name.slice(0, 255)}`, 404);
  }

  /**
   * As PutMetricAlarm: replaces all of an alarm that is there, and keeps its state. Resolves once it is durable.
   * @param tags of a new alarm; one that is there keeps its own
   * @throws ServiceError ValidationError, LimitExceeded
   */
  async put(definition: AlarmDefinition, tags: Readonly<Record<string, string>> = {}): Promise<void> {
    checkAlarm(definition);
    const existing = this.byName.get(definition.name);
    if (!existing && this.byName.size >= MAX_ALARMS) {
      throw new ServiceError('LimitExceeded', `There are ${MAX_ALARMS} alarms already.`);
    }
    const alarm = this.made(definition, existing, { tags: existing?.tags ?? tags, declared: false });
    this.byName.set(definition.name, alarm);
    this.options.onChange?.();
    await this.options.store.save(alarm, history.configured(existing, alarm));
  }

  /** Makes an alarm of the stack exist as it says; it keeps its state from run to run. */
  async declare(definition: AlarmDefinition, tags: Readonly<Record<string, string>>): Promise<void> {
    checkAlarm(definition);
    const existing = this.byName.get(definition.name);
    const wanted = JSON.stringify([definition, tags, true]);
    const same =
      existing && JSON.stringify([existing.definition, existing.tags, existing.declared]) === wanted;
    if (same) return;
    const alarm = this.made(definition, existing, { tags, declared: true });
    this.byName.set(definition.name, alarm);
    await this.options.store.save(alarm, history.configured(existing, alarm));
  }

  /** Removes what an earlier stack declared and this one does not. */
  async removeUndeclared(names: ReadonlySet<string>): Promise<void> {
    const gone = this.list().filter(({ definition, declared }) => declared && !names.has(definition.name));
    if (gone.length > 0) await this.delete(gone.map(({ definition }) => definition.name));
  }

  /** As DeleteAlarms: all of them or, where one does not exist, none. @throws ServiceError ResourceNotFound */
  async delete(names: readonly string[]): Promise<void> {
    const alarms = [...new Set(names)].map((name) => this.get(name));
    for (const { definition } of alarms) this.byName.delete(definition.name);
    this.options.onChange?.();
    const now = this.options.clock.now();
    await this.options.store.remove(names, ...alarms.map((alarm) => history.deleted(alarm, now)));
  }

  /** As EnableAlarmActions and DisableAlarmActions: alarms that do not exist are passed over. */
  async enableActions(names: readonly string[], actionsEnabled: boolean): Promise<void> {
    const saves = names.map(async (name) => {
      const existing = this.byName.get(name);
      if (!existing || existing.definition.actionsEnabled === actionsEnabled) return;
      const alarm = {
        ...existing,
        definition: { ...existing.definition, actionsEnabled },
        configuredAt: this.options.clock.now(),
      };
      this.byName.set(name, alarm);
      await this.options.store.save(alarm, history.configured(existing, alarm));
    });
    await Promise.all(saves);
  }

  async setTags(name: string, tags: Readonly<Record<string, string>>): Promise<void> {
    const alarm = { ...this.get(name), tags };
    this.byName.set(name, alarm);
    await this.options.store.save(alarm);
  }

  /**
   * As SetAlarmState: lasts until the next evaluation says otherwise. Resolves once it is durable.
   * @throws ServiceError ResourceNotFound
   */
  async setState(name: string, value: AlarmState, reason: string, data?: string): Promise<void> {
    await this.change(this.get(name), value, reason, data);
  }

  /** Judges the alarms that are due at a moment: a multiple of ten seconds, in milliseconds since the epoch. */
  evaluate(at: number): void {
    for (const alarm of [...this.byName.values()]) {
      const { definition, state } = alarm;
      if (at % (evaluationSeconds(definition) * 1000) !== 0) continue;
      const result = evaluate(definition, datapointsOf(definition, this.options.metrics, at));
      if (result === undefined || result.value === state.value) continue;
      const data = reasonData(definition, result.datapoints, this.options.clock.now());
      // A failed write has been reported by the store.
      this.change(alarm, result.value, result.reason, data).catch(() => undefined);
    }
  }

  /** Whether an alarm is judged more often than once a minute. */
  get hasFinePeriods(): boolean {
    return [...this.byName.values()].some(({ definition }) => evaluationSeconds(definition) < 60);
  }

  history(name?: string): Promise<HistoryItem[]> {
    return this.options.store.history(name);
  }

  /** Resolves when the actions that are under way are done. */
  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  private made(
    definition: AlarmDefinition,
    existing: AlarmRecord | undefined,
    more: Pick<AlarmRecord, 'tags' | 'declared'>,
  ): AlarmRecord {
    const now = this.options.clock.now();
    const state = existing?.state ?? initialState(now);
    const arn = this.arnOf(definition.name);
    return { definition, arn, configuredAt: now, state, pending: existing?.pending ?? [], ...more };
  }

  private async change(alarm: AlarmRecord, value: AlarmState, reason: string, data?: string): Promise<void> {
    const { clock, store, activity } = this.options;
    const { definition, state: from } = alarm;
    const now = clock.now();
    const same = value === from.value;
    const to: StateOfAlarm = {
      value,
      reason,
      ...(data !== undefined && { reasonData: data }),
      updatedAt: now,
      transitionedAt: same ? from.transitionedAt : now,
    };
    this.transitions += 1;
    const transition: Transition = { id: `${now}-${this.transitions}`, from, to };
    const acts = !same && definition.actionsEnabled && definition.actions[value].length > 0;
    const pending = acts ? [...alarm.pending, transition] : alarm.pending;
    const changed = { ...alarm, state: to, pending };
    this.byName.set(definition.name, changed);
    // A new alarm that is well is no news.
    const isNews = !same && (value === 'ALARM' || from.value === 'ALARM');
    if (isNews) activity.event('alarms', () => `${definition.name} ${from.value} -> ${value}: ${reason}`);
    await this.tracked(store.save(changed, ...(same ? [] : [history.changed(alarm, transition)])));
    if (acts) this.act(changed, transition);
  }

  /** Only once the transition is durable: a kill repeats actions, and forgets none. */
  private act(alarm: AlarmRecord, transition: Transition): void {
    const work = this.perform(alarm, transition).catch(({ message }: Error) => {
      this.options.activity.warn('alarms', `${alarm.definition.name}: ${message}`);
    });
    void this.tracked(work);
  }

  private async perform(alarm: AlarmRecord, transition: Transition): Promise<void> {
    const { actions, clock, store } = this.options;
    const { name, actions: byState } = alarm.definition;
    const items = await Promise.all(
      byState[transition.to.value].map(async (arn) => {
        try {
          await actions.perform(arn, alarm, transition);
          return history.acted(alarm, arn, clock.now());
        } catch (error) {
          const { message } = error as Error;
          this.warnOnce(`${name} cannot tell ${arn}: ${message}`);
          return history.acted(alarm, arn, clock.now(), message);
        }
      }),
    );
    const current = this.byName.get(name);
    if (!current) return;
    const pending = current.pending.filter(({ id }) => id !== transition.id);
    const done = { ...current, pending };
    this.byName.set(name, done);
    await store.save(done, ...items);
  }

  private async tracked(work: Promise<void>): Promise<void> {
    const ended = work.catch(() => undefined).finally(() => this.underWay.delete(ended));
    this.underWay.add(ended);
    await work;
  }

  private warnOnce(text: string): void {
    if (this.warned.has(text)) return;
    this.warned.add(text);
    this.options.activity.warn('alarms', text);
  }
}
