import {
  CancelReplayCommand,
  CreateArchiveCommand,
  DeleteArchiveCommand,
  DescribeArchiveCommand,
  DescribeReplayCommand,
  ListArchivesCommand,
  ListReplaysCommand,
  StartReplayCommand,
  UpdateArchiveCommand,
} from '@aws-sdk/client-eventbridge';
import { DEFAULT_ARN, START } from '../events/support';
import { eachWithEventBridge } from './eventbridge-rig';

const ARCHIVE_ARN = 'arn:aws:events:us-east-1:000000000000:archive/all';
const rig = eachWithEventBridge();

const create = (change: object = {}) =>
  rig.client.send(new CreateArchiveCommand({ ArchiveName: 'all', EventSourceArn: DEFAULT_ARN, ...change }));
const describeArchive = () => rig.client.send(new DescribeArchiveCommand({ ArchiveName: 'all' }));
const replay = (change: object = {}) =>
  rig.client.send(
    new StartReplayCommand({
      ReplayName: 'again',
      EventSourceArn: ARCHIVE_ARN,
      EventStartTime: new Date(START),
      EventEndTime: new Date(START + 20_000),
      Destination: { Arn: DEFAULT_ARN },
      ...change,
    }),
  );
const played = async () => {
  await rig.own.archives.idle();
  await rig.own.deliveries.idle();
  return (await rig.own.bodies()).map((body) => JSON.parse(body) as Record<string, unknown>);
};

test('an archive keeps what matches, and a replay puts a part of it on the bus again', async () => {
  expect(await create({ EventPattern: '{"source":["shop"]}' })).toMatchObject({
    ArchiveArn: ARCHIVE_ARN,
    State: 'ENABLED',
  });
  const ids = [await rig.own.put(), await rig.own.put({ source: 'bank' })];
  await rig.own.pass(10);
  ids.push(await rig.own.put());
  await rig.own.pass(10);
  ids.push(await rig.own.put());
  expect(await describeArchive()).toMatchObject({
    EventCount: 3,
    EventSourceArn: DEFAULT_ARN,
    RetentionDays: 0,
  });

  const rule = rig.own.rule({ pattern: '{"replay-name":["again"]}' });
  rig.own.rule({ name: 'other' }, rig.own.target({ arn: rig.own.deadLetterArn }));
  await replay({ Destination: { Arn: DEFAULT_ARN, FilterArns: [rule.arn] } });
  expect((await played()).map(({ id }) => id).sort()).toEqual([ids[0], ids[2]].sort());
  expect(await rig.own.bodies(rig.own.deadLetterArn)).toEqual([]);
  expect(await rig.client.send(new DescribeReplayCommand({ ReplayName: 'again' }))).toMatchObject({
    State: 'COMPLETED',
    EventSourceArn: ARCHIVE_ARN,
    EventStartTime: new Date(START),
    ReplayEndTime: new Date(rig.own.clock.now()),
    Destination: { Arn: DEFAULT_ARN, FilterArns: [rule.arn] },
  });
  // What is replayed is not archived again.
  expect(await describeArchive()).toMatchObject({ EventCount: 3 });
  await replay({ ReplayName: 'more' });
  expect((await played()).length).toBe(0);
  expect((await rig.own.take(rig.own.deadLetterArn)).length).toBe(2);
  expect((await rig.client.send(new ListReplaysCommand({ NamePrefix: 'm' }))).Replays).toMatchObject([
    { ReplayName: 'more' },
  ]);
  await expect(replay()).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
  await expect(rig.client.send(new CancelReplayCommand({ ReplayName: 'more' }))).rejects.toMatchObject({
    name: 'IllegalStatusException',
  });
});

test('an archive outlives the process, and forgets what is too old', async () => {
  await create({ RetentionDays: 1 });
  await rig.own.put();
  await rig.own.restart();
  rig.own.clock.advanceSeconds(12 * 3600);
  await rig.own.put();
  expect(await rig.own.archives.size('all')).toMatchObject({ events: 2 });
  rig.own.clock.advanceSeconds(13 * 3600);
  await rig.own.broker.queues.store.commit([]);
  expect(await rig.own.archives.size('all')).toMatchObject({ events: 1 });
});

test('archives are changed, listed and deleted', async () => {
  await create();
  await expect(create()).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
  await rig.client.send(new UpdateArchiveCommand({ ArchiveName: 'all', RetentionDays: 3, Description: 'd' }));
  expect(await describeArchive()).toMatchObject({ RetentionDays: 3, Description: 'd' });
  expect((await rig.client.send(new ListArchivesCommand({}))).Archives).toMatchObject([
    { ArchiveName: 'all' },
  ]);
  await rig.own.put();
  await rig.client.send(new DeleteArchiveCommand({ ArchiveName: 'all' }));
  await expect(describeArchive()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  expect(await rig.own.archives.size('all')).toEqual({ events: 0, bytes: 0 });
});

test.each<[string, object, string]>([
  ['archive', { EventSourceArn: `${ARCHIVE_ARN}-no` }, 'ResourceNotFoundException'],
  ['bus', { Destination: { Arn: `${DEFAULT_ARN}-no` } }, 'ValidationException'],
  ['time', { EventEndTime: new Date(START) }, 'ValidationException'],
  ['name', { ReplayName: 'a b' }, 'ValidationException'],
])('a replay with the wrong %s is refused', async (_, change, name) => {
  await create();
  await expect(replay(change)).rejects.toMatchObject({ name });
  expect(rig.own.archives.replays()).toEqual([]);
});

test.each<[object, string]>([
  [{ EventPattern: '{"source":"shop"}' }, 'InvalidEventPatternException'],
  [{ EventSourceArn: `${DEFAULT_ARN}-no` }, 'ResourceNotFoundException'],
  [{ ArchiveName: 'a b' }, 'ValidationException'],
])('an archive with %j is refused', async (change, name) => {
  await expect(create(change)).rejects.toMatchObject({ name });
  expect(rig.own.archives.list()).toEqual([]);
});
