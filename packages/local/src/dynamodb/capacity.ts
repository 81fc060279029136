import type { Clock } from '../clock';
import type { Locale } from '../engine/arn';
import { itemSize } from './dynalite';
import { DetailedError } from './errors';
import { indexEntries } from './index-entries';
import { tableArn } from './table-description';
import type { Input, Item, Output, TableRecord, Throughput } from './types';

/** Unused capacity of this long is kept: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html */
const BURST_SECONDS = 300;
const WRITE_UNIT_BYTES = 1024;

type Kind = 'Read' | 'Write';

interface Balance {
  units: number;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Units of a global index that a write takes. */
export type IndexUnits = ReadonlyMap<string, number>;

/**
 * The capacity of tables with provisioned throughput, and of their global indexes: what is not used is kept for five minutes. A call
 * is let through while any is left, and what it takes beyond that is waited for; so a large item never waits for ever.
 */
export class Capacity {
  private readonly balances = new Map<string, Balance>();

  constructor(
    private readonly clock: Clock,
    private readonly locale: Locale,
  ) {}

  /** Whether calls of the table are counted at all. */
  isLimited(table: TableRecord | undefined): table is TableRecord {
    const { BillingMode, ProvisionedThroughput } = table?.definition ?? {};
    return BillingMode !== 'PAY_PER_REQUEST' && (ProvisionedThroughput?.ReadCapacityUnits ?? 0) > 0;
  }

  /**
   * Takes what a read has used.
   * @param consumed its `ConsumedCapacity`, with the parts of indexes
   * @param least what a read takes that finds nothing
   * @throws ServiceError ProvisionedThroughputExceededException
   */
  read(table: TableRecord, consumed: Output, least: number, times = 1): void {
    const { CapacityUnits = 0, GlobalSecondaryIndexes = {} } = consumed as {
      CapacityUnits?: number;
      GlobalSecondaryIndexes?: Readonly<Record<string, { readonly CapacityUnits: number }>>;
    };
    const indexes = Object.entries(GlobalSecondaryIndexes).map(
      ([name, part]) => [name, Math.max(least, part.CapacityUnits) * times] as const,
    );
    // A global index has all that is asked of it: the table's own capacity stays as it is.
    const own = indexes.length > 0 ? 0 : Math.max(least, CapacityUnits) * times;
    this.take('Read', table, own, new Map(indexes));
  }

  /** @throws ServiceError ProvisionedThroughputExceededException */
  write(table: TableRecord, units: number, indexes: IndexUnits): void {
    this.take('Write', table, units, indexes);
  }

  /** How many calls may be let through now, of which each takes `units` at least. */
  admits(kind: Kind, table: TableRecord, units: number): number {
    const indexes = kind === 'Write' ? (table.definition.GlobalSecondaryIndexes ?? []) : [];
    const left = [undefined, ...indexes.map(({ IndexName }) => IndexName)].map(
      (index) => this.balance(kind, table, index).units,
    );
    return Math.max(0, Math.ceil(Math.min(...left) / units));
  }

  /** @throws ServiceError ProvisionedThroughputExceededException */
  refuse(kind: Kind, table: TableRecord, index?: string): never {
    const arn = tableArn(this.locale, table.definition.TableName);
    const message =
      index === undefined
        ? 'The level of configured provisioned throughput for the table was exceeded. ' +
          'Consider increasing your provisioning level with the UpdateTable API.'
        : 'The level of configured provisioned throughput for one or more global secondary indexes of the table was exceeded. ' +
          'Consider increasing your provisioning level for the under-provisioned global secondary indexes with the UpdateTable API';
    const reason = `${index === undefined ? 'Table' : 'Index'}${kind}ProvisionedThroughputExceeded`;
    throw new DetailedError('ProvisionedThroughputExceededException', message, {
      ThrottlingReasons: [{ reason, resource: index === undefined ? arn : `${arn}/index/${index}` }],
    });
  }

  /** All of it or nothing. */
  private take(kind: Kind, table: TableRecord, units: number, indexes: IndexUnits): void {
    const parts: [string | undefined, number][] = [[undefined, units], ...indexes];
    const taken = parts.filter(([, amount]) => amount > 0);
    for (const [index] of taken) {
      if (this.balance(kind, table, index).units <= 0) this.refuse(kind, table, index);
    }
    for (const [index, amount] of taken) this.balance(kind, table, index).units -= amount;
  }

  private balance(kind: Kind, table: TableRecord, index: string | undefined): Balance {
    const key = `${table.id}/${kind}/${index ?? ''}`;
    const rate = rateOf(table, index)[`${kind}CapacityUnits`];
    const most = rate * BURST_SECONDS;
    const now = this.clock.now();
    const known = this.balances.get(key);
    const units =
      known === undefined ? most : Math.min(most, known.units + (rate * Math.max(0, now - known.at)) / 1000);
    const balance = known ?? { units, at: now };
    Object.assign(balance, { units, at: now });
    this.balances.set(key, balance);
    return balance;
  }
}

function rateOf({ definition }: TableRecord, index: string | undefined): Throughput {
  const found = definition.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index);
  return (
    found?.ProvisionedThroughput ??
    definition.ProvisionedThroughput ?? { ReadCapacityUnits: 0, WriteCapacityUnits: 0 }
  );
}

/** Units that a write of these items takes from the table. */
export function writeUnits(before: Item | undefined, after: Item | undefined): number {
  const bytes = Math.max(...[before, after].map((item) => (item === undefined ? 0 : itemSize(item))));
  return Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES));
}

/** Units that it takes from each global index; one whose entry stays the same takes none. */
export function indexUnits(
  table: TableRecord,
  before: Item | undefined,
  after: Item | undefined,
): IndexUnits {
  const { GlobalSecondaryIndexes = [] } = table.definition;
  return new Map(
    GlobalSecondaryIndexes.map((index) => {
      const entry = (item: Item | undefined) => (item === undefined ? [] : indexEntries(table, index, item));
      const [old, now] = [entry(before)[0], entry(after)[0]];
      if (old?.[0] !== now?.[0]) return [index.IndexName, unitsOf(old?.[1]) + unitsOf(now?.[1])];
      const isSame = old?.[1] === now?.[1];
      return [index.IndexName, isSame ? 0 : Math.max(unitsOf(old?.[1]), unitsOf(now?.[1]))];
    }),
  );
}

function unitsOf(entry: string | undefined): number {
  return entry === undefined ? 0 : writeUnits(undefined, JSON.parse(entry) as Item);
}

/** A call's parameters, so that its answer tells what it used. */
export function counted(data: Input): Input {
  return { ...data, ReturnConsumedCapacity: 'INDEXES' };
}

/** Its answer as it was asked for. */
export function asAsked(output: Output, { ReturnConsumedCapacity: asked }: Input): Output {
  const { ConsumedCapacity, ...rest } = output;
  if (asked === 'INDEXES') return output;
  if (asked !== 'TOTAL') return rest;
  const total = (each: Output) => ({ TableName: each['TableName'], CapacityUnits: each['CapacityUnits'] });
  const consumed = Array.isArray(ConsumedCapacity)
    ? (ConsumedCapacity as Output[]).map(total)
    : total(ConsumedCapacity as Output);
  return { ...rest, ConsumedCapacity: consumed };
}
