import { join } from 'node:path';
import {
  CreateScheduleCommand,
  DeleteScheduleCommand,
  GetScheduleCommand,
  GetScheduleGroupCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import type { CreateScheduleCommandInput } from '@aws-sdk/client-scheduler';
import type { Broker } from '../../src/engine';
import { localLocale } from '../../src/engine';
import { Deliveries, Targets } from '../../src/deliveries';
import { Scheduler } from '../../src/scheduler';
import { openBroker, receive, temporaryFolder } from '../engine/support';
import { ManualClock } from '../support/manual-clock';
import type { Runtime } from './support';
import { clientConfig, FUNCTION_KEY, startRuntime, stopRuntime } from './support';

let runtime: Runtime;
let scheduler: Scheduler;
let deliveries: Deliveries;
let client: SchedulerClient;
let clock: ManualClock;
let queues: Broker;
let input: CreateScheduleCommandInput;

const ARN = 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/nightly';

beforeEach(async () => {
  clock = new ManualClock();
  queues = await openBroker({ clock });
  const { arn } = await queues.ensureQueue('work');
  const targets = new Targets({ queues, publish: () => Promise.resolve(), authorize: () => undefined });
  const file = join(temporaryFolder(), 'scheduler.json');
  const { activity } = queues;
  deliveries = new Deliveries({ targets, store: queues.queues.store, clock, activity });
  scheduler = new Scheduler({ file, deliveries, clock, activity, locale: localLocale });
  scheduler.groups.add('mine');
  scheduler.start();
  runtime = await startRuntime({}, { scheduler });
  client = new SchedulerClient(clientConfig(runtime.endpoint.url));
  input = {
    Name: 'nightly',
    ScheduleExpression: 'cron(0 3 * * ? *)',
    ScheduleExpressionTimezone: 'Europe/Berlin',
    FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
    StartDate: new Date('2026-01-02T00:00:00Z'),
    EndDate: new Date('2027-01-01T00:00:00Z'),
    Description: 'every night',
    Target: {
      Arn: arn,
      RoleArn: 'arn:aws:iam::000000000000:role/scheduler',
      Input: 'hello',
      RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 3600 },
      DeadLetterConfig: { Arn: `${arn}-dead` },
    },
  };
});

afterEach(async () => {
  client.destroy();
  scheduler.stop();
  await deliveries.stop();
  await stopRuntime(runtime);
});

const create = (change: object = {}) => client.send(new CreateScheduleCommand({ ...input, ...change }));
const target = (change: object) => ({ Target: { ...input.Target!, ...change } });

it('creates, gets, updates and deletes a schedule, which runs meanwhile', async () => {
  expect(await create()).toMatchObject({ ScheduleArn: ARN });
  expect(await client.send(new GetScheduleCommand({ Name: 'nightly' }))).toMatchObject({
    ...input,
    Arn: ARN,
    GroupName: 'default',
    State: 'ENABLED',
    ActionAfterCompletion: 'NONE',
    CreationDate: new Date(clock.now()),
  });
  await expect(create()).rejects.toMatchObject({
    name: 'ConflictException',
    $metadata: { httpStatusCode: 409 },
  });
  clock.advanceSeconds(86_400 + 2 * 3600);
  await deliveries.idle();
  const work = input.Target!.Arn!;
  expect(await receive(queues, work)).toMatchObject([{ body: 'hello' }]);

  const { Name, ScheduleExpression, FlexibleTimeWindow: _window, Target } = input;
  const FlexibleTimeWindow = { Mode: 'OFF' as const };
  const change = { Name, ScheduleExpression, Target, FlexibleTimeWindow, State: 'DISABLED' as const };
  await client.send(new UpdateScheduleCommand(change));
  const updated = await client.send(new GetScheduleCommand({ Name }));
  expect(updated).toMatchObject({ State: 'DISABLED', ScheduleExpressionTimezone: 'UTC', FlexibleTimeWindow });
  expect(updated.StartDate).toBeUndefined();
  expect(updated.Description).toBeUndefined();
  expect(updated.LastModificationDate!.getTime()).toBeGreaterThan(updated.CreationDate!.getTime());
  clock.advanceSeconds(2 * 86_400);
  await deliveries.idle();
  expect(await receive(queues, work, 10)).toHaveLength(1);

  await client.send(new DeleteScheduleCommand({ Name }));
  const gone = {
    name: 'ResourceNotFoundException',
    message: 'Schedule nightly does not exist.',
    $metadata: { httpStatusCode: 404 },
  };
  await expect(client.send(new GetScheduleCommand({ Name }))).rejects.toMatchObject(gone);
  await expect(client.send(new DeleteScheduleCommand({ Name }))).rejects.toMatchObject(gone);
  await expect(client.send(new UpdateScheduleCommand(change))).rejects.toMatchObject(gone);
});

it('lists by group, prefix and state, in pages', async () => {
  for (const Name of ['a-1', 'a-2', 'b-1']) await create({ Name });
  await create({ Name: 'a-3', GroupName: 'mine', State: 'DISABLED' });
  const names = async (filter: object) =>
    (await client.send(new ListSchedulesCommand(filter))).Schedules!.map(({ Name }) => Name);
  expect(await names({})).toEqual(['a-1', 'a-2', 'b-1', 'a-3']);
  expect(await names({ NamePrefix: 'a-', GroupName: 'default' })).toEqual(['a-1', 'a-2']);
  expect(await names({ State: 'DISABLED' })).toEqual(['a-3']);
  const first = await client.send(new ListSchedulesCommand({ MaxResults: 3 }));
  expect(first.Schedules).toHaveLength(3);
  expect(await names({ NextToken: first.NextToken })).toEqual(['a-3']);
  const { ScheduleGroups } = await client.send(new ListScheduleGroupsCommand({}));
  expect(ScheduleGroups!.map(({ Name }) => Name)).toEqual(['default', 'mine']);
  expect(await client.send(new GetScheduleGroupCommand({ Name: 'mine' }))).toMatchObject({
    Arn: 'arn:aws:scheduler:us-east-1:000000000000:schedule-group/mine',
  });
  await expect(client.send(new GetScheduleGroupCommand({ Name: 'x' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

it.each<[string, () => object, string]>([
  [
    'an expression',
    () => ({ ScheduleExpression: 'rate(1 minutes)' }),
    'Invalid Schedule Expression rate(1 minutes)',
  ],
  [
    'a time zone',
    () => ({ ScheduleExpressionTimezone: 'Mars/Base' }),
    'Invalid Schedule Expression Timezone Mars/Base.',
  ],
  ['a name', () => ({ Name: 'a b' }), "Value 'a b' at 'name'"],
  ['a state', () => ({ State: 'ON' }), 'State must be'],
  ['an action', () => ({ ActionAfterCompletion: 'KEEP' }), 'ActionAfterCompletion must be'],
  [
    'a window without minutes',
    () => ({ FlexibleTimeWindow: { Mode: 'FLEXIBLE' } }),
    'MaximumWindowInMinutes',
  ],
  [
    'minutes without a window',
    () => ({ FlexibleTimeWindow: { Mode: 'OFF', MaximumWindowInMinutes: 5 } }),
    'MaximumWindowInMinutes',
  ],
  [
    'too long a window',
    () => ({ FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 1441 } }),
    'between 1 and 1440',
  ],
  [
    'an end before the start',
    () => ({ EndDate: new Date('2026-01-01T00:00:00Z') }),
    'The StartDate must come before the EndDate.',
  ],
  [
    'a target that is not hosted',
    () => target({ Arn: 'arn:aws:states:us-east-1:000000000000:stateMachine:m' }),
    'is not hosted',
  ],
  [
    'a universal target',
    () => target({ Arn: 'arn:aws:scheduler:::aws-sdk:sqs:sendMessage' }),
    'is not hosted',
  ],
  ['no role', () => target({ RoleArn: '' }), 'RoleArn'],
  ['too many retries', () => target({ RetryPolicy: { MaximumRetryAttempts: 186 } }), 'between 0 and 185'],
  [
    'too short an age',
    () => target({ RetryPolicy: { MaximumEventAgeInSeconds: 59 } }),
    'between 60 and 86400',
  ],
  ['a date that nobody can write', () => ({ StartDate: new Date(8.64e15) }), 'StartDate is no date'],
  [
    'an expression without end',
    () => ({ ScheduleExpression: `cron(${'*,'.repeat(200)}* * * * ? *)` }),
    'at most 256',
  ],
])('refuses %s', async (_, change, message) => {
  await expect(create(change())).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining(message) as string,
  });
  expect(scheduler.list()).toEqual([]);
});

it('refuses a group that is not there', async () => {
  await expect(create({ GroupName: 'other' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Schedule group other does not exist.',
  });
});

it('is judged on the schedule', async () => {
  const fn = new SchedulerClient(clientConfig(runtime.endpoint.url, FUNCTION_KEY));
  runtime.guard.rule = () => ({ kind: 'deny', message: 'no' });
  await expect(fn.send(new CreateScheduleCommand({ ...input, GroupName: 'mine' }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
  });
  expect(runtime.guard.calls).toMatchObject([
    {
      action: 'scheduler:CreateSchedule',
      resource: 'arn:aws:scheduler:us-east-1:000000000000:schedule/mine/nightly',
    },
  ]);
  fn.destroy();
});

it('takes a role from those alone who may pass it to the scheduler', async () => {
  const fn = new SchedulerClient(clientConfig(runtime.endpoint.url, FUNCTION_KEY));
  runtime.guard.rule = ({ action }) =>
    action === 'iam:PassRole' ? { kind: 'deny', message: 'not this role' } : { kind: 'allow' };
  const refused = { name: 'AccessDeniedException', message: 'not this role' };
  await expect(fn.send(new CreateScheduleCommand(input))).rejects.toMatchObject(refused);
  await expect(fn.send(new UpdateScheduleCommand(input))).rejects.toMatchObject(refused);
  const [, passing] = runtime.guard.calls;
  expect(passing).toMatchObject({ service: 'scheduler', resource: input.Target!.RoleArn });
  expect(passing!.conditions?.().get('iam:passedtoservice')).toBe('scheduler.amazonaws.com');
  fn.destroy();
});
