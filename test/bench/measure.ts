/** Runs `work` once and answers how many of its `count` parts it did per second. */
export async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return count / ((performance.now() - started) / 1000);
}

/** The value below which the share `rank` (0 to 1) of the samples lies. */
export function percentile(samples: readonly number[], rank: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * rank))] ?? NaN;
}

export interface Row {
  readonly what: string;
  readonly value: string;
  /** The same figure of the bare part that bounds it, or what it is designed for. */
  readonly beside?: string;
}

/** Aligned columns, as people read them and as Markdown takes them. */
export function table(rows: readonly Row[]): string {
  const cells = [
    ['measured', 'value', 'beside it'],
    ...rows.map((row) => [row.what, row.value, row.beside ?? '']),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((line) => (line[column] ?? '').length)));
  const line = (parts: string[]): string =>
    `| ${parts.map((part, column) => part.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head, ...body] = cells;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(head ?? []), rule, ...body.map(line)].join('\n');
}

export const ms = (value: number): string => `${value.toFixed(1)} ms`;
export const rate = (value: number): string => value.toFixed(0);
