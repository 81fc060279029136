export { DetailedError } from './errors';
export { LazyDynamoDb } from './lazy';
export type { DynamoDb, DynamoDbOptions } from './dynamo-db';
export type { NewTable } from './table-registry';
export { tableName } from './table-description';
export type { SecondaryIndex, TableDefinition } from './types';
export { STREAM_VIEW_TYPES } from './types';
