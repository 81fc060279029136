const INITIAL_CAPACITY = 16;

/** A double-ended queue in a ring buffer: O(1) at both ends, whatever its length. */
export class Deque<T> {
  private ring: (T | undefined)[] = new Array<T | undefined>(INITIAL_CAPACITY);
  private head = 0;
  private size = 0;

  get length(): number {
    return this.size;
  }

  peek(): T | undefined {
    return this.size === 0 ? undefined : this.ring[this.head];
  }

  /** The item at a place, 0 being the next to shift; undefined beyond the ends. */
  at(index: number): T | undefined {
    return index < 0 || index >= this.size
      ? undefined
      : this.ring[(this.head + index) & (this.ring.length - 1)];
  }

  push(item: T): void {
    this.grow();
    this.ring[(this.head + this.size) & (this.ring.length - 1)] = item;
    this.size += 1;
  }

  unshift(item: T): void {
    this.grow();
    this.head = (this.head - 1) & (this.ring.length - 1);
    this.ring[this.head] = item;
    this.size += 1;
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.ring[this.head];
    this.ring[this.head] = undefined;
    this.head = (this.head + 1) & (this.ring.length - 1);
    this.size -= 1;
    return item;
  }

  clear(): void {
    this.ring = new Array<T | undefined>(INITIAL_CAPACITY);
    this.head = 0;
    this.size = 0;
  }

  private grow(): void {
    if (this.size < this.ring.length) return;
    const old = this.ring;
    this.ring = new Array<T | undefined>(old.length * 2);
    for (let i = 0; i < this.size; i += 1) this.ring[i] = old[(this.head + i) & (old.length - 1)];
    this.head = 0;
  }
}
