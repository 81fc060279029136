import { existsSync } from 'node:fs';
import type { Clock } from '../clock';
import type { Reporter } from '../contracts';
import { LazyDynamoDb, STREAM_VIEW_TYPES } from '../dynamodb';
import type { DynamoDb, NewTable, SecondaryIndex, TableDefinition } from '../dynamodb';
import { ServiceError } from '../engine';
import { UserError } from '../errors';
import type { Fields, Resolver, Resource } from '../synth';
import type { DataFolder } from './data-folder';

export function createDynamoDb(
  resolver: Resolver,
  data: DataFolder,
  clock: Clock,
  reporter: Reporter,
): LazyDynamoDb {
  const { region, accountId } = resolver;
  return new LazyDynamoDb({ folder: data.at('dynamodb'), clock, reporter, locale: { region, accountId } });
}

export function tableNames(resolver: Resolver): string[] {
  return resolver.resources('aws_dynamodb_table').map((table) => table.text('name'));
}

/**
 * Makes the stack's tables exist, and those that it no longer has disappear. DynamoDB is opened only where there are tables.
 * @throws UserError
 */
export async function hostTables(
  resolver: Resolver,
  dynamodb: LazyDynamoDb,
  data: DataFolder,
): Promise<void> {
  const tables = resolver.resources('aws_dynamodb_table');
  if (tables.length === 0 && !existsSync(data.at('dynamodb'))) {
    return;
  }
  const opened = await dynamodb.get();
  for (const table of tables) {
    await asUserError(table, opened.declared.ensure(tableOf(table)));
  }
  for (const item of resolver.resources('aws_dynamodb_table_item')) {
    await asUserError(item, putOnce(item, opened));
  }
  await opened.declared.removeUndeclared();
}

function tableOf(table: Resource): Omit<NewTable, 'declared'> {
  const timeToLive = table.block('ttl');
  const encryption = table.block('server_side_encryption');
  const enabled = (block: Fields | undefined, fallback: boolean) => block?.flag('enabled', fallback) ?? false;
  return {
    definition: definitionOf(table),
    settings: {
      deletionProtection: table.flag('deletion_protection_enabled', false),
      pointInTimeRecovery: enabled(table.block('point_in_time_recovery'), false),
      timeToLive: enabled(timeToLive, true) ? timeToLive?.optionalText('attribute_name') : undefined,
      ...streamOf(table),
      tableClass: table.optionalText('table_class'),
      encryption: enabled(encryption, false)
        ? { Enabled: true, KMSMasterKeyId: encryption?.optionalText('kms_key_arn') ?? 'alias/aws/dynamodb' }
        : undefined,
    },
    tags: table.textMap('tags'),
  };
}

/** @throws UserError */
function streamOf(table: Resource): Partial<NewTable['settings']> {
  if (!table.flag('stream_enabled', false)) return {};
  const streamViewType = STREAM_VIEW_TYPES.find((type) => type === table.optionalText('stream_view_type'));
  if (streamViewType === undefined) {
    throw new UserError(
      `${table.address}: a stream needs a stream_view_type: ${STREAM_VIEW_TYPES.join(', ')}`,
    );
  }
  return { streamViewType, streamLabel: table.id('stream_label') };
}

function definitionOf(table: Resource): TableDefinition {
  const onDemand = table.optionalText('billing_mode') === 'PAY_PER_REQUEST';
  const hashKey = table.text('hash_key');
  const global = table.blocks('global_secondary_index').map((index) => ({
    ...indexOf(index, index.text('hash_key')),
    ...(!onDemand && { ProvisionedThroughput: throughputOf(index) }),
  }));
  const local = table.blocks('local_secondary_index').map((index) => indexOf(index, hashKey));
  return {
    TableName: table.text('name'),
    // Blocks are sets, whose order says nothing.
    AttributeDefinitions: table
      .blocks('attribute')
      .map((attribute) => ({
        AttributeName: attribute.text('name'),
        AttributeType: attribute.text('type') as 'S' | 'N' | 'B',
      }))
      .sort((a, b) => (a.AttributeName < b.AttributeName ? -1 : 1)),
    KeySchema: keySchema(hashKey, table.optionalText('range_key')),
    ...(local.length > 0 && { LocalSecondaryIndexes: sorted(local) }),
    ...(global.length > 0 && { GlobalSecondaryIndexes: sorted(global) }),
    BillingMode: onDemand ? 'PAY_PER_REQUEST' : 'PROVISIONED',
    ...(!onDemand && { ProvisionedThroughput: throughputOf(table) }),
  };
}

function indexOf(index: Fields, hashKey: string): SecondaryIndex {
  const others = index.texts('non_key_attributes');
  return {
    IndexName: index.text('name'),
    KeySchema: keySchema(hashKey, index.optionalText('range_key')),
    Projection: {
      ProjectionType: index.text('projection_type') as 'ALL' | 'KEYS_ONLY' | 'INCLUDE',
      ...(others.length > 0 && { NonKeyAttributes: others.sort() }),
    },
  };
}

function keySchema(hashKey: string, rangeKey: string | undefined): TableDefinition['KeySchema'] {
  return [
    { AttributeName: hashKey, KeyType: 'HASH' },
    ...(rangeKey === undefined ? [] : [{ AttributeName: rangeKey, KeyType: 'RANGE' as const }]),
  ];
}

function throughputOf(fields: Fields) {
  return {
    ReadCapacityUnits: fields.number('read_capacity', 0),
    WriteCapacityUnits: fields.number('write_capacity', 0),
  };
}

function sorted(indexes: readonly SecondaryIndex[]): SecondaryIndex[] {
  return [...indexes].sort((a, b) => (a.IndexName < b.IndexName ? -1 : 1));
}

/** An item of the stack is put where it is missing; what the application made of it since stays. */
async function putOnce(item: Resource, dynamodb: DynamoDb): Promise<void> {
  try {
    await dynamodb.execute('PutItem', {
      TableName: item.text('table_name'),
      Item: JSON.parse(item.text('item')) as unknown,
      ConditionExpression: 'attribute_not_exists(#key)',
      ExpressionAttributeNames: { '#key': item.text('hash_key') },
    });
  } catch (error) {
    const isThere = error instanceof ServiceError && error.code === 'ConditionalCheckFailedException';
    if (!isThere) throw error;
  }
}

/** What DynamoDB refuses is the stack's mistake. */
async function asUserError(resource: Resource, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    const isMistake =
      error instanceof ServiceError || error instanceof UserError || error instanceof SyntaxError;
    throw isMistake ? new UserError(`${resource.address}: ${error.message}`) : error;
  }
}
