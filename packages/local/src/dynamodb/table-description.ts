import type { Locale } from '../engine/arn';
import type { Output, SecondaryIndex, TableRecord, Throughput } from './types';

export function tableArn({ region, accountId }: Locale, name: string): string {
  return `arn:aws:dynamodb:${region}:${accountId}:table/${name}`;
}

/** The table's name in its name or ARN, that of an index or a stream of it included; empty where it is no text. */
export function tableName(nameOrArn: unknown): string {
  if (typeof nameOrArn !== 'string') return '';
  return nameOrArn.startsWith('arn:') ? (nameOrArn.split(':')[5]?.split('/')[1] ?? nameOrArn) : nameOrArn;
}

/** A table as DescribeTable shows it. Items are not counted: on AWS too the numbers are hours old. */
export function describeTable(record: TableRecord, locale: Locale, status = 'ACTIVE'): Output {
  const { definition, settings, id, createdAt } = record;
  const { BillingMode, LocalSecondaryIndexes, GlobalSecondaryIndexes, ...rest } = definition;
  const arn = tableArn(locale, definition.TableName);
  const onDemand = BillingMode === 'PAY_PER_REQUEST';
  return {
    ...rest,
    TableArn: arn,
    TableId: id,
    TableStatus: status,
    CreationDateTime: createdAt / 1000,
    ItemCount: 0,
    TableSizeBytes: 0,
    ProvisionedThroughput: throughput(definition.ProvisionedThroughput),
    ...(onDemand && {
      BillingModeSummary: { BillingMode, LastUpdateToPayPerRequestDateTime: createdAt / 1000 },
      TableThroughputModeSummary: { TableThroughputMode: BillingMode },
    }),
    LocalSecondaryIndexes: LocalSecondaryIndexes?.map((index) => describeIndex(index, arn)),
    GlobalSecondaryIndexes: GlobalSecondaryIndexes?.map((index) => ({
      ...describeIndex(index, arn),
      IndexStatus: 'ACTIVE',
      ProvisionedThroughput: throughput(index.ProvisionedThroughput),
    })),
    DeletionProtectionEnabled: settings.deletionProtection,
    ...describeSettings(record, locale),
  };
}

export function streamArn(locale: Locale, tableName: string, label: string): string {
  return `${tableArn(locale, tableName)}/stream/${label}`;
}

function describeSettings({ settings, definition }: TableRecord, locale: Locale): Output {
  const { streamViewType, streamLabel, tableClass, encryption } = settings;
  return {
    ...(streamViewType !== undefined && {
      StreamSpecification: { StreamEnabled: true, StreamViewType: streamViewType },
    }),
    ...(streamLabel !== undefined && {
      LatestStreamLabel: streamLabel,
      LatestStreamArn: streamArn(locale, definition.TableName, streamLabel),
    }),
    ...(tableClass !== undefined && { TableClassSummary: { TableClass: tableClass } }),
    ...(encryption?.['Enabled'] === true && {
      SSEDescription: { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: encryption['KMSMasterKeyId'] },
    }),
  };
}

function describeIndex(index: SecondaryIndex, arn: string): Output {
  return { ...index, IndexArn: `${arn}/index/${index.IndexName}`, IndexSizeBytes: 0, ItemCount: 0 };
}

function throughput(given: Throughput = { ReadCapacityUnits: 0, WriteCapacityUnits: 0 }): Output {
  return { ...given, NumberOfDecreasesToday: 0 };
}
