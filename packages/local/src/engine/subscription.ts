import { invalidParameter } from './errors';
import type { AttributeMap } from './queue-attributes';

export type SubscriptionProtocol = 'sqs' | 'lambda';

/** A subscription as it is stored. */
export interface SubscriptionRecord {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: SubscriptionProtocol;
  /** ARN of the queue or the function. */
  readonly endpoint: string;
  /** As the SNS API has them. */
  readonly attributes: AttributeMap;
  /** Comes from the synthesized stack and not from a call. */
  readonly declared: boolean;
}

const ENDPOINT: Record<SubscriptionProtocol, RegExp> = {
  sqs: /^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+$/,
  lambda: /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+(:[A-Za-z0-9_$-]+)?$/,
};

const ACCEPTED = new Set(['RawMessageDelivery', 'RedrivePolicy', 'DeliveryPolicy']);

/** @throws ServiceError InvalidParameter */
export function checkEndpoint(protocol: string, endpoint: string): SubscriptionProtocol {
  if (protocol !== 'sqs' && protocol !== 'lambda') {
    throw invalidParameter(`Protocol ${protocol} is not hosted by the local runtime; sqs and lambda are`);
  }
  if (!ENDPOINT[protocol].test(endpoint)) {
    throw invalidParameter(`${protocol.toUpperCase()} endpoint ARN: ${endpoint}`);
  }
  return protocol;
}

/**
 * The attributes after a change; an empty text removes one.
 * @throws ServiceError InvalidParameter
 */
export function mergeSubscriptionAttributes(
  protocol: SubscriptionProtocol,
  current: AttributeMap,
  changes: AttributeMap,
): Record<string, string> {
  const merged: Record<string, string> = { ...current };
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') {
      delete merged[name];
      continue;
    }
    // An accepted but ignored filter would deliver what the stack says must not arrive.
    if (!ACCEPTED.has(name))
      throw invalidParameter(`AttributeName ${name} is not hosted by the local runtime`);
    if (name === 'RawMessageDelivery') checkRawDelivery(protocol, value);
    if (name === 'RedrivePolicy') deadLetterTarget(value);
    merged[name] = value;
  }
  return merged;
}

export function isRaw(subscription: SubscriptionRecord): boolean {
  return subscription.attributes.RawMessageDelivery === 'true';
}

/** ARN of the queue that gets what cannot be delivered. */
export function deadLetterTargetOf(subscription: SubscriptionRecord): string | undefined {
  const policy = subscription.attributes.RedrivePolicy;
  return policy === undefined ? undefined : deadLetterTarget(policy);
}

function checkRawDelivery(protocol: SubscriptionProtocol, value: string): void {
  if (value !== 'true' && value !== 'false') {
    throw invalidParameter(`RawMessageDelivery: must be true or false, and is ${value}`);
  }
  if (protocol === 'lambda' && value === 'true') {
    throw invalidParameter(
      'Attributes Reason: Delivery protocol [lambda] does not support raw message delivery.',
    );
  }
}

function deadLetterTarget(policy: string): string {
  try {
    const { deadLetterTargetArn } = JSON.parse(policy) as { deadLetterTargetArn?: unknown };
    if (typeof deadLetterTargetArn === 'string' && ENDPOINT.sqs.test(deadLetterTargetArn))
      return deadLetterTargetArn;
  } catch {
    // Reported below, like JSON without a target.
  }
  throw invalidParameter(
    `RedrivePolicy: deadLetterTargetArn must be the ARN of a standard queue, in ${policy}`,
  );
}
