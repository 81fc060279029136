import type { Content, Entry } from './message';
import type { QueueIndex } from './queue-index';
import type { QueueMessages } from './queue-messages';
import type { StagedMessage } from './queue-record';
import type { Operation, Store } from '../store';

/** Prepares a message's write in another queue; undefined leaves it, and all after it, where they are. */
export type Restage = (entry: Entry, content: Content) => StagedMessage | undefined;

/** The messages that leave a queue for another one: in order, each in one write with its deletion here. */
export class Departures {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly index: QueueIndex,
    private readonly messages: QueueMessages,
    private readonly store: Store,
    /** Forgets a message that is gone from the store. */
    private readonly drop: (entry: Entry) => void,
  ) {}

  /** Takes a message that was drawn out of circulation; `move` it next. */
  take(entry: Entry): void {
    this.index.startMove(entry);
    this.messages.forgetReceive(entry);
  }

  /**
   * Moves what was taken, after the moves that began earlier. Resolves with how many are durable elsewhere.
   * @param alongside operations for the same write, by how many it moves.
   */
  move(
    entries: readonly Entry[],
    restage: Restage,
    alongside?: (moved: number) => Operation[],
  ): Promise<number> {
    const moved = this.last.then(() => this.commit(entries, restage, alongside));
    // A failed write has been reported by the store; the messages are still here when it opens again.
    this.last = moved.catch(() => undefined);
    return moved;
  }

  /** Resolves when the moves that have begun are durable. */
  async settled(): Promise<void> {
    await this.last;
  }

  private async commit(
    entries: readonly Entry[],
    restage: Restage,
    alongside: (moved: number) => Operation[] = () => [],
  ): Promise<number> {
    const contents = await this.messages.load(entries);
    const operations: Operation[] = [];
    const applies: (() => void)[] = [];
    let done = 0;
    for (; done < entries.length; done += 1) {
      const entry = entries[done]!;
      const content = contents[done];
      // Purged or expired meanwhile.
      if (entry.state !== 'moving' || !content) continue;
      const staged = restage(entry, content);
      if (!staged) break;
      operations.push(...staged.operations, ...this.messages.deletions(entry));
      applies.push(staged.apply, () => this.drop(entry));
    }
    this.giveBack(entries.slice(done), contents.slice(done));
    const moved = applies.length / 2;
    operations.push(...alongside(moved));
    await this.store.commit(operations, () => applies.forEach((apply) => apply()));
    return moved;
  }

  private giveBack(entries: readonly Entry[], contents: readonly (Content | undefined)[]): void {
    for (let i = entries.length - 1; i >= 0; i -= 1) {
      const entry = entries[i]!;
      if (entry.state !== 'moving') continue;
      this.index.cancelMove(entry, contents[i]?.groupId);
      if (entry.receives) this.messages.noteReceive(entry);
    }
  }
}
