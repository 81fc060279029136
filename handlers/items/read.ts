import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { createDynamoDb } from '../shared/clients';
import { required } from '../shared/environment';
import type { HttpResponse } from '../shared/http';
import { createLog } from '../shared/log';
import { Changes } from './changes';
import { Items, itemsTimeline } from './items';
import { readItems } from './read-items';

const dynamodb = createDynamoDb();
const table = required(process.env, 'ITEMS_TABLE');
const items = new Items(dynamodb, table);
const timeline = itemsTimeline(dynamodb, table, required(process.env, 'TIMELINE_INDEX'));
const changes = new Changes(dynamodb, required(process.env, 'CHANGES_TABLE'));

/**
 * `GET /items`, `GET /items/{id}` and `GET /items/{id}/changes`.
 *
 * Calls on the table ITEMS_TABLE: dynamodb:GetItem; on its index TIMELINE_INDEX and on the table CHANGES_TABLE: dynamodb:Query.
 */
export function handler(event: APIGatewayProxyEventV2, context: Context): Promise<HttpResponse> {
  return readItems(event, { items, timeline, changes, log: createLog(context.awsRequestId) });
}
