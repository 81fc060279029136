import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Database } from '../shared/database';
import { databaseProblem } from '../shared/database-problems';
import { answerProblems, type HttpResponse, jsonResponse } from '../shared/http';
import type { Log } from '../shared/log';
import { encodeCursor, type PageRequest, pageRequest } from '../shared/page';
import { fromDateTime, toDateTime } from '../shared/timestamps';
import { userIdOf } from './user-id';

export interface ReadHistoryOptions {
  readonly database: Database;
  readonly log: Log;
}

interface Change {
  readonly changeId: string;
  readonly changedAt: string;
  readonly sourceIp: string;
  readonly userAgent: string;
}

/** `GET /passwords/{userId}/history`: newest first. Of a user who does not exist it is empty. */
export function readHistory(
  event: APIGatewayProxyEventV2,
  options: ReadHistoryOptions,
): Promise<HttpResponse> {
  return answerProblems(async () => {
    const userId = userIdOf(event);
    const page = pageRequest(event.queryStringParameters);
    try {
      return await listChanges(userId, page, options);
    } catch (error) {
      throw databaseProblem(error, 'history not read', options.log);
    }
  });
}

async function listChanges(
  userId: string,
  { limit, after }: PageRequest,
  { database, log }: ReadHistoryOptions,
): Promise<HttpResponse> {
  // The first comparison bounds the scan of the index, which a comparison of pairs does not.
  const condition = after ? 'AND changed_at <= ? AND (changed_at < ? OR change_id < ?)' : '';
  const sql =
    'SELECT change_id AS changeId, changed_at AS changedAt, source_ip AS sourceIp, user_agent AS userAgent ' +
    `FROM password_changes WHERE user_id = ? ${condition} ORDER BY changed_at DESC, change_id DESC LIMIT ?`;
  const time = after && toDateTime(after.time);
  // One more than asked for tells whether there is a next page.
  const values = [userId, ...(after ? [time, time, after.id] : []), limit + 1];
  const rows = await database.query<Change[]>(sql, values, log);
  const items = rows.slice(0, limit).map((row) => ({ ...row, changedAt: fromDateTime(row.changedAt) }));
  const last = items.at(-1);
  const more = rows.length > limit;
  const nextCursor = last && more ? encodeCursor({ time: last.changedAt, id: last.changeId }) : null;
  return jsonResponse(200, { items, nextCursor });
}
