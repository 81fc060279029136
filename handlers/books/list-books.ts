import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { answerAwsProblems } from '../shared/answer';
import { type HttpResponse, jsonResponse } from '../shared/http';
import type { Log } from '../shared/log';
import { pageLimit } from '../shared/page';
import type { Timeline } from '../shared/timeline';
import { toBook } from './books';

export interface ListBooksOptions {
  readonly timeline: Timeline;
  readonly log: Log;
}

/** `GET /books`: the catalogue, what came last first. */
export function listBooks(
  { queryStringParameters }: APIGatewayProxyEventV2,
  { timeline, log }: ListBooksOptions,
): Promise<HttpResponse> {
  const respond = async () => {
    const { limit, cursor } = queryStringParameters ?? {};
    const { items, nextCursor } = await timeline.page(pageLimit(limit), cursor);
    return jsonResponse(200, { items: items.map(toBook), nextCursor });
  };
  return answerAwsProblems(respond, {
    event: 'books not read',
    detail: 'The catalogue cannot be read now.',
    log,
  });
}
