export { Deliveries } from './deliveries';
export { isoSeconds, scheduledEvent } from './delivery';
export type { NewDelivery, Source } from './delivery';
export { parseEventPath } from './event-path';
export { transformerProblem } from './input-transformer';
export { MIN_AGE_SECONDS, RETRY_DEFAULTS } from './target';
export type { InputTransformer, Target } from './target';
export { HOSTED_TARGETS, isHostedTarget, Targets } from './targets';
export type { BusTargets } from './targets';
