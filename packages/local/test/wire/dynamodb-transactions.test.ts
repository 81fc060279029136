import { ScanCommand, TransactGetItemsCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { item, TableName, ordersTable } from './orders-table';

const table = ordersTable();
const { get, put } = table;

describe('transactions', () => {
  const check = (id: string, more: object = {}) => ({
    ConditionCheck: { TableName, Key: item(id), ConditionExpression: 'attribute_exists(id)', ...more },
  });
  const write = (TransactItems: object[], more: object = {}) =>
    table.client.send(new TransactWriteItemsCommand({ TransactItems, ...more }));

  it('do everything or nothing, and say why not', async () => {
    await put('account', { balance: { N: '10' } });
    const pay = (amount: string) => [
      {
        Update: {
          TableName,
          Key: item('account'),
          UpdateExpression: 'SET balance = balance - :a',
          ConditionExpression: 'balance >= :a',
          ExpressionAttributeValues: { ':a': { N: amount } },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
      { Put: { TableName, Item: item(`payment-${amount}`) } },
    ];
    await write(pay('7'));
    expect(await get('account')).toMatchObject({ balance: { N: '3' } });
    await expect(write([...pay('8'), check('account-2')])).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [ConditionalCheckFailed, None, ConditionalCheckFailed]',
      CancellationReasons: [
        {
          Code: 'ConditionalCheckFailed',
          Message: 'The conditional request failed',
          Item: { id: { S: 'account' }, balance: { N: '3' } },
        },
        { Code: 'None' },
        { Code: 'ConditionalCheckFailed' },
      ],
    });
    expect(await get('payment-8')).toBeUndefined();
    await write([check('account'), { Delete: { TableName, Key: item('payment-7') } }]);
    expect(await get('payment-7')).toBeUndefined();
  });

  it('keep indexes in step', async () => {
    await write([{ Put: { TableName, Item: item('a', { state: { S: 'open' }, at: { N: '1' } }) } }]);
    const scan = () => table.client.send(new ScanCommand({ TableName, IndexName: 'by-state' }));
    expect((await scan()).Count).toBe(1);
    await expect(write([{ Delete: { TableName, Key: item('a') } }, check('missing')])).rejects.toThrow();
    expect((await scan()).Count).toBe(1);
  });

  it('are done once for a token, for ten minutes and over a restart', async () => {
    const add = {
      Update: {
        TableName,
        Key: item('n'),
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      },
    };
    const token = { ClientRequestToken: 'token-1' };
    await Promise.all([write([add], token), write([add], token)]);
    await write([add], token);
    expect(await get('n')).toMatchObject({ n: { N: '1' } });
    await expect(write([add, { Put: { TableName, Item: item('x') } }], token)).rejects.toMatchObject({
      name: 'IdempotentParameterMismatchException',
    });
    const reopened = await table.store.reopen();
    await reopened.execute('TransactWriteItems', { TransactItems: [add], ...token });
    expect(await reopened.execute('GetItem', { TableName, Key: item('n') })).toMatchObject({
      Item: { n: { N: '1' } },
    });
    table.store.clock.advanceSeconds(600);
    await reopened.execute('TransactWriteItems', { TransactItems: [add], ...token });
    expect(await reopened.execute('GetItem', { TableName, Key: item('n') })).toMatchObject({
      Item: { n: { N: '2' } },
    });
  });

  it('read several items as of one moment', async () => {
    await put('a', { note: { S: 'x' }, other: { S: 'y' } });
    const get = (id: string) => ({ Get: { TableName, Key: item(id), ProjectionExpression: 'note' } });
    const { Responses } = await table.client.send(
      new TransactGetItemsCommand({ TransactItems: [get('a'), get('missing')] }),
    );
    expect(Responses).toEqual([{ Item: { note: { S: 'x' } } }, {}]);
    const wrong = { Get: { TableName, Key: { other: { S: 'x' } } } };
    await expect(
      table.client.send(new TransactGetItemsCommand({ TransactItems: [get('a'), wrong] })),
    ).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'None' }, { Code: 'ValidationError' }],
    });
  });

  it.each<[string, object[], object]>([
    ['nothing', [], { name: 'ValidationException' }],
    [
      'more than 100',
      Array.from({ length: 101 }, (_, i) => ({ Put: { TableName, Item: item(`${i}`) } })),
      { name: 'ValidationException' },
    ],
    [
      'one item twice',
      [{ Put: { TableName, Item: item('a') } }, { Delete: { TableName, Key: item('a') } }],
      {
        name: 'ValidationException',
        message: 'Transaction request cannot include multiple operations on one item',
      },
    ],
    [
      'two actions in one',
      [{ Put: { TableName, Item: item('a') }, Delete: { TableName, Key: item('b') } }],
      { name: 'ValidationException' },
    ],
    [
      'a table that is not there',
      [{ Put: { TableName: 'missing', Item: item('a') } }],
      { name: 'ResourceNotFoundException' },
    ],
    [
      'more than 4 MB',
      Array.from({ length: 12 }, (_, i) => ({
        Put: { TableName, Item: item(`${i}`, { note: { S: 'x'.repeat(390_000) } }) },
      })),
      { name: 'ValidationException' },
    ],
    [
      'an item without the key',
      [{ Put: { TableName, Item: { note: { S: 'x' } } } }],
      { name: 'TransactionCanceledException', CancellationReasons: [{ Code: 'ValidationError' }] },
    ],
  ])('refuse %s', async (_, items, error) => {
    await expect(write(items)).rejects.toMatchObject(error);
  });
});
