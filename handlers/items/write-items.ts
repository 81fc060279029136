import { createHash, randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { answerAwsProblems } from '../shared/answer';
import { HttpProblem, type HttpResponse, jsonResponse } from '../shared/http';
import { idempotentId } from '../shared/idempotent-id';
import type { Json } from '../shared/json-attributes';
import type { Log } from '../shared/log';
import { jsonBody } from '../shared/request';
import { outgoingTraceparent, TRACEPARENT } from '../shared/trace-context';
import { contentOf, type Item, type ItemContent, MAX_BODY_BYTES, readContent } from './item';
import { itemIdOf } from './item-id';
import type { Items, StoredItem, Write } from './items';
import { mergePatch } from './merge-patch';
import { changedMeanwhile, etagOf, requireMatch } from './preconditions';
import { withHeaders } from './read-items';

/** Ours for good: with another namespace a repeated request would become a second item. */
const NAMESPACE = '8d0e2a5c9b7f4f1e8a3c6d5b4e3f2a10';
const PATCH_TYPES = ['application/merge-patch+json', 'application/json'];

export interface WriteItemsOptions {
  readonly items: Items;
  readonly log: Log;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** `POST /items`, and `PUT`, `PATCH` and `DELETE /items/{id}`. */
export function writeItems(event: APIGatewayProxyEventV2, options: WriteItemsOptions): Promise<HttpResponse> {
  const [method = ''] = event.routeKey.split(' ');
  return answerAwsProblems(() => (WRITES[method] ?? notAllowed)(event, options), {
    event: 'item not written',
    detail: 'The items cannot be written now. Send it again with the same Idempotency-Key or If-Match.',
    log: options.log,
  });
}

type Writer = (event: APIGatewayProxyEventV2, options: WriteItemsOptions) => Promise<HttpResponse>;

const WRITES: Readonly<Record<string, Writer>> = {
  POST: createItem,
  PUT: (event, options) => changeItem(event, options, () => readContent(jsonBody(event, MAX_BODY_BYTES))),
  PATCH: (event, options) =>
    changeItem(event, options, (item) => {
      const patch = jsonBody(event, MAX_BODY_BYTES, PATCH_TYPES) as Json;
      return readContent(mergePatch(contentOf(item), patch));
    }),
  DELETE: deleteItem,
};

function notAllowed(): Promise<HttpResponse> {
  throw new HttpProblem(405, 'Items take GET, POST, PUT, PATCH and DELETE.');
}

async function createItem(
  event: APIGatewayProxyEventV2,
  { items, log, now = Date.now }: WriteItemsOptions,
): Promise<HttpResponse> {
  const id = idempotentId(event.headers['idempotency-key'], NAMESPACE);
  const content = readContent(jsonBody(event, MAX_BODY_BYTES));
  const createdAt = new Date(now()).toISOString();
  const item = { id, version: 1, ...content, createdAt, updatedAt: createdAt };
  const write = writeOf(event, digestOf(content));
  if (await items.put(item, write)) {
    log.info('item created', { id, traceparent: write.traceparent });
    return created(item);
  }
  // A request that is repeated, by the client or by the SDK because the answer did not come.
  const existing = await items.get(id);
  if (existing?.firstDigest === write.firstDigest) return created(existing.item);
  if (existing === undefined) throw new HttpProblem(409, `The item ${id} was deleted meanwhile.`);
  const detail = 'was used for another item';
  throw new HttpProblem(422, `The Idempotency-Key ${detail}.`, [{ header: 'idempotency-key', detail }]);
}

function created(item: Item): HttpResponse {
  return withHeaders(jsonResponse(201, item), { location: `/items/${item.id}`, etag: etagOf(item) });
}

function digestOf(content: ItemContent): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

function writeOf({ headers }: APIGatewayProxyEventV2, firstDigest: string): Write {
  return { writeId: randomUUID(), firstDigest, traceparent: outgoingTraceparent(headers[TRACEPARENT]) };
}

/** @param change what the item is to have, given what it has */
async function changeItem(
  event: APIGatewayProxyEventV2,
  { items, log, now = Date.now }: WriteItemsOptions,
  change: (item: Item) => ItemContent,
): Promise<HttpResponse> {
  const id = itemIdOf(event);
  const stored = await existing(id, items);
  const { version, createdAt } = stored.item;
  requireMatch(event.headers['if-match'], stored.item);
  const content = change(stored.item);
  const updatedAt = new Date(now()).toISOString();
  const item = { id, version: version + 1, ...content, createdAt, updatedAt };
  const write = writeOf(event, stored.firstDigest);
  if (!(await items.put(item, write))) await requireOwn(id, write.writeId, items);
  log.info('item changed', { id, version: item.version, traceparent: write.traceparent });
  return withHeaders(jsonResponse(200, item), { etag: etagOf(item) });
}

/** @throws HttpProblem 404 */
async function existing(id: string, items: Items): Promise<StoredItem> {
  const stored = await items.get(id);
  if (stored) return stored;
  throw new HttpProblem(404, `There is no item ${id}.`);
}

/** It was this very write, if the SDK had to try again because the answer did not come. @throws HttpProblem 412 */
async function requireOwn(id: string, writeId: string, items: Items): Promise<void> {
  const stored = await items.get(id);
  if (stored?.writeId !== writeId) throw changedMeanwhile(stored && etagOf(stored.item));
}

async function deleteItem(
  event: APIGatewayProxyEventV2,
  { items, log }: WriteItemsOptions,
): Promise<HttpResponse> {
  const id = itemIdOf(event);
  const { item } = await existing(id, items);
  requireMatch(event.headers['if-match'], item);
  if (!(await items.delete(item))) {
    // Gone is gone, whoever did it.
    const stored = await items.get(id);
    if (stored) throw changedMeanwhile(etagOf(stored.item));
  }
  log.info('item deleted', { id, version: item.version });
  return { statusCode: 204 };
}
