export { Archives } from './archives';
export type { Archive, Replay } from './archives';
export { HostedEventBuses } from './event-buses';
export { EventPattern } from './event-pattern';
export { busNameOf, Registry } from './registry';
export { DEFAULT_BUS, MAX_TARGETS } from './resources';
export type { Bus, Rule } from './resources';
