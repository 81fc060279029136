export { LazyKinesis } from './lazy';
export type { Kinesis, KinesisOptions, NewStream } from './kinesis';
export type { StreamMode, StreamRecord } from './types';
