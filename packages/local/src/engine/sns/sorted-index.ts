/** Records by ARN, in pages by the order of the ARNs. Sorted again only when something was added. */
export class SortedIndex<T> {
  private readonly items = new Map<string, T>();
  private sorted: string[] | undefined;

  get size(): number {
    return this.items.size;
  }

  get(arn: string): T | undefined {
    return this.items.get(arn);
  }

  set(arn: string, item: T): void {
    if (!this.items.has(arn)) this.sorted = undefined;
    this.items.set(arn, item);
  }

  delete(arn: string): void {
    if (this.items.delete(arn)) this.sorted = undefined;
  }

  values(): T[] {
    return this.arns().map((arn) => this.items.get(arn)!);
  }

  /** What comes after an ARN, which need not exist any more; from the beginning without one. */
  page(after: string | undefined, size: number): { items: T[]; next?: string } {
    const arns = this.arns();
    const start = after === undefined ? 0 : firstAfter(arns, after);
    const page = arns.slice(start, start + size);
    const next = start + size < arns.length ? page.at(-1) : undefined;
    return { items: page.map((arn) => this.items.get(arn)!), next };
  }

  private arns(): string[] {
    this.sorted ??= [...this.items.keys()].sort();
    return this.sorted;
  }
}

function firstAfter(arns: readonly string[], after: string): number {
  let low = 0;
  let high = arns.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (arns[middle]! <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}
