import type { DetailedError, DynamoDb } from '../../src/dynamodb';
import { ORDERS, scan, TestDynamoDb } from './support';

const ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/orders';
const TABLE_MESSAGE =
  'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.';
const [INDEX] = ORDERS.GlobalSecondaryIndexes;
const BURST_SECONDS = 300;

describe('provisioned throughput', () => {
  const test = new TestDynamoDb();
  let tables: DynamoDb;

  const create = (read: number, write: number, index = { read, write }) =>
    tables.execute('CreateTable', {
      ...ORDERS,
      BillingMode: 'PROVISIONED',
      ProvisionedThroughput: { ReadCapacityUnits: read, WriteCapacityUnits: write },
      GlobalSecondaryIndexes: [
        {
          ...INDEX,
          ProvisionedThroughput: { ReadCapacityUnits: index.read, WriteCapacityUnits: index.write },
        },
      ],
    });
  const put = (id: string, more: object = {}) =>
    tables.execute('PutItem', { TableName: 'orders', Item: { id: { S: id }, ...more } });
  const get = (id: string, more: object = {}) =>
    tables.execute('GetItem', { TableName: 'orders', Key: { id: { S: id } }, ...more });
  /** How many of at most `limit` calls are let through before one is throttled. */
  const until = async (call: (index: number) => Promise<unknown>, limit = 2000) => {
    for (let done = 0; done < limit; done += 1) {
      try {
        await call(done);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ProvisionedThroughputExceededException', status: 400 });
        return done;
      }
    }
    return limit;
  };
  const refusal = (call: Promise<unknown>) =>
    call.then(
      () => undefined,
      (error: unknown) => error as DetailedError,
    );

  beforeAll(async () => {
    tables = await test.open();
  });
  afterEach(async () => {
    await tables.execute('DeleteTable', { TableName: 'orders' });
  });
  afterAll(() => test.remove());

  it('keeps what was not used for five minutes, and fills up by the second', async () => {
    await create(1, 1);
    expect(await until(() => put('a'))).toBe(BURST_SECONDS);
    test.clock.advance(999);
    expect(await until(() => put('a'))).toBe(1);
    test.clock.advanceSeconds(3);
    expect(await until(() => put('a'))).toBe(3);
    test.clock.advanceSeconds(3600);
    expect(await until(() => put('a'))).toBe(BURST_SECONDS);
  });

  it('says it in the words of DynamoDB', async () => {
    await create(1, 1);
    await until(() => put('a'));
    const error = await refusal(put('a'));
    expect(error?.message).toBe(TABLE_MESSAGE);
    expect(error?.details).toEqual({
      ThrottlingReasons: [{ reason: 'TableWriteProvisionedThroughputExceeded', resource: ARN }],
    });
    expect(await scan(tables, 'orders')).toHaveLength(1);
  });

  it('changes nothing where it refuses', async () => {
    await create(1, 1);
    await until(() => put('a'));
    await refusal(put('b'));
    expect((await get('b'))['Item']).toBeUndefined();
  });

  it('counts a unit for each begun KB, of the larger of the items before and after', async () => {
    await create(100, 1);
    await put('a', { note: { S: 'x'.repeat(2000) } });
    test.clock.advanceSeconds(BURST_SECONDS);
    expect(await until(() => put('a', { note: { S: 'x'.repeat(1900) } }))).toBe(BURST_SECONDS / 2);
  });

  it('lets a large item through while anything is left, and then waits for what it took', async () => {
    await create(100, 1);
    await until(() => put('a'), BURST_SECONDS - 1);
    await put('b', { note: { S: 'x'.repeat(9 * 1024) } });
    test.clock.advanceSeconds(9);
    expect(await until(() => put('a'))).toBe(0);
    test.clock.advanceSeconds(1);
    expect(await until(() => put('a'))).toBe(1);
  });

  it('counts reads by 4 KB, half a unit where they may be late', async () => {
    await create(1, 100);
    await put('a', { note: { S: 'x'.repeat(5000) } });
    expect(await until(() => get('a', { ConsistentRead: true }))).toBe(BURST_SECONDS / 2);
    test.clock.advanceSeconds(3);
    expect(await until(() => get('a'))).toBe(3);
    test.clock.advanceSeconds(3);
    expect(await until(() => get('missing'))).toBe(6);
    expect((await refusal(get('a')))?.details).toEqual({
      ThrottlingReasons: [{ reason: 'TableReadProvisionedThroughputExceeded', resource: ARN }],
    });
  });

  it('counts queries and scans by what they read', async () => {
    await create(1, 1000);
    for (const id of ['a', 'b', 'c', 'd']) await put(id, { note: { S: 'x'.repeat(4000) } });
    const all = () => tables.execute('Scan', { TableName: 'orders', ConsistentRead: true });
    expect(await until(all)).toBe(BURST_SECONDS / 4);
  });

  it('tells what was used only those who ask', async () => {
    await create(5, 5);
    await put('a');
    expect(await get('a')).not.toHaveProperty('ConsumedCapacity');
    expect((await get('a', { ReturnConsumedCapacity: 'TOTAL' }))['ConsumedCapacity']).toEqual({
      TableName: 'orders',
      CapacityUnits: 0.5,
    });
  });

  it('never throttles tables on demand', async () => {
    await tables.execute('CreateTable', ORDERS);
    expect(await until(() => put('a'), 700)).toBe(700);
  });

  it('follows UpdateTable', async () => {
    await create(1, 1);
    await until(() => put('a'));
    const update = (changes: object) => tables.execute('UpdateTable', { TableName: 'orders', ...changes });
    await update({ ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 10 } });
    test.clock.advanceSeconds(2);
    expect(await until(() => put('a'))).toBe(20);
    await update({ BillingMode: 'PAY_PER_REQUEST' });
    expect(await until(() => put('a'), 50)).toBe(50);
  });

  describe('of an index', () => {
    const entry = (at: number) => ({ state: { S: 'new' }, at: { N: String(at) } });

    it('throttles the writes that change it, and no others', async () => {
      await create(100, 100, { read: 100, write: 1 });
      expect(await until((at) => put(`id-${at}`, entry(at)))).toBe(BURST_SECONDS);
      const error = await refusal(put('z', entry(0)));
      expect(error?.message).toMatch(/one or more global secondary indexes of the table was exceeded/);
      expect(error?.details).toEqual({
        ThrottlingReasons: [
          { reason: 'IndexWriteProvisionedThroughputExceeded', resource: `${ARN}/index/by-state` },
        ],
      });
      expect(await until(() => put('plain'), 10)).toBe(10);
      expect(await until(() => put('id-0', { ...entry(0), other: { S: 'x' } }), 10)).toBe(10);
    });

    it('throttles queries of it', async () => {
      await create(100, 100, { read: 1, write: 100 });
      await put('a', entry(1));
      const query = () =>
        tables.execute('Query', {
          TableName: 'orders',
          IndexName: 'by-state',
          KeyConditionExpression: '#state = :new',
          ExpressionAttributeNames: { '#state': 'state' },
          ExpressionAttributeValues: { ':new': { S: 'new' } },
        });
      expect(await until(query)).toBe(2 * BURST_SECONDS);
      expect(await until(() => get('a'), 10)).toBe(10);
    });
  });

  it('counts writes whose condition fails', async () => {
    await create(1, 1);
    await put('a');
    const fail = () =>
      tables
        .execute('PutItem', {
          TableName: 'orders',
          Item: { id: { S: 'a' } },
          ConditionExpression: 'attribute_not_exists(id)',
        })
        .catch((error: DetailedError) => {
          if (error.code !== 'ConditionalCheckFailedException') throw error;
        });
    expect(await until(fail)).toBe(BURST_SECONDS - 1);
  });

  describe('batches', () => {
    const writes = (ids: readonly string[]) =>
      tables.execute('BatchWriteItem', {
        RequestItems: { orders: ids.map((id) => ({ PutRequest: { Item: { id: { S: id } } } })) },
      });
    const reads = (ids: readonly string[]) =>
      tables.execute('BatchGetItem', {
        RequestItems: { orders: { Keys: ids.map((id) => ({ id: { S: id } })), ProjectionExpression: 'id' } },
      });

    it('write what there is capacity for, and hand back the rest', async () => {
      await create(100, 1);
      await until(() => put('a'));
      test.clock.advanceSeconds(2);
      const output = await writes(['x', 'y', 'z']);
      expect(output['UnprocessedItems']).toEqual({ orders: [{ PutRequest: { Item: { id: { S: 'z' } } } }] });
      const found = (await scan(tables, 'orders')).map(({ id }) => id);
      expect(found).toHaveLength(3);
      expect(found).not.toContainEqual({ S: 'z' });
      expect((await refusal(writes(['z'])))?.message).toBe(TABLE_MESSAGE);
    });

    it('read what there is capacity for', async () => {
      await create(1, 100);
      for (const id of ['x', 'y', 'z']) await put(id);
      await until(() => get('x'));
      test.clock.advanceSeconds(1);
      const output = await reads(['x', 'y', 'z']);
      expect((output['Responses'] as Record<string, unknown[]>)['orders']).toHaveLength(2);
      expect(output['UnprocessedKeys']).toEqual({
        orders: { Keys: [{ id: { S: 'z' } }], ProjectionExpression: 'id' },
      });
      expect(output).not.toHaveProperty('ConsumedCapacity');
      expect((await refusal(reads(['z'])))?.code).toBe('ProvisionedThroughputExceededException');
    });

    it('hand back nothing where there is enough', async () => {
      await create(100, 100);
      expect((await writes(['x', 'y']))['UnprocessedItems']).toEqual({});
      expect((await reads(['x', 'y']))['UnprocessedKeys']).toEqual({});
    });
  });

  it('takes twice as much for transactions, which are cancelled where it is not there', async () => {
    await create(1, 1);
    const transact = () =>
      tables.execute('TransactWriteItems', {
        TransactItems: [{ Put: { TableName: 'orders', Item: { id: { S: 'a' } } } }],
      });
    for (let done = 0; done < BURST_SECONDS / 2; done += 1) await transact();
    const error = await refusal(transact());
    expect(error?.code).toBe('TransactionCanceledException');
    expect(error?.details['CancellationReasons']).toEqual([
      { Code: 'ProvisionedThroughputExceeded', Message: TABLE_MESSAGE },
    ]);
  });
});
