/** What the runtime's own programming interface answers, as JSON. Times are ISO 8601. */

/** Where it is, on the AWS endpoint. */
export const ADMIN_PATH = '/_aws-micro';

export interface HealthView {
  readonly status: 'ok';
  readonly stack: string;
  readonly uptimeSeconds: number;
}

/** What the runtime hosts now, with what was made by calls. */
export interface StackView {
  readonly name: string;
  readonly region: string;
  readonly accountId: string;
  readonly apis: readonly ApiView[];
  readonly functions: readonly { readonly name: string; readonly arn: string }[];
  readonly topics: readonly TopicView[];
  readonly queues: readonly QueueName[];
  readonly tables: readonly { readonly name: string }[];
  /** Distributions of CloudFront. */
  readonly sites: readonly { readonly name: string; readonly url: string }[];
  readonly userPools: readonly UserPoolView[];
}

export interface UserPoolView {
  readonly name: string;
  readonly id: string;
  /** Of its sign-in page. */
  readonly url: string;
  readonly clients: readonly { readonly name: string; readonly id: string }[];
}

export interface ApiView {
  readonly name: string;
  readonly url: string;
  readonly routes: readonly { readonly routeKey: string; readonly functionName: string }[];
}

export interface TopicView {
  readonly name: string;
  readonly arn: string;
  /** By the stack, and not made by a call. */
  readonly declared: boolean;
  readonly subscriptions: readonly { readonly protocol: string; readonly endpoint: string }[];
}

export interface QueueName {
  readonly name: string;
  readonly arn: string;
  /** By the stack, and not made by a call. */
  readonly declared: boolean;
}

export interface QueueView extends QueueName {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  readonly deadLetterQueue: string | undefined;
  /** Names of the queues whose dead letters come here. */
  readonly sources: readonly string[];
}

/** A message as it lies in its queue; looking at it changes nothing. */
export interface MessageView {
  readonly messageId: string;
  readonly state: 'visible' | 'in-flight' | 'delayed';
  readonly body: string;
  readonly attributes: Readonly<Record<string, { readonly dataType: string; readonly value: string }>>;
  readonly sentAt: string;
  /** When it becomes visible; of messages in flight and delayed ones. */
  readonly visibleAt: string | undefined;
  readonly receiveCount: number;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly sequenceNumber: string | undefined;
  /** ARN of the queue that it was moved from. */
  readonly deadLetterSourceArn: string | undefined;
}

export interface HopView {
  readonly at: string;
  /** Milliseconds since the trace's first hop. */
  readonly afterMs: number;
  readonly durationMs: number | undefined;
  readonly step: string;
  readonly ids: readonly string[];
  readonly failed: boolean;
}

export interface TraceView {
  readonly traceId: string;
  readonly startedAt: string;
  /** From the first hop to the end of the last one. */
  readonly durationMs: number;
  /** Hops that failed. */
  readonly failures: number;
  /** Messages that are still in a queue. */
  readonly pending: number;
  /** Hops that were forgotten because there were too many. */
  readonly omitted: number;
  readonly hops: readonly HopView[];
}

export interface Items<T> {
  readonly items: readonly T[];
}

/** A part of a list. */
export interface Page<T> extends Items<T> {
  /** `cursor` of the next part; undefined at the end. */
  readonly nextCursor: string | undefined;
}

/** RFC 9457. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}
