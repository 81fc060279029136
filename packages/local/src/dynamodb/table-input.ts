import { ServiceError } from '../engine/errors';
import { validationError } from './errors';
import { structures } from './request-form';
import type {
  Input,
  SecondaryIndex,
  StreamViewType,
  TableDefinition,
  TableSettings,
  Throughput,
} from './types';
import { STREAM_VIEW_TYPES } from './types';

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
  const encryption = input['SSESpecification'] as TableSettings['encryption'];
  return {
    ...before,
    deletionProtection:
      (input['DeletionProtectionEnabled'] as boolean | undefined) ?? before.deletionProtection,
    ...streamOf(input, before),
    tableClass: (input['TableClass'] as string | undefined) ?? before.tableClass,
    encryption: encryption ?? before.encryption,
  };
}

/**
 * The stream that the request turns on or off.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_StreamSpecification.html
 * @throws ServiceError ValidationException
 */
function streamOf(input: Input, before: TableSettings): Partial<TableSettings> {
  const given = input['StreamSpecification'] as
    { StreamEnabled?: unknown; StreamViewType?: unknown } | undefined;
  if (given === undefined) return {};
  const { StreamEnabled: enabled, StreamViewType: view } = given;
  const name = String(input['TableName']);
  const parameters = 'One or more parameter values were invalid: ';
  if (typeof enabled !== 'boolean') {
    throw validationError(`${parameters}StreamEnabled must be present in StreamSpecification`);
  }
  if (!enabled) {
    if (view !== undefined) {
      throw validationError(`${parameters}StreamViewType must not be specified when StreamEnabled is false`);
    }
    return { streamViewType: undefined };
  }
  if (!STREAM_VIEW_TYPES.includes(view as StreamViewType)) {
    throw validationError(`${parameters}StreamViewType must be one of ${STREAM_VIEW_TYPES.join(', ')}`);
  }
  if (before.streamViewType !== undefined) {
    throw validationError(`Table already has an enabled stream: TableName: ${name}`);
  }
  return { streamViewType: view as StreamViewType, streamLabel: undefined };
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
