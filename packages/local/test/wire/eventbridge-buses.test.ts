import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  ListTagsForResourceCommand,
  PutPermissionCommand,
  PutRuleCommand,
  RemovePermissionCommand,
  UpdateEventBusCommand,
} from '@aws-sdk/client-eventbridge';
import { TestEvents } from '../events/support';
import type { Runtime } from './support';
import { clientConfig, startRuntime, stopRuntime } from './support';

const ACCOUNT = 'arn:aws:events:us-east-1:000000000000';
let own: TestEvents;
let runtime: Runtime;
let client: EventBridgeClient;

beforeEach(async () => {
  own = new TestEvents();
  await own.open();
  runtime = await startRuntime({}, { buses: own.buses });
  client = new EventBridgeClient(clientConfig(runtime.endpoint.url));
});

afterEach(async () => {
  client.destroy();
  await own.stop();
  await stopRuntime(runtime);
});

const refused = (name: string, message: string) => ({
  name,
  message: expect.stringContaining(message) as string,
  $metadata: { httpStatusCode: 400 },
});

test('buses are made, described, listed, changed and deleted', async () => {
  const arn = `${ACCOUNT}:event-bus/orders`;
  const Tags = [{ Key: 'a', Value: '1' }];
  expect(
    await client.send(new CreateEventBusCommand({ Name: 'orders', Description: 'd', Tags })),
  ).toMatchObject({
    EventBusArn: arn,
    Description: 'd',
  });
  await expect(client.send(new CreateEventBusCommand({ Name: 'orders' }))).rejects.toMatchObject(
    refused('ResourceAlreadyExistsException', 'Event bus orders already exists.'),
  );
  await expect(client.send(new CreateEventBusCommand({ Name: 'a/b' }))).rejects.toMatchObject(
    refused('ValidationException', "Value 'a/b' at 'name'"),
  );
  expect(await client.send(new ListTagsForResourceCommand({ ResourceARN: arn }))).toMatchObject({ Tags });
  const { EventBuses } = await client.send(new ListEventBusesCommand({}));
  expect(EventBuses).toMatchObject([{ Name: 'default' }, { Name: 'orders', Arn: arn }]);
  expect((await client.send(new ListEventBusesCommand({ NamePrefix: 'o' }))).EventBuses).toHaveLength(1);
  await client.send(
    new UpdateEventBusCommand({ Name: 'orders', DeadLetterConfig: { Arn: own.deadLetterArn } }),
  );
  const changed = await client.send(new DescribeEventBusCommand({ Name: arn }));
  expect(changed).toMatchObject({ Name: 'orders', DeadLetterConfig: { Arn: own.deadLetterArn } });
  expect(changed.Description).toBeUndefined();

  await client.send(
    new PutRuleCommand({ Name: 'r', EventPattern: '{"source":["shop"]}', EventBusName: 'orders' }),
  );
  expect(await client.send(new DescribeRuleCommand({ Name: 'r', EventBusName: arn }))).toMatchObject({
    Arn: `${ACCOUNT}:rule/orders/r`,
  });
  await expect(client.send(new DeleteEventBusCommand({ Name: 'orders' }))).rejects.toMatchObject(
    refused('ValidationException', 'it still has rules'),
  );
  await client.send(new DeleteRuleCommand({ Name: 'r', EventBusName: 'orders' }));
  await client.send(new DeleteEventBusCommand({ Name: 'orders' }));
  await expect(client.send(new DescribeEventBusCommand({ Name: 'orders' }))).rejects.toMatchObject(
    refused('ResourceNotFoundException', 'Event bus orders does not exist.'),
  );
  await expect(client.send(new DeleteEventBusCommand({ Name: 'default' }))).rejects.toMatchObject(
    refused('ValidationException', 'Cannot delete event bus default.'),
  );
});

test('permissions of a bus are added up, and removed', async () => {
  const permit = { Action: 'events:PutEvents', Principal: '111122223333', StatementId: 'one' };
  await client.send(new PutPermissionCommand(permit));
  await client.send(new PutPermissionCommand({ ...permit, Principal: '*', StatementId: 'two' }));
  const statements = async () => {
    const { Policy } = await client.send(new DescribeEventBusCommand({}));
    return Policy && (JSON.parse(Policy) as { Statement: object[] }).Statement;
  };
  expect(await statements()).toEqual([
    {
      Sid: 'one',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::111122223333:root' },
      Action: 'events:PutEvents',
      Resource: `${ACCOUNT}:event-bus/default`,
    },
    expect.objectContaining({ Sid: 'two', Principal: '*' }),
  ]);
  await client.send(new RemovePermissionCommand({ StatementId: 'one' }));
  expect(await statements()).toHaveLength(1);
  await expect(client.send(new RemovePermissionCommand({ StatementId: 'one' }))).rejects.toMatchObject(
    refused('ResourceNotFoundException', 'Statement with the provided id does not exist.'),
  );
  await client.send(new RemovePermissionCommand({ RemoveAllPermissions: true }));
  expect(await statements()).toBeUndefined();
});
