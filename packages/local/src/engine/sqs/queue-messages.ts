import type { Content, Entry } from './message';
import { decodeRecord, sequenceKey } from './message';
import type { QueueRecord } from './queue-record';
import { MESSAGES, prefixOf, RECEIVES } from './queue-record';
import type { Operation, Store } from '../store';

/** A queue's messages in the store: their records, and the counts of how often they were received. */
export class QueueMessages {
  private readonly unsavedReceives = new Set<Entry>();
  private prefix: string;

  constructor(
    private readonly store: Store,
    record: QueueRecord,
  ) {
    this.prefix = prefixOf(record);
  }

  /** The store's keys of the messages begin with one of these. */
  get prefixes(): readonly [messages: string, receives: string] {
    return [MESSAGES + this.prefix, RECEIVES + this.prefix];
  }

  /** Goes on with the messages of the record's generation. */
  restart(record: QueueRecord): void {
    this.unsavedReceives.clear();
    this.prefix = prefixOf(record);
  }

  put(entry: Entry, value: string): Operation {
    return { type: 'put', key: this.messageKey(entry.sequence), value };
  }

  deletions(entry: Entry): Operation[] {
    const operations: Operation[] = [{ type: 'del', key: this.messageKey(entry.sequence) }];
    if (entry.receives?.stored) operations.push({ type: 'del', key: this.receivesKey(entry.sequence) });
    return operations;
  }

  /** The receive count of the message travels with the next write. */
  noteReceive(entry: Entry): void {
    this.unsavedReceives.add(entry);
  }

  /** For a message that leaves: written after its deletion, the count would be left over in the store. */
  forgetReceive(entry: Entry): void {
    this.unsavedReceives.delete(entry);
  }

  /** The receive counts that are not stored yet. */
  takeUnsavedReceives(): Operation[] {
    const operations: Operation[] = [];
    for (const { sequence, receives } of this.unsavedReceives) {
      if (!receives) continue;
      receives.stored = true;
      const value = `${receives.count},${receives.firstAt}`;
      operations.push({ type: 'put', key: this.receivesKey(sequence), value });
    }
    this.unsavedReceives.clear();
    return operations;
  }

  /** What the messages carry, from memory or from the store; undefined for what is no longer there. */
  async load(entries: readonly Entry[]): Promise<(Content | undefined)[]> {
    const missing = entries.filter((entry) => !entry.content);
    if (missing.length === 0) return entries.map((entry) => entry.content);
    const records = await this.store.getMany(missing.map((entry) => this.messageKey(entry.sequence)));
    const loaded = new Map(missing.map((entry, i) => [entry, records[i]]));
    return entries.map((entry) => {
      const record = loaded.get(entry);
      return entry.content ?? (record === undefined ? undefined : decodeRecord(record).content);
    });
  }

  /** The stored messages after a sequence, in order, as they are; may have some that have just left or not yet come. */
  async *after(sequence: number): AsyncIterable<{ sequence: number; content: Content }> {
    const [messages] = this.prefixes;
    for await (const [key, value] of this.store.entriesAfter(this.messageKey(sequence), messages)) {
      yield { sequence: parseInt(key.slice(messages.length), 36), content: decodeRecord(value).content };
    }
  }

  private messageKey(sequence: number): string {
    return MESSAGES + this.prefix + sequenceKey(sequence);
  }

  private receivesKey(sequence: number): string {
    return RECEIVES + this.prefix + sequenceKey(sequence);
  }
}
