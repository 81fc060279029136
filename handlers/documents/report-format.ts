import type { Day } from './day';

export interface Count {
  readonly count: number;
  readonly bytes: number;
}

/** What happened on a day. Names are sorted, so that the same day has the same bytes. */
export interface Report {
  /** `2026-01-31`, in the time zone. */
  readonly day: string;
  readonly timeZone: string;
  /** ISO 8601 in UTC; `before` is the next day's beginning. */
  readonly from: string;
  readonly before: string;
  readonly documents: Count & {
    /** By hour on the wall clock: `03:00`. */
    readonly byHour: Readonly<Record<string, Count>>;
    readonly byType: Readonly<Record<string, Count>>;
  };
  readonly payments: { readonly count: number; readonly byType: Readonly<Record<string, number>> };
  readonly orderStatuses: { readonly count: number; readonly byStatus: Readonly<Record<string, number>> };
}

export interface DocumentFact {
  readonly hour: string;
  readonly type: string;
  readonly bytes: number;
}

/** What is counted, in any order. */
export interface Facts {
  readonly documents: readonly DocumentFact[];
  /** Types of the day's payment events. */
  readonly payments: readonly string[];
  /** Statuses that orders got that day. */
  readonly orderStatuses: readonly string[];
}

export function reportOf({ date, timeZone, from, before }: Day, facts: Facts): Report {
  const { documents, payments, orderStatuses } = facts;
  return {
    day: date,
    timeZone,
    from,
    before,
    documents: {
      ...counted(documents),
      byHour: grouped(documents, ({ hour }) => hour, counted),
      byType: grouped(documents, ({ type }) => type, counted),
    },
    payments: { count: payments.length, byType: grouped(payments, itself, ({ length }) => length) },
    orderStatuses: {
      count: orderStatuses.length,
      byStatus: grouped(orderStatuses, itself, ({ length }) => length),
    },
  };
}

const itself = (text: string): string => text;

function counted(documents: readonly DocumentFact[]): Count {
  return { count: documents.length, bytes: documents.reduce((sum, { bytes }) => sum + bytes, 0) };
}

function grouped<T, R>(
  all: readonly T[],
  nameOf: (one: T) => string,
  summary: (some: readonly T[]) => R,
): Record<string, R> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(nameOf(one));
    if (group) group.push(one);
    else groups.set(nameOf(one), [one]);
  }
  // By code unit: a locale's order differs from machine to machine.
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, some]) => [name, summary(some)]));
}

export function toJson(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** RFC 4180: `section,name,count,bytes`; bytes are of documents only. */
export function toCsv({ documents, payments, orderStatuses }: Report): string {
  const sizes = (section: string, counts: Readonly<Record<string, Count>>) =>
    Object.entries(counts).map(([name, { count, bytes }]) => [section, name, count, bytes]);
  const numbers = (section: string, counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([name, count]) => [section, name, count, '']);
  const rows = [
    ['section', 'name', 'count', 'bytes'],
    ['documents', '', documents.count, documents.bytes],
    ...sizes('documents by hour', documents.byHour),
    ...sizes('documents by type', documents.byType),
    ['payments', '', payments.count, ''],
    ...numbers('payments by type', payments.byType),
    ['order statuses', '', orderStatuses.count, ''],
    ...numbers('order statuses by status', orderStatuses.byStatus),
  ];
  return rows.map((row) => `${row.map(csvField).join(',')}\r\n`).join('');
}

/** A spreadsheet would take what begins so for a formula; content types are whatever somebody uploads. */
const FORMULA = /^[=+\-@\t\r]/;

function csvField(value: string | number): string {
  const text = typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
