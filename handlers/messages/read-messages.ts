import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Database } from '../shared/database';
import { databaseProblem } from '../shared/database-problems';
import { answerProblems, HttpProblem, type HttpResponse, jsonResponse } from '../shared/http';
import type { Log } from '../shared/log';
import { encodeCursor, pageRequest, type Position } from '../shared/page';
import { fromDateTime, toDateTime } from '../shared/timestamps';
import type { Envelope } from './envelope';

/**
 * Bytes of a page: 3 MiB less some room. Lambda takes 6 MB as the answer of a function, which is the body as a JSON
 * string inside JSON: its quotes and backslashes count twice, so a body may double.
 */
const MAX_PAGE_BYTES = 3 * 1024 * 1024 - 2048;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export interface ReadMessagesOptions {
  readonly database: Database;
  readonly log: Log;
}

interface Row {
  readonly messageId: string;
  readonly message: string;
  readonly createdAt: string;
}

/** `GET /messages` and `GET /messages/{messageId}`. */
export function readMessages(
  event: APIGatewayProxyEventV2,
  options: ReadMessagesOptions,
): Promise<HttpResponse> {
  const id = event.pathParameters?.messageId;
  return answerProblems(async () => {
    try {
      return id === undefined ? await listMessages(event, options) : await getMessage(id, options);
    } catch (error) {
      throw databaseProblem(error, 'messages not read', options.log);
    }
  });
}

async function getMessage(id: string, { database, log }: ReadMessagesOptions): Promise<HttpResponse> {
  if (!UUID.test(id)) {
    const detail = 'must be a UUID';
    throw new HttpProblem(400, `The messageId ${detail}.`, [{ parameter: 'messageId', detail }]);
  }
  const messageId = id.toLowerCase();
  const sql = `SELECT ${COLUMNS} FROM messages AS m WHERE m.message_id = ?`;
  const [row] = await database.query<Row[]>(sql, [messageId], log);
  // An accepted message is stored a moment later, so a client may see this answer before.
  if (!row) throw new HttpProblem(404, `There is no message ${messageId}.`);
  return jsonResponse(200, toMessage(row));
}

async function listMessages(
  { queryStringParameters }: APIGatewayProxyEventV2,
  options: ReadMessagesOptions,
): Promise<HttpResponse> {
  const { limit, after } = pageRequest(queryStringParameters);
  // One more than asked for tells whether there is a next page.
  const rows = await selectPage(after, limit + 1, options);
  const items: Envelope[] = [];
  let bytes = 0;
  for (const row of rows.slice(0, limit)) {
    const message = toMessage(row);
    bytes += Buffer.byteLength(JSON.stringify(message)) + 1;
    if (bytes > MAX_PAGE_BYTES && items.length > 0) break;
    items.push(message);
  }
  const last = items.at(-1);
  const nextCursor =
    last && items.length < rows.length ? encodeCursor({ time: last.createdAt, id: last.messageId }) : null;
  return jsonResponse(200, { items, nextCursor });
}

const COLUMNS = 'm.message_id AS messageId, m.message, m.created_at AS createdAt';
const NEWEST_FIRST = 'created_at DESC, message_id DESC';

/**
 * Newest first, at most `count` rows. The sizes are summed up inside the database, and rows that start behind the end of
 * a page stay there: a hundred of the largest messages would be 25 MiB.
 */
function selectPage(
  after: Position | undefined,
  count: number,
  { database, log }: ReadMessagesOptions,
): Promise<Row[]> {
  // The first comparison bounds the scan of the index, which a comparison of pairs does not.
  const condition = after ? 'WHERE created_at <= ? AND (created_at < ? OR message_id < ?)' : '';
  const time = after && toDateTime(after.time);
  const sql = `
    SELECT ${COLUMNS}
    FROM (
      SELECT message_id, bytes, SUM(bytes) OVER (ORDER BY ${NEWEST_FIRST}) AS total_bytes
      FROM (
        SELECT message_id, created_at, LENGTH(message) AS bytes
        FROM messages ${condition} ORDER BY ${NEWEST_FIRST} LIMIT ?
      ) AS candidates
    ) AS page
    JOIN messages AS m USING (message_id)
    WHERE page.total_bytes - page.bytes <= ?
    ORDER BY m.created_at DESC, m.message_id DESC`;
  const values = [...(after ? [time, time, after.id] : []), count, MAX_PAGE_BYTES];
  return database.query<Row[]>(sql, values, log);
}

function toMessage({ messageId, message, createdAt }: Row): Envelope {
  return { messageId, message, createdAt: fromDateTime(createdAt) };
}
