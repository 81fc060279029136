import { Deque } from './deque';
import type { Entry, EntryState } from './message';

/** In which order a queue's visible messages go out. Told of every change before the next message is asked for. */
export interface Line {
  /** A message has come, visible or delayed. */
  enter(entry: Entry, groupId: string | undefined): void;
  /** A visible message was received. */
  hide(entry: Entry): void;
  /** A message can be received (again); its state is `visible` already. `first`: it goes before all others. */
  show(entry: Entry, from: EntryState, first: boolean): void;
  /** A message leaves; its state is the one that it had. */
  leave(entry: Entry): void;
  /** A message that left is back, visible and before all others. */
  reenter(entry: Entry, groupId: string | undefined): void;
  /** Begins a receive: each call of what it returns gives the next message, which the caller hides or takes out before the next. */
  draw(): () => Entry | undefined;
  /** Forgets what has left at the front. */
  trim(): void;
  clear(): void;
}

/** First come, first served, whatever the group. Messages that leave while they wait are passed over when their turn comes. */
export class StandardLine implements Line {
  private readonly ready = new Deque<Entry>();

  enter(entry: Entry): void {
    if (entry.state === 'visible') this.ready.push(entry);
  }

  hide(): void {
    // It was drawn and so is no longer in the line.
  }

  show(entry: Entry, _from: EntryState, first: boolean): void {
    if (first) this.ready.unshift(entry);
    else this.ready.push(entry);
  }

  leave(): void {
    // Passed over when its turn comes.
  }

  reenter(entry: Entry): void {
    this.ready.unshift(entry);
  }

  draw(): () => Entry | undefined {
    return () => {
      for (;;) {
        const entry = this.ready.shift();
        if (entry === undefined || entry.state === 'visible') return entry;
      }
    };
  }

  trim(): void {
    while (this.ready.peek()?.state === 'gone') this.ready.shift();
  }

  clear(): void {
    this.ready.clear();
  }
}
