import type { Operation, Store } from '../engine/store';
import { keys } from './keys';

/** Numbers that increase, from run to run too. */
export class Sequence {
  private last: number;

  constructor(store: Store) {
    this.last = Number(store.get(keys.sequence) ?? 0);
  }

  next(): number {
    this.last += 1;
    return this.last;
  }

  /** To be written with what got a number. */
  operation(): Operation {
    return { type: 'put', key: keys.sequence, value: String(this.last) };
  }
}
