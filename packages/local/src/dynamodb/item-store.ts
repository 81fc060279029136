import { Readable } from 'node:stream';
import { indexOf, itemsOf } from './keys';
import { changeOperations } from './index-entries';
import type { Reads, Storage } from './storage';
import { Unit } from './storage';
import type { ServiceIdentity } from './streams/change';
import type { TableStreams } from './streams/table-streams';
import type { Item, TableRecord } from './types';

type Callback<T> = (error: unknown, result?: T) => void;
type Locked = (release: <F>(callback: F) => F) => void;

interface StreamRange {
  readonly gt?: string;
  readonly gte?: string;
  readonly lt?: string;
  readonly lte?: string;
  readonly reverse?: boolean;
  /** -1 for all. */
  readonly limit?: number;
}

/** The items of a table, or the entries of an index, as dynalite reads and writes them. */
interface Entries {
  lock(key: string, locked: Locked): void;
  get(key: string, callback: Callback<Item>): void;
  put(key: string, item: Item, callback: Callback<void>): void;
  del(key: string, callback: Callback<void>): void;
  createValueStream(range: StreamRange): Readable;
}

/** DynamoDB's limit. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */
const MAX_ITEM_BYTES = 400 * 1024;

export type OnChange = (table: TableRecord, before: Item | undefined, after: Item | undefined) => void;

/** What dynalite takes for its own store. It answers at once: a call is over before another begins, and needs no lock. */
export class ItemStore {
  readonly options = { maxItemSize: MAX_ITEM_BYTES };

  constructor(
    private readonly table: (name: string) => TableRecord | undefined,
    private readonly reads: Reads,
    private readonly storage: Storage,
    private readonly streams: TableStreams,
    /** Called for every change of an item. */
    private readonly onChange?: OnChange,
  ) {}

  /** Either `(name, callback)`, or with whether the table must be active in between. */
  readonly getTable = (name: string, ...rest: readonly unknown[]): void => {
    const callback = rest.at(-1) as Callback<TableRecord['definition']>;
    const record = this.table(name);
    if (record !== undefined) return callback(null, record.definition);
    const __type = 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException';
    callback({
      statusCode: 400,
      name: 'NotFoundError',
      body: { __type, message: 'Requested resource not found' },
    });
  };

  readonly getItemDb = (table: string): Entries => this.entries(itemsOf(this.table(table)!.id));

  readonly getIndexDb = (_kind: string, table: string, index: string): Entries =>
    this.entries(indexOf(this.table(table)!.id, index));

  /**
   * Called for every change of an item, before it is written: indexes, expiry times and the stream follow it in the same unit.
   * @param by the service that changes it, where it is not a caller
   */
  changed(tableName: string, before: Item | undefined, after: Item | undefined, by?: ServiceIdentity): void {
    const { unit } = this;
    const table = this.table(tableName)!;
    this.onChange?.(table, before, after);
    this.streams.append(unit, table, { before, after, by });
    for (const { key, value } of changeOperations(table, before, after)) {
      if (value === undefined) unit.delete(key);
      else unit.put(key, value);
    }
  }

  private entries(prefix: string): Entries {
    return {
      lock: (_key, locked) => locked((callback) => callback),
      get: (key, callback) => {
        const value = this.reads.get(prefix + key);
        callback(null, value === undefined ? undefined : (JSON.parse(value) as Item));
      },
      put: (key, item, callback) => {
        this.unit.put(prefix + key, JSON.stringify(item));
        callback(null);
      },
      del: (key, callback) => {
        this.unit.delete(prefix + key);
        callback(null);
      },
      createValueStream: (range) => this.stream(prefix, range),
    };
  }

  private get unit(): Unit {
    if (this.reads instanceof Unit) return this.reads;
    throw new Error('this call does not write');
  }

  private stream(prefix: string, { gt, gte, lt, lte, reverse = false, limit = -1 }: StreamRange): Readable {
    const range = {
      ...(gt === undefined ? { gte: prefix + (gte ?? '') } : { gt: prefix + gt }),
      ...(lte === undefined
        ? { lt: lt === undefined ? `${prefix.slice(0, -1)}0` : prefix + lt }
        : { lte: prefix + lte }),
      reverse,
      limit,
    };
    return Readable.from(items(this.storage.entries(range)));
  }
}

async function* items(entries: AsyncIterable<[string, string]>): AsyncGenerator<Item> {
  for await (const [, value] of entries) yield JSON.parse(value) as Item;
}
