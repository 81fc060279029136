import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Changes } from '../../../handlers/items/changes';
import { Items, itemsTimeline } from '../../../handlers/items/items';
import { readItems } from '../../../handlers/items/read-items';
import { writeItems } from '../../../handlers/items/write-items';
import { TestDynamoDb } from '../../support/dynamodb';
import { answered, type Answered, capturedLog, routeEvent } from '../../support/events';

export const START = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
/** A UUID that no item has. */
export const NOBODY = '00000000-0000-4000-8000-000000000000';

type Headers = Readonly<Record<string, string>>;

/** The functions of the items service, with a DynamoDB of their own. Time stands still. */
export class ItemsService {
  /** Milliseconds since the epoch. */
  time = START;
  readonly captured = capturedLog();

  private constructor(readonly dynamodb: TestDynamoDb) {}

  static async start(): Promise<ItemsService> {
    return new ItemsService(await TestDynamoDb.start());
  }

  heal(): void {
    this.time = START;
    this.dynamodb.heal();
    this.captured.lines.length = 0;
  }

  close(): Promise<void> {
    return this.dynamodb.close();
  }

  post(body: unknown, headers: Headers = {}, patient = false): Promise<Answered> {
    return this.write(routeEvent('POST /items', { body, headers }), patient);
  }

  put(id: string, body: unknown, headers: Headers = {}, patient = false): Promise<Answered> {
    return this.write(routeEvent('PUT /items/{id}', { pathParameters: { id }, body, headers }), patient);
  }

  patch(id: string, body: unknown, headers: Headers = {}): Promise<Answered> {
    return this.write(routeEvent('PATCH /items/{id}', { pathParameters: { id }, body, headers }));
  }

  delete(id: string, headers: Headers = {}, patient = false): Promise<Answered> {
    return this.write(routeEvent('DELETE /items/{id}', { pathParameters: { id }, headers }), patient);
  }

  /** @param patient the SDK tries again, as it does in Lambda */
  write(event: APIGatewayProxyEventV2, patient = false): Promise<Answered> {
    const items = new Items(patient ? this.dynamodb.patient : this.dynamodb.client, 'items');
    return answered(writeItems(event, { items, log: this.captured.log, now: () => this.time }));
  }

  get(id: string, headers: Headers = {}): Promise<Answered> {
    return this.read(routeEvent('GET /items/{id}', { pathParameters: { id }, headers }));
  }

  list(queryStringParameters?: Readonly<Record<string, string>>): Promise<Answered> {
    return this.read(routeEvent('GET /items', { queryStringParameters }));
  }

  changes(id: string, queryStringParameters?: Readonly<Record<string, string>>): Promise<Answered> {
    const pathParameters = { id };
    return this.read(routeEvent('GET /items/{id}/changes', { pathParameters, queryStringParameters }));
  }

  private read(event: APIGatewayProxyEventV2): Promise<Answered> {
    const { client } = this.dynamodb;
    return answered(
      readItems(event, {
        items: new Items(client, 'items'),
        timeline: itemsTimeline(client, 'items', 'timeline'),
        changes: new Changes(client, 'item-changes'),
        log: this.captured.log,
      }),
    );
  }
}
