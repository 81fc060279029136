import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { answerAwsProblems } from '../shared/answer';
import { HttpProblem, type HttpResponse, jsonResponse } from '../shared/http';
import type { Log } from '../shared/log';
import { pageLimit } from '../shared/page';
import type { Timeline } from '../shared/timeline';
import type { Changes } from './changes';
import { itemIdOf } from './item-id';
import { type Items, toItem } from './items';
import { etagOf, isKnown } from './preconditions';

export interface ReadItemsOptions {
  readonly items: Items;
  readonly timeline: Timeline;
  readonly changes: Changes;
  readonly log: Log;
}

// DynamoDB ends a page at 1 MB: as JSON inside JSON, too, that is less than the 6 MB that Lambda takes as an answer.

/** `GET /items`, `GET /items/{id}` and `GET /items/{id}/changes`. */
export function readItems(event: APIGatewayProxyEventV2, options: ReadItemsOptions): Promise<HttpResponse> {
  const respond = () => {
    if (event.pathParameters?.id === undefined) return listItems(event, options);
    return event.routeKey.endsWith('/changes') ? listChanges(event, options) : getItem(event, options);
  };
  return answerAwsProblems(respond, {
    event: 'items not read',
    detail: 'The items cannot be read now.',
    log: options.log,
  });
}

async function getItem(event: APIGatewayProxyEventV2, { items }: ReadItemsOptions): Promise<HttpResponse> {
  const id = itemIdOf(event);
  const stored = await items.get(id);
  if (!stored) throw new HttpProblem(404, `There is no item ${id}.`);
  const headers = { etag: etagOf(stored.item) };
  if (isKnown(event.headers['if-none-match'], stored.item)) return { statusCode: 304, headers };
  return withHeaders(jsonResponse(200, stored.item), headers);
}

export function withHeaders(response: HttpResponse, headers: Readonly<Record<string, string>>): HttpResponse {
  return { ...response, headers: { ...response.headers, ...headers } };
}

/** Newest first. */
async function listItems(
  { queryStringParameters: { limit, cursor } = {} }: APIGatewayProxyEventV2,
  { timeline }: ReadItemsOptions,
): Promise<HttpResponse> {
  const { items, nextCursor } = await timeline.page(pageLimit(limit), cursor);
  return jsonResponse(200, { items: items.map(toItem), nextCursor });
}

/** Newest first. Of an item that never was the list is empty; of one that is deleted it stays. */
async function listChanges(
  event: APIGatewayProxyEventV2,
  { changes }: ReadItemsOptions,
): Promise<HttpResponse> {
  const { limit, cursor } = event.queryStringParameters ?? {};
  return jsonResponse(200, await changes.page(itemIdOf(event), pageLimit(limit), cursor));
}
