import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock';
import { ServiceError } from '../engine/errors';
import { tableNotFound } from './errors';
import { expiryEntries, indexEntries } from './index-entries';
import { allIndexesOf, expiryOf, GARBAGE, indexOf, itemsOf, TABLES } from './keys';
import type { Storage, Unit } from './storage';
import { under } from './storage';
import type { TableStreams } from './streams/table-streams';
import type { Item, SecondaryIndex, TableDefinition, TableRecord, TableSettings } from './types';
import { indexesOf } from './types';

/** What a new table is made of. */
export interface NewTable {
  readonly definition: TableDefinition;
  readonly settings: TableSettings;
  readonly tags: Readonly<Record<string, string>>;
  readonly declared: boolean;
}

/** The tables, in memory and in the store. */
export class TableRegistry {
  private readonly tables = new Map<string, TableRecord>();
  private clearing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly storage: Storage,
    private readonly clock: Clock,
    private readonly streams: TableStreams,
  ) {}

  /** Reads the tables, and finishes clearing deleted ones. */
  async restore(): Promise<void> {
    for await (const [, value] of this.storage.entries(under(TABLES))) {
      const record = JSON.parse(value) as TableRecord;
      this.tables.set(record.definition.TableName, record);
    }
    for await (const [key] of this.storage.entries(under(GARBAGE)))
      this.clearLater(key.slice(GARBAGE.length));
  }

  readonly find = (name: string): TableRecord | undefined => this.tables.get(name);

  /** @throws ServiceError ResourceNotFoundException */
  get(name: string): TableRecord {
    const record = this.tables.get(name);
    if (record === undefined) throw tableNotFound(name);
    return record;
  }

  /** In the order of their names. */
  list(): TableRecord[] {
    return [...this.tables.values()].sort((a, b) =>
      a.definition.TableName < b.definition.TableName ? -1 : 1,
    );
  }

  /** @throws ServiceError ResourceInUseException */
  create(table: NewTable): Promise<TableRecord> {
    return this.storage.write((unit) => {
      const { TableName } = table.definition;
      if (this.tables.has(TableName)) {
        throw new ServiceError('ResourceInUseException', `Table already exists: ${TableName}`);
      }
      return this.put(unit, { ...table, id: randomUUID(), createdAt: this.clock.now() }, undefined);
    });
  }

  /**
   * Another definition, other settings or tags; indexes and expiry times that are new are filled in the same write.
   * @param change throws what is refused
   */
  change(name: string, change: (before: TableRecord) => Partial<TableRecord>): Promise<TableRecord> {
    return this.storage.exclusively(async () => {
      const before = this.get(name);
      const after: TableRecord = { ...before, ...change(before) };
      const isOther = (index: SecondaryIndex) => !sameIndex(before.definition, after.definition, index);
      const fresh = indexesOf(after.definition).filter(isOther);
      const stale = indexesOf(before.definition).filter(isOther);
      const expires = before.settings.timeToLive !== after.settings.timeToLive;
      const items = fresh.length > 0 || expires ? await this.items(before.id) : [];
      const prefixes = stale.map(({ IndexName }) => indexOf(before.id, IndexName));
      const obsolete = await this.keys([...prefixes, ...(expires ? [expiryOf(before.id)] : [])]);
      return (unit) => {
        obsolete.forEach((key) => unit.delete(key));
        const entries = items.flatMap((item) => [
          ...fresh.flatMap((index) => fillable(after, index, item)),
          ...(expires ? expiryEntries(after, item) : []),
        ]);
        for (const [key, value] of entries) unit.put(key, value);
        return this.put(unit, after, before);
      };
    });
  }

  /** Its name is free at once; its items go in the background, also if the process dies meanwhile. */
  async delete(name: string): Promise<TableRecord> {
    const record = await this.storage.write((unit) => {
      const current = this.get(name);
      this.tables.delete(name);
      unit.delete(TABLES + name);
      unit.put(GARBAGE + current.id, '');
      this.streams.end(unit, current);
      return current;
    });
    this.clearLater(record.id);
    return record;
  }

  isEmpty({ id }: TableRecord): Promise<boolean> {
    return this.storage.isEmpty(itemsOf(id));
  }

  /** Resolves when nothing of deleted tables is being cleared. */
  async close(): Promise<void> {
    await this.clearing;
  }

  /** Calls from here on see the table as it will be: their units come after this one. */
  private put(unit: Unit, wanted: TableRecord, before: TableRecord | undefined): TableRecord {
    const record = this.streams.follow(unit, wanted, before);
    const name = record.definition.TableName;
    unit.put(TABLES + name, JSON.stringify(record));
    this.tables.set(name, record);
    return record;
  }

  private async items(id: string): Promise<Item[]> {
    const items: Item[] = [];
    for await (const [, value] of this.storage.entries(under(itemsOf(id))))
      items.push(JSON.parse(value) as Item);
    return items;
  }

  private async keys(prefixes: readonly string[]): Promise<string[]> {
    const keys: string[] = [];
    for (const prefix of prefixes) {
      for await (const [key] of this.storage.entries(under(prefix))) keys.push(key);
    }
    return keys;
  }

  private clearLater(id: string): void {
    this.clearing = this.clearing
      .then(async () => {
        for (const prefix of [itemsOf(id), allIndexesOf(id), expiryOf(id)]) await this.storage.clear(prefix);
        await this.storage.write((unit) => unit.delete(GARBAGE + id));
      })
      // Whatever is left is cleared at the next start.
      .catch(() => undefined);
  }
}

/** Whether two tables have the very same index: its keys, their types, its projection. */
function sameIndex(a: TableDefinition, b: TableDefinition, { IndexName }: SecondaryIndex): boolean {
  const form = (definition: TableDefinition) => {
    const index = indexesOf(definition).find((each) => each.IndexName === IndexName);
    const types = index?.KeySchema.map(({ AttributeName }) =>
      definition.AttributeDefinitions.find((each) => each.AttributeName === AttributeName),
    );
    return [index?.KeySchema, index?.Projection, types];
  };
  return isDeepStrictEqual(form(a), form(b));
}

/** DynamoDB leaves items out of a new index whose attributes cannot be its keys. */
function fillable(record: TableRecord, index: SecondaryIndex, item: Item): [string, string][] {
  try {
    return indexEntries(record, index, item);
  } catch (error) {
    if (error instanceof ServiceError) return [];
    throw error;
  }
}
