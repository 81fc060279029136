import { HttpProblem } from '../shared/http';

/** A place in the list: behind this message. */
export interface Position {
  /** As in the API: ISO 8601. */
  readonly createdAt: string;
  readonly messageId: string;
}

const POSITION = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
/** DATETIME ends with the year 9999. */
const MAX_TIME = Date.UTC(10_000, 0) - 1;

/** Opaque for clients: base64url of `<milliseconds>.<messageId>`. */
export function encodeCursor({ createdAt, messageId }: Position): string {
  return Buffer.from(`${Date.parse(createdAt)}.${messageId}`).toString('base64url');
}

/** @throws HttpProblem 400 if it is not one of ours */
export function decodeCursor(cursor: string): Position {
  const [, time, messageId] = POSITION.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (time === undefined || messageId === undefined || Number(time) > MAX_TIME) {
    const detail = 'must be the nextCursor of an earlier answer';
    throw new HttpProblem(400, `The cursor ${detail}.`, [{ parameter: 'cursor', detail }]);
  }
  return { createdAt: new Date(Number(time)).toISOString(), messageId };
}
