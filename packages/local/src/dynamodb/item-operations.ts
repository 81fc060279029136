import { ServiceError } from '../engine/errors';
import { asAsked, counted, indexUnits, writeUnits } from './capacity';
import type { Capacity, IndexUnits } from './capacity';
import { checked, keyOf, perform, performNow } from './dynalite';
import { CONDITION_FAILED, DetailedError } from './errors';
import { ItemStore } from './item-store';
import type { OnChange } from './item-store';
import { itemsOf } from './keys';
import type { Reads, Storage } from './storage';
import type { TableStreams } from './streams/table-streams';
import type { TableRegistry } from './table-registry';
import type { Input, Item, Output, TableRecord } from './types';

export type WriteName = 'PutItem' | 'UpdateItem' | 'DeleteItem';

/** The calls that read and write items. */
export class ItemOperations {
  constructor(
    private readonly tables: TableRegistry,
    private readonly storage: Storage,
    private readonly streams: TableStreams,
    private readonly capacity: Capacity,
  ) {}

  readonly operations: Readonly<Record<string, (input: Input) => Output | Promise<Output>>> = {
    BatchGetItem: (input) => this.batchGet(input),
    BatchWriteItem: (input) => this.batchWrite(input),
    DeleteItem: (input) => this.write('DeleteItem', input),
    GetItem: (input) => this.readIn(this.storage.durable, this.checked('GetItem', input)),
    PutItem: (input) => this.write('PutItem', input),
    Query: (input) => this.read('Query', input),
    Scan: (input) => this.read('Scan', input),
    UpdateItem: (input) => this.write('UpdateItem', input),
  };

  /** Items as dynalite sees them: those that are durable, or those of a unit, which it then may change. */
  view(reads: Reads, onChange?: OnChange): ItemStore {
    return new ItemStore(this.tables.find, reads, this.storage, this.streams, onChange);
  }

  /** @throws ServiceError ValidationException */
  checked(name: Parameters<typeof checked>[0], input: Input): Input {
    return checked(name, input, this.view(this.storage.durable));
  }

  /**
   * A write of one item as part of a unit.
   * @param data from {@link checked}
   * @param input says whether the item is shown if its condition fails
   * @param times how often its capacity is taken: twice in a transaction
   */
  writeIn(reads: Reads, name: WriteName, data: Input, input: Input, times = 1): Output {
    const table = this.tables.find(data['TableName'] as string);
    if (!this.capacity.isLimited(table)) return this.tryWrite(name, data, input, reads, this.view(reads));
    let units = 1;
    let indexes: IndexUnits = new Map();
    const view = this.view(reads, (record, before, after) => {
      units = writeUnits(before, after);
      indexes = indexUnits(record, before, after);
    });
    const take = () => this.capacity.write(table, units * times, multiplied(indexes, times));
    try {
      const output = this.tryWrite(name, data, input, reads, view);
      take();
      return output;
    } catch (error) {
      // A write whose condition fails takes capacity too.
      if (isFailedCondition(error)) take();
      throw error;
    }
  }

  /** A read of one item. @param data from {@link checked} @param times as in {@link writeIn} */
  readIn(reads: Reads, data: Input, times = 1): Output {
    const table = this.tables.find(data['TableName'] as string);
    if (!this.capacity.isLimited(table)) return performNow('GetItem', data, this.view(reads));
    const output = performNow('GetItem', counted(data), this.view(reads));
    this.capacity.read(table, output['ConsumedCapacity'] as Output, leastRead(data), times);
    return asAsked(output, data);
  }

  /** A check of a condition in a transaction. */
  takeCheck(tableName: string, times: number): void {
    const table = this.tables.find(tableName);
    if (this.capacity.isLimited(table)) this.capacity.write(table, times, new Map());
  }

  /** @param key an item's, or the whole item */
  item(reads: Reads, tableName: string, key: Item): Item | undefined {
    const { id, definition } = this.tables.get(tableName);
    const value = reads.get(itemsOf(id) + keyOf(key, definition));
    return value === undefined ? undefined : (JSON.parse(value) as Item);
  }

  /** The error of a failed condition, with the item that failed it if the caller asked for that. */
  withItem(error: unknown, reads: Reads, data: Input, input: Input): unknown {
    if (
      !(error instanceof ServiceError) ||
      error.code !== CONDITION_FAILED ||
      input['ReturnValuesOnConditionCheckFailure'] !== 'ALL_OLD'
    )
      return error;
    const key = (data['Key'] ?? data['Item']) as Item;
    const item = this.item(reads, data['TableName'] as string, key);
    return item === undefined ? error : new DetailedError(error.code, error.message, { Item: item });
  }

  private tryWrite(name: WriteName, data: Input, input: Input, reads: Reads, view: ItemStore): Output {
    try {
      return performNow(name, data, view);
    } catch (error) {
      throw this.withItem(error, reads, data, input);
    }
  }

  private async read(name: 'Query' | 'Scan', input: Input): Promise<Output> {
    // dynalite loses it of a Scan.
    const data: Input = { ...this.checked(name, input), ConsistentRead: input['ConsistentRead'] === true };
    const view = this.view(this.storage.durable);
    const table = this.tables.find(data['TableName'] as string);
    if (!this.capacity.isLimited(table)) return perform(name, data, view);
    const output = await perform(name, counted(data), view);
    this.capacity.read(table, output['ConsumedCapacity'] as Output, leastRead(data));
    return asAsked(output, data);
  }

  private write(name: WriteName, input: Input): Promise<Output> {
    const data = this.checked(name, input);
    return this.storage.write((unit) => this.writeIn(unit, name, data, input));
  }

  private batchGet(input: Input): Output {
    const data = this.checked('BatchGetItem', input);
    const view = this.view(this.storage.durable);
    const requested = data['RequestItems'] as Readonly<Record<string, GetRequests>>;
    if (!this.anyLimited(requested)) return performNow('BatchGetItem', data, view);
    const least = (table: TableRecord) => leastRead(requested[table.definition.TableName]!);
    const { now, later } = this.divided('Read', requested, keysOf, least);
    const output = performNow('BatchGetItem', counted({ ...data, RequestItems: now }), view);
    for (const consumed of output['ConsumedCapacity'] as Output[]) {
      const table = this.tables.find(consumed['TableName'] as string);
      if (this.capacity.isLimited(table)) this.capacity.read(table, consumed, 0);
    }
    const left = output['UnprocessedKeys'] as Readonly<Record<string, GetRequests>>;
    return asAsked({ ...output, UnprocessedKeys: unparsed(joined(left, later, keysOf)) }, data);
  }

  private batchWrite(input: Input): Promise<Output> {
    const data = this.checked('BatchWriteItem', input);
    const requested = data['RequestItems'] as Readonly<Record<string, readonly unknown[]>>;
    return this.storage.write((unit) => {
      if (!this.anyLimited(requested)) return performNow('BatchWriteItem', data, this.view(unit));
      const { now, later } = this.divided('Write', requested, itself, () => 1);
      const meter = new BatchMeter();
      const view = this.view(unit, (...change) => meter.add(...change));
      const output = performNow('BatchWriteItem', { ...data, RequestItems: now }, view);
      for (const [name, requests] of Object.entries(now)) {
        const table = this.tables.find(name);
        if (!this.capacity.isLimited(table)) continue;
        const { units, indexes } = meter.of(name);
        // What deletes nothing takes a unit as well.
        this.capacity.write(table, Math.max(units, requests.length), indexes);
      }
      return { ...output, UnprocessedItems: later };
    });
  }

  private anyLimited(requested: Readonly<Record<string, unknown>>): boolean {
    return Object.keys(requested).some((name) => this.capacity.isLimited(this.tables.find(name)));
  }

  /**
   * What of a batch there is capacity for, and what is to be asked for again.
   * @throws ServiceError ProvisionedThroughputExceededException where there is none for any of it
   */
  private divided<R>(
    kind: 'Read' | 'Write',
    requested: Readonly<Record<string, R>>,
    form: Form<R>,
    least: (table: TableRecord) => number,
  ): { readonly now: Readonly<Record<string, R>>; readonly later: Readonly<Record<string, R>> } {
    const now: Record<string, R> = {};
    const later: Record<string, R> = {};
    let full: TableRecord | undefined;
    for (const [name, requests] of Object.entries(requested)) {
      const table = this.tables.find(name);
      const list = form.list(requests);
      const room = this.capacity.isLimited(table)
        ? this.capacity.admits(kind, table, least(table))
        : list.length;
      if (room < list.length) full = table;
      if (room > 0) now[name] = form.with(requests, list.slice(0, room));
      if (room < list.length) later[name] = form.with(requests, list.slice(room));
    }
    if (Object.keys(now).length === 0 && full !== undefined) this.capacity.refuse(kind, full);
    return { now, later };
  }
}

/** How the requests of a batch for a table are a list. */
interface Form<R> {
  list(requests: R): readonly unknown[];
  with(requests: R, list: readonly unknown[]): R;
}

interface GetRequests extends Input {
  readonly Keys: readonly unknown[];
}

const itself: Form<readonly unknown[]> = { list: (requests) => requests, with: (_, list) => list };
const keysOf: Form<GetRequests> = {
  list: ({ Keys }) => Keys,
  with: (requests, Keys) => ({ ...requests, Keys }),
};

/** As they came: without what was parsed of them. */
function unparsed(requested: Readonly<Record<string, GetRequests>>): Readonly<Record<string, Input>> {
  const entries = Object.entries(requested).map(([name, requests]): [string, Input] => [
    name,
    Object.fromEntries(Object.entries(requests).filter(([member]) => !member.startsWith('_'))),
  ]);
  return Object.fromEntries(entries);
}

function joined<R>(
  a: Readonly<Record<string, R>>,
  b: Readonly<Record<string, R>>,
  form: Form<R>,
): Readonly<Record<string, R>> {
  const both = Object.entries(b).map(([name, requests]): [string, R] => {
    const known = Object.hasOwn(a, name) ? form.list(a[name]!) : [];
    return [name, form.with(requests, [...known, ...form.list(requests)])];
  });
  return { ...a, ...Object.fromEntries(both) };
}

/** What the changes of a batch take, by table. */
class BatchMeter {
  private readonly units = new Map<string, number>();
  private readonly indexes = new Map<string, Map<string, number>>();

  add(table: TableRecord, before: Item | undefined, after: Item | undefined): void {
    const name = table.definition.TableName;
    this.units.set(name, (this.units.get(name) ?? 0) + writeUnits(before, after));
    const known = this.indexes.get(name) ?? new Map<string, number>();
    for (const [index, units] of indexUnits(table, before, after)) {
      known.set(index, (known.get(index) ?? 0) + units);
    }
    this.indexes.set(name, known);
  }

  of(name: string): { readonly units: number; readonly indexes: IndexUnits } {
    return { units: this.units.get(name) ?? 0, indexes: this.indexes.get(name) ?? new Map() };
  }
}

function multiplied(indexes: IndexUnits, times: number): IndexUnits {
  return new Map([...indexes].map(([name, units]) => [name, units * times]));
}

/** Units of a read that finds nothing. */
function leastRead({ ConsistentRead }: Input): number {
  return ConsistentRead === true ? 1 : 0.5;
}

function isFailedCondition(error: unknown): boolean {
  return error instanceof ServiceError && error.code === CONDITION_FAILED;
}
