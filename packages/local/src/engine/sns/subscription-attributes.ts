import { AttributeProblem, checkChoice, parseObject } from './attribute-problem';
import type { DeliverySettings } from './delivery-policy';
import { subscriptionDelivery } from './delivery-policy';
import type { FilterPolicyScope } from './filter';
import { FilterPolicy, PatternError } from './filter';
import type { AttributeMap } from '../sqs/queue-attributes';
import type { SubscriptionProtocol } from './subscription-endpoint';
import { isQueueArn } from './subscription-endpoint';

/** What a subscription's attributes mean. */
export interface SubscriptionSettings {
  readonly raw: boolean;
  readonly filter: FilterPolicy | undefined;
  /** ARN of the queue that gets what cannot be delivered. */
  readonly deadLetterArn: string | undefined;
  readonly delivery: DeliverySettings | undefined;
}

/** What the attributes belong to. */
export interface SubscriptionKind {
  readonly protocol: SubscriptionProtocol;
  readonly endpoint: string;
  /** Whether the topic is a FIFO topic. */
  readonly fifo: boolean;
}

const RAW_PROTOCOLS = new Set<SubscriptionProtocol>(['sqs', 'http', 'https']);
const SCOPES: readonly string[] = ['MessageAttributes', 'MessageBody'] satisfies FilterPolicyScope[];
const KNOWN = new Set([
  'RawMessageDelivery',
  'FilterPolicy',
  'FilterPolicyScope',
  'RedrivePolicy',
  'DeliveryPolicy',
]);
/** Attributes that would change what is delivered and that nothing here does. */
const NOT_HOSTED = new Set(['ReplayPolicy', 'SubscriptionRoleArn']);

/** The attributes after a change; an empty text removes one. @throws AttributeProblem */
export function mergeSubscriptionAttributes(
  kind: SubscriptionKind,
  current: AttributeMap,
  changes: AttributeMap,
): Record<string, string> {
  const merged: Record<string, string> = { ...current };
  for (const [name, value] of Object.entries(changes)) {
    if (NOT_HOSTED.has(name) && value !== '') {
      throw new AttributeProblem(`${name} is not hosted by the local runtime`);
    }
    if (!KNOWN.has(name)) throw new AttributeProblem('AttributeName');
    const checked = checkAttribute(kind, name, value);
    if (checked === '') delete merged[name];
    else merged[name] = checked;
  }
  // Policy and scope are judged together, whichever of them is set.
  filterOf(merged);
  return merged;
}

/** What a subscription's attributes mean. */
export function subscriptionSettings(attributes: AttributeMap): SubscriptionSettings {
  const { DeliveryPolicy, RedrivePolicy, RawMessageDelivery } = attributes;
  return {
    raw: RawMessageDelivery === 'true',
    filter: filterOf(attributes),
    deadLetterArn: RedrivePolicy === undefined ? undefined : deadLetterTarget(RedrivePolicy),
    delivery: DeliveryPolicy === undefined ? undefined : subscriptionDelivery(DeliveryPolicy),
  };
}

function checkAttribute(kind: SubscriptionKind, name: string, value: string): string {
  switch (name) {
    case 'RawMessageDelivery':
      return checkRaw(kind, value);
    case 'FilterPolicyScope':
      if (value === '' || SCOPES.includes(value)) return value;
      throw new AttributeProblem(
        `FilterPolicyScope: Invalid value [${value.slice(0, 100)}]. Please use either MessageBody or MessageAttributes`,
      );
    case 'RedrivePolicy':
      return value === '' ? '' : checkRedrive(kind, value);
    case 'DeliveryPolicy':
      if (value !== '') subscriptionDelivery(value);
      return value;
    default:
      return value;
  }
}

function checkRaw({ protocol }: SubscriptionKind, value: string): string {
  const raw = checkChoice('RawMessageDelivery', value.toLowerCase(), ['true', 'false']);
  if (raw === 'true' && !RAW_PROTOCOLS.has(protocol)) {
    throw new AttributeProblem(
      `RawMessageDelivery: Delivery protocol [${protocol}] does not support raw message delivery.`,
    );
  }
  return raw;
}

function filterOf(attributes: AttributeMap): FilterPolicy | undefined {
  const { FilterPolicy: policy, FilterPolicyScope: scope = 'MessageAttributes' } = attributes;
  if (policy === undefined) return undefined;
  let filter: FilterPolicy;
  try {
    filter = FilterPolicy.parse(policy, scope as FilterPolicyScope);
  } catch (error) {
    throw error instanceof PatternError ? new AttributeProblem(`FilterPolicy: ${error.message}`) : error;
  }
  if (filter.scope === 'MessageAttributes' && filter.isNested) {
    throw new AttributeProblem('Filter policy scope MessageAttributes does not support nested filter policy');
  }
  return filter;
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html */
function checkRedrive({ endpoint, fifo }: SubscriptionKind, value: string): string {
  const isFifo = deadLetterTarget(value).endsWith('.fifo');
  if (fifo && endpoint.endsWith('.fifo') && !isFifo) {
    throw new AttributeProblem(
      'RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.',
    );
  }
  // The document gives every subscription of a FIFO topic a FIFO queue, SNS's own message only those of FIFO queues:
  // a standard queue at a FIFO topic may have either.
  if (isFifo && !fifo) {
    throw new AttributeProblem('RedrivePolicy: must use a standard queue as DLQ for this subscription.');
  }
  return value;
}

function deadLetterTarget(value: string): string {
  const { deadLetterTargetArn } = parseObject('RedrivePolicy', value);
  if (typeof deadLetterTargetArn === 'string' && isQueueArn(deadLetterTargetArn)) return deadLetterTargetArn;
  throw new AttributeProblem(
    `RedrivePolicy: deadLetterTargetArn is an invalid arn, in ${value.slice(0, 200)}`,
  );
}
