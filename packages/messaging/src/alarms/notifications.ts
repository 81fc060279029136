import type { Aws } from '../clients';
import { isMessagingError, MessagingError } from '../errors';
import { FunctionAccess, functionArnOf } from '../subscriptions/function-access';
import { statementId } from '../subscriptions/queue-policy';
import type { Subscriptions } from '../subscriptions';
import type { Topics } from '../topics';
import type { Undo } from '../undo';
import { OWNER_TAG, ownerTag, ownTopic } from './own-topic';
import { needsOwnTopic, NOTIFIED_STATES, subscriber } from './target-errors';
import type { AlarmActions, AlarmInfo, AlarmNotify, AlarmTarget } from './types';

type NotifiedState = (typeof NOTIFIED_STATES)[number];
type Subscriber = Parameters<typeof subscriber>[0];

/** As CloudWatch's notification has it. */
const STATE_VALUES: Readonly<Record<NotifiedState, string>> = {
  alarm: 'ALARM',
  ok: 'OK',
  insufficientData: 'INSUFFICIENT_DATA',
};

/**
 * Whom alarms tell. CloudWatch calls topics and functions; everybody else subscribes to a topic that the alarm has for itself,
 * with a filter where not every state is for them.
 */
export class Notifications {
  private readonly functions: FunctionAccess;

  constructor(
    private readonly aws: Aws,
    private readonly topics: Topics,
    private readonly subscriptions: Subscriptions,
  ) {
    this.functions = new FunctionAccess(aws);
  }

  /** ARNs of what CloudWatch has to call; nothing is made. */
  async actions(alarm: string, notify: AlarmNotify): Promise<AlarmActions> {
    const arns = async (state: NotifiedState) => {
      const all = (notify[state] ?? []).map((target) => this.actionOf(alarm, target));
      return [...new Set(await Promise.all(all))];
    };
    const [one, two, three] = await Promise.all(NOTIFIED_STATES.map(arns));
    return { alarm: one!, ok: two!, insufficientData: three! };
  }

  /** Makes what is not there: the alarm's topic, its subscriptions, the permissions of functions. */
  async provide(alarm: string, notify: AlarmNotify, undo: Undo): Promise<void> {
    const subscribers = new Map<string, { target: Subscriber; states: NotifiedState[] }>();
    for (const state of NOTIFIED_STATES) {
      for (const target of notify[state] ?? []) {
        if ('topic' in target) await this.topics.get(target.topic);
        else if ('function' in target) await this.permit(alarm, target.function, undo);
        else {
          const key = JSON.stringify(subscriber(target));
          const known = subscribers.get(key) ?? { target, states: [] };
          subscribers.set(key, { target, states: [...known.states, state] });
        }
      }
    }
    if (subscribers.size > 0) await this.provideTopic(alarm, undo);
    for (const { target, states } of subscribers.values()) {
      await this.subscribe(alarm, target, isAll(states, notify) ? [] : states, undo);
    }
  }

  /** Deletes what was made for the alarm alone. */
  async remove({ name, arn, actions }: AlarmInfo): Promise<void> {
    const arns = new Set(Object.values(actions as unknown as Record<string, string[]>).flat());
    for (const action of arns) {
      if (/^arn:[^:]+:lambda:/.test(action)) await this.functions.withdraw(action, statementId(arn));
    }
    if (arns.has(await this.aws.topicArn(ownTopic(name))) && (await this.isOwn(name))) {
      await this.topics.delete(ownTopic(name));
    }
  }

  private async actionOf(alarm: string, target: AlarmTarget): Promise<string> {
    if ('function' in target) return functionArnOf(this.aws, target.function);
    const topic = needsOwnTopic(target) ? ownTopic(alarm) : (target as { topic: string }).topic;
    this.aws.checkName('topic', topic);
    return this.aws.topicArn(topic);
  }

  private async permit(alarm: string, name: string, undo: Undo): Promise<void> {
    const functionArn = await functionArnOf(this.aws, name);
    const alarmArn = await this.aws.arn('cloudwatch', `alarm:${alarm}`);
    const caller = {
      statementId: statementId(alarmArn),
      principal: 'lambda.alarms.cloudwatch.amazonaws.com',
      sourceArn: alarmArn,
    };
    const { added } = await this.functions.permit(functionArn, caller);
    if (added) undo.add(() => this.functions.withdraw(functionArn, caller.statementId));
  }

  private async provideTopic(alarm: string, undo: Undo): Promise<void> {
    const name = ownTopic(alarm);
    const isThere = await this.isOwn(alarm);
    if (isThere) return;
    if (isThere === false) {
      throw new MessagingError(
        'already-exists',
        `Topic "${name}" is there already and is not alarm "${alarm}"'s`,
      );
    }
    await this.topics.create({ name, tags: { [OWNER_TAG]: ownerTag(alarm) } });
    undo.add(() => this.topics.delete(name));
  }

  /** Whether the topic is the alarm's; undefined where there is none. */
  private async isOwn(alarm: string): Promise<boolean | undefined> {
    try {
      const { tags } = await this.topics.get(ownTopic(alarm));
      return tags[OWNER_TAG] === ownerTag(alarm);
    } catch (error) {
      if (isMessagingError(error, 'not-found')) return undefined;
      throw error;
    }
  }

  private async subscribe(
    alarm: string,
    target: Subscriber,
    states: readonly NotifiedState[],
    undo: Undo,
  ): Promise<void> {
    const [protocol, endpoint] = subscriber(target);
    const filter = { NewStateValue: states.map((state) => STATE_VALUES[state]) };
    const { id, pending } = await this.subscriptions.create({
      topic: ownTopic(alarm),
      protocol,
      endpoint,
      ...(states.length > 0 && { filter, filterScope: 'body' as const }),
    });
    // A topic that was made for this goes with its subscriptions, and takes the pending ones along.
    if (!pending) undo.add(() => this.gone(id!));
  }

  private async gone(id: string): Promise<void> {
    try {
      await this.subscriptions.delete(id);
    } catch (error) {
      if (!isMessagingError(error, 'not-found')) throw error;
    }
  }
}

/** Whether someone is told of every state that the alarm's own topic is called for. */
function isAll(states: readonly NotifiedState[], notify: AlarmNotify): boolean {
  const told = NOTIFIED_STATES.filter((state) => notify[state]?.some(needsOwnTopic));
  return told.every((state) => states.includes(state));
}
