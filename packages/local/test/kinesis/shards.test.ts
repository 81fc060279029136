import {
  GetRecordsCommand,
  ListShardsCommand,
  MergeShardsCommand,
  SplitShardCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import { TestKinesis, textOf } from './support';

const HOUR_SECONDS = 3600;

let kinesis: TestKinesis;
const send = ((command: never) => kinesis.client.send(command)) as TestKinesis['client']['send'];

beforeEach(async () => {
  kinesis = new TestKinesis();
  await kinesis.start();
});

afterEach(() => kinesis.remove());

const create = (...args: Parameters<TestKinesis['create']>) => kinesis.create(...args);
const put = (...args: Parameters<TestKinesis['put']>) => kinesis.put(...args);
const iterator = (...args: Parameters<TestKinesis['iterator']>) => kinesis.iterator(...args);

describe('shards', () => {
  const shards = async () => (await send(new ListShardsCommand({ StreamName: 'clicks' }))).Shards!;

  test('are split and merged: a closed one ends with its children', async () => {
    await create();
    await put('one');
    const NewStartingHashKey = String(2n ** 127n);
    const ShardToSplit = 'shardId-000000000000';
    await send(new SplitShardCommand({ StreamName: 'clicks', ShardToSplit, NewStartingHashKey }));
    const [parent, low, high] = await shards();
    expect(parent!.SequenceNumberRange!.EndingSequenceNumber).toMatch(/^\d{56}$/);
    expect(low).toMatchObject({ ShardId: 'shardId-000000000001', ParentShardId: ShardToSplit });
    expect(high!.HashKeyRange!.StartingHashKey).toBe(NewStartingHashKey);
    const end = await send(new GetRecordsCommand({ ShardIterator: await iterator() }));
    expect(end.Records!.map(textOf)).toEqual(['one']);
    expect(end.NextShardIterator).toBeUndefined();
    expect(end.ChildShards!.map(({ ShardId }) => ShardId)).toEqual([low!.ShardId, high!.ShardId]);
    expect((await put('two', 'b')).ShardId).toBe(high!.ShardId);

    const names = { ShardToMerge: high!.ShardId, AdjacentShardToMerge: low!.ShardId };
    await send(new MergeShardsCommand({ StreamName: 'clicks', ...names }));
    expect((await shards()).at(-1)).toMatchObject({
      ShardId: 'shardId-000000000003',
      ParentShardId: low!.ShardId,
      AdjacentParentShardId: high!.ShardId,
      HashKeyRange: { StartingHashKey: '0', EndingHashKey: String(2n ** 128n - 1n) },
    });
    await expect(send(new MergeShardsCommand({ StreamName: 'clicks', ...names }))).rejects.toMatchObject({
      name: 'ResourceInUseException',
    });
  });

  test('are doubled or halved at most; those that are closed go with their records', async () => {
    await create(2);
    const update = (TargetShardCount: number) =>
      send(
        new UpdateShardCountCommand({
          StreamName: 'clicks',
          TargetShardCount,
          ScalingType: 'UNIFORM_SCALING',
        }),
      );
    await expect(update(5)).rejects.toMatchObject({ name: 'LimitExceededException' });
    expect(await update(3)).toMatchObject({ CurrentShardCount: 2, TargetShardCount: 3 });
    const open = await send(
      new ListShardsCommand({ StreamName: 'clicks', ShardFilter: { Type: 'AT_LATEST' } }),
    );
    expect(
      open.Shards!.map(({ ParentShardId, AdjacentParentShardId }) => [ParentShardId, AdjacentParentShardId]),
    ).toEqual([
      ['shardId-000000000000', undefined],
      ['shardId-000000000000', 'shardId-000000000001'],
      ['shardId-000000000001', undefined],
    ]);
    kinesis.clock.advanceSeconds(24 * HOUR_SECONDS + 60);
    await kinesis.restart();
    expect(await shards()).toHaveLength(3);
  });

  test('are split inside their range only, and merged only with a neighbour', async () => {
    await create(4);
    const split = new SplitShardCommand({
      StreamName: 'clicks',
      ShardToSplit: 'shardId-000000000000',
      NewStartingHashKey: '0',
    });
    await expect(send(split)).rejects.toMatchObject({ name: 'InvalidArgumentException' });
    const merge = new MergeShardsCommand({
      StreamName: 'clicks',
      ShardToMerge: 'shardId-000000000000',
      AdjacentShardToMerge: 'shardId-000000000002',
    });
    await expect(send(merge)).rejects.toMatchObject({ name: 'InvalidArgumentException' });
  });

  test('are listed page by page', async () => {
    await create(3);
    const first = await send(new ListShardsCommand({ StreamName: 'clicks', MaxResults: 2 }));
    expect(first.Shards).toHaveLength(2);
    const second = await send(new ListShardsCommand({ NextToken: first.NextToken }));
    expect(second.Shards!.map(({ ShardId }) => ShardId)).toEqual(['shardId-000000000002']);
  });
});
