export type { Trace } from './recorder';
export { TraceRecorder } from './recorder';
export { traceView } from './view';
