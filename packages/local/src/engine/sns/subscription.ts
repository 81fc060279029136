import type { FilterPolicy } from './filter';
import type { AttributeMap } from '../sqs/queue-attributes';
import type { SubscriptionSettings } from './subscription-attributes';
import { subscriptionSettings } from './subscription-attributes';
import type { SubscriptionProtocol } from './subscription-endpoint';

/** Waits for its confirmation, or was ended by its endpoint, which can take that back for a while. */
export type Suspension = 'pending' | 'deactivated';

/** A subscription as it is stored. */
export interface SubscriptionRecord {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: SubscriptionProtocol;
  /** ARN of the queue or the function, URL, mail address or phone number. */
  readonly endpoint: string;
  /** As the SNS API has them. */
  readonly attributes: AttributeMap;
  /** Comes from the synthesized stack and not from a call. */
  readonly declared: boolean;
  /** Undefined while messages are delivered. */
  readonly suspended?: Suspension;
  /** What ConfirmSubscription must bring. */
  readonly token?: string;
  /** When the token was made; milliseconds since the epoch. */
  readonly tokenAt?: number;
  /** Whether the confirming call had credentials. @default true */
  readonly confirmedByOwner?: boolean;
  /** Whether only calls with credentials may end it. @default false */
  readonly authenticateOnUnsubscribe?: boolean;
}

/** A subscription, with its attributes ready for use. */
export class Subscription {
  readonly settings: SubscriptionSettings;

  constructor(readonly record: SubscriptionRecord) {
    this.settings = subscriptionSettings(record.attributes);
  }

  get arn(): string {
    return this.record.arn;
  }

  get filter(): FilterPolicy | undefined {
    return this.settings.filter;
  }

  /** Whether messages are delivered. */
  get isActive(): boolean {
    return this.record.suspended === undefined;
  }

  /** Whether what it gets is signed. */
  get isSigned(): boolean {
    const { protocol } = this.record;
    if (protocol === 'sms' || protocol === 'email') return false;
    return !this.settings.raw;
  }
}
