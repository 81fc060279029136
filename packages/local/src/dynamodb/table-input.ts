import { ServiceError } from '../engine/errors';
import { validationError } from './errors';
import { structures } from './request-form';
import type { Input, SecondaryIndex, TableDefinition, TableSettings, Throughput } from './types';

const DEFINITION = [
  'TableName',
  'AttributeDefinitions',
  'KeySchema',
  'LocalSecondaryIndexes',
  'GlobalSecondaryIndexes',
  'BillingMode',
  'ProvisionedThroughput',
] as const;

/** The definition in a CreateTable, not validated. */
export function definitionOf(input: Input): TableDefinition {
  const given = DEFINITION.filter((name) => input[name] !== undefined);
  const definition: Input = Object.fromEntries(given.map((name) => [name, input[name]]));
  return definition as unknown as TableDefinition;
}

const NO_SETTINGS: TableSettings = { deletionProtection: false, pointInTimeRecovery: false };

/** What CreateTable and UpdateTable say beside the definition. */
export function settingsOf(input: Input, before: TableSettings = NO_SETTINGS): TableSettings {
  const stream = input['StreamSpecification'] as
    { StreamEnabled?: boolean; StreamViewType?: string } | undefined;
  const encryption = input['SSESpecification'] as TableSettings['encryption'];
  return {
    ...before,
    deletionProtection:
      (input['DeletionProtectionEnabled'] as boolean | undefined) ?? before.deletionProtection,
    streamViewType: stream === undefined ? before.streamViewType : streamView(stream),
    tableClass: (input['TableClass'] as string | undefined) ?? before.tableClass,
    encryption: encryption ?? before.encryption,
  };
}

function streamView(stream: { StreamEnabled?: boolean; StreamViewType?: string }): string | undefined {
  return stream.StreamEnabled === true ? (stream.StreamViewType ?? 'NEW_AND_OLD_IMAGES') : undefined;
}

interface IndexUpdate {
  readonly Create?: SecondaryIndex;
  readonly Update?: { readonly IndexName: string; readonly ProvisionedThroughput: Throughput };
  readonly Delete?: { readonly IndexName: string };
}

/** A table's definition after an UpdateTable. @throws ServiceError */
export function updatedDefinition(before: TableDefinition, input: Input): TableDefinition {
  const updates = structures(input, 'GlobalSecondaryIndexUpdates') as readonly IndexUpdate[];
  const given = structures(
    input,
    'AttributeDefinitions',
  ) as unknown as TableDefinition['AttributeDefinitions'];
  const BillingMode = (input['BillingMode'] ?? before.BillingMode) as TableDefinition['BillingMode'];
  const onDemand = BillingMode === 'PAY_PER_REQUEST';
  const throughput = (input['ProvisionedThroughput'] ?? before.ProvisionedThroughput) as
    Throughput | undefined;
  const indexes = updatedIndexes(before.GlobalSecondaryIndexes ?? [], updates).map((index) => {
    const { ProvisionedThroughput, ...rest } = index;
    return onDemand ? rest : { ...rest, ProvisionedThroughput: ProvisionedThroughput ?? throughput };
  });
  return withUsedAttributes({
    ...before,
    AttributeDefinitions: [
      ...given,
      ...before.AttributeDefinitions.filter(
        ({ AttributeName }) => !given.some((other) => other.AttributeName === AttributeName),
      ),
    ],
    GlobalSecondaryIndexes: indexes.length === 0 ? undefined : indexes,
    BillingMode,
    ProvisionedThroughput: onDemand ? undefined : throughput,
  });
}

function updatedIndexes(
  before: readonly SecondaryIndex[],
  updates: readonly IndexUpdate[],
): readonly SecondaryIndex[] {
  return updates.reduce((indexes, { Create, Update, Delete }) => {
    const name = Create?.IndexName ?? Update?.IndexName ?? Delete?.IndexName;
    const existing = indexes.find(({ IndexName }) => IndexName === name);
    if (Create) {
      if (existing) throw validationError(`Attempting to create an index which already exists: ${name}`);
      return [...indexes, Create];
    }
    if (!existing) {
      throw new ServiceError('ResourceNotFoundException', `Requested resource not found: Index: ${name}`);
    }
    const others = indexes.filter((index) => index !== existing);
    return Update
      ? [...others, { ...existing, ProvisionedThroughput: Update.ProvisionedThroughput }]
      : others;
  }, before);
}

/** DynamoDB refuses attributes that no key uses; when an index goes, so do those. */
function withUsedAttributes(definition: TableDefinition): TableDefinition {
  const { KeySchema, LocalSecondaryIndexes = [], GlobalSecondaryIndexes = [] } = definition;
  const schemas = [{ KeySchema }, ...LocalSecondaryIndexes, ...GlobalSecondaryIndexes];
  const used = new Set(
    schemas.flatMap((each) =>
      structures(each as unknown as Input, 'KeySchema').map(({ AttributeName }) => AttributeName),
    ),
  );
  const AttributeDefinitions = definition.AttributeDefinitions.filter(({ AttributeName }) =>
    used.has(AttributeName),
  );
  return { ...definition, AttributeDefinitions };
}
