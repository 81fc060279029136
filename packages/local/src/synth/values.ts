import { ResolveError } from '../errors';
import type { Value } from './expression/values';

interface Known<T> {
  readonly value: T;
  /** Addresses of the resources whose attributes the value was made of. */
  readonly touched: ReadonlySet<string>;
}

/** The values of a stack's arguments and attributes, each computed once, when it is first asked for. */
export class Values {
  private readonly known = new Map<string, Known<unknown>>();
  private readonly pending: { readonly key: string; readonly touched: Set<string> }[] = [];

  once(key: string, compute: () => Value): Value {
    return this.compute(key, compute);
  }

  list<T>(key: string, compute: () => readonly T[]): readonly T[] {
    return this.compute(key, compute);
  }

  /** {@link once} for an attribute: who asks for it has touched the resource, and not what its value is made of. */
  attribute(address: string, key: string, compute: () => Value): Value {
    const value = this.compute(key, compute, true);
    this.touch([address]);
    return value;
  }

  /** Addresses of the resources that went directly into a value that is known. */
  touchedBy(key: string): string[] {
    return [...(this.known.get(key)?.touched ?? [])];
  }

  private compute<T>(key: string, compute: () => T, opaque = false): T {
    const known = this.known.get(key) as Known<T> | undefined;
    if (known !== undefined) {
      if (!opaque) this.touch(known.touched);
      return known.value;
    }
    const circle = this.pending.findIndex((each) => each.key === key);
    if (circle !== -1) {
      const cycle = [...this.pending.slice(circle).map((each) => each.key), key];
      throw new ResolveError(`these refer to each other in a circle: ${cycle.join(' -> ')}`);
    }
    const touched = new Set<string>();
    this.pending.push({ key, touched });
    try {
      const value = compute();
      this.known.set(key, { value, touched });
      return value;
    } catch (error) {
      // The innermost address is the one to quote.
      throw error instanceof ResolveError && !error.message.startsWith('[')
        ? new ResolveError(`[${key.replace(/ \(\w+\)$/, '')}] ${error.message}`)
        : error;
    } finally {
      this.pending.pop();
      if (!opaque) this.touch(touched);
    }
  }

  private touch(addresses: Iterable<string>): void {
    const asking = this.pending.at(-1);
    for (const address of addresses) asking?.touched.add(address);
  }
}
