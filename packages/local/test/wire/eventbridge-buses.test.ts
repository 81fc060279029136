import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  ListEventBusesCommand,
  ListTagsForResourceCommand,
  PutPermissionCommand,
  PutRuleCommand,
  RemovePermissionCommand,
  UpdateEventBusCommand,
} from '@aws-sdk/client-eventbridge';
import { eachWithEventBridge, refused } from './eventbridge-rig';

const ACCOUNT = 'arn:aws:events:us-east-1:000000000000';
const rig = eachWithEventBridge();

test('buses are made, described, listed, changed and deleted', async () => {
  const arn = `${ACCOUNT}:event-bus/orders`;
  const Tags = [{ Key: 'a', Value: '1' }];
  expect(
    await rig.client.send(new CreateEventBusCommand({ Name: 'orders', Description: 'd', Tags })),
  ).toMatchObject({
    EventBusArn: arn,
    Description: 'd',
  });
  await expect(rig.client.send(new CreateEventBusCommand({ Name: 'orders' }))).rejects.toMatchObject(
    refused('ResourceAlreadyExistsException', 'Event bus orders already exists.'),
  );
  await expect(rig.client.send(new CreateEventBusCommand({ Name: 'a/b' }))).rejects.toMatchObject(
    refused('ValidationException', "Value 'a/b' at 'name'"),
  );
  expect(await rig.client.send(new ListTagsForResourceCommand({ ResourceARN: arn }))).toMatchObject({ Tags });
  const { EventBuses } = await rig.client.send(new ListEventBusesCommand({}));
  expect(EventBuses).toMatchObject([{ Name: 'default' }, { Name: 'orders', Arn: arn }]);
  expect((await rig.client.send(new ListEventBusesCommand({ NamePrefix: 'o' }))).EventBuses).toHaveLength(1);
  await rig.client.send(
    new UpdateEventBusCommand({ Name: 'orders', DeadLetterConfig: { Arn: rig.own.deadLetterArn } }),
  );
  const changed = await rig.client.send(new DescribeEventBusCommand({ Name: arn }));
  expect(changed).toMatchObject({ Name: 'orders', DeadLetterConfig: { Arn: rig.own.deadLetterArn } });
  expect(changed.Description).toBeUndefined();

  await rig.client.send(
    new PutRuleCommand({ Name: 'r', EventPattern: '{"source":["shop"]}', EventBusName: 'orders' }),
  );
  expect(await rig.client.send(new DescribeRuleCommand({ Name: 'r', EventBusName: arn }))).toMatchObject({
    Arn: `${ACCOUNT}:rule/orders/r`,
  });
  await expect(rig.client.send(new DeleteEventBusCommand({ Name: 'orders' }))).rejects.toMatchObject(
    refused('ValidationException', 'it still has rules'),
  );
  await rig.client.send(new DeleteRuleCommand({ Name: 'r', EventBusName: 'orders' }));
  await rig.client.send(new DeleteEventBusCommand({ Name: 'orders' }));
  await expect(rig.client.send(new DescribeEventBusCommand({ Name: 'orders' }))).rejects.toMatchObject(
    refused('ResourceNotFoundException', 'Event bus orders does not exist.'),
  );
  await expect(rig.client.send(new DeleteEventBusCommand({ Name: 'default' }))).rejects.toMatchObject(
    refused('ValidationException', 'Cannot delete event bus default.'),
  );
});

test('permissions of a bus are added up, and removed', async () => {
  const permit = { Action: 'events:PutEvents', Principal: '111122223333', StatementId: 'one' };
  await rig.client.send(new PutPermissionCommand(permit));
  await rig.client.send(new PutPermissionCommand({ ...permit, Principal: '*', StatementId: 'two' }));
  const statements = async () => {
    const { Policy } = await rig.client.send(new DescribeEventBusCommand({}));
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
  await rig.client.send(new RemovePermissionCommand({ StatementId: 'one' }));
  expect(await statements()).toHaveLength(1);
  await expect(rig.client.send(new RemovePermissionCommand({ StatementId: 'one' }))).rejects.toMatchObject(
    refused('ResourceNotFoundException', 'Statement with the provided id does not exist.'),
  );
  await rig.client.send(new RemovePermissionCommand({ RemoveAllPermissions: true }));
  expect(await statements()).toBeUndefined();
});

test('a policy may have one statement without a list', async () => {
  const Statement = {
    Sid: 'alone',
    Effect: 'Allow',
    Principal: '*',
    Action: 'events:PutEvents',
    Resource: '*',
  };
  await rig.client.send(new PutPermissionCommand({ Policy: JSON.stringify({ Statement }) }));
  const another = { Action: 'events:PutEvents', Principal: '*', StatementId: 'other' };
  await rig.client.send(new PutPermissionCommand(another));
  const { Policy } = await rig.client.send(new DescribeEventBusCommand({}));
  expect(JSON.parse(Policy!)).toMatchObject({ Statement: [{ Sid: 'alone' }, { Sid: 'other' }] });
  await rig.client.send(new RemovePermissionCommand({ StatementId: 'alone' }));
  await rig.client.send(new RemovePermissionCommand({ RemoveAllPermissions: true }));
  await expect(
    rig.client.send(new PutPermissionCommand({ Policy: '{"Statement":"x"}' })),
  ).rejects.toMatchObject(refused('ValidationException', 'it is no policy'));
});
