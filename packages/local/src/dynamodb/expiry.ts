import type { Clock, Timer } from '../clock';
import type { Reporter } from '../contracts';
import { expirySeconds } from './index-entries';
import type { ItemOperations } from './item-operations';
import { expiredBefore, itemKeyOfExpiry, expiryKey, itemsOf } from './keys';
import type { Storage, Unit } from './storage';
import { TIME_TO_LIVE } from './streams/change';
import type { TableRegistry } from './table-registry';
import type { Item, TableRecord } from './types';

const INTERVAL_MS = 30_000;
const A_UNIT = 100;
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html
const OLDEST_SECONDS = 5 * 365 * 24 * 60 * 60;

export interface ExpiryOptions {
  readonly tables: TableRegistry;
  readonly items: ItemOperations;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** Done along with it. */
  readonly alongside: () => Promise<void>;
}

/** Deletes items whose time to live is over; DynamoDB does it within days, this within a minute. */
export class Expiry {
  private timer: Timer | undefined;
  private sweeping: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly options: ExpiryOptions) {}

  start(): void {
    this.timer = this.options.clock.schedule(INTERVAL_MS, () => {
      this.sweeping = this.sweep()
        .catch((error: Error) =>
          this.options.reporter.warn('dynamodb', `cannot delete expired items: ${error.message}`),
        )
        .finally(() => {
          if (!this.stopped) this.start();
        });
    });
  }

  /** Resolves when a sweep that is under way is over. */
  stop(): Promise<void> {
    this.stopped = true;
    this.timer?.cancel();
    return this.sweeping;
  }

  private async sweep(): Promise<void> {
    for (const record of this.options.tables.list()) {
      if (record.settings.timeToLive !== undefined) await this.sweepTable(record);
    }
    await this.options.alongside();
  }

  private async sweepTable(record: TableRecord): Promise<void> {
    const { storage, reporter, clock } = this.options;
    const now = Math.floor(clock.now() / 1000);
    const gte = expiryKey(record.id, Math.max(0, now - OLDEST_SECONDS), '');
    const keys: string[] = [];
    for await (const [key] of storage.entries({ ...expiredBefore(record.id, now + 1), gte })) {
      keys.push(itemKeyOfExpiry(record.id, key));
    }
    let deleted = 0;
    for (let i = 0; i < keys.length && !this.stopped; i += A_UNIT) {
      const some = keys.slice(i, i + A_UNIT);
      deleted += await storage.write(
        (unit) => some.filter((key) => this.expire(unit, record, key, now)).length,
      );
    }
    const { TableName } = record.definition;
    if (deleted > 0)
      reporter.event('dynamodb', `${TableName}: ${deleted} ${deleted === 1 ? 'item' : 'items'} expired`);
  }

  /** Whether the item was there and had still expired. */
  private expire(unit: Unit, { id, definition }: TableRecord, key: string, now: number): boolean {
    const { tables, items } = this.options;
    const current = tables.find(definition.TableName);
    const value = unit.get(itemsOf(id) + key);
    if (current?.id !== id || current.settings.timeToLive === undefined || value === undefined) return false;
    const item = JSON.parse(value) as Item;
    const seconds = expirySeconds(item, current.settings.timeToLive);
    if (seconds === undefined || seconds > now) return false;
    items.view(unit).changed(definition.TableName, item, undefined, TIME_TO_LIVE);
    unit.delete(itemsOf(id) + key);
    return true;
  }
}
