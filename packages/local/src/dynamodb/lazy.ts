import type { DynamoDb, DynamoDbOptions } from './dynamo-db';

/** DynamoDB, loaded and opened when it is first needed: most of its code is dynalite's, and many stacks have no table. */
export class LazyDynamoDb {
  private opening: Promise<DynamoDb> | undefined;
  /** Undefined until it was needed. */
  opened: DynamoDb | undefined;

  constructor(private readonly options: DynamoDbOptions) {}

  get(): Promise<DynamoDb> {
    this.opening ??= this.open();
    return this.opening;
  }

  async close(): Promise<void> {
    // Who needed it was told of what kept it from opening.
    const opened = await this.opening?.catch(() => undefined);
    await opened?.close();
  }

  private async open(): Promise<DynamoDb> {
    const { DynamoDb } = await import('./dynamo-db');
    this.opened = await DynamoDb.open(this.options);
    return this.opened;
  }
}
