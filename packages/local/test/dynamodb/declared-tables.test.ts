import type { DynamoDb, NewTable, TableDefinition } from '../../src/dynamodb';
import { ORDERS, scan, TestDynamoDb } from './support';

let store: TestDynamoDb;
let tables: DynamoDb;

const TableName = 'orders';

beforeEach(async () => {
  store = new TestDynamoDb();
  tables = await store.open();
});

afterEach(() => store.remove());

const table = (definition: Partial<TableDefinition> = {}, settings: Partial<NewTable['settings']> = {}) => ({
  definition: { ...ORDERS, ...definition },
  settings: { deletionProtection: false, pointInTimeRecovery: false, ...settings },
  tags: { stack: 'test' },
});
const put = (Item: object) => tables.execute('PutItem', { TableName, Item });

/** The next start, with these tables in the stack. */
async function nextRun(...wanted: ReturnType<typeof table>[]): Promise<void> {
  tables = await store.reopen();
  for (const each of wanted) await tables.declared.ensure(each);
  await tables.declared.removeUndeclared();
}

test('a table keeps its items from run to run, while its indexes and settings follow the stack', async () => {
  await nextRun(table());
  await put({ id: { S: 'a' }, state: { S: 'open' }, at: { N: '1' } });
  const { Table: before } = (await tables.execute('DescribeTable', { TableName })) as { Table: object };
  await nextRun(table());
  expect(await tables.execute('DescribeTable', { TableName })).toEqual({ Table: before });
  const byState = {
    IndexName: 'by-state-only',
    KeySchema: [{ AttributeName: 'state', KeyType: 'HASH' as const }],
    Projection: { ProjectionType: 'KEYS_ONLY' as const },
  };
  const AttributeDefinitions = ORDERS.AttributeDefinitions.slice(0, 2);
  await nextRun(
    table({ AttributeDefinitions, GlobalSecondaryIndexes: [byState] }, { timeToLive: 'expiresAt' }),
  );
  expect(await scan(tables, TableName, 'by-state-only')).toEqual([{ id: { S: 'a' }, state: { S: 'open' } }]);
  await expect(scan(tables, TableName, 'by-state')).rejects.toThrow('does not have the specified index');
  expect(await tables.execute('DescribeTimeToLive', { TableName })).toMatchObject({
    TimeToLiveDescription: { AttributeName: 'expiresAt' },
  });
  expect(
    await tables.execute('ListTagsOfResource', {
      ResourceArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/orders',
    }),
  ).toEqual({
    Tags: [{ Key: 'stack', Value: 'test' }],
  });
});

test('another projection fills an index anew', async () => {
  await nextRun(table());
  await put({ id: { S: 'a' }, state: { S: 'open' }, at: { N: '1' }, note: { S: 'n' }, more: { S: 'm' } });
  const [index] = ORDERS.GlobalSecondaryIndexes;
  await nextRun(table({ GlobalSecondaryIndexes: [{ ...index, Projection: { ProjectionType: 'ALL' } }] }));
  expect(await scan(tables, TableName, 'by-state')).toMatchObject([{ note: { S: 'n' }, more: { S: 'm' } }]);
});

test('other keys replace an empty table, and are refused where it holds items', async () => {
  const other = table({
    AttributeDefinitions: [...ORDERS.AttributeDefinitions, { AttributeName: 'customer', AttributeType: 'S' }],
    KeySchema: [
      { AttributeName: 'customer', KeyType: 'HASH' },
      { AttributeName: 'id', KeyType: 'RANGE' },
    ],
  });
  await nextRun(table());
  await nextRun(other);
  await put({ customer: { S: 'c' }, id: { S: 'a' } });
  await expect(nextRun(table())).rejects.toThrow(
    'the keys or local indexes of orders changed, and Terraform would replace the table and lose its items: ' +
      'take the change back and delete the items first, give the new table another name, or run aws-micro reset',
  );
  expect(await scan(tables, TableName)).toHaveLength(1);
});

test('the type of a key is part of it, that of an index key is not', async () => {
  await nextRun(table());
  await put({ id: { S: 'a' }, state: { S: 'open' }, at: { N: '1' } });
  const typed = (name: string, AttributeType: 'S' | 'N') =>
    ORDERS.AttributeDefinitions.map((each) =>
      each.AttributeName === name ? { ...each, AttributeType } : each,
    );
  await nextRun(table({ AttributeDefinitions: typed('at', 'S') }));
  expect(await scan(tables, TableName, 'by-state')).toEqual([]);
  await expect(nextRun(table({ AttributeDefinitions: typed('id', 'N') }))).rejects.toThrow(
    'would replace the table',
  );
});

test('a table that is no longer in the stack goes if it is empty; what the API made stays', async () => {
  await nextRun(table(), table({ TableName: 'empty' }));
  await tables.execute('CreateTable', { ...ORDERS, TableName: 'own' });
  await put({ id: { S: 'a' } });
  await nextRun();
  expect(await tables.execute('ListTables', {})).toMatchObject({ TableNames: ['orders', 'own'] });
  expect(store.reporter.lines).toEqual([
    'dynamodb ! orders is no longer in the stack but kept: it holds items',
  ]);
  await tables.execute('DeleteItem', { TableName, Key: { id: { S: 'a' } } });
  await nextRun();
  expect(await tables.execute('ListTables', {})).toMatchObject({ TableNames: ['own'] });
});

test('a definition that DynamoDB refuses is refused', async () => {
  await expect(nextRun(table({ AttributeDefinitions: [] }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
});
