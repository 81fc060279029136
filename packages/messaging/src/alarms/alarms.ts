import type { AlarmHistoryItem as HistoryItem } from '@aws-sdk/client-cloudwatch';
import type { Aws } from '../clients';
import { MessagingError, refuse } from '../errors';
import type { Page, PageOptions } from '../page';
import { page } from '../page';
import type { Subscriptions } from '../subscriptions';
import type { Topics } from '../topics';
import { Undo } from '../undo';
import { alarmErrors } from './alarm-errors';
import { alarmInfo, alarmInput, isSame, stateValue } from './alarm-info';
import { Notifications } from './notifications';
import type { AlarmHistoryItem, AlarmInfo, AlarmState, CreateAlarm, ListAlarms } from './types';

const STATES: readonly string[] = ['ok', 'alarm', 'insufficient-data'] satisfies AlarmState[];
const MAX_REASON = 1023;
/** What CloudWatch lists in one call. */
const MAX_CHUNK = 100;

const HISTORY_KINDS: Readonly<Record<string, AlarmHistoryItem['kind']>> = {
  StateUpdate: 'state',
  ConfigurationUpdate: 'configuration',
  Action: 'action',
};

/** Alarms on metrics of CloudWatch: those of queues and topics by what they measure, others by name. */
export class Alarms {
  private readonly notifications: Notifications;

  constructor(
    private readonly aws: Aws,
    topics: Topics,
    subscriptions: Subscriptions,
  ) {
    this.notifications = new Notifications(aws, topics, subscriptions);
  }

  /**
   * Makes an alarm, and what it needs to tell those that it notifies; when a step fails, what the ones before made is taken
   * back. Again with the same settings it answers the alarm that is there.
   *
   * @throws MessagingError 'invalid', 'not-found' for a target, 'already-exists' with other settings
   */
  async create(input: CreateAlarm): Promise<AlarmInfo> {
    refuse(alarmErrors(input));
    const { name, notify = {} } = input;
    this.aws.checkName('alarm', name, 'name');
    const actions = await this.notifications.actions(name, notify);
    const before = await this.find(name);
    if (before !== undefined && !isSame(before, input, actions)) {
      throw new MessagingError('already-exists', `Alarm "${name}" already exists with different settings`);
    }
    const info = await Undo.around(this.aws.events, async (undo) => {
      await this.notifications.provide(name, notify, undo);
      if (before !== undefined) return before;
      await this.aws.attempt(`creating alarm "${name}"`, async () =>
        (await this.aws.cloudWatch()).putMetricAlarm(alarmInput(input, actions)),
      );
      undo.add(() => this.remove(name));
      return this.get(name);
    });
    if (before === undefined) this.emit('resource.created', info);
    return info;
  }

  /** By pages, with all that is known of them. Composite alarms are not among them. */
  async list(options: ListAlarms = {}): Promise<Page<AlarmInfo>> {
    const { prefix = '', state } = options;
    if (state !== undefined) refuse(stateErrors(state));
    const own = this.aws.settings.prefix;
    // Whichever is longer begins with the other, or no name begins with both.
    const [long, short] = prefix.length > own.length ? [prefix, own] : [own, prefix];
    if (!long.startsWith(short)) return { items: [], nextCursor: null };
    return page(`alarms?prefix=${long}&state=${state ?? ''}`, options, (NextToken, size) =>
      this.aws.attempt('listing alarms', async () => {
        const answer = await (
          await this.aws.cloudWatch()
        ).describeAlarms({
          AlarmTypes: ['MetricAlarm'],
          AlarmNamePrefix: long || undefined,
          StateValue: state && stateValue(state),
          MaxRecords: Math.min(size, MAX_CHUNK),
          NextToken,
        });
        return { items: (answer.MetricAlarms ?? []).map(alarmInfo), next: answer.NextToken };
      }),
    );
  }

  /** @throws MessagingError 'not-found' */
  async get(name: string): Promise<AlarmInfo> {
    const info = await this.find(name);
    if (info === undefined) throw new MessagingError('not-found', `Alarm "${name}" does not exist`);
    return info;
  }

  /**
   * Puts an alarm into a state, with all that follows from it; the next evaluation of its metric puts it back.
   * @throws MessagingError 'not-found', 'invalid'
   */
  async setState(name: string, { state, reason }: { state: AlarmState; reason: string }): Promise<AlarmInfo> {
    refuse([...stateErrors(state), ...reasonErrors(reason)]);
    const { state: from, arn } = await this.get(name);
    await this.aws.attempt(`setting the state of alarm "${name}"`, async () =>
      (await this.aws.cloudWatch()).setAlarmState({
        AlarmName: name,
        StateValue: stateValue(state),
        StateReason: reason,
      }),
    );
    if (from !== state) this.aws.events.emit('alarm.state', { name, arn, from, to: state, reason });
    return this.get(name);
  }

  /** Deletes an alarm, and what was made for it alone. @throws MessagingError 'not-found' */
  async delete(name: string): Promise<void> {
    const info = await this.get(name);
    await this.remove(name);
    await this.notifications.remove(info);
    this.emit('resource.deleted', info);
  }

  /** What happened to an alarm, the newest first; CloudWatch keeps it for 30 days. @throws MessagingError 'not-found' */
  async history(name: string, options: PageOptions = {}): Promise<Page<AlarmHistoryItem>> {
    // CloudWatch answers for an alarm that is none with nothing.
    if (options.cursor === undefined) await this.get(name);
    this.aws.checkName('alarm', name);
    return page(`history?alarm=${name}`, options, (NextToken, size) =>
      this.aws.attempt(`reading the history of alarm "${name}"`, async () => {
        const answer = await (
          await this.aws.cloudWatch()
        ).describeAlarmHistory({ AlarmName: name, MaxRecords: Math.min(size, MAX_CHUNK), NextToken });
        return { items: (answer.AlarmHistoryItems ?? []).map(historyItem), next: answer.NextToken };
      }),
    );
  }

  private async find(name: string): Promise<AlarmInfo | undefined> {
    this.aws.checkName('alarm', name);
    const answer = await this.aws.attempt(`looking at alarm "${name}"`, async () =>
      (await this.aws.cloudWatch()).describeAlarms({ AlarmNames: [name], AlarmTypes: ['MetricAlarm'] }),
    );
    const [alarm] = answer.MetricAlarms ?? [];
    return alarm && alarmInfo(alarm);
  }

  private async remove(name: string): Promise<void> {
    await this.aws.attempt(`deleting alarm "${name}"`, async () =>
      (await this.aws.cloudWatch()).deleteAlarms({ AlarmNames: [name] }),
    );
  }

  private emit(event: 'resource.created' | 'resource.deleted', info: AlarmInfo): void {
    const { name, arn, ...attributes } = info;
    this.aws.events.emit(event, { type: 'alarm', name, arn, attributes: { ...attributes } });
  }
}

function stateErrors(state: AlarmState) {
  return STATES.includes(state) ? [] : [{ field: 'state', detail: `must be one of ${STATES.join(', ')}` }];
}

function reasonErrors(reason: string) {
  if (typeof reason === 'string' && reason.length <= MAX_REASON) return [];
  return [{ field: 'reason', detail: `must have up to ${MAX_REASON} characters` }];
}

function historyItem({ Timestamp, HistoryItemType, HistorySummary = '' }: HistoryItem): AlarmHistoryItem {
  const kind = HISTORY_KINDS[HistoryItemType ?? ''] ?? 'configuration';
  return { at: Timestamp!, kind, summary: HistorySummary };
}
