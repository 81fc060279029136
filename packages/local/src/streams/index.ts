export { Changes } from './changes';
export { Listeners } from './listeners';
export { before, BEGINNING, RecordLog } from './record-log';
export type { LogEntry, Logged } from './record-log';
export { checkAge, decodeIterator, encodeIterator } from './shard-iterator';
export type { ShardIterator } from './shard-iterator';
export type { SourceRecord, SourceShard, StartingPosition, StreamSource, StreamSources } from './source';
