export { isTimeZone } from './wall-clock';
export { recurrenceOf } from './schedule';
export type { Schedule, Target } from './schedule';
export { Scheduler } from './scheduler';
export { isHostedTarget, Targets } from './targets';
