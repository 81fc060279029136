import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { ORDERS, TestDynamoDb } from '../dynamodb/support';
import type { Runtime } from './support';
import { clientConfig, startRuntime, stopRuntime } from './support';

export const TableName = 'orders';
export const ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/orders';
export const orders = ORDERS as unknown as CreateTableCommandInput;
export const item = (id: string, more: object = {}) => ({ id: { S: id }, ...more });

/** A runtime with an empty table of orders, and a client of it. */
export class OrdersTable {
  runtime!: Runtime;
  store!: TestDynamoDb;
  client!: DynamoDBClient;

  readonly put = (id: string, more: object = {}) =>
    this.client.send(new PutItemCommand({ TableName, Item: item(id, more) }));

  readonly get = async (id: string) =>
    (await this.client.send(new GetItemCommand({ TableName, Key: item(id) }))).Item;
}

/** One for each test of the file. */
export function ordersTable(): OrdersTable {
  const table = new OrdersTable();
  beforeEach(async () => {
    table.store = new TestDynamoDb();
    table.runtime = await startRuntime({}, { dynamodb: table.store.lazy });
    table.client = new DynamoDBClient(clientConfig(table.runtime.endpoint.url));
    await table.client.send(new CreateTableCommand(orders));
  });
  afterEach(async () => {
    table.client.destroy();
    await stopRuntime(table.runtime);
    await table.store.remove();
  });
  return table;
}
