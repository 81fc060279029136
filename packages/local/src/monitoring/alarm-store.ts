import { existsSync } from 'node:fs';
import type { Clock } from '../clock';
import type { Operation } from '../engine/store';
import { Store } from '../engine/store';
import type { AlarmRecord, HistoryItem } from './alarm';

const ALARMS = 'a/';
const HISTORY = 'h/';
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
const HISTORY_MS = 30 * 86_400_000;
/** Of one alarm. */
const MAX_HISTORY = 1000;

export interface AlarmStoreOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly onFailure: (error: Error) => void;
}

/** Alarms and their history on disk; nothing is opened before the first alarm is there. */
export class AlarmStore {
  private opening: Promise<Store> | undefined;
  private items = 0;

  constructor(private readonly options: AlarmStoreOptions) {}

  async load(): Promise<AlarmRecord[]> {
    if (!existsSync(this.options.folder)) return [];
    const store = await this.store();
    const alarms: AlarmRecord[] = [];
    for await (const [, value] of store.entries(ALARMS)) alarms.push(JSON.parse(value) as AlarmRecord);
    return alarms;
  }

  /** Resolves once it is durable. */
  async save(alarm: AlarmRecord, ...history: HistoryItem[]): Promise<void> {
    const store = await this.store();
    const operations = history.map((item) => this.put(item));
    const value = JSON.stringify(alarm);
    await store.commit([{ type: 'put', key: ALARMS + encoded(alarm.definition.name), value }, ...operations]);
    if (history.length > 0) await this.trim(store, alarm.definition.name);
  }

  /** The history stays, as it does on AWS. */
  async remove(names: readonly string[], ...history: HistoryItem[]): Promise<void> {
    const store = await this.store();
    const deletions = names.map((name): Operation => ({ type: 'del', key: ALARMS + encoded(name) }));
    await store.commit([...deletions, ...history.map((item) => this.put(item))]);
  }

  /** The newest first. @param name @default of all alarms */
  async history(name?: string): Promise<HistoryItem[]> {
    if (this.opening === undefined && !existsSync(this.options.folder)) return [];
    const store = await this.store();
    const items: HistoryItem[] = [];
    for await (const [, value] of store.entries(name === undefined ? HISTORY : prefixOf(name))) {
      items.push(JSON.parse(value) as HistoryItem);
    }
    // Within an alarm they are in order already; of the same moment the later comes first.
    return items.reverse().sort((one, other) => other.at - one.at);
  }

  async close(): Promise<void> {
    await (await this.opening)?.close();
  }

  private store(): Promise<Store> {
    const { folder, clock, onFailure } = this.options;
    return (this.opening ??= Store.open(folder, clock, onFailure));
  }

  private put(item: HistoryItem): Operation {
    this.items += 1;
    // Unique over starts: the moment, and what came in it.
    const key = `${prefixOf(item.alarmName)}${padded(item.at)}/${String(this.items).padStart(9, '0')}`;
    return { type: 'put', key, value: JSON.stringify(item) };
  }

  private async trim(store: Store, name: string): Promise<void> {
    const prefix = prefixOf(name);
    await store.clearRange(prefix, `${prefix}${padded(this.options.clock.now() - HISTORY_MS)}`);
    let count = 0;
    const end = `${prefix}~`;
    for await (const [key] of store.range({
      gte: prefix,
      lt: end,
      reverse: true,
      limit: MAX_HISTORY + 1,
    })) {
      count += 1;
      if (count > MAX_HISTORY) await store.clearRange(prefix, `${key}~`);
    }
  }
}

function prefixOf(name: string): string {
  return `${HISTORY}${encoded(name)}/`;
}

function encoded(name: string): string {
  return encodeURIComponent(name);
}

function padded(at: number): string {
  return String(Math.max(0, at)).padStart(15, '0');
}
