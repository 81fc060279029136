/** The candidate that was probably meant: the one with the fewest typing mistakes, if they are few. */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = Math.max(1, Math.floor(text.length / 3)) + 1;
  for (const candidate of candidates) {
    const mistakes = distance(text.toLowerCase(), candidate.toLowerCase());
    if (mistakes < fewest) {
      best = candidate;
      fewest = mistakes;
    }
  }
  return best;
}

/** How many letters must be added, left out, changed or exchanged with their neighbour to make one text of the other. */
function distance(from: string, to: string): number {
  let twoAbove: number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const changed = above[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      const isExchanged = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const exchanged = isExchanged ? (twoAbove[column - 2] ?? Infinity) + 1 : Infinity;
      current.push(Math.min(above[column]! + 1, current[column - 1]! + 1, changed, exchanged));
    }
    twoAbove = above;
    above = current;
  }
  return above[to.length]!;
}
