import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { ARN, item, TableName, ordersTable } from './orders-table';

const table = ordersTable();
const { get, put } = table;

describe('items', () => {
  it('are put, read, updated and deleted, with conditions and expressions', async () => {
    await put('a', { note: { S: 'one' }, bytes: { B: new Uint8Array([1, 2]) }, tags: { SS: ['x', 'y'] } });
    expect(await get('a')).toEqual({
      id: { S: 'a' },
      note: { S: 'one' },
      bytes: { B: new Uint8Array([1, 2]) },
      tags: { SS: ['x', 'y'] },
    });
    const update = new UpdateItemCommand({
      TableName: ARN,
      Key: item('a'),
      UpdateExpression:
        'SET #n = :n, nested = :m, version = if_not_exists(version, :zero) + :one REMOVE tags',
      ConditionExpression: 'attribute_exists(id) AND #n = :was',
      ExpressionAttributeNames: { '#n': 'note' },
      ExpressionAttributeValues: {
        ':n': { S: 'two' },
        ':was': { S: 'one' },
        ':m': { M: { list: { L: [{ N: '1' }] } } },
        ':zero': { N: '0' },
        ':one': { N: '1' },
      },
      ReturnValues: 'ALL_NEW',
    });
    expect((await table.client.send(update)).Attributes).toMatchObject({
      note: { S: 'two' },
      version: { N: '1' },
    });
    await expect(table.client.send(update)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
      $metadata: { httpStatusCode: 400 },
    });
    const old = await table.client.send(
      new DeleteItemCommand({ TableName, Key: item('a'), ReturnValues: 'ALL_OLD' }),
    );
    expect(old.Attributes).toMatchObject({ note: { S: 'two' } });
    expect(await get('a')).toBeUndefined();
  });

  it('show the item that failed a condition, on request', async () => {
    await put('a', { note: { S: 'one' } });
    const again = { TableName, Item: item('a'), ConditionExpression: 'attribute_not_exists(id)' };
    const ReturnValuesOnConditionCheckFailure = 'ALL_OLD' as const;
    await expect(
      table.client.send(new PutItemCommand({ ...again, ReturnValuesOnConditionCheckFailure })),
    ).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', Item: { note: { S: 'one' } } });
    await expect(table.client.send(new PutItemCommand(again))).rejects.toMatchObject({ Item: undefined });
    expect(await get('a')).toMatchObject({ note: { S: 'one' } });
  });

  it('do not overtake each other', async () => {
    await put('counter', { n: { N: '0' } });
    const add = () =>
      table.client.send(
        new UpdateItemCommand({
          TableName,
          Key: item('counter'),
          UpdateExpression: 'ADD n :one',
          ExpressionAttributeValues: { ':one': { N: '1' } },
        }),
      );
    await Promise.all(Array.from({ length: 100 }, add));
    expect(await get('counter')).toMatchObject({ n: { N: '100' } });
    const reserve = () =>
      table.client.send(
        new PutItemCommand({
          TableName,
          Item: item('once'),
          ConditionExpression: 'attribute_not_exists(id)',
        }),
      );
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, reserve));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('are written and read in batches', async () => {
    const RequestItems = {
      orders: Array.from({ length: 25 }, (_, i) => ({ PutRequest: { Item: item(`b${i}`) } })),
    };
    expect(await table.client.send(new BatchWriteItemCommand({ RequestItems }))).toMatchObject({
      UnprocessedItems: {},
    });
    const Keys = [item('b0'), item('b24'), item('missing')];
    const { Responses } = await table.client.send(
      new BatchGetItemCommand({ RequestItems: { orders: { Keys } } }),
    );
    expect(Responses!.orders!.map(({ id }) => id!.S).sort()).toEqual(['b0', 'b24']);
    const duplicate = {
      orders: [{ PutRequest: { Item: item('x') } }, { DeleteRequest: { Key: item('x') } }],
    };
    await expect(
      table.client.send(new BatchWriteItemCommand({ RequestItems: duplicate })),
    ).rejects.toMatchObject({
      name: 'ValidationException',
    });
    expect(await get('x')).toBeUndefined();
  });

  it.each<[string, Promise<unknown> | (() => Promise<unknown>), string]>([
    [
      'without the key',
      () => table.client.send(new PutItemCommand({ TableName, Item: { note: { S: 'x' } } })),
      'Missing the key id in the item',
    ],
    [
      'of another key',
      () => table.client.send(new GetItemCommand({ TableName, Key: { other: { S: 'x' } } })),
      'does not match the schema',
    ],
    [
      'that are too large',
      () => put('large', { note: { S: 'x'.repeat(400 * 1024) } }),
      'Item size has exceeded the maximum allowed size',
    ],
    [
      'with an index key of another type',
      () => put('a', { state: { N: '1' } }),
      'Type mismatch for Index Key state',
    ],
    ['with an empty index key', () => put('a', { state: { S: '' }, at: { N: '1' } }), 'IndexKey: state'],
  ])('are refused %s', async (_, call, message) => {
    await expect((call as () => Promise<unknown>)()).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(message) as string,
    });
  });

  it('need a table', async () => {
    await expect(
      table.client.send(new GetItemCommand({ TableName: 'missing', Key: item('a') })),
    ).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found',
    });
  });
});

describe('indexes', () => {
  const byState = (state: string, more: object = {}) =>
    table.client.send(
      new QueryCommand({
        TableName,
        IndexName: 'by-state',
        KeyConditionExpression: '#s = :s',
        ExpressionAttributeNames: { '#s': 'state' },
        ExpressionAttributeValues: { ':s': { S: state } },
        ...more,
      }),
    );

  it('follow the items, hold what is projected, and are read in order and in pages', async () => {
    for (const at of [3, 1, 2]) {
      await put(`o${at}`, {
        state: { S: 'open' },
        at: { N: String(at) },
        note: { S: 'n' },
        secret: { S: 's' },
      });
    }
    await put('unindexed', { state: { S: 'open' } });
    const { Items } = await byState('open');
    expect(Items).toEqual(
      [1, 2, 3].map((at) => ({
        id: { S: `o${at}` },
        state: { S: 'open' },
        at: { N: String(at) },
        note: { S: 'n' },
      })),
    );
    const first = await byState('open', { Limit: 2, ScanIndexForward: false });
    expect(first.Items!.map(({ id }) => id!.S)).toEqual(['o3', 'o2']);
    const rest = await byState('open', {
      ScanIndexForward: false,
      ExclusiveStartKey: first.LastEvaluatedKey,
    });
    expect(rest.Items!.map(({ id }) => id!.S)).toEqual(['o1']);
    await put('o2', { state: { S: 'done' }, at: { N: '2' } });
    await table.client.send(new DeleteItemCommand({ TableName, Key: item('o3') }));
    expect((await byState('open')).Items!.map(({ id }) => id!.S)).toEqual(['o1']);
    expect((await byState('done')).Items!.map(({ id }) => id!.S)).toEqual(['o2']);
  });

  it('are made with the items that are there, and deleted', async () => {
    for (const id of ['a', 'b', 'c']) await put(id, { kind: { S: id === 'c' ? 'other' : 'same' } });
    const { TableDescription } = await table.client.send(
      new UpdateTableCommand({
        TableName,
        AttributeDefinitions: [{ AttributeName: 'kind', AttributeType: 'S' }],
        GlobalSecondaryIndexUpdates: [
          {
            Create: {
              IndexName: 'by-kind',
              KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
              Projection: { ProjectionType: 'KEYS_ONLY' },
            },
          },
        ],
      }),
    );
    expect(
      TableDescription!.GlobalSecondaryIndexes!.map(({ IndexName, IndexStatus }) => [IndexName, IndexStatus]),
    ).toEqual([
      ['by-state', 'ACTIVE'],
      ['by-kind', 'ACTIVE'],
    ]);
    const query = new QueryCommand({
      TableName,
      IndexName: 'by-kind',
      KeyConditionExpression: 'kind = :k',
      ExpressionAttributeValues: { ':k': { S: 'same' } },
    });
    expect((await table.client.send(query)).Items!.map(({ id }) => id!.S).sort()).toEqual(['a', 'b']);
    const removal = { TableName, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'by-kind' } }] };
    const { TableDescription: after } = await table.client.send(new UpdateTableCommand(removal));
    expect(after!.AttributeDefinitions!.map(({ AttributeName }) => AttributeName)).not.toContain('kind');
    await expect(table.client.send(query)).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(table.client.send(new UpdateTableCommand(removal))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('scan in segments', async () => {
    await Promise.all(Array.from({ length: 30 }, (_, i) => put(`s${i}`)));
    const segments = await Promise.all(
      [0, 1, 2].map((Segment) =>
        table.client.send(new ScanCommand({ TableName, Segment, TotalSegments: 3 })),
      ),
    );
    const ids = segments.flatMap(({ Items }) => Items!.map(({ id }) => id!.S!));
    expect(new Set(ids).size).toBe(30);
    expect(ids).toHaveLength(30);
    const filtered = new ScanCommand({
      TableName,
      FilterExpression: 'begins_with(id, :p)',
      ExpressionAttributeValues: { ':p': { S: 's2' } },
      Select: 'COUNT',
    });
    expect(await table.client.send(filtered)).toMatchObject({ Count: 11, ScannedCount: 30 });
  });
});
