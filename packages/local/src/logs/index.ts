export { FilterPatternError, parseFilterPattern } from './filter-pattern';
export type { MessageTest } from './filter-pattern';
export type { LogGroup } from './log-group';
export { LogStore } from './log-store';
export type { GroupRequest, LogStoreOptions } from './log-store';
export { FUTURE_MS } from './segments';
export { eventId, Subscription } from './subscriptions';
export type { SubscriptionFilter } from './subscriptions';
export type { LogEvent, LogGroupSettings, LogStream, NewLogEvent } from './types';
