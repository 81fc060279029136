import type { DynamoDb } from '../../src/dynamodb';
import { ORDERS, scan, TestDynamoDb } from './support';

let store: TestDynamoDb;
let tables: DynamoDb;

const TableName = 'orders';
const ttl = (Enabled: boolean) =>
  tables.execute('UpdateTimeToLive', {
    TableName,
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled },
  });
const seconds = (fromNow: number) => String(Math.floor(store.clock.now() / 1000) + fromNow);
const put = (id: string, expiresAt?: object, more: object = {}) =>
  tables.execute('PutItem', { TableName, Item: { id: { S: id }, ...(expiresAt && { expiresAt }), ...more } });
const ids = async (index?: string) =>
  (await scan(tables, TableName, index)).map(({ id }) => (id as { S: string }).S).sort();

/** Moves the clock; resolves when the sweeps that became due are over. */
async function pass(fromNow: number): Promise<void> {
  store.clock.advanceSeconds(fromNow);
  // A sweep ends by starting the next timer.
  while (store.clock.pending.length === 0) await new Promise(setImmediate);
}

beforeEach(async () => {
  store = new TestDynamoDb();
  tables = await store.open();
  await tables.execute('CreateTable', ORDERS);
});

afterEach(() => store.remove());

test('items go within a minute of their time, from indexes too', async () => {
  await ttl(true);
  await put('soon', { N: seconds(60) }, { state: { S: 'open' }, at: { N: '1' } });
  await put('later', { N: seconds(3600) }, { state: { S: 'open' }, at: { N: '2' } });
  await put('never');
  await pass(30);
  expect(await ids()).toEqual(['later', 'never', 'soon']);
  await pass(60);
  expect(await ids()).toEqual(['later', 'never']);
  expect(await ids('by-state')).toEqual(['later']);
  expect(store.reporter.lines).toEqual(['dynamodb orders: 1 item expired']);
  tables = await store.reopen();
  await pass(3600);
  await pass(30);
  expect(await ids()).toEqual(['never']);
});

test('an item whose time was moved or removed stays', async () => {
  await ttl(true);
  await put('moved', { N: seconds(10) });
  await put('removed', { N: seconds(10) });
  await put('moved', { N: seconds(1000) });
  await put('removed');
  await pass(30);
  expect(await ids()).toEqual(['moved', 'removed']);
});

test('what is no number, or older than five years, does not expire', async () => {
  await ttl(true);
  await put('text', { S: seconds(-10) });
  await put('milliseconds', { N: String(store.clock.now()) });
  await put('ancient', { N: seconds(-6 * 365 * 86_400) });
  await put('negative', { N: '-1' });
  await put('recent', { N: seconds(-4 * 365 * 86_400) });
  await pass(30);
  expect(await ids()).toEqual(['ancient', 'milliseconds', 'negative', 'text']);
});

test('it begins and ends for the items that are there', async () => {
  await put('a', { N: seconds(10) });
  await pass(30);
  expect(await ids()).toEqual(['a']);
  await ttl(true);
  await pass(30);
  expect(await ids()).toEqual([]);
  await put('b', { N: seconds(10) });
  await ttl(false);
  await pass(30);
  expect(await ids()).toEqual(['b']);
});
