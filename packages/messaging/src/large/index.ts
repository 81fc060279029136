export { DEFAULT_THRESHOLD_BYTES, LargeMessages, sizeOf } from './large-messages';
export type { Arrived, Outgoing } from './large-messages';
export { splitReceiptHandle, withPointer } from './pointer';
