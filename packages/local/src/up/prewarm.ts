/** What a warm function costs, with the AWS SDK loaded: measured at 25 to 50 MB. */
const FUNCTION_BYTES = 50 * 1024 * 1024;
/** Of the free memory at the start. */
const MEMORY_SHARE = 1 / 16;
const PER_PROCESSOR = 2;

/** The machine that the runtime runs on. */
export interface Machine {
  readonly processors: number;
  readonly freeMemoryBytes: number;
}

/**
 * How many functions get a process before somebody calls them. A cold one takes a sixth of a second for its first call, so that a
 * large stack need not pay for all of them: two a processor, within a sixteenth of the free memory, and one at least.
 */
export function prewarmLimit({ processors, freeMemoryBytes }: Machine): number {
  const affordable = Math.floor((freeMemoryBytes * MEMORY_SHARE) / FUNCTION_BYTES);
  return Math.max(1, Math.min(PER_PROCESSOR * processors, affordable));
}

/** Each name once: of what answers requests and of what works behind it in turn, so that a first request finds both. */
export function inTurn(routed: readonly string[], behind: readonly string[]): string[] {
  const [front, back] = [[...new Set(routed)], [...new Set(behind)]];
  const longest = Math.max(front.length, back.length);
  const turns = Array.from({ length: longest }, (_, index) => [front[index], back[index]]).flat();
  return [...new Set(turns)].filter((name) => name !== undefined);
}
