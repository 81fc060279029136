import {
  DynamoDBClient,
  CreateTableCommand,
  DescribeTableCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import type { GetShardIteratorCommandInput } from '@aws-sdk/client-dynamodb-streams';
import type { Input } from '../../src/dynamodb/types';
import { TestDynamoDb } from '../dynamodb/support';
import { until } from '../lambda/support';
import { clientConfig, FUNCTION_KEY, startRuntime, stopRuntime } from '../wire/support';
import type { Runtime } from '../wire/support';

const ITEMS: CreateTableCommandInput = {
  TableName: 'items',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
};
const DAY_SECONDS = 24 * 60 * 60;

let store: TestDynamoDb;
let runtime: Runtime;
let tables: DynamoDBClient;
let client: DynamoDBStreamsClient;

beforeEach(async () => {
  store = new TestDynamoDb();
  runtime = await startRuntime({ clock: store.clock }, { dynamodb: store.lazy });
  tables = new DynamoDBClient(clientConfig(runtime.endpoint.url));
  client = new DynamoDBStreamsClient(clientConfig(runtime.endpoint.url));
});

afterEach(async () => {
  tables.destroy();
  client.destroy();
  await stopRuntime(runtime);
  await store.remove();
});

async function create(StreamViewType: 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES') {
  const StreamSpecification = { StreamEnabled: true, StreamViewType };
  const { TableDescription } = await tables.send(new CreateTableCommand({ ...ITEMS, StreamSpecification }));
  return TableDescription!.LatestStreamArn!;
}

/** Straight into the store. */
async function write(operation: string, input: Input): Promise<void> {
  await (await store.open()).execute(operation, { TableName: 'items', ...input });
}

const put = (id: string, n: number) => write('PutItem', { Item: { id: { S: id }, n: { N: String(n) } } });

async function iterator(StreamArn: string, more: Partial<GetShardIteratorCommandInput> = {}) {
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn }));
  const ShardId = StreamDescription!.Shards![0]!.ShardId;
  const input = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON', ...more } as const;
  return (await client.send(new GetShardIteratorCommand(input))).ShardIterator;
}

async function records(StreamArn: string, more: Partial<GetShardIteratorCommandInput> = {}) {
  const ShardIterator = await iterator(StreamArn, more);
  return (await client.send(new GetRecordsCommand({ ShardIterator }))).Records!;
}

const changes = async (arn: string) =>
  (await records(arn)).map(({ eventName, dynamodb }) => `${eventName} ${dynamodb!.Keys!['id']!.S}`);

describe('every write that changes an item makes a record', () => {
  test('puts, updates, deletes, batches and transactions, in order', async () => {
    const arn = await create('NEW_AND_OLD_IMAGES');
    await put('a', 1);
    await write('UpdateItem', {
      Key: { id: { S: 'a' } },
      UpdateExpression: 'SET n = :n',
      ExpressionAttributeValues: { ':n': { N: '2' } },
    });
    await write('BatchWriteItem', {
      TableName: undefined,
      RequestItems: {
        items: [{ PutRequest: { Item: { id: { S: 'b' } } } }, { DeleteRequest: { Key: { id: { S: 'a' } } } }],
      },
    });
    await write('TransactWriteItems', {
      TableName: undefined,
      TransactItems: [
        { Put: { TableName: 'items', Item: { id: { S: 'c' } } } },
        { Delete: { TableName: 'items', Key: { id: { S: 'b' } } } },
      ],
    });
    await write('DeleteItem', { Key: { id: { S: 'c' } } });
    expect(await changes(arn)).toEqual([
      'INSERT a',
      'MODIFY a',
      'INSERT b',
      'REMOVE a',
      'INSERT c',
      'REMOVE b',
      'REMOVE c',
    ]);
    const numbers = (await records(arn)).map(({ dynamodb }) => BigInt(dynamodb!.SequenceNumber!));
    expect([...numbers].sort((a, b) => (a < b ? -1 : 1))).toEqual(numbers);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test('one that changes nothing makes none, nor does one that is refused', async () => {
    const arn = await create('NEW_IMAGE');
    const Item = { id: { S: 'a' }, tags: { SS: ['x', 'y'] } };
    await write('PutItem', { Item });
    await write('PutItem', { Item: { ...Item, tags: { SS: ['y', 'x'] } } });
    await write('DeleteItem', { Key: { id: { S: 'none' } } });
    const condition = { ConditionExpression: 'attribute_not_exists(id)' };
    await expect(write('PutItem', { Item: { id: { S: 'a' } }, ...condition })).rejects.toThrow();
    const members = [
      { Put: { TableName: 'items', Item: { id: { S: 'b' } } } },
      { Put: { TableName: 'items', Item: { id: { S: 'a' } }, ...condition } },
    ];
    await expect(
      write('TransactWriteItems', { TableName: undefined, TransactItems: members }),
    ).rejects.toThrow();
    expect(await changes(arn)).toEqual(['INSERT a']);
  });

  test('what time to live deletes says who did it', async () => {
    const arn = await create('KEYS_ONLY');
    await write('UpdateTimeToLive', { TimeToLiveSpecification: { AttributeName: 'n', Enabled: true } });
    await put('a', store.clock.now() / 1000 + 10);
    store.clock.advanceSeconds(30);
    await store.reporter.see(/1 item expired/);
    expect((await records(arn)).at(-1)).toMatchObject({
      eventName: 'REMOVE',
      userIdentity: { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' },
    });
  });
});

test.each([
  ['KEYS_ONLY', [false, false]],
  ['NEW_IMAGE', [true, false]],
  ['OLD_IMAGE', [false, true]],
  ['NEW_AND_OLD_IMAGES', [true, true]],
] as const)('a stream of %s shows the images that it says', async (view, shown) => {
  const arn = await create(view);
  await put('a', 1);
  await put('a', 2);
  const [, record] = await records(arn);
  const { Keys, NewImage, OldImage, StreamViewType } = record!.dynamodb!;
  expect([Keys, StreamViewType]).toEqual([{ id: { S: 'a' } }, view]);
  expect([NewImage?.['n'], OldImage?.['n']]).toEqual([
    shown[0] ? { N: '2' } : undefined,
    shown[1] ? { N: '1' } : undefined,
  ]);
});

describe('a stream', () => {
  test('is described and listed, page by page', async () => {
    const arn = await create('NEW_IMAGE');
    store.clock.advance(1000);
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } as const;
    await tables.send(new CreateTableCommand({ ...ITEMS, TableName: 'orders', StreamSpecification }));
    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn: arn }));
    expect(StreamDescription).toMatchObject({
      StreamArn: arn,
      StreamLabel: '2026-01-01T00:00:00.000',
      StreamStatus: 'ENABLED',
      StreamViewType: 'NEW_IMAGE',
      TableName: 'items',
      KeySchema: ITEMS.KeySchema,
      Shards: [{ SequenceNumberRange: { StartingSequenceNumber: '100000000000000000001' } }],
    });
    const first = await client.send(new ListStreamsCommand({ Limit: 1 }));
    expect(first.Streams!.map(({ TableName }) => TableName)).toEqual(['items']);
    const ExclusiveStartStreamArn = first.LastEvaluatedStreamArn;
    const second = await client.send(new ListStreamsCommand({ ExclusiveStartStreamArn }));
    expect(second.Streams!.map(({ TableName }) => TableName)).toEqual(['orders']);
    const one = await client.send(new ListStreamsCommand({ TableName: 'items' }));
    expect(one.Streams).toHaveLength(1);
  });

  test('ends when it is turned off, can be read for a day, and another begins', async () => {
    const arn = await create('NEW_IMAGE');
    await put('a', 1);
    store.clock.advance(1000);
    const update = (StreamSpecification: { StreamEnabled: boolean; StreamViewType?: 'KEYS_ONLY' }) =>
      tables.send(new UpdateTableCommand({ TableName: 'items', StreamSpecification }));
    await expect(update({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' })).rejects.toMatchObject({
      message: 'Table already has an enabled stream: TableName: items',
    });
    await expect(update({ StreamEnabled: true })).rejects.toMatchObject({ name: 'ValidationException' });
    await update({ StreamEnabled: false });
    await put('b', 1);
    const { Table } = await tables.send(new DescribeTableCommand({ TableName: 'items' }));
    expect(Table).toMatchObject({ LatestStreamArn: arn });
    expect(Table!.StreamSpecification).toBeUndefined();
    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn: arn }));
    expect(StreamDescription).toMatchObject({
      StreamStatus: 'DISABLED',
      Shards: [{ SequenceNumberRange: { EndingSequenceNumber: '100000000000000000001' } }],
    });
    const end = await client.send(new GetRecordsCommand({ ShardIterator: await iterator(arn) }));
    expect(end.Records).toHaveLength(1);
    expect(end.NextShardIterator).toBeUndefined();
    const again = await update({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' });
    const next = again.TableDescription!.LatestStreamArn!;
    expect(next).not.toBe(arn);
    await put('c', 1);
    expect(await changes(next)).toEqual(['INSERT c']);
    store.clock.advanceSeconds(DAY_SECONDS);
    await until(async () => {
      store.clock.advanceSeconds(30);
      const { Streams } = await client.send(new ListStreamsCommand({}));
      return Streams!.every(({ StreamArn }) => StreamArn !== arn);
    });
    await expect(client.send(new DescribeStreamCommand({ StreamArn: arn }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('keeps records for a day, to the second, and numbers go on after them and a restart', async () => {
    const arn = await create('KEYS_ONLY');
    await put('a', 1);
    store.clock.advanceSeconds(DAY_SECONDS - 1);
    expect(await changes(arn)).toEqual(['INSERT a']);
    store.clock.advanceSeconds(1);
    expect(await changes(arn)).toEqual([]);
    store.clock.advanceSeconds(60);
    const reopened = await store.reopen();
    await reopened.execute('PutItem', { TableName: 'items', Item: { id: { S: 'b' } } });
    const source = reopened.stream(arn)!;
    const [record] = await source.read(source.shards()[0]!.id, '', 10);
    expect(record!.sequenceNumber).toBe('100000000000000000002');
  });
});

describe('iterators', () => {
  test('begin at a sequence number, after it, or at what comes next', async () => {
    const arn = await create('KEYS_ONLY');
    for (const id of ['a', 'b', 'c']) await put(id, 1);
    const latest = await iterator(arn, { ShardIteratorType: 'LATEST' });
    await put('d', 1);
    const SequenceNumber = '100000000000000000002';
    const ids = async (ShardIteratorType: 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER') =>
      (await records(arn, { ShardIteratorType, SequenceNumber })).map(
        ({ dynamodb }) => dynamodb!.Keys!['id']!.S,
      );
    expect(await ids('AT_SEQUENCE_NUMBER')).toEqual(['b', 'c', 'd']);
    expect(await ids('AFTER_SEQUENCE_NUMBER')).toEqual(['c', 'd']);
    const { Records } = await client.send(new GetRecordsCommand({ ShardIterator: latest }));
    expect(Records!.map(({ dynamodb }) => dynamodb!.Keys!['id']!.S)).toEqual(['d']);
  });

  test('give pages, and last fifteen minutes', async () => {
    const arn = await create('KEYS_ONLY');
    for (const id of ['a', 'b']) await put(id, 1);
    const first = await client.send(new GetRecordsCommand({ ShardIterator: await iterator(arn), Limit: 1 }));
    expect(first.Records).toHaveLength(1);
    store.clock.advanceSeconds(15 * 60 - 1);
    const ShardIterator = first.NextShardIterator;
    const second = await client.send(new GetRecordsCommand({ ShardIterator }));
    expect(second.Records).toMatchObject([{ dynamodb: { Keys: { id: { S: 'b' } } } }]);
    store.clock.advanceSeconds(1);
    await expect(client.send(new GetRecordsCommand({ ShardIterator }))).rejects.toMatchObject({
      name: 'ExpiredIteratorException',
    });
  });

  test('do not begin before the oldest record', async () => {
    const arn = await create('KEYS_ONLY');
    await put('a', 1);
    store.clock.advanceSeconds(DAY_SECONDS);
    await put('b', 1);
    const more = {
      ShardIteratorType: 'AT_SEQUENCE_NUMBER',
      SequenceNumber: '100000000000000000001',
    } as const;
    await expect(iterator(arn, more)).rejects.toMatchObject({ name: 'TrimmedDataAccessException' });
  });

  test.each([
    [{ ShardId: 'shardId-00000000000000000000-00000000' }, 'ResourceNotFoundException'],
    [{ ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: 'x' }, 'ValidationException'],
    [{ ShardIteratorType: 'NOWHERE' as 'LATEST' }, 'ValidationException'],
  ] as const)('are refused with %j', async (more, name) => {
    const arn = await create('KEYS_ONLY');
    await expect(iterator(arn, more)).rejects.toMatchObject({ name });
  });
});

test('a function needs its role for each call, on the stream; tables share the name of the service', async () => {
  const arn = await create('KEYS_ONLY');
  const ShardIterator = await iterator(arn);
  runtime.guard.calls.length = 0;
  runtime.guard.rule = () => ({ kind: 'deny', message: 'no' });
  const own = new DynamoDBStreamsClient(clientConfig(runtime.endpoint.url, FUNCTION_KEY));
  const calls = [
    new GetRecordsCommand({ ShardIterator }),
    new DescribeStreamCommand({ StreamArn: arn }),
    new ListStreamsCommand({}),
  ];
  for (const call of calls) {
    await expect(own.send(call as GetRecordsCommand)).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  }
  own.destroy();
  expect(runtime.guard.calls.map(({ action, resource }) => [action, resource])).toEqual([
    ['dynamodb:GetRecords', arn],
    ['dynamodb:DescribeStream', arn],
    ['dynamodb:ListStreams', '*'],
  ]);
});
