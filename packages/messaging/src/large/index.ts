export { LargeMessages } from './large-messages';
export type { Arrived, Outgoing } from './large-messages';
