/** What lies in an `IndexedHeap`: it knows its own place, so that it can leave from the middle. */
export interface HeapItem {
  /** Smaller comes out first. Change it through `IndexedHeap.update` only. */
  eventAt: number;
  /** Decides between items of the same time: smaller comes out first. */
  readonly sequence: number;
  /** -1 outside of the heap. */
  heapIndex: number;
}

/** A binary min-heap by `eventAt`. Every operation is O(log n); adding what comes last is O(1). */
export class IndexedHeap<T extends HeapItem> {
  private items: T[] = [];

  get first(): T | undefined {
    return this.items[0];
  }

  /** Adds the item or moves it to where its new time puts it. */
  update(item: T, eventAt: number): void {
    const earlier = eventAt < item.eventAt;
    item.eventAt = eventAt;
    if (item.heapIndex < 0) {
      this.items.push(item);
      this.siftUp(item, this.items.length - 1);
    } else if (earlier) {
      this.siftUp(item, item.heapIndex);
    } else {
      this.siftDown(item, item.heapIndex);
    }
  }

  remove(item: T): void {
    const index = item.heapIndex;
    if (index < 0) return;
    item.heapIndex = -1;
    const last = this.items.pop()!;
    if (last === item) return;
    if (isBefore(last, item)) this.siftUp(last, index);
    else this.siftDown(last, index);
  }

  clear(): void {
    for (const item of this.items) item.heapIndex = -1;
    this.items = [];
  }

  private siftUp(item: T, start: number): void {
    let index = start;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.items[parentIndex]!;
      if (isBefore(parent, item)) break;
      this.place(parent, index);
      index = parentIndex;
    }
    this.place(item, index);
  }

  private siftDown(item: T, start: number): void {
    const size = this.items.length;
    let index = start;
    for (;;) {
      let childIndex = 2 * index + 1;
      if (childIndex >= size) break;
      const right = childIndex + 1;
      if (right < size && isBefore(this.items[right]!, this.items[childIndex]!)) childIndex = right;
      const child = this.items[childIndex]!;
      if (isBefore(item, child)) break;
      this.place(child, index);
      index = childIndex;
    }
    this.place(item, index);
  }

  private place(item: T, index: number): void {
    this.items[index] = item;
    item.heapIndex = index;
  }
}

function isBefore(a: HeapItem, b: HeapItem): boolean {
  return a.eventAt < b.eventAt || (a.eventAt === b.eventAt && a.sequence < b.sequence);
}
