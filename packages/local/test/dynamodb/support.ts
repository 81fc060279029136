import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamoDb, TableDefinition } from '../../src/dynamodb';
import { LazyDynamoDb } from '../../src/dynamodb';
import { localLocale } from '../../src/engine';
import { Lines } from '../support/lines';
import { ManualClock } from '../support/manual-clock';

/** DynamoDB in a folder of its own, on a clock that stands still. */
export class TestDynamoDb {
  readonly folder = mkdtempSync(join(tmpdir(), 'aws-micro-dynamodb-'));
  readonly clock = new ManualClock();
  readonly reporter = new Lines();
  lazy = this.create();

  open(): Promise<DynamoDb> {
    return this.lazy.get();
  }

  /** Closes it and opens what is on the disk. */
  async reopen(): Promise<DynamoDb> {
    await this.lazy.close();
    this.lazy = this.create();
    return this.open();
  }

  async remove(): Promise<void> {
    await this.lazy.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private create(): LazyDynamoDb {
    const { folder, clock, reporter } = this;
    return new LazyDynamoDb({ folder, clock, reporter, locale: localLocale });
  }
}

/** A table by `id`, with an index by `state` (and `at`, as a number). */
export const ORDERS = {
  TableName: 'orders',
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' },
    { AttributeName: 'state', AttributeType: 'S' },
    { AttributeName: 'at', AttributeType: 'N' },
  ],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'by-state',
      KeySchema: [
        { AttributeName: 'state', KeyType: 'HASH' },
        { AttributeName: 'at', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['note'] },
    },
  ],
  BillingMode: 'PAY_PER_REQUEST',
} as const satisfies TableDefinition;

/** Everything in a table or in one of its indexes, in no order. */
export async function scan(
  tables: DynamoDb,
  TableName: string,
  IndexName?: string,
): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let ExclusiveStartKey: unknown;
  do {
    const output = await tables.execute('Scan', { TableName, IndexName, ExclusiveStartKey });
    items.push(...(output['Items'] as Record<string, unknown>[]));
    ExclusiveStartKey = output['LastEvaluatedKey'];
  } while (ExclusiveStartKey !== undefined);
  return items;
}
