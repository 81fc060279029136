import { ServiceError } from '../engine/errors';
import { checked, keyOf, perform, performNow } from './dynalite';
import { CONDITION_FAILED, DetailedError } from './errors';
import { ItemStore } from './item-store';
import { itemsOf } from './keys';
import type { Reads, Storage } from './storage';
import type { TableStreams } from './streams/table-streams';
import type { TableRegistry } from './table-registry';
import type { Input, Item, Output } from './types';

export type WriteName = 'PutItem' | 'UpdateItem' | 'DeleteItem';

/** The calls that read and write items. */
export class ItemOperations {
  constructor(
    private readonly tables: TableRegistry,
    private readonly storage: Storage,
    private readonly streams: TableStreams,
  ) {}

  readonly operations: Readonly<Record<string, (input: Input) => Output | Promise<Output>>> = {
    BatchGetItem: (input) => this.readNow('BatchGetItem', input),
    BatchWriteItem: (input) => this.write('BatchWriteItem', input),
    DeleteItem: (input) => this.write('DeleteItem', input),
    GetItem: (input) => this.readNow('GetItem', input),
    PutItem: (input) => this.write('PutItem', input),
    Query: (input) => this.read('Query', input),
    Scan: (input) => this.read('Scan', input),
    UpdateItem: (input) => this.write('UpdateItem', input),
  };

  /** Items as dynalite sees them: those that are durable, or those of a unit, which it then may change. */
  view(reads: Reads): ItemStore {
    return new ItemStore(this.tables.find, reads, this.storage, this.streams);
  }

  /** @throws ServiceError ValidationException */
  checked(name: Parameters<typeof checked>[0], input: Input): Input {
    return checked(name, input, this.view(this.storage.durable));
  }

  /**
   * A write of one item as part of a unit.
   * @param data from {@link checked}
   * @param input says whether the item is shown if its condition fails
   */
  writeIn(reads: Reads, name: WriteName, data: Input, input: Input): Output {
    try {
      return performNow(name, data, this.view(reads));
    } catch (error) {
      throw this.withItem(error, reads, data, input);
    }
  }

  /** @param key an item's, or the whole item */
  item(reads: Reads, tableName: string, key: Item): Item | undefined {
    const { id, definition } = this.tables.get(tableName);
    const value = reads.get(itemsOf(id) + keyOf(key, definition));
    return value === undefined ? undefined : (JSON.parse(value) as Item);
  }

  /** The error of a failed condition, with the item that failed it if the caller asked for that. */
  withItem(error: unknown, reads: Reads, data: Input, input: Input): unknown {
    const isFailure = error instanceof ServiceError && error.code === CONDITION_FAILED;
    if (!isFailure || input['ReturnValuesOnConditionCheckFailure'] !== 'ALL_OLD') return error;
    const key = (data['Key'] ?? data['Item']) as Item;
    const item = this.item(reads, data['TableName'] as string, key);
    return item === undefined ? error : new DetailedError(error.code, error.message, { Item: item });
  }

  private readNow(name: 'GetItem' | 'BatchGetItem', input: Input): Output {
    return performNow(name, this.checked(name, input), this.view(this.storage.durable));
  }

  private read(name: 'Query' | 'Scan', input: Input): Promise<Output> {
    return perform(name, this.checked(name, input), this.view(this.storage.durable));
  }

  private write(name: WriteName | 'BatchWriteItem', input: Input): Promise<Output> {
    const data = this.checked(name, input);
    return this.storage.write((unit) =>
      name === 'BatchWriteItem'
        ? performNow(name, data, this.view(unit))
        : this.writeIn(unit, name, data, input),
    );
  }
}
