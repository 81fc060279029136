import batchGetItem from 'dynalite/actions/batchGetItem';
import batchWriteItem from 'dynalite/actions/batchWriteItem';
import deleteItem from 'dynalite/actions/deleteItem';
import getItem from 'dynalite/actions/getItem';
import putItem from 'dynalite/actions/putItem';
import query from 'dynalite/actions/query';
import scan from 'dynalite/actions/scan';
import updateItem from 'dynalite/actions/updateItem';
import db from 'dynalite/db';
import validations from 'dynalite/validations';
import batchGetItemRules from 'dynalite/validations/batchGetItem';
import batchWriteItemRules from 'dynalite/validations/batchWriteItem';
import createTableRules from 'dynalite/validations/createTable';
import deleteItemRules from 'dynalite/validations/deleteItem';
import getItemRules from 'dynalite/validations/getItem';
import putItemRules from 'dynalite/validations/putItem';
import queryRules from 'dynalite/validations/query';
import scanRules from 'dynalite/validations/scan';
import updateItemRules from 'dynalite/validations/updateItem';
import { ServiceError } from '../engine/errors';
import type { Input, Item, KeyElement, Output, TableDefinition } from './types';
import type { ItemStore } from './item-store';

type Callback<T> = (error: unknown, result?: T) => void;

/** dynalite's code for one call, over anything that has its store's form. */
export type Action = (store: ItemStore, data: Input, callback: Callback<Output>) => void;

export interface Validation {
  readonly types: unknown;
  readonly custom?: unknown;
}

export interface Validations {
  checkTypes(data: Input, types: unknown): Input;
  checkValidations(data: Input, types: unknown, custom: unknown, store?: ItemStore): void;
}

export interface DynaliteDb {
  createKey(item: Item, table: TableDefinition, keySchema?: readonly KeyElement[]): string;
  validateKey(key: Item, table: TableDefinition): unknown;
  /** Bytes. */
  itemSize(item: Item): number;
  checkConditional(data: Input, item: Item | undefined): unknown;
  createIndexKey: (item: Item, table: TableDefinition, keySchema: readonly KeyElement[]) => string;
  updateIndexes: (
    store: ItemStore,
    table: TableDefinition,
    before: Item | undefined,
    after: Item | null,
    callback: Callback<void>,
  ) => void;
}

const ACTIONS = {
  BatchGetItem: [batchGetItem, batchGetItemRules],
  BatchWriteItem: [batchWriteItem, batchWriteItemRules],
  DeleteItem: [deleteItem, deleteItemRules],
  GetItem: [getItem, getItemRules],
  PutItem: [putItem, putItemRules],
  Query: [query, queryRules],
  Scan: [scan, scanRules],
  UpdateItem: [updateItem, updateItemRules],
} as const satisfies Record<string, readonly [Action, Validation]>;

export type ActionName = keyof typeof ACTIONS;

// dynalite tells entries with the same index key apart by 24 bits of a hash of the item's key: in an index by a status, items
// would take each other's place. Here it is the whole key. Its own actions go through these two exports.
db.createIndexKey = (item, table, keySchema) =>
  `${db.createKey(item, table, keySchema)}${db.createKey(item, table)}`;
db.updateIndexes = (store, table, before, after, callback) => {
  store.changed(table.TableName, before, after ?? undefined);
  callback(null);
};

/** Bytes. */
export function itemSize(item: Item): number {
  return db.itemSize(item);
}

export function keyOf(item: Item, table: TableDefinition): string {
  return db.createKey(item, table);
}

export function indexKeyOf(item: Item, table: TableDefinition, keySchema: readonly KeyElement[]): string {
  return db.createIndexKey(item, table, keySchema);
}

/**
 * A call's parameters as dynalite wants them, expressions parsed.
 * @throws ServiceError ValidationException, SerializationException
 */
export function checked(name: ActionName, input: Input, store: ItemStore): Input {
  return check(ACTIONS[name][1], input, store);
}

/** @throws ServiceError ValidationException */
export function checkDefinition(definition: TableDefinition): void {
  check(createTableRules, definition as unknown as Input);
}

/** Calls dynalite; `data` comes from {@link checked}. @throws ServiceError */
export function perform(name: ActionName, data: Input, store: ItemStore): Promise<Output> {
  return new Promise((resolve, reject) => {
    ACTIONS[name][0](store, data, (error, output) => {
      // What is no answer of DynamoDB is a fault, and keeps its stack.
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      if (error) reject(asServiceError(error));
      else resolve(output ?? {});
    });
  });
}

/** {@link perform} for reads and writes of items, which an {@link ItemStore} answers at once. @throws ServiceError */
export function performNow(
  name: Exclude<ActionName, 'Query' | 'Scan'>,
  data: Input,
  store: ItemStore,
): Output {
  let outcome: { readonly error: unknown; readonly output: Output } | undefined;
  ACTIONS[name][0](store, data, (error, output) => (outcome = { error, output: output ?? {} }));
  if (outcome === undefined) throw new Error(`${name} did not answer at once`);
  if (outcome.error) throw asServiceError(outcome.error);
  return outcome.output;
}

/** Checks a condition alone. @throws ServiceError ValidationException, ConditionalCheckFailedException */
export function checkCondition(data: Input, table: TableDefinition, item: Item | undefined): void {
  const error = db.validateKey(data['Key'] as Item, table) ?? db.checkConditional(data, item);
  if (error) throw asServiceError(error);
}

function check({ types, custom }: Validation, input: Input, store?: ItemStore): Input {
  try {
    const data = validations.checkTypes({ ...input }, types);
    validations.checkValidations(data, types, custom, store);
    return data;
  } catch (error) {
    throw asServiceError(error);
  }
}

function asServiceError(error: unknown): unknown {
  const { statusCode, body } = error as {
    statusCode?: number;
    body?: { __type: string; message?: string; Message?: string };
  };
  if (statusCode === undefined || body === undefined) return error;
  const code = body.__type.slice(body.__type.indexOf('#') + 1);
  return new ServiceError(code, body.message ?? body.Message ?? '', statusCode);
}
