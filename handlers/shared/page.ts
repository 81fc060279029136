import { HttpProblem } from './http';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/** A place in a list with the newest first: behind this entry. */
export interface Position {
  /** As in the API: ISO 8601. */
  readonly time: string;
  /** UUID, lower case: the order among those of one millisecond. */
  readonly id: string;
}

/** What a request for a page asks for. */
export interface PageRequest {
  readonly limit: number;
  /** Absent for the first page. */
  readonly after?: Position;
}

type Parameters = Readonly<Record<string, string | undefined>>;

/** @throws HttpProblem 400 for a wrong `limit` or `cursor` */
export function pageRequest({ limit, cursor }: Parameters = {}): PageRequest {
  return { limit: pageLimit(limit), after: cursor === undefined ? undefined : decodeCursor(cursor) };
}

/** @throws HttpProblem 400 for a wrong `limit` */
export function pageLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  const detail = `must be a whole number from 1 to ${MAX_LIMIT}`;
  throw new HttpProblem(400, `The limit ${detail}.`, [{ parameter: 'limit', detail }]);
}

const POSITION = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
/** DATETIME ends with the year 9999. */
const MAX_TIME = Date.UTC(10_000, 0) - 1;

/** Opaque for clients: base64url of `<milliseconds>.<id>`. */
export function encodeCursor({ time, id }: Position): string {
  return Buffer.from(`${Date.parse(time)}.${id}`).toString('base64url');
}

/** @throws HttpProblem 400 if it is not one of ours */
export function decodeCursor(cursor: string): Position {
  const [, time, id] = POSITION.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (time === undefined || id === undefined || Number(time) > MAX_TIME) {
    const detail = 'must be the nextCursor of an earlier answer';
    throw new HttpProblem(400, `The cursor ${detail}.`, [{ parameter: 'cursor', detail }]);
  }
  return { time: new Date(Number(time)).toISOString(), id };
}
