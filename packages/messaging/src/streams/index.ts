export { recordText, Streams } from './streams';
export type {
  CreateStream,
  ListStreams,
  PutAllResult,
  PutFailure,
  PutRecord,
  ReadStream,
  StreamInfo,
  StreamMode,
  StreamPage,
  StreamRecord,
  StreamRecordInput,
  StreamStatus,
  StreamSummary,
} from './types';
