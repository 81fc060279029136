export { isTimeZone } from './wall-clock';
export { recurrenceOf } from './schedule';
export type { Schedule } from './schedule';
export { Scheduler } from './scheduler';
