import { asyncInvocationQueueArn } from '../contracts';
import type { Broker } from '../engine';
import { nameOf } from '../engine';
import { policyAllows } from '../engine/resource-policy';
import { parsePolicy } from '../iam';
import type { AlarmRecord, Transition } from './alarm';
import { functionEvent, topicMessage } from './alarm-message';

const CLOUDWATCH = 'cloudwatch.amazonaws.com';

export interface AlarmActionsOptions {
  readonly broker: Broker;
  /** Whether a function's resource policy lets alarms invoke it for this one. */
  readonly mayInvoke: (functionArn: string, alarmArn: string) => boolean;
}

/** What alarms do when their state changes: tell topics and functions. */
export class AlarmActions {
  constructor(private readonly options: AlarmActionsOptions) {}

  /**
   * Resolves once it is durable.
   * @throws Error that says why it is refused, as AWS would
   */
  async perform(actionArn: string, alarm: AlarmRecord, transition: Transition): Promise<void> {
    const service = actionArn.split(':')[2];
    if (service === 'sns') await this.publish(actionArn, alarm, transition);
    else if (service === 'lambda') await this.invoke(actionArn, alarm, transition);
    else
      throw new Error(`actions of ${service ?? 'this kind'} are not hosted here: topics and functions are`);
  }

  private async publish(topicArn: string, alarm: AlarmRecord, transition: Transition): Promise<void> {
    const { broker } = this.options;
    const topic = broker.topics.find(topicArn);
    if (!topic) throw new Error(`the topic ${nameOf(topicArn)} does not exist`);
    const { Policy, KmsMasterKeyId } = topic.record.attributes;
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    if (KmsMasterKeyId === 'alias/aws/sns') {
      throw new Error('CloudWatch cannot use the key alias/aws/sns of the topic: it needs a key of its own');
    }
    // Without a policy a topic has SNS's default, which lets the account's alarms publish.
    if (Policy !== undefined && Policy !== '' && !this.mayPublish(Policy, topicArn, alarm.arn)) {
      throw new Error(`the topic's policy does not let ${CLOUDWATCH} publish for ${alarm.arn}`);
    }
    await broker.publish(topicArn, [topicMessage(alarm, transition, broker.locale)]);
  }

  private mayPublish(policy: string, topicArn: string, alarmArn: string): boolean {
    const { accountId } = this.options.broker.locale;
    return policyAllows(parsePolicy(policy, topicArn), {
      service: CLOUDWATCH,
      action: 'sns:Publish',
      resource: topicArn,
      sourceArn: alarmArn,
      sourceAccount: accountId,
      sourceOwner: accountId,
    });
  }

  private async invoke(actionArn: string, alarm: AlarmRecord, transition: Transition): Promise<void> {
    const { broker, mayInvoke } = this.options;
    const parts = actionArn.split(':');
    const functionArn = parts.slice(0, 7).join(':');
    const queueArn = asyncInvocationQueueArn(functionArn);
    if (!broker.queues.find(queueArn)) throw new Error(`the function ${parts[6]} does not exist`);
    if (!mayInvoke(functionArn, alarm.arn)) {
      throw new Error(
        `no permission lets lambda.alarms.cloudwatch.amazonaws.com invoke ${parts[6]} for ${alarm.arn}`,
      );
    }
    const qualifier = parts[7];
    await broker.send(queueArn, {
      body: functionEvent(alarm, transition, broker.locale),
      ...(qualifier !== undefined && { attributes: { Qualifier: { dataType: 'String', value: qualifier } } }),
    });
  }
}
