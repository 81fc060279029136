import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { answerAwsProblems } from '../shared/answer';
import { type HttpResponse, jsonResponse } from '../shared/http';
import type { Log } from '../shared/log';
import { pageLimit } from '../shared/page';
import type { Timeline } from '../shared/timeline';
import { toDocument } from './documents';

export interface ListDocumentsOptions {
  readonly timeline: Timeline;
  readonly log: Log;
}

/** `GET /documents`: those that came in last first. */
export function listDocuments(
  { queryStringParameters }: APIGatewayProxyEventV2,
  { timeline, log }: ListDocumentsOptions,
): Promise<HttpResponse> {
  const respond = async () => {
    const { limit, cursor } = queryStringParameters ?? {};
    const { items, nextCursor } = await timeline.page(pageLimit(limit), cursor);
    return jsonResponse(200, { items: items.map(toDocument), nextCursor });
  };
  return answerAwsProblems(respond, {
    event: 'documents not read',
    detail: 'The documents cannot be read now.',
    log,
  });
}
