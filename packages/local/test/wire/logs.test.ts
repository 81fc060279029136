import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  ListTagsForResourceCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { LogStore } from '../../src/logs';
import { Lines } from '../support/lines';
import { ManualClock } from '../support/manual-clock';
import { aws, testWithCli } from './aws-cli';
import { clientConfig, FUNCTION_KEY, startRuntime, stopRuntime } from './support';
import type { Runtime } from './support';

const ARN = 'arn:aws:logs:us-east-1:000000000000:log-group';
const DAY = 86_400_000;

let folder: string;
let clock: ManualClock;
let store: LogStore;
let runtime: Runtime;
let client: CloudWatchLogsClient;
let groups = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aws-micro-wire-logs-'));
  clock = new ManualClock();
  const place = { region: 'us-east-1', accountId: '000000000000' };
  store = await LogStore.open({ folder, clock, reporter: new Lines(), ...place });
  runtime = await startRuntime({}, { logs: store });
  client = new CloudWatchLogsClient(clientConfig(runtime.endpoint.url));
});

afterAll(async () => {
  client.destroy();
  await stopRuntime(runtime);
  await store.close();
  rmSync(folder, { recursive: true });
});

/** A new group with a stream `s`. */
async function group(): Promise<string> {
  groups += 1;
  const logGroupName = `/test/${groups}`;
  await client.send(new CreateLogGroupCommand({ logGroupName }));
  await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 's' }));
  return logGroupName;
}

const put = (logGroupName: string, messages: readonly string[], logStreamName = 's', first = clock.now()) =>
  client.send(
    new PutLogEventsCommand({
      logGroupName,
      logStreamName,
      logEvents: messages.map((message, n) => ({ timestamp: first + n, message })),
    }),
  );

describe('groups', () => {
  test('are made, described page by page, and deleted', async () => {
    const names = ['/page/a', '/page/b', '/page/c'];
    for (const logGroupName of names) await client.send(new CreateLogGroupCommand({ logGroupName }));
    const prefix = { logGroupNamePrefix: '/page/' };
    const first = await client.send(new DescribeLogGroupsCommand({ ...prefix, limit: 2 }));
    expect(first.logGroups).toMatchObject([
      {
        logGroupName: '/page/a',
        arn: `${ARN}:/page/a:*`,
        logGroupArn: `${ARN}:/page/a`,
        logGroupClass: 'STANDARD',
      },
      { logGroupName: '/page/b', creationTime: clock.now(), storedBytes: 0 },
    ]);
    const rest = await client.send(new DescribeLogGroupsCommand({ ...prefix, nextToken: first.nextToken }));
    expect(rest.logGroups?.map(({ logGroupName }) => logGroupName)).toEqual(['/page/c']);
    await client.send(new DeleteLogGroupCommand({ logGroupName: '/page/b' }));
    const left = await client.send(new DescribeLogGroupsCommand({ logGroupNamePattern: 'PAGE' }));
    expect(left.logGroups?.map(({ logGroupName }) => logGroupName)).toEqual(['/page/a', '/page/c']);
  });

  test('have a retention of days that AWS knows', async () => {
    const logGroupName = await group();
    const days = async () => {
      const { logGroups } = await client.send(
        new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }),
      );
      return logGroups?.find((each) => each.logGroupName === logGroupName)?.retentionInDays;
    };
    await client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 14 }));
    expect(await days()).toBe(14);
    await expect(
      client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 2 })),
    ).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await client.send(new DeleteRetentionPolicyCommand({ logGroupName }));
    expect(await days()).toBeUndefined();
  });

  test('have tags', async () => {
    const resourceArn = `${ARN}:${await group()}:*`;
    const tags = async () => (await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags;
    await client.send(new TagResourceCommand({ resourceArn, tags: { a: '1', b: '2' } }));
    expect(await tags()).toEqual({ a: '1', b: '2' });
    await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a'] }));
    expect(await tags()).toEqual({ b: '2' });
  });

  test('that are there already, are missing or have a wrong name are refused', async () => {
    const logGroupName = await group();
    await expect(client.send(new CreateLogGroupCommand({ logGroupName }))).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
    });
    await expect(client.send(new DeleteLogGroupCommand({ logGroupName: '/none' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'The specified log group does not exist.',
    });
    await expect(client.send(new CreateLogGroupCommand({ logGroupName: 'a b' }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });
});

describe('streams', () => {
  test('are made, described by name or by their last event, and deleted', async () => {
    const logGroupName = await group();
    await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 't' }));
    await put(logGroupName, ['late'], 's', clock.now() + 10);
    await put(logGroupName, ['early'], 't', clock.now() + 5);
    const names = async (more: object) =>
      (await client.send(new DescribeLogStreamsCommand({ logGroupName, ...more }))).logStreams?.map(
        ({ logStreamName }) => logStreamName,
      );
    expect(await names({})).toEqual(['s', 't']);
    expect(await names({ orderBy: 'LastEventTime' })).toEqual(['t', 's']);
    expect(await names({ orderBy: 'LastEventTime', descending: true })).toEqual(['s', 't']);
    expect(await names({ logStreamNamePrefix: 't' })).toEqual(['t']);
    await client.send(new DeleteLogStreamCommand({ logGroupName, logStreamName: 's' }));
    expect(await names({})).toEqual(['t']);
    await expect(
      client.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 't' })),
    ).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
    await expect(
      client.send(new GetLogEventsCommand({ logGroupName, logStreamName: 's' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('events', () => {
  test('of a stream are read to and fro', async () => {
    const logGroupName = await group();
    await put(logGroupName, ['0', '1', '2', '3', '4']);
    const read = async (more: object) => {
      const answer = await client.send(
        new GetLogEventsCommand({ logGroupName, logStreamName: 's', ...more }),
      );
      return { ...answer, messages: answer.events?.map(({ message }) => message) };
    };
    const newest = await read({ limit: 2 });
    expect(newest.messages).toEqual(['3', '4']);
    expect(newest.events?.[0]).toEqual({
      timestamp: clock.now() + 3,
      message: '3',
      ingestionTime: clock.now(),
    });
    const before = await read({ limit: 2, nextToken: newest.nextBackwardToken });
    expect(before.messages).toEqual(['1', '2']);
    const after = await read({ nextToken: before.nextForwardToken, startFromHead: true });
    expect(after.messages).toEqual(['3', '4']);
    const end = await read({ nextToken: after.nextForwardToken });
    expect(end).toMatchObject({ messages: [], nextForwardToken: after.nextForwardToken });
    expect((await read({ nextToken: end.nextBackwardToken })).messages).toEqual(['0', '1', '2', '3', '4']);
    await put(logGroupName, ['5'], 's', clock.now() + 5);
    expect((await read({ nextToken: end.nextForwardToken })).messages).toEqual(['5']);
    expect((await read({ startFromHead: true, limit: 1 })).messages).toEqual(['0']);
    const window = { startTime: clock.now() + 1, endTime: clock.now() + 3 };
    expect((await read(window)).messages).toEqual(['1', '2']);
    await expect(read({ nextToken: 'x' })).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  test('of a group are filtered by pattern, stream and time, page by page', async () => {
    const logGroupName = await group();
    await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 't' }));
    await put(logGroupName, ['ERROR 1', '{"level":"ERROR","n":4}', 'fine']);
    await put(logGroupName, ['ERROR 2'], 't');
    const filter = async (more: object) => {
      const answer = await client.send(new FilterLogEventsCommand({ logGroupName, ...more }));
      return { ...answer, messages: answer.events?.map(({ message }) => message) };
    };
    expect((await filter({ filterPattern: 'ERROR -n' })).messages).toEqual(['ERROR 1', 'ERROR 2']);
    const found = await filter({ filterPattern: '{ $.level = "ERROR" && $.n > 3 }' });
    expect(found.events).toEqual([
      {
        logStreamName: 's',
        timestamp: clock.now() + 1,
        message: '{"level":"ERROR","n":4}',
        ingestionTime: clock.now(),
        eventId: expect.stringMatching(/^\d{56}$/) as string,
      },
    ]);
    expect((await filter({ logStreamNames: ['t'] })).messages).toEqual(['ERROR 2']);
    expect((await filter({ logStreamNamePrefix: 't' })).messages).toEqual(['ERROR 2']);
    expect((await filter({ startTime: clock.now() + 1, endTime: clock.now() + 1 })).messages).toHaveLength(1);
    const first = await filter({ limit: 3 });
    const rest = await filter({ nextToken: first.nextToken });
    expect([...first.messages!, ...rest.messages!]).toEqual([
      'ERROR 1',
      'ERROR 2',
      '{"level":"ERROR","n":4}',
      'fine',
    ]);
    expect(rest.nextToken).toBeUndefined();
    for (const wrong of [{ filterPattern: '{ $.a' }, { limit: 0 }, { nextToken: '!' }]) {
      await expect(filter(wrong)).rejects.toMatchObject({ name: 'InvalidParameterException' });
    }
    await expect(filter({ logStreamNames: ['none'] })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('of an answer have one MB at most', async () => {
    const logGroupName = await group();
    for (let n = 0; n < 3; n += 1)
      await put(logGroupName, [`${n}${'x'.repeat(400 * 1024)}`], 's', clock.now() + n);
    const first = await client.send(new FilterLogEventsCommand({ logGroupName }));
    expect(first.events?.map(({ message }) => message?.[0])).toEqual(['0', '1']);
    const rest = await client.send(new FilterLogEventsCommand({ logGroupName, nextToken: first.nextToken }));
    expect(rest.events?.map(({ message }) => message?.[0])).toEqual(['2']);
  });

  test('that are too old, too new or beyond the retention are left out, and told', async () => {
    const logGroupName = await group();
    const now = clock.now();
    const events = (...timestamps: number[]) =>
      client.send(
        new PutLogEventsCommand({
          logGroupName,
          logStreamName: 's',
          logEvents: timestamps.map((timestamp) => ({ timestamp, message: String(timestamp - now) })),
        }),
      );
    const kept = async () =>
      (await client.send(new FilterLogEventsCommand({ logGroupName }))).events?.map(({ message }) => message);
    const old = now - 14 * DAY;
    expect((await events(old - 1, old)).rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1 });
    const future = now + 2 * 60 * 60 * 1000;
    expect((await events(future, future + 1)).rejectedLogEventsInfo).toEqual({ tooNewLogEventStartIndex: 1 });
    expect(await kept()).toEqual([String(-14 * DAY), String(7_200_000)]);
    await client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 1 }));
    expect((await events(now - DAY - 1, now - 1)).rejectedLogEventsInfo).toEqual({
      expiredLogEventEndIndex: 1,
    });
    expect(await kept()).toEqual(['-1', String(7_200_000)]);
  });

  test.each([
    ['not in order', [5, 4], /chronological order/],
    ['of more than a day', [0, DAY + 1], /24 hours/],
    ['none', [], /1 to 10000 log events/],
  ])('%s are refused', async (_, offsets, message) => {
    const logGroupName = await group();
    const logEvents = offsets.map((offset) => ({ timestamp: clock.now() - 2 * DAY + offset, message: 'm' }));
    await expect(
      client.send(new PutLogEventsCommand({ logGroupName, logStreamName: 's', logEvents })),
    ).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringMatching(message) as string,
    });
  });
});

test('a role needs leave for the group with something behind it', async () => {
  const logGroupName = await group();
  const own = new CloudWatchLogsClient(clientConfig(runtime.endpoint.url, FUNCTION_KEY));
  runtime.guard.calls.length = 0;
  await own.send(new FilterLogEventsCommand({ logGroupName }));
  await own.send(
    new PutLogEventsCommand({
      logGroupName,
      logStreamName: 's',
      logEvents: [{ timestamp: clock.now(), message: 'm' }],
    }),
  );
  expect(runtime.guard.calls.map(({ action, resource }) => [action, resource])).toEqual([
    ['logs:FilterLogEvents', `${ARN}:${logGroupName}:log-stream:`],
    ['logs:PutLogEvents', `${ARN}:${logGroupName}:log-stream:s`],
  ]);
  runtime.guard.rule = () => ({ kind: 'deny', message: 'no' });
  await expect(own.send(new FilterLogEventsCommand({ logGroupName }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: 'no',
  });
  own.destroy();
});

testWithCli('the aws CLI reads them', async () => {
  const logGroupName = await group();
  await put(logGroupName, ['one', 'two']);
  const url = runtime.endpoint.url;
  const read = ['--log-group-name', logGroupName, '--query', 'events[].message'];
  expect(await aws(url, 'logs', 'filter-log-events', '--filter-pattern', 'two', ...read)).toEqual(['two']);
});
