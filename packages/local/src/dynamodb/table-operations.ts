import type { Locale } from '../engine/arn';
import { ServiceError } from '../engine/errors';
import { checkDefinition } from './dynalite';
import { tableNotFound, validationError } from './errors';
import { notSerialized } from './request-form';
import { describeTable, tableArn, tableName } from './table-description';
import { definitionOf, settingsOf, updatedDefinition } from './table-input';
import type { TableRegistry } from './table-registry';
import type { Input, Output, TableRecord } from './types';

const MAX_TABLES_A_PAGE = 100;
const MAX_TAGS = 50;
const NAME = /^[a-zA-Z0-9_.-]{3,255}$/;

type TableOperation = (input: Input) => Output | Promise<Output>;

/** The calls that are about tables themselves. Whatever takes AWS minutes is done when they answer. */
export class TableOperations {
  constructor(
    private readonly tables: TableRegistry,
    private readonly locale: Locale,
  ) {}

  readonly operations: Readonly<Record<string, TableOperation>> = {
    CreateTable: (input) => this.create(input),
    DeleteTable: (input) => this.delete(input),
    DescribeContinuousBackups: (input) => describeBackups(this.named(input)),
    DescribeEndpoints: () => ({
      Endpoints: [{ Address: `dynamodb.${this.locale.region}.amazonaws.com`, CachePeriodInMinutes: 1440 }],
    }),
    DescribeLimits: () => ({
      AccountMaxReadCapacityUnits: 80_000,
      AccountMaxWriteCapacityUnits: 80_000,
      TableMaxReadCapacityUnits: 40_000,
      TableMaxWriteCapacityUnits: 40_000,
    }),
    DescribeTable: (input) => ({ Table: describeTable(this.named(input), this.locale) }),
    DescribeTimeToLive: (input) => describeTimeToLive(this.named(input)),
    ListTables: (input) => this.list(input),
    ListTagsOfResource: (input) => ({ Tags: tagList(this.tables.get(this.arnName(input)).tags) }),
    TagResource: (input) => this.tag(input),
    UntagResource: (input) => this.untag(input),
    UpdateContinuousBackups: (input) => this.updateBackups(input),
    UpdateTable: (input) => this.update(input),
    UpdateTimeToLive: (input) => this.updateTimeToLive(input),
  };

  private async create(input: Input): Promise<Output> {
    const definition = definitionOf(input);
    checkDefinition(definition);
    const tags = tagsOf(input['Tags'] ?? []);
    const record = await this.tables.create({
      definition,
      settings: settingsOf(input),
      tags,
      declared: false,
    });
    return { TableDescription: describeTable(record, this.locale) };
  }

  private async delete(input: Input): Promise<Output> {
    const { settings, definition } = this.named(input);
    const name = definition.TableName;
    if (settings.deletionProtection) {
      throw validationError(
        `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
      );
    }
    return { TableDescription: describeTable(await this.tables.delete(name), this.locale, 'DELETING') };
  }

  private async update(input: Input): Promise<Output> {
    const record = await this.tables.change(this.named(input).definition.TableName, (before) => {
      const definition = updatedDefinition(before.definition, input);
      checkDefinition(definition);
      return { definition, settings: settingsOf(input, before.settings) };
    });
    return { TableDescription: describeTable(record, this.locale) };
  }

  private list(input: Input): Output {
    const limit = (input['Limit'] as number | undefined) ?? MAX_TABLES_A_PAGE;
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_TABLES_A_PAGE) {
      throw validationError(
        `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: ` +
          `Member must have value between 1 and ${MAX_TABLES_A_PAGE}`,
      );
    }
    const start = input['ExclusiveStartTableName'] as string | undefined;
    const names = this.tables.list().map(({ definition }) => definition.TableName);
    const rest = start === undefined ? names : names.filter((name) => name > start);
    const TableNames = rest.slice(0, limit);
    return { TableNames, LastEvaluatedTableName: rest.length > limit ? TableNames.at(-1) : undefined };
  }

  private async updateTimeToLive(input: Input): Promise<Output> {
    const { AttributeName, Enabled } = (input['TimeToLiveSpecification'] ?? {}) as {
      AttributeName?: string;
      Enabled?: boolean;
    };
    if (AttributeName === undefined || AttributeName === '' || Enabled === undefined) {
      throw validationError('TimeToLiveSpecification must have AttributeName and Enabled.');
    }
    const name = this.named(input).definition.TableName;
    await this.tables.change(name, ({ settings }) => {
      const { timeToLive } = settings;
      if (Enabled === (timeToLive !== undefined)) {
        throw validationError(`TimeToLive is already ${Enabled ? 'enabled' : 'disabled'}`);
      }
      if (!Enabled && timeToLive !== AttributeName) {
        throw validationError(
          `TimeToLive is active on a different AttributeName: current AttributeName is ${timeToLive}`,
        );
      }
      return { settings: { ...settings, timeToLive: Enabled ? AttributeName : undefined } };
    });
    return { TimeToLiveSpecification: { AttributeName, Enabled } };
  }

  private async updateBackups(input: Input): Promise<Output> {
    const specification = (input['PointInTimeRecoverySpecification'] ?? {}) as {
      PointInTimeRecoveryEnabled?: boolean;
    };
    const pointInTimeRecovery = specification.PointInTimeRecoveryEnabled === true;
    const record = await this.tables.change(this.named(input).definition.TableName, ({ settings }) => ({
      settings: { ...settings, pointInTimeRecovery },
    }));
    return describeBackups(record);
  }

  private async tag(input: Input): Promise<Output> {
    const added = tagsOf(input['Tags'] ?? []);
    await this.tables.change(this.arnName(input), ({ tags }) => {
      const all = { ...tags, ...added };
      if (Object.keys(all).length > MAX_TAGS) {
        throw new ServiceError('LimitExceededException', `A table has at most ${MAX_TAGS} tags.`);
      }
      return { tags: all };
    });
    return {};
  }

  private async untag(input: Input): Promise<Output> {
    const keys = input['TagKeys'];
    if (!Array.isArray(keys)) throw notSerialized('TagKeys must be a list');
    const removed = new Set<unknown>(keys);
    await this.tables.change(this.arnName(input), ({ tags }) => ({
      tags: Object.fromEntries(Object.entries(tags).filter(([key]) => !removed.has(key))),
    }));
    return {};
  }

  /** @throws ServiceError ValidationException, ResourceNotFoundException */
  private named(input: Input): TableRecord {
    const name = tableName(input['TableName']);
    if (!NAME.test(name)) {
      throw validationError(
        `Invalid table/index name. Table/index names must be between 3 and 255 characters long, and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'`,
      );
    }
    return this.tables.get(name);
  }

  private arnName(input: Input): string {
    const arn = typeof input['ResourceArn'] === 'string' ? input['ResourceArn'] : '';
    const name = tableName(arn);
    if (arn !== tableArn(this.locale, name)) {
      throw validationError(`Invalid TableArn: Invalid ResourceArn provided as input ${arn}`);
    }
    if (this.tables.find(name) === undefined) throw tableNotFound();
    return name;
  }
}

/** @throws ServiceError ValidationException */
function tagsOf(list: unknown): Record<string, string> {
  const tags = list as readonly { readonly Key?: string; readonly Value?: string }[];
  if (
    !Array.isArray(list) ||
    tags.some(({ Key, Value }) => typeof Key !== 'string' || typeof Value !== 'string')
  ) {
    throw validationError('Tags must have a Key and a Value.');
  }
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key!, Value!]));
}

function tagList(tags: Readonly<Record<string, string>>) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function describeTimeToLive({ settings }: TableRecord): Output {
  const { timeToLive } = settings;
  return {
    TimeToLiveDescription:
      timeToLive === undefined
        ? { TimeToLiveStatus: 'DISABLED' }
        : { TimeToLiveStatus: 'ENABLED', AttributeName: timeToLive },
  };
}

function describeBackups({ settings }: TableRecord): Output {
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: {
        PointInTimeRecoveryStatus: settings.pointInTimeRecovery ? 'ENABLED' : 'DISABLED',
        ...(settings.pointInTimeRecovery && { RecoveryPeriodInDays: 35 }),
      },
    },
  };
}
