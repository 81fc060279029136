import type { Aws } from '../clients';
import { nameOf, parseArn } from '../names';
import { queueArnOf } from './queue-access';
import { subscriptionId, topicName } from './subscription-id';
import type { FilterScope, SubscriptionChanges, SubscriptionInfo, SubscriptionSummary } from './types';

export type AttributeMap = Readonly<Record<string, string | undefined>>;

/** A subscription in SNS's lists. */
export interface ListedSubscription {
  readonly SubscriptionArn?: string | undefined;
  readonly Owner?: string | undefined;
  readonly Protocol?: string | undefined;
  readonly Endpoint?: string | undefined;
  readonly TopicArn?: string | undefined;
}

const SCOPES: Readonly<Record<FilterScope, string>> = {
  attributes: 'MessageAttributes',
  body: 'MessageBody',
};

/** In a list, a pending subscription has words in place of its ARN, and so has one that its endpoint has ended. */
export function subscriptionSummary(listed: ListedSubscription): SubscriptionSummary {
  const { SubscriptionArn: arn, TopicArn = '', Protocol = '', Endpoint = '', Owner = '' } = listed;
  const id = subscriptionId(arn);
  return {
    id,
    arn: id === null ? null : arn!,
    topic: topicName(TopicArn),
    protocol: Protocol,
    endpoint: Endpoint,
    pending: arn === 'PendingConfirmation',
    owner: Owner,
  };
}

export function subscriptionInfo(attributes: AttributeMap): SubscriptionInfo {
  const { FilterPolicy, FilterPolicyScope, RedrivePolicy, TopicArn = '' } = attributes;
  return {
    ...subscriptionSummary(attributes),
    pending: attributes.PendingConfirmation === 'true',
    raw: attributes.RawMessageDelivery === 'true',
    filter: FilterPolicy ? (JSON.parse(FilterPolicy) as Record<string, unknown>) : null,
    filterScope: FilterPolicyScope === SCOPES.body ? 'body' : 'attributes',
    deadLetterQueue: RedrivePolicy ? deadLetterQueue(RedrivePolicy, TopicArn) : null,
  };
}

/** The name of a queue beside the topic, the ARN of another. */
function deadLetterQueue(redrivePolicy: string, topicArn: string): string {
  const { deadLetterTargetArn } = JSON.parse(redrivePolicy) as { deadLetterTargetArn: string };
  const queue = parseArn(deadLetterTargetArn);
  const topic = parseArn(topicArn);
  const isBeside = queue?.account === topic?.account && queue?.region === topic?.region;
  return isBeside ? nameOf(deadLetterTargetArn) : deadLetterTargetArn;
}

/**
 * SNS's attributes for what is said, in the order in which they can be set one by one: a filter on a body's depths is
 * refused as long as the scope is attributes.
 */
export async function changedAttributes(
  aws: Aws,
  changes: SubscriptionChanges,
): Promise<Record<string, string>> {
  const { raw, filter, filterScope, deadLetterQueue: queue } = changes;
  return {
    ...(raw !== undefined && { RawMessageDelivery: String(raw) }),
    ...(filter === null && { FilterPolicy: '' }),
    ...(filterScope !== undefined && { FilterPolicyScope: SCOPES[filterScope] }),
    ...(filter && { FilterPolicy: JSON.stringify(filter) }),
    ...(queue === null && { RedrivePolicy: '' }),
    ...(typeof queue === 'string' && {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: await queueArnOf(aws, queue) }),
    }),
  };
}
