import type { Status, StatusChanged } from './change';

/** One status that an order had. */
export interface HistoryEntry {
  readonly status: Status;
  readonly version: number;
  readonly note?: string;
  /** ISO 8601 in UTC with milliseconds. */
  readonly changedAt: string;
}

/** What is known of an order: the history's first entry is its status now. */
export interface Order {
  readonly orderId: string;
  /** The latest version first, none twice, up to 20. */
  readonly history: readonly HistoryEntry[];
}

const MAX_HISTORY = 20;

/**
 * The history with a change more: the same, whatever the order in which changes come, unless two have one version; then
 * the one that came first stays.
 *
 * @returns undefined if it changes nothing: it is known, or older than all that are kept
 */
export function withChange(
  history: readonly HistoryEntry[],
  { status, version, note, changedAt }: Omit<StatusChanged, 'orderId'>,
): HistoryEntry[] | undefined {
  if (history.some((entry) => entry.version === version)) return undefined;
  const entry = { status, version, ...(note !== undefined && { note }), changedAt };
  const all = [...history, entry].sort((a, b) => b.version - a.version).slice(0, MAX_HISTORY);
  return all.includes(entry) ? all : undefined;
}
