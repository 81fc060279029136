import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeEndpointsCommand,
  DescribeLimitsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  ListTablesCommand,
  ListTagsOfResourceCommand,
  QueryCommand,
  ScanCommand,
  TagResourceCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UntagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { clientConfig, FUNCTION_KEY } from './support';
import { ARN, item, orders, TableName, ordersTable } from './orders-table';

const table = ordersTable();
const { get, put } = table;

describe('tables', () => {
  it('are active at once, listed in pages, and gone at once with their items', async () => {
    await table.client.send(new CreateTableCommand({ ...orders, TableName: 'another' }));
    expect(await table.client.send(new ListTablesCommand({ Limit: 1 }))).toMatchObject({
      TableNames: ['another'],
      LastEvaluatedTableName: 'another',
    });
    const rest = await table.client.send(new ListTablesCommand({ ExclusiveStartTableName: 'another' }));
    expect(rest.TableNames).toEqual(['orders']);
    expect(rest.LastEvaluatedTableName).toBeUndefined();
    const { Table } = await table.client.send(new DescribeTableCommand({ TableName }));
    expect(Table).toMatchObject({
      TableArn: ARN,
      TableStatus: 'ACTIVE',
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      KeySchema: orders.KeySchema,
      GlobalSecondaryIndexes: [
        { IndexName: 'by-state', IndexStatus: 'ACTIVE', IndexArn: `${ARN}/index/by-state` },
      ],
      DeletionProtectionEnabled: false,
      CreationDateTime: new Date(table.store.clock.now()),
    });
    await expect(table.client.send(new CreateTableCommand(orders))).rejects.toMatchObject({
      name: 'ResourceInUseException',
    });
    await put('a', { state: { S: 'open' }, at: { N: '1' } });
    await table.client.send(new DeleteTableCommand({ TableName }));
    await expect(table.client.send(new DescribeTableCommand({ TableName }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found: Table: orders not found',
    });
    await table.client.send(new CreateTableCommand(orders));
    expect(await table.client.send(new ScanCommand({ TableName }))).toMatchObject({ Count: 0 });
    expect(await table.client.send(new ScanCommand({ TableName, IndexName: 'by-state' }))).toMatchObject({
      Count: 0,
    });
  });

  it('are protected from deletion, with a stream and a class that are told', async () => {
    const change = new UpdateTableCommand({
      TableName,
      DeletionProtectionEnabled: true,
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      TableClass: 'STANDARD_INFREQUENT_ACCESS',
    });
    const { TableDescription } = await table.client.send(change);
    expect(TableDescription).toMatchObject({
      DeletionProtectionEnabled: true,
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      LatestStreamArn: expect.stringContaining(`${ARN}/stream/`) as string,
      TableClassSummary: { TableClass: 'STANDARD_INFREQUENT_ACCESS' },
    });
    await expect(table.client.send(new DeleteTableCommand({ TableName }))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('protected against deletion') as string,
    });
  });

  it('change their billing', async () => {
    const ProvisionedThroughput = { ReadCapacityUnits: 2, WriteCapacityUnits: 3 };
    const change = new UpdateTableCommand({ TableName, BillingMode: 'PROVISIONED', ProvisionedThroughput });
    const { TableDescription } = await table.client.send(change);
    expect(TableDescription).toMatchObject({
      ProvisionedThroughput,
      GlobalSecondaryIndexes: [{ ProvisionedThroughput }],
    });
    expect(TableDescription!.BillingModeSummary).toBeUndefined();
    const back = await table.client.send(
      new UpdateTableCommand({ TableName, BillingMode: 'PAY_PER_REQUEST' }),
    );
    expect(back.TableDescription!.BillingModeSummary).toMatchObject({ BillingMode: 'PAY_PER_REQUEST' });
  });

  it('have tags, backups and a time to live', async () => {
    await table.client.send(
      new TagResourceCommand({
        ResourceArn: ARN,
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '2' },
        ],
      }),
    );
    await table.client.send(new UntagResourceCommand({ ResourceArn: ARN, TagKeys: ['a'] }));
    const tags = await table.client.send(new ListTagsOfResourceCommand({ ResourceArn: ARN }));
    expect(tags.Tags).toEqual([{ Key: 'b', Value: '2' }]);
    const missing = new ListTagsOfResourceCommand({ ResourceArn: `${ARN}-2` });
    await expect(table.client.send(missing)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });

    const backups = () => table.client.send(new DescribeContinuousBackupsCommand({ TableName }));
    const status = (wanted: string) => ({
      ContinuousBackupsDescription: { PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: wanted } },
    });
    expect(await backups()).toMatchObject(status('DISABLED'));
    const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
    await table.client.send(
      new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }),
    );
    expect(await backups()).toMatchObject(status('ENABLED'));

    const ttl = (AttributeName: string, Enabled: boolean) =>
      table.client.send(
        new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName, Enabled } }),
      );
    const described = () => table.client.send(new DescribeTimeToLiveCommand({ TableName }));
    expect(await described()).toMatchObject({ TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } });
    await ttl('expiresAt', true);
    expect(await described()).toMatchObject({
      TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt' },
    });
    await expect(ttl('expiresAt', true)).rejects.toMatchObject({ message: 'TimeToLive is already enabled' });
    await expect(ttl('other', false)).rejects.toMatchObject({ name: 'ValidationException' });
    await ttl('expiresAt', false);
    expect(await described()).toMatchObject({ TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } });
  });

  it('are refused where DynamoDB refuses them', async () => {
    const wrong = { ...orders, TableName: 'wrong', GlobalSecondaryIndexes: undefined };
    await expect(table.client.send(new CreateTableCommand(wrong))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('AttributeDefinitions') as string,
    });
    await expect(table.client.send(new DescribeTableCommand({ TableName: 'a' }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('tell limits and endpoints; what is not hosted is named', async () => {
    expect(await table.client.send(new DescribeLimitsCommand({}))).toMatchObject({
      TableMaxReadCapacityUnits: 40_000,
    });
    expect((await table.client.send(new DescribeEndpointsCommand({}))).Endpoints).toHaveLength(1);
    await expect(
      table.client.send(new ExecuteStatementCommand({ Statement: 'SELECT * FROM orders' })),
    ).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: 'The operation ExecuteStatement of dynamodb is not hosted by the local runtime.',
    });
  });
});

describe('permissions', () => {
  let fn: DynamoDBClient;
  const asked = () =>
    table.runtime.guard.calls.map(({ action, resource }) => `${action} ${resource.split(':').at(-1)}`);
  const conditions = () => Object.fromEntries(table.runtime.guard.calls.at(-1)!.conditions!());

  beforeEach(() => {
    fn = new DynamoDBClient(clientConfig(table.runtime.endpoint.url, FUNCTION_KEY));
    table.runtime.guard.calls.length = 0;
  });
  afterEach(() => fn.destroy());

  it('are judged on tables, indexes, and each part of a batch or transaction', async () => {
    await table.client.send(new CreateTableCommand({ ...orders, TableName: 'second' }));
    table.runtime.guard.calls.length = 0;
    const query = {
      KeyConditionExpression: '#s = :s AND #a > :a',
      ExpressionAttributeNames: { '#s': 'state', '#a': 'at' },
      ExpressionAttributeValues: { ':s': { S: 'open' }, ':a': { N: '0' } },
    };
    await fn.send(new QueryCommand({ TableName, IndexName: 'by-state', ...query }));
    await fn.send(new GetItemCommand({ TableName: ARN, Key: item('a') }));
    await fn.send(
      new BatchGetItemCommand({
        RequestItems: { orders: { Keys: [item('a')] }, second: { Keys: [item('b')] } },
      }),
    );
    const check = { TableName: 'second', Key: item('b'), ConditionExpression: 'attribute_not_exists(id)' };
    const TransactItems = [{ Put: { TableName, Item: item('a') } }, { ConditionCheck: check }];
    await fn.send(new TransactWriteItemsCommand({ TransactItems }));
    await fn.send(new ListTablesCommand({}));
    expect(asked()).toEqual([
      'dynamodb:Query table/orders/index/by-state',
      'dynamodb:GetItem table/orders',
      'dynamodb:BatchGetItem table/orders',
      'dynamodb:BatchGetItem table/second',
      'dynamodb:PutItem table/orders',
      'dynamodb:ConditionCheckItem table/second',
      'dynamodb:ListTables *',
    ]);
  });

  it('deny as a whole where a part is denied', async () => {
    table.runtime.guard.rule = ({ resource }) =>
      resource.endsWith('/second') ? { kind: 'deny', message: 'not second' } : { kind: 'allow' };
    const RequestItems = {
      orders: [{ PutRequest: { Item: item('a') } }],
      second: [{ PutRequest: { Item: item('b') } }],
    };
    await expect(fn.send(new BatchWriteItemCommand({ RequestItems }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: 'not second',
    });
    expect(await get('a')).toBeUndefined();
  });

  it('come with DynamoDB’s condition keys', async () => {
    await fn
      .send(
        new UpdateItemCommand({
          TableName,
          Key: item('me'),
          UpdateExpression: 'SET #n = :n, nested.x = :n REMOVE tags[0]',
          ConditionExpression: 'attribute_not_exists(id) OR size(note) > :n',
          ExpressionAttributeNames: { '#n': 'note' },
          ExpressionAttributeValues: { ':n': { N: '1' } },
          ReturnValues: 'ALL_OLD',
        }),
      )
      .catch(() => undefined);
    expect(conditions()).toEqual({
      'dynamodb:leadingkeys': ['me'],
      'dynamodb:attributes': ['note', 'nested', 'tags', 'id'],
      'dynamodb:returnvalues': 'ALL_OLD',
    });
    await fn.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: '#id = :me',
        ExpressionAttributeNames: { '#id': 'id' },
        ExpressionAttributeValues: { ':me': { S: 'me' } },
        ProjectionExpression: 'note',
      }),
    );
    expect(conditions()).toMatchObject({
      'dynamodb:leadingkeys': ['me'],
      'dynamodb:attributes': ['note', 'id'],
      'dynamodb:select': 'SPECIFIC_ATTRIBUTES',
    });
    const RequestItems = {
      orders: [{ PutRequest: { Item: item('a') } }, { DeleteRequest: { Key: item('b') } }],
    };
    await fn.send(new BatchWriteItemCommand({ RequestItems }));
    expect(conditions()).toMatchObject({ 'dynamodb:leadingkeys': ['a', 'b'] });
    await fn.send(new TransactGetItemsCommand({ TransactItems: [{ Get: { TableName, Key: item('t') } }] }));
    expect(conditions()).toMatchObject({
      'dynamodb:leadingkeys': ['t'],
      'dynamodb:enclosingoperation': 'TransactGetItems',
    });
  });
});
