import type { Aws } from '../clients';
import { isMessagingError, MessagingError } from '../errors';
import { nameOf } from '../names';
import type { Subscriptions } from '../subscriptions';
import { FunctionAccess, functionArnOf } from '../subscriptions/function-access';
import { statementId } from '../subscriptions/queue-policy';
import type { Topics } from '../topics';
import type { Undo } from '../undo';
import type { NotifiedState, OwnTopic, Subscriber } from './own-topics';
import { isSubscriber, NOTIFIED_STATES, OWNER_TAG, ownerTag, ownTopicName, ownTopics } from './own-topics';
import { subscription } from './target-errors';
import type { AlarmActions, AlarmInfo, AlarmNotify, AlarmTarget } from './types';

/** Whom CloudWatch calls itself. */
type DirectTarget = Exclude<AlarmTarget, Subscriber>;

/**
 * Whom alarms tell. CloudWatch calls topics and functions; everybody else subscribes to a topic that the alarm has for itself.
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
    const own = ownTopics(alarm, notify);
    const arns = async (state: NotifiedState) => {
      const called = own
        .filter(({ states }) => states.includes(state))
        .map(({ name }) => this.topicArn(name));
      const direct = (notify[state] ?? []).filter((target): target is DirectTarget => !isSubscriber(target));
      const all = [...direct.map((target) => this.directArn(target)), ...called];
      return [...new Set(await Promise.all(all))];
    };
    const [alarmed, ok, insufficientData] = await Promise.all(NOTIFIED_STATES.map(arns));
    return { alarm: alarmed!, ok: ok!, insufficientData: insufficientData! };
  }

  /** Makes what is not there: the alarm's topics, their subscriptions, the permissions of functions. */
  async provide(alarm: string, notify: AlarmNotify, undo: Undo): Promise<void> {
    for (const target of NOTIFIED_STATES.flatMap((state) => notify[state] ?? [])) {
      if ('topic' in target) await this.topics.get(target.topic);
      if ('function' in target) await this.permit(alarm, target.function, undo);
    }
    for (const own of ownTopics(alarm, notify)) {
      await this.provideTopic(alarm, own, undo);
      for (const subscriber of own.subscribers) {
        const [protocol, endpoint] = subscription(subscriber);
        const { id, pending } = await this.subscriptions.create({ topic: own.name, protocol, endpoint });
        // A pending one goes with its topic, or by itself.
        if (!pending) undo.add(() => ifThere(this.subscriptions.delete(id!)));
      }
    }
  }

  /** Deletes what was made for the alarm alone. */
  async remove({ name, arn, actions }: AlarmInfo): Promise<void> {
    const own = await this.topicArn(ownTopicName(name));
    for (const action of new Set([...actions.alarm, ...actions.ok, ...actions.insufficientData])) {
      if (/^arn:[^:]+:lambda:/.test(action)) await this.functions.withdraw(action, statementId(arn));
      const mayBeOwn = action === own || action.startsWith(`${own}-`);
      if (mayBeOwn && (await this.isOwn(name, nameOf(action)))) {
        await ifThere(this.topics.delete(nameOf(action)));
      }
    }
  }

  private async directArn(target: DirectTarget): Promise<string> {
    return 'function' in target ? functionArnOf(this.aws, target.function) : this.topicArn(target.topic);
  }

  private async topicArn(name: string): Promise<string> {
    this.aws.checkName('topic', name);
    return this.aws.topicArn(name);
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

  private async provideTopic(alarm: string, { name }: OwnTopic, undo: Undo): Promise<void> {
    const isOwn = await this.isOwn(alarm, name);
    if (isOwn === true) return;
    if (isOwn === false) {
      throw new MessagingError(
        'already-exists',
        `Topic "${name}" is there already and is not alarm "${alarm}"'s`,
      );
    }
    await this.topics.create({ name, tags: { [OWNER_TAG]: ownerTag(alarm) } });
    undo.add(() => this.topics.delete(name));
  }

  /** Whether a topic is the alarm's; undefined where there is none. */
  private async isOwn(alarm: string, topic: string): Promise<boolean | undefined> {
    const info = await ifThere(this.topics.get(topic));
    return info && info.tags[OWNER_TAG] === ownerTag(alarm);
  }
}

/** undefined for what is not there. */
async function ifThere<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isMessagingError(error, 'not-found')) return undefined;
    throw error;
  }
}
