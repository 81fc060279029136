import { AddPermissionCommand, LambdaClient, RemovePermissionCommand } from '@aws-sdk/client-lambda';
import type { AddPermissionCommandInput } from '@aws-sdk/client-lambda';
import { FunctionPermissions } from '../../src/iam';
import { join } from 'node:path';
import { temporaryFolder } from '../engine/support';
import type { Runtime } from './support';
import { clientConfig, startRuntime, stopRuntime } from './support';

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:events';

let runtime: Runtime;
let lambda: LambdaClient;
let permissions: FunctionPermissions;
let changes = 0;

const options = (file: string) => ({
  file,
  accountId: '000000000000',
  declared: (service: string, name: string) => service === 's3.amazonaws.com' && name === 'known',
  onChange: () => (changes += 1),
});
const file = join(temporaryFolder(), 'permissions.json');

beforeAll(async () => {
  permissions = new FunctionPermissions(options(file));
  runtime = await startRuntime({}, { functionPermissions: permissions });
  runtime.invoker.functions.set('known', () => ({}));
  lambda = new LambdaClient(clientConfig(runtime.endpoint.url));
});

afterAll(async () => {
  lambda.destroy();
  await stopRuntime(runtime);
});

const add = (StatementId: string, more: Partial<AddPermissionCommandInput> = {}) =>
  lambda.send(
    new AddPermissionCommand({
      FunctionName: 'known',
      StatementId,
      Action: 'lambda:InvokeFunction',
      Principal: 'sns.amazonaws.com',
      SourceArn: TOPIC,
      ...more,
    }),
  );
const remove = (StatementId: string) =>
  lambda.send(new RemovePermissionCommand({ FunctionName: 'known', StatementId }));
const may = (source: string, service = 'sns.amazonaws.com') =>
  permissions.mayInvoke(service, 'known', source);

it('lets a service in for a source, until that is taken back, over a restart', async () => {
  expect([may(TOPIC), may('anything', 's3.amazonaws.com')]).toEqual([false, true]);
  const { Statement } = await add('topic', { SourceAccount: '000000000000' });
  expect(JSON.parse(Statement!)).toEqual({
    Sid: 'topic',
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'lambda:InvokeFunction',
    Resource: 'arn:aws:lambda:us-east-1:000000000000:function:known',
    Condition: {
      StringEquals: { 'AWS:SourceAccount': '000000000000' },
      ArnLike: { 'AWS:SourceArn': TOPIC },
    },
  });
  expect(may(TOPIC)).toBe(true);
  expect([may(`${TOPIC}-2`), may(TOPIC, 'events.amazonaws.com')]).toEqual([false, false]);
  expect(new FunctionPermissions(options(file)).mayInvoke('sns.amazonaws.com', 'known', TOPIC)).toBe(true);
  expect(changes).toBe(1);
  await remove('topic');
  expect([may(TOPIC), changes]).toEqual([false, 2]);
});

it('does not let in for another account, or for another action', async () => {
  await add('other-account', { SourceAccount: '111111111111' });
  await add('other-action', { Action: 'lambda:InvokeFunctionUrl' });
  expect(may(TOPIC)).toBe(false);
});

it('refuses what Lambda refuses', async () => {
  await add('twice');
  await expect(add('twice')).rejects.toMatchObject({ name: 'ResourceConflictException' });
  await expect(remove('unknown')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  const unknown = add('x', { FunctionName: 'unknown' });
  await expect(unknown).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await expect(add('a b')).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(add('a', { Action: 'sns:Publish' })).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(add('a', { Principal: '' })).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
});
