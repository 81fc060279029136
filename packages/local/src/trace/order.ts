let last = 0;

/** A number larger than all before: steps of the same millisecond are told apart by it. */
export function nextOrder(): number {
  last += 1;
  return last;
}
