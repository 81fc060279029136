import type { Delivery } from './delivery';

/** The messages of each FIFO group, one after the other. Those without a group do not wait for each other. */
export class Lanes {
  /** By group: what waits behind the one that is being handled. */
  private readonly lanes = new Map<string, Delivery[]>();
  private size = 0;

  /** How many wait. */
  get waiting(): number {
    return this.size;
  }

  /** Whether the message can be handled now; otherwise it waits. */
  enter(delivery: Delivery): boolean {
    if (delivery.groupId === undefined) return true;
    const lane = this.lanes.get(delivery.groupId);
    if (lane === undefined) {
      this.lanes.set(delivery.groupId, []);
      return true;
    }
    lane.push(delivery);
    this.size += 1;
    return false;
  }

  /** The one that is being handled is out of the way: the next of its group. */
  next({ groupId }: Delivery): Delivery | undefined {
    if (groupId === undefined) return undefined;
    const next = this.lanes.get(groupId)?.shift();
    if (next === undefined) this.lanes.delete(groupId);
    else this.size -= 1;
    return next;
  }

  /** The one that is being handled was not done: its group is left, with what waited. */
  leave({ groupId }: Delivery): Delivery[] {
    if (groupId === undefined) return [];
    const left = this.lanes.get(groupId) ?? [];
    this.lanes.delete(groupId);
    this.size -= left.length;
    return left;
  }

  /** Everything that waits; the groups that are being handled stay. */
  clear(): Delivery[] {
    const all = [...this.lanes.values()].flatMap((lane) => lane.splice(0));
    this.size = 0;
    return all;
  }
}
