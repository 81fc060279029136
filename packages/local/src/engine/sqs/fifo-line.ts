import { Deque } from './deque';
import type { Line } from './line';
import type { Entry, EntryState } from './message';

/** The messages of one group, in the order in which they were accepted. */
interface Group {
  readonly id: string;
  first: Place | undefined;
  last: Place | undefined;
  /** Messages in flight: while there are any, no other of the group goes out. */
  inFlight: number;
  /** Whether the group is among those that wait for a receive. */
  waiting: boolean;
}

/** Where a message stands in its group. */
export interface Place {
  readonly entry: Entry;
  readonly group: Group;
  previous: Place | undefined;
  next: Place | undefined;
}

/**
 * Strict order in each message group; groups take turns. A receive takes as many messages of one group as it can and then goes on
 * with the next group; the group is locked until all of them are deleted or visible again. Every step is O(1), whatever the number
 * of messages and groups.
 *
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
 */
export class FifoLine implements Line {
  private readonly groups = new Map<string, Group>();
  private readonly ready = new Deque<Group>();

  enter(entry: Entry, groupId = ''): void {
    const group = this.groupOf(groupId);
    const place = { entry, group, previous: group.last, next: undefined };
    if (group.last) group.last.next = place;
    else group.first = place;
    group.last = place;
    entry.place = place;
    this.wake(group, false);
  }

  hide(entry: Entry): void {
    const { group } = entry.place!;
    group.inFlight += 1;
    // It was drawn from the group at the front; when it is unlocked, others come first.
    if (this.ready.peek() === group) this.dismiss();
  }

  show(entry: Entry, from: EntryState, first: boolean): void {
    const { group } = entry.place!;
    if (from === 'in-flight') group.inFlight -= 1;
    this.wake(group, first);
  }

  leave(entry: Entry): void {
    const { group, previous, next } = entry.place!;
    if (entry.state === 'in-flight') group.inFlight -= 1;
    if (previous) previous.next = next;
    else group.first = next;
    if (next) next.previous = previous;
    else group.last = previous;
    entry.place = undefined;
    if (group.first) this.wake(group, false);
    else this.groups.delete(group.id);
  }

  reenter(entry: Entry, groupId = ''): void {
    const group = this.groupOf(groupId);
    const place = { entry, group, previous: undefined, next: group.first };
    if (group.first) group.first.previous = place;
    else group.last = place;
    group.first = place;
    entry.place = place;
    this.wake(group, true);
  }

  draw(): () => Entry | undefined {
    let cursor: Place | undefined;
    return () => {
      if (cursor?.entry.state !== 'visible') cursor = this.nextGroup()?.first;
      const entry = cursor?.entry;
      cursor = cursor?.next;
      return entry;
    };
  }

  trim(): void {
    this.nextGroup();
  }

  clear(): void {
    this.groups.clear();
    this.ready.clear();
  }

  private groupOf(id: string): Group {
    let group = this.groups.get(id);
    if (!group) {
      group = { id, first: undefined, last: undefined, inFlight: 0, waiting: false };
      this.groups.set(id, group);
    }
    return group;
  }

  private wake(group: Group, first: boolean): void {
    if (group.waiting || !canGoOut(group)) return;
    group.waiting = true;
    if (first) this.ready.unshift(group);
    else this.ready.push(group);
  }

  /** The group at the front; it stays there until one of its messages is received. */
  private nextGroup(): Group | undefined {
    for (;;) {
      const group = this.ready.peek();
      if (group === undefined || canGoOut(group)) return group;
      this.dismiss();
    }
  }

  private dismiss(): void {
    this.ready.shift()!.waiting = false;
  }
}

function canGoOut(group: Group): boolean {
  return group.inFlight === 0 && group.first?.entry.state === 'visible';
}
