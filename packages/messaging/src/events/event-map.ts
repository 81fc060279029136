import type { AlarmState } from '../alarms/types';

/** What the watcher tells about. */
export type ResourceType = 'queue' | 'topic' | 'subscription' | 'alarm';

/** A resource as it was last seen. */
export interface ResourceEvent {
  readonly type: ResourceType;
  readonly name: string;
  readonly arn: string;
  /** What `get` of that resource answers, without what changes by itself (the number of messages, for example). */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A resource that is not what it was. */
export interface ResourceChangedEvent extends ResourceEvent {
  /** By the attribute's name. */
  readonly changes: Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>;
}

/** A message that was accepted. */
export interface SentEvent {
  /** Name of the queue or topic. */
  readonly resource: string;
  readonly messageId: string;
  /** Whether the body went to S3. */
  readonly large: boolean;
}

export interface ReceivedEvent {
  /** Name of the queue. */
  readonly resource: string;
  readonly messageId: string;
  /** How often the message was received, this time included. */
  readonly receiveCount: number;
}

export interface DeletedEvent {
  /** Name of the queue. */
  readonly resource: string;
  /** null where only the receipt handle was known. */
  readonly messageId: string | null;
}

/**
 * Why a message was not done: the handler failed, its body is not what is expected, its large body cannot be had, it asks for a
 * reply to a queue that is not allowed, or it was not kept from others long enough.
 */
export type FailureReason = 'handler' | 'parse' | 'payload' | 'reply-to' | 'visibility-lost';

/** A message that was not done. It comes again, or goes to the dead letters: a high `receiveCount` is a message that never will be. */
export interface FailedEvent extends ReceivedEvent {
  readonly reason: FailureReason;
  readonly error: Error;
}

/** Dead letters that are on their way. */
export interface RedrivenEvent {
  /** Name of the dead-letter queue. */
  readonly resource: string;
  /** Name of the queue, or null where every message goes back to where it came from. */
  readonly destination: string | null;
  readonly redriveId: string;
}

export interface AlarmStateEvent {
  readonly name: string;
  readonly arn: string;
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly reason: string;
}

/** What each event carries. */
export interface EventMap {
  'resource.created': ResourceEvent;
  'resource.changed': ResourceChangedEvent;
  'resource.deleted': ResourceEvent;
  'message.sent': SentEvent;
  'message.published': SentEvent;
  'message.received': ReceivedEvent;
  'message.deleted': DeletedEvent;
  'message.failed': FailedEvent;
  'messages.redriven': RedrivenEvent;
  'alarm.state': AlarmStateEvent;
  /** What went wrong where nobody waits for an answer: a consumer's poll, a watcher's look. */
  error: Error;
}

export type EventName = keyof EventMap;

/** An event with its name, as streams pass it on. */
export type MessagingEvent = {
  readonly [Name in EventName]: {
    /** UUID. */
    readonly id: string;
    readonly name: Name;
    readonly at: Date;
    readonly data: EventMap[Name];
  };
}[EventName];

/** Every name there is, for filters and documents. */
export const EVENT_NAMES = [
  'resource.created',
  'resource.changed',
  'resource.deleted',
  'message.sent',
  'message.published',
  'message.received',
  'message.deleted',
  'message.failed',
  'messages.redriven',
  'alarm.state',
  'error',
] as const satisfies readonly EventName[];
