export type SubscriptionProtocol = 'sqs' | 'lambda' | 'http' | 'https' | 'email' | 'email-json' | 'sms';

export type FilterScope = 'attributes' | 'body';

/** A filter policy, as https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html describes it. */
export type SubscriptionFilter = Readonly<Record<string, unknown>>;

export interface CreateSubscription {
  /** Name. */
  readonly topic: string;
  readonly protocol: SubscriptionProtocol;
  /** A queue's or function's name or ARN, a mail address, a phone number (E.164) or a URL. */
  readonly endpoint: string;
  /** Whether the body comes as it was published, without SNS's envelope: queues and URLs only. @default true for queues */
  readonly raw?: boolean;
  readonly filter?: SubscriptionFilter;
  /** What the filter looks at. @default 'attributes' */
  readonly filterScope?: FilterScope;
  /** Name or ARN of the queue that gets what cannot be delivered. */
  readonly deadLetterQueue?: string;
}

export interface SubscriptionChanges {
  readonly raw?: boolean;
  /** null takes it away. */
  readonly filter?: SubscriptionFilter | null;
  readonly filterScope?: FilterScope;
  /** null takes it away. */
  readonly deadLetterQueue?: string | null;
}

export interface SubscriptionSummary {
  /** `<topic>:<uuid>`; null while SNS tells no ARN: a confirmation is pending. */
  readonly id: string | null;
  readonly arn: string | null;
  /** Name. */
  readonly topic: string;
  readonly protocol: string;
  /** As SNS has it: the ARN of a queue or a function. */
  readonly endpoint: string;
  /** Whether the endpoint has still to agree. */
  readonly pending: boolean;
  /** Account. */
  readonly owner: string;
}

export interface SubscriptionInfo extends SubscriptionSummary {
  readonly raw: boolean;
  readonly filter: Record<string, unknown> | null;
  readonly filterScope: FilterScope;
  /** Name, or ARN of a queue of another account or region. */
  readonly deadLetterQueue: string | null;
}

export interface CreatedSubscription extends SubscriptionInfo {
  /** What somebody has to see to before messages arrive: a key's policy, a queue of another account, a confirmation. */
  readonly warnings: string[];
}

export interface ListSubscriptions {
  /** Name. @default all topics */
  readonly topic?: string;
  /** 1-1000. @default 100 */
  readonly limit?: number;
  readonly cursor?: string;
}

export interface ConfirmSubscription {
  /** Name. */
  readonly topic: string;
  /** From the message that asks for the confirmation; valid for 48 hours. */
  readonly token: string;
}
