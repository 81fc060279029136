import fc from 'fast-check';
import type { DynamoDb } from '../../src/dynamodb';
import { ORDERS, scan, TestDynamoDb } from './support';

let store: TestDynamoDb;
let tables: DynamoDb;

const TableName = 'orders';

beforeEach(async () => {
  store = new TestDynamoDb();
  tables = await store.open();
  await tables.execute('CreateTable', ORDERS);
});

afterEach(() => store.remove());

test('an index holds every item, also where thousands have the same index key', async () => {
  const count = 12_000;
  const definition = {
    ...ORDERS,
    TableName: 'same',
    AttributeDefinitions: ORDERS.AttributeDefinitions.slice(0, 2),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-state',
        KeySchema: [{ AttributeName: 'state', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  };
  await tables.execute('CreateTable', definition);
  const put = (i: number) =>
    tables.execute('PutItem', { TableName: 'same', Item: { id: { S: `item-${i}` }, state: { S: 'open' } } });
  await Promise.all(Array.from({ length: count }, (_, i) => put(i)));
  expect(await scan(tables, 'same', 'by-state')).toHaveLength(count);
  const remove = (i: number) =>
    tables.execute('DeleteItem', { TableName: 'same', Key: { id: { S: `item-${i}` } } });
  await Promise.all(Array.from({ length: count / 2 }, (_, i) => remove(2 * i)));
  expect(await scan(tables, 'same', 'by-state')).toHaveLength(count / 2);
}, 60_000);

const id = fc.constantFrom('a', 'b', 'c', 'd');
const state = fc.option(fc.constantFrom('open', 'done'), { nil: undefined });
const at = fc.option(fc.integer({ min: -5, max: 5 }), { nil: undefined });
const action = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), id, state, at }),
  fc.record({ kind: fc.constant('delete' as const), id }),
  fc.record({ kind: fc.constant('restart' as const) }),
);

test('items and indexes are what the calls made of them, over restarts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 30 }), async (actions) => {
      const own = new TestDynamoDb();
      try {
        let db = await own.open();
        await db.execute('CreateTable', ORDERS);
        const model = new Map<string, Record<string, unknown>>();
        // Calls that are not awaited one by one still take effect in their order.
        let calls: Promise<unknown>[] = [];
        for (const step of actions) {
          if (step.kind === 'restart') {
            await Promise.all(calls);
            calls = [];
            db = await own.reopen();
            continue;
          }
          const Key = { id: { S: step.id } };
          if (step.kind === 'delete') {
            calls.push(db.execute('DeleteItem', { TableName, Key }));
            model.delete(step.id);
            continue;
          }
          const Item = {
            ...Key,
            ...(step.state !== undefined && { state: { S: step.state } }),
            ...(step.at !== undefined && { at: { N: String(step.at) } }),
          };
          calls.push(db.execute('PutItem', { TableName, Item }));
          model.set(step.id, Item);
        }
        await Promise.all(calls);
        const byId = (items: Record<string, unknown>[]) =>
          new Map(items.map((item) => [JSON.stringify(item['id']), item]));
        expect(byId(await scan(db, TableName))).toEqual(byId([...model.values()]));
        const indexed = [...model.values()].filter((item) => item['state'] && item['at']);
        expect(byId(await scan(db, TableName, 'by-state'))).toEqual(byId(indexed));
      } finally {
        await own.remove();
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);

test('an index that is made while items are written has them all', async () => {
  const put = (i: number) =>
    tables.execute('PutItem', { TableName, Item: { id: { S: `${i}` }, kind: { S: 'k' } } });
  const first = Array.from({ length: 200 }, (_, i) => put(i));
  const change = tables.execute('UpdateTable', {
    TableName,
    AttributeDefinitions: [{ AttributeName: 'kind', AttributeType: 'S' }],
    GlobalSecondaryIndexUpdates: [
      {
        Create: {
          IndexName: 'by-kind',
          KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      },
    ],
  });
  const then = Array.from({ length: 200 }, (_, i) => put(200 + i));
  await Promise.all([...first, change, ...then]);
  expect(await scan(tables, TableName, 'by-kind')).toHaveLength(400);
});

test('items of a deleted table are cleared from the disk, at the next start if need be', async () => {
  await tables.execute('PutItem', { TableName, Item: { id: { S: 'a' }, state: { S: 's' }, at: { N: '1' } } });
  await tables.execute('DeleteTable', { TableName });
  const again = await store.reopen();
  await again.execute('CreateTable', ORDERS);
  expect(await scan(again, TableName)).toEqual([]);
  expect(await scan(again, TableName, 'by-state')).toEqual([]);
});
