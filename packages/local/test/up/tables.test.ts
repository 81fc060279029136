import { api, merge, role, routed, TestProject } from './support';
import type { Bodies, RuntimeProcess } from './support';

/** Does one call of DynamoDB's API, and answers what it answered. */
const CALLER = `
const { DynamoDB } = require(${JSON.stringify(require.resolve('@aws-sdk/client-dynamodb'))});
const dynamodb = new DynamoDB({ maxAttempts: 1 });
exports.handler = async (event) => {
  const [operation, input] = JSON.parse(event.body);
  try {
    const { $metadata, ...output } = await dynamodb[operation](input);
    return output;
  } catch (error) {
    return { error: error.name, message: error.message };
  }
};`;

const project = new TestProject();

afterAll(() => project.remove());

const caller = project.writeFunction('caller', CALLER);

function stack(table: object, more: Bodies = {}): Bodies {
  const reads = {
    Effect: 'Allow',
    Action: 'dynamodb:Query',
    Resource: '${aws_dynamodb_table.accounts.arn}/index/*',
  };
  const own = {
    Effect: 'Allow',
    Action: ['dynamodb:GetItem', 'dynamodb:PutItem'],
    Resource: '${aws_dynamodb_table.accounts.arn}',
    Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['user-*'] } },
  };
  return merge(
    api,
    role('open', reads, own),
    routed('caller', 'POST /call'),
    {
      aws_lambda_function: { caller },
      aws_dynamodb_table: {
        accounts: {
          name: 'accounts',
          hash_key: 'userId',
          billing_mode: 'PAY_PER_REQUEST',
          attribute: [
            { name: 'userId', type: 'S' },
            { name: 'pendingShard', type: 'S' },
          ],
          global_secondary_index: [
            {
              name: 'pending',
              hash_key: 'pendingShard',
              projection_type: 'INCLUDE',
              non_key_attributes: ['events'],
            },
          ],
          ttl: { enabled: true, attribute_name: 'expiresAt' },
          point_in_time_recovery: { enabled: true },
          ...table,
        },
      },
      aws_dynamodb_table_item: {
        first: {
          table_name: '${aws_dynamodb_table.accounts.name}',
          hash_key: 'userId',
          item: '{"userId":{"S":"user-0"},"pendingShard":{"S":"pending"},"note":{"S":"n"},"events":{"S":"e"}}',
        },
      },
    },
    more,
  );
}

async function calls(runtime: RuntimeProcess) {
  const url = await runtime.api();
  return async (operation: string, input: object): Promise<object> => {
    const response = await fetch(`${url}/call`, { method: 'POST', body: JSON.stringify([operation, input]) });
    return (await response.json()) as object;
  };
}

test('functions use the stack’s tables as their roles may; items stay from run to run, over a SIGKILL', async () => {
  project.writeStack(stack({ stream_enabled: true, stream_view_type: 'NEW_IMAGE' }));
  const first = project.run();
  const call = await calls(first);
  const Item = { userId: { S: 'user-1' }, pendingShard: { S: 'pending' }, events: { S: 'e1' } };
  expect(await call('putItem', { TableName: 'accounts', Item })).toEqual({});
  const query = {
    TableName: 'accounts',
    IndexName: 'pending',
    KeyConditionExpression: 'pendingShard = :s',
    ExpressionAttributeValues: { ':s': { S: 'pending' } },
  };
  expect(await call('query', query)).toMatchObject({ Count: 2 });
  expect(await call('putItem', { TableName: 'accounts', Item: { userId: { S: 'admin' } } })).toEqual({
    error: 'AccessDeniedException',
    message: expect.stringContaining(
      'is not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb:us-east-1:000000000000:table/accounts',
    ) as string,
  });
  expect(await call('scan', { TableName: 'accounts' })).toMatchObject({ error: 'AccessDeniedException' });
  expect(first.output).toMatch(/^ {2}tables +accounts$/m);
  expect(first.output).not.toContain('not hosted  ');
  await first.kill();

  const second = project.run();
  const callAgain = await calls(second);
  const key = { TableName: 'accounts', Key: { userId: { S: 'user-1' } } };
  expect(await callAgain('getItem', key)).toEqual({ Item });
  await second.kill();
});

test('a table whose keys change is refused while it holds items', async () => {
  project.writeStack(stack({ hash_key: 'pendingShard' }));
  const runtime = project.run();
  expect(await runtime.exited).toBe(1);
  expect(runtime.errors).toContain(
    'aws_dynamodb_table.accounts: the keys or local indexes of accounts changed, and Terraform would replace the table',
  );
});

test('what DynamoDB refuses is the stack’s mistake', async () => {
  project.writeStack(stack({ attribute: [{ name: 'userId', type: 'S' }] }));
  const runtime = project.run();
  expect(await runtime.exited).toBe(1);
  expect(runtime.errors).toMatch(/aws_dynamodb_table\.accounts: One or more parameter values were invalid/);
});
