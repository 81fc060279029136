import { ORDERS, TestDynamoDb } from '../dynamodb/support';
import type { Runtime } from './support';
import { startRuntime, stopRuntime } from './support';

let runtime: Runtime;
let store: TestDynamoDb;

const TableName = 'orders';
const ResourceArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/orders';
const Item = { id: { S: 'a' } };

beforeEach(async () => {
  store = new TestDynamoDb();
  runtime = await startRuntime({}, { dynamodb: store.lazy });
  await call('CreateTable', ORDERS);
});

afterEach(async () => {
  await stopRuntime(runtime);
  await store.remove();
});

/** A call as no SDK makes it; a text is sent as it is. */
async function call(operation: string, input: object | string) {
  const response = await fetch(runtime.endpoint.url, {
    method: 'POST',
    headers: { 'x-amz-target': `DynamoDB_20120810.${operation}` },
    body: typeof input === 'string' ? input : JSON.stringify(input),
  });
  return { status: response.status, ...((await response.json()) as Record<string, unknown>) };
}

it.each<[string, object]>([
  ['BatchGetItem', { RequestItems: { orders: null } }],
  ['BatchGetItem', { RequestItems: { orders: { Keys: [null] } } }],
  ['BatchGetItem', { RequestItems: { orders: { Keys: [{ id: null }] } } }],
  ['BatchWriteItem', { RequestItems: { orders: [null] } }],
  ['BatchWriteItem', { RequestItems: { orders: [{ PutRequest: { Item: { id: null } } }] } }],
  ['PutItem', { TableName, Item: { ...Item, list: { L: [null] } } }],
  ['TransactWriteItems', { TransactItems: [{ Update: { TableName, Key: { id: null } } }] }],
  ['TransactGetItems', { TransactItems: [null] }],
  ['UpdateTable', { TableName, AttributeDefinitions: 'id' }],
  ['UpdateTable', { TableName, GlobalSecondaryIndexUpdates: 1 }],
  ['UpdateTable', { TableName, GlobalSecondaryIndexUpdates: [{ Create: { KeySchema: 'x' } }] }],
  ['TagResource', { ResourceArn, Tags: [null] }],
  ['UntagResource', { ResourceArn, TagKeys: 1 }],
])('%s refuses %j', async (operation, input) => {
  expect(await call(operation, input)).toMatchObject({
    status: 400,
    __type: expect.stringContaining('SerializationException') as string,
  });
});

it('takes a null member of a structure as one that is not there', async () => {
  const member = { Delete: null, Put: { TableName, Item, ConditionExpression: null } };
  expect(await call('TransactWriteItems', { TransactItems: [member] })).toEqual({ status: 200 });
  expect(await call('GetItem', { TableName, Key: Item })).toEqual({ status: 200, Item });
});

it('keeps 32 levels, and refuses what is nested deeper than any item', async () => {
  const nested = (levels: number) => `${'{"M":{"a":'.repeat(levels)}{"S":"x"}${'}}'.repeat(levels)}`;
  const put = (levels: number) =>
    call('PutItem', `{"TableName":"orders","Item":{"id":{"S":"a"},"deep":${nested(levels)}}}`);
  expect(await put(4000)).toMatchObject({
    status: 400,
    message: expect.stringContaining('Nesting Levels') as string,
  });
  expect(await put(31)).toEqual({ status: 200 });
  expect(await call('GetItem', { TableName, Key: Item })).toMatchObject({
    Item: { deep: JSON.parse(nested(31)) as object },
  });
});

it('refuses the one name that an item here cannot keep', async () => {
  const map = '{"M":{"__proto__":{"S":"x"}}}';
  expect(await call('PutItem', `{"TableName":"orders","Item":{"id":{"S":"a"},"map":${map}}}`)).toMatchObject({
    status: 400,
    message: expect.stringContaining('__proto__') as string,
  });
});
