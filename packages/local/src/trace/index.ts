export { TraceRecorder } from './recorder';
export type { Trace } from './trace-index';
export { traceView } from './view';
