import { indexKeyOf, keyOf } from './dynalite';
import { validationError } from './errors';
import { expiryKey, indexOf } from './keys';
import type { AttributeValue, Item, SecondaryIndex, TableDefinition, TableRecord } from './types';
import { indexesOf } from './types';

/** What follows a change of an item; without a value the key is deleted. */
export interface Entry {
  readonly key: string;
  readonly value?: string;
}

/** The changes of indexes and expiry times that belong to a change of an item; undefined is an item that does not exist. */
export function changeOperations(
  record: TableRecord,
  before: Item | undefined,
  after: Item | undefined,
): Entry[] {
  const old = new Map(before && entriesOf(record, before));
  const now = new Map(after && entriesOf(record, after));
  return [
    ...[...old.keys()].filter((key) => !now.has(key)).map((key) => ({ key })),
    ...[...now].map(([key, value]) => ({ key, value })),
  ];
}

function entriesOf(record: TableRecord, item: Item): [string, string][] {
  const entries = indexesOf(record.definition).flatMap((index) => indexEntries(record, index, item));
  return [...entries, ...expiryEntries(record, item)];
}

/** None where the item does not expire. */
export function expiryEntries({ id, definition, settings }: TableRecord, item: Item): [string, string][] {
  const seconds = settings.timeToLive === undefined ? undefined : expirySeconds(item, settings.timeToLive);
  return seconds === undefined ? [] : [[expiryKey(id, seconds, keyOf(item, definition)), '']];
}

/** None where the item does not have the index's keys. */
export function indexEntries(
  { id, definition }: TableRecord,
  index: SecondaryIndex,
  item: Item,
): [string, string][] {
  if (!index.KeySchema.every(({ AttributeName }) => item[AttributeName] !== undefined)) return [];
  index.KeySchema.forEach(({ AttributeName }) =>
    checkIndexKey(definition, index, AttributeName, item[AttributeName]!),
  );
  const key = indexKeyOf(item, definition, index.KeySchema);
  return [[indexOf(id, index.IndexName) + key, JSON.stringify(projected(item, index, definition))]];
}

/** @throws ServiceError ValidationException for a value that no index key can have */
function checkIndexKey(
  { AttributeDefinitions }: TableDefinition,
  { IndexName }: SecondaryIndex,
  name: string,
  value: AttributeValue,
): void {
  const type = AttributeDefinitions.find(({ AttributeName }) => AttributeName === name)!.AttributeType;
  if (value[type] === undefined) {
    throw validationError(
      `One or more parameter values were invalid: Type mismatch for Index Key ${name} Expected: ${type} ` +
        `Actual: ${Object.keys(value)[0]} IndexName: ${IndexName}`,
    );
  }
  if (value[type] === '') {
    throw validationError(
      'One or more parameter values are not valid. A value specified for a secondary index key is not supported. ' +
        `The AttributeValue for a key attribute cannot contain an empty ${type === 'S' ? 'string' : 'binary'} value. ` +
        `IndexName: ${IndexName}, IndexKey: ${name}`,
    );
  }
}

function projected(item: Item, { KeySchema, Projection }: SecondaryIndex, table: TableDefinition): Item {
  if (Projection.ProjectionType === 'ALL') return item;
  const keys = [...table.KeySchema, ...KeySchema].map(({ AttributeName }) => AttributeName);
  const names = new Set([...keys, ...(Projection.NonKeyAttributes ?? [])]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
}

const MAX_SECONDS = 999_999_999_999;

/** Seconds since the epoch; undefined where the attribute is missing or not a number, which never expires. */
export function expirySeconds(item: Item, attribute: string): number | undefined {
  const text = item[attribute]?.['N'];
  const seconds = typeof text === 'string' ? Math.floor(Number(text)) : NaN;
  return seconds >= 0 && seconds <= MAX_SECONDS ? seconds : undefined;
}
