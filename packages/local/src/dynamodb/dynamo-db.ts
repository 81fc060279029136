import type { Clock } from '../clock';
import type { Reporter } from '../contracts';
import type { Locale } from '../engine/arn';
import { ServiceError } from '../engine/errors';
import { Capacity } from './capacity';
import { DeclaredTables } from './declared-tables';
import { Expiry } from './expiry';
import { ItemOperations } from './item-operations';
import { wellFormed } from './request-form';
import { Storage } from './storage';
import type { StreamSource } from '../streams';
import { StreamOperations } from './streams/stream-operations';
import { TableStreams } from './streams/table-streams';
import { tableName } from './table-description';
import { TableOperations } from './table-operations';
import { TableRegistry } from './table-registry';
import { Transactions } from './transactions';
import type { Input, Output } from './types';

export interface DynamoDbOptions {
  /** Of the store; made if missing. */
  readonly folder: string;
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly locale: Locale;
}

/**
 * DynamoDB: tables with their indexes, items, transactions and expiry, durable in one folder. What an item means (expressions,
 * types, sizes, keys) is dynalite's code; where it is, and that an item, its index entries and a transaction are written
 * together or not at all, is this room's.
 */
export class DynamoDb {
  private readonly operations: Readonly<Record<string, (input: Input) => Output | Promise<Output>>>;

  private constructor(
    private readonly storage: Storage,
    private readonly tables: TableRegistry,
    private readonly expiry: Expiry,
    readonly declared: DeclaredTables,
    private readonly streams: TableStreams,
    ...operations: readonly DynamoDb['operations'][]
  ) {
    this.operations = Object.assign({}, ...operations) as DynamoDb['operations'];
  }

  /** @throws StoreInUseError */
  static async open({ folder, clock, reporter, locale }: DynamoDbOptions): Promise<DynamoDb> {
    const onFailure = (error: Error) =>
      reporter.warn('dynamodb', `cannot write to ${folder}: ${error.message}`);
    const storage = await Storage.open(folder, clock, onFailure);
    const streams = new TableStreams(storage, clock, locale);
    const tables = new TableRegistry(storage, clock, streams);
    const items = new ItemOperations(tables, storage, streams, new Capacity(clock, locale));
    const transactions = new Transactions(tables, items, storage, clock);
    await streams.restore();
    await tables.restore();
    await transactions.restore();
    const alongside = async () => {
      await transactions.forgetTokens();
      await streams.trim();
    };
    const expiry = new Expiry({ tables, items, storage, clock, reporter, alongside });
    expiry.start();
    const tableOperations = new TableOperations(tables, locale);
    const declared = new DeclaredTables(tables, reporter);
    const { operations } = tableOperations;
    return new DynamoDb(
      storage,
      tables,
      expiry,
      declared,
      streams,
      operations,
      items.operations,
      transactions.operations,
      new StreamOperations(streams, clock).operations,
    );
  }

  /**
   * A call of the API, by its name and with its parameters; resolves with the answer when what it changed is durable.
   * @throws ServiceError
   */
  async execute(operation: string, input: Input): Promise<Output> {
    const perform = Object.hasOwn(this.operations, operation) ? this.operations[operation] : undefined;
    if (perform === undefined)
      throw new ServiceError('UnknownOperationException', `${operation} is not hosted.`);
    const formed = wellFormed(input);
    const { TableName } = formed;
    return perform(typeof TableName === 'string' ? { ...formed, TableName: tableName(TableName) } : formed);
  }

  /** The attribute that is a table's partition key; undefined where there is no such table. */
  partitionKey(table: string): string | undefined {
    return this.tables.find(table)?.definition.KeySchema[0]!.AttributeName;
  }

  /** A stream for event source mappings; undefined where there is none that is open. */
  stream(streamArn: string): StreamSource | undefined {
    return this.streams.source(streamArn);
  }

  async close(): Promise<void> {
    await this.expiry.stop();
    await this.tables.close();
    await this.storage.close();
  }
}
