import { isDeepStrictEqual } from 'node:util';
import type { Reporter } from '../contracts';
import { UserError } from '../errors';
import { checkDefinition } from './dynalite';
import type { NewTable, TableRegistry } from './table-registry';
import type { TableDefinition, TableRecord } from './types';

/** The tables of the stack: made, changed and removed as Terraform would, but never with items in them. */
export class DeclaredTables {
  private readonly ensured = new Set<string>();

  constructor(
    private readonly tables: TableRegistry,
    private readonly reporter: Reporter,
  ) {}

  /**
   * A table that has exactly this definition and keeps its items from run to run.
   * @throws ServiceError ValidationException
   * @throws UserError where Terraform would replace a table that holds items
   */
  async ensure(table: Omit<NewTable, 'declared'>): Promise<void> {
    const { TableName } = table.definition;
    checkDefinition(table.definition);
    this.ensured.add(TableName);
    const wanted: NewTable = { ...table, declared: true };
    const existing = this.tables.find(TableName);
    if (existing === undefined) {
      await this.tables.create(wanted);
    } else if (needsReplacement(existing.definition, table.definition)) {
      await this.replace(existing, wanted);
    } else if (!isSame(existing, wanted)) {
      await this.tables.change(TableName, () => wanted);
    }
  }

  /** Removes what an earlier stack declared and this one does not. A table that holds items stays, with a warning. */
  async removeUndeclared(): Promise<void> {
    for (const record of this.tables.list()) {
      const { TableName } = record.definition;
      if (!record.declared || this.ensured.has(TableName)) continue;
      if (await this.tables.isEmpty(record)) await this.tables.delete(TableName);
      else this.reporter.warn('dynamodb', `${TableName} is no longer in the stack but kept: it holds items`);
    }
  }

  private async replace(existing: TableRecord, wanted: NewTable): Promise<void> {
    const { TableName } = existing.definition;
    if (!(await this.tables.isEmpty(existing))) {
      throw new UserError(
        `the keys or local indexes of ${TableName} changed, and Terraform would replace the table and lose its items: ` +
          'take the change back and delete the items first, give the new table another name, or run aws-micro reset',
      );
    }
    await this.tables.delete(TableName);
    await this.tables.create(wanted);
  }
}

/** What DynamoDB cannot change: the keys, the types of their attributes, and local indexes. */
function needsReplacement(before: TableDefinition, after: TableDefinition): boolean {
  const fixed = (definition: TableDefinition) => {
    const { KeySchema, LocalSecondaryIndexes = [], AttributeDefinitions } = definition;
    const names = [{ KeySchema }, ...LocalSecondaryIndexes].flatMap((each) =>
      each.KeySchema.map(({ AttributeName }) => AttributeName),
    );
    const types = AttributeDefinitions.filter(({ AttributeName }) => names.includes(AttributeName))
      .map(({ AttributeName, AttributeType }) => `${AttributeName} ${AttributeType}`)
      .sort();
    return { KeySchema, LocalSecondaryIndexes, types };
  };
  return !isDeepStrictEqual(plain(fixed(before)), plain(fixed(after)));
}

function isSame({ definition, settings, tags, declared }: TableRecord, wanted: NewTable): boolean {
  return isDeepStrictEqual(plain({ definition, settings, tags, declared }), plain(wanted));
}

/** Without members that are undefined, which do not survive the store. */
function plain(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}
