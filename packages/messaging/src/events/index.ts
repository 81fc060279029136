export { toCloudEvent } from './cloud-event';
export type { CloudEvent, CloudEventOptions } from './cloud-event';
export { EVENT_NAMES } from './event-map';
export type {
  AlarmStateEvent,
  DeletedEvent,
  EventMap,
  EventName,
  FailedEvent,
  FailureReason,
  MessagingEvent,
  ReceivedEvent,
  RedrivenEvent,
  ResourceChangedEvent,
  ResourceEvent,
  ResourceType,
  SentEvent,
} from './event-map';
export { MessagingEvents } from './messaging-events';
