import {
  AddTagsToStreamCommand,
  CreateStreamCommand,
  DecreaseStreamRetentionPeriodCommand,
  DeleteStreamCommand,
  DeregisterStreamConsumerCommand,
  DescribeStreamCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  IncreaseStreamRetentionPeriodCommand,
  ListStreamConsumersCommand,
  ListStreamsCommand,
  ListTagsForStreamCommand,
  PutRecordCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  RemoveTagsFromStreamCommand,
  StartStreamEncryptionCommand,
} from '@aws-sdk/client-kinesis';
import type { GetShardIteratorCommandInput } from '@aws-sdk/client-kinesis';
import { bytes, TestKinesis, textOf } from './support';

const HOUR_SECONDS = 3600;
const ARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/clicks';

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

async function read(more: Partial<GetShardIteratorCommandInput> = {}): Promise<string[]> {
  const { Records } = await send(new GetRecordsCommand({ ShardIterator: await iterator(more) }));
  return Records!.map(textOf);
}

describe('records', () => {
  test('come back in order, page by page, with their numbers, keys and times', async () => {
    await create();
    const first = await put('one', 'a');
    kinesis.clock.advance(1500);
    const second = await put('two', 'b');
    expect(first.ShardId).toBe('shardId-000000000000');
    expect(first.SequenceNumber).toMatch(/^\d{56}$/);
    expect(BigInt(second.SequenceNumber!)).toBeGreaterThan(BigInt(first.SequenceNumber!));

    const page = await send(new GetRecordsCommand({ ShardIterator: await iterator(), Limit: 1 }));
    expect(page.Records).toMatchObject([
      {
        SequenceNumber: first.SequenceNumber,
        PartitionKey: 'a',
        ApproximateArrivalTimestamp: new Date('2026-01-01T00:00:00.000Z'),
      },
    ]);
    expect(page.MillisBehindLatest).toBe(1500);
    const rest = await send(new GetRecordsCommand({ ShardIterator: page.NextShardIterator }));
    expect(rest.Records!.map(textOf)).toEqual(['two']);
    expect(rest.MillisBehindLatest).toBe(0);
    await put('three');
    const next = await send(new GetRecordsCommand({ ShardIterator: rest.NextShardIterator }));
    expect(next.Records!.map(textOf)).toEqual(['three']);
  });

  test('go to the shard of their partition key, or of an explicit hash key', async () => {
    await create(2);
    const half = 2n ** 127n;
    const shards = await Promise.all(
      [0n, half - 1n, half, 2n ** 128n - 1n].map(async (key) => {
        const ExplicitHashKey = String(key);
        const input = { StreamName: 'clicks', PartitionKey: 'p', Data: bytes('x'), ExplicitHashKey };
        return (await send(new PutRecordCommand(input))).ShardId;
      }),
    );
    const [low, high] = ['shardId-000000000000', 'shardId-000000000001'];
    expect(shards).toEqual([low, low, high, high]);
    // MD5 of "a" begins with 0c, that of "b" with 92.
    expect((await put('1', 'a')).ShardId).toBe(low);
    expect((await put('2', 'b')).ShardId).toBe(high);
  });

  test('are put many at once, in order', async () => {
    await create();
    const Records = Array.from({ length: 500 }, (_, i) => ({
      PartitionKey: `p${i}`,
      Data: bytes(String(i)),
    }));
    const result = await send(new PutRecordsCommand({ StreamARN: ARN, Records }));
    expect(result.FailedRecordCount).toBe(0);
    expect(result.Records).toHaveLength(500);
    expect(await read()).toEqual(Records.map((_, i) => String(i)));
  });

  test('stay over a restart, and numbers go on', async () => {
    await create();
    const { SequenceNumber } = await put('one');
    await kinesis.restart();
    const next = await put('two');
    expect(BigInt(next.SequenceNumber!)).toBeGreaterThan(BigInt(SequenceNumber!));
    expect(await read()).toEqual(['one', 'two']);
  });

  test('are gone when their retention is over, to the second; numbers go on even then', async () => {
    await create();
    const { SequenceNumber } = await put('one');
    kinesis.clock.advanceSeconds(24 * HOUR_SECONDS - 1);
    expect(await read()).toEqual(['one']);
    kinesis.clock.advanceSeconds(1);
    expect(await read()).toEqual([]);
    kinesis.clock.advanceSeconds(60);
    await kinesis.restart();
    const next = await put('two');
    expect(BigInt(next.SequenceNumber!)).toBeGreaterThan(BigInt(SequenceNumber!));
  });

  test.each([
    ['no partition key', { PartitionKey: '' }, 'ValidationException'],
    ['a long partition key', { PartitionKey: 'p'.repeat(257) }, 'ValidationException'],
    ['1 MiB and a key', { Data: new Uint8Array(1024 * 1024) }, 'ValidationException'],
    ['a negative hash key', { ExplicitHashKey: '-1' }, 'InvalidArgumentException'],
    ['a hash key of 129 bits', { ExplicitHashKey: String(2n ** 128n) }, 'InvalidArgumentException'],
    ['no such stream', { StreamName: 'none' }, 'ResourceNotFoundException'],
    ['a name that cannot be', { StreamName: 'no/name' }, 'ValidationException'],
  ])('are refused with %s', async (_what, more, name) => {
    await create();
    const input = { StreamName: 'clicks', PartitionKey: 'p', Data: bytes('x'), ...more };
    await expect(send(new PutRecordCommand(input))).rejects.toMatchObject({ name });
  });

  test('may have 1 MiB with their key, and 5 MiB together', async () => {
    await create();
    const full = { PartitionKey: 'p', Data: new Uint8Array(1024 * 1024 - 1) };
    await send(new PutRecordCommand({ StreamName: 'clicks', ...full }));
    const many = (count: number) => Array.from({ length: count }, () => full);
    await send(new PutRecordsCommand({ StreamName: 'clicks', Records: many(5) }));
    const tooMuch = new PutRecordsCommand({ StreamName: 'clicks', Records: many(6) });
    await expect(send(tooMuch)).rejects.toMatchObject({ name: 'InvalidArgumentException' });
    const small = Array.from({ length: 501 }, () => ({ PartitionKey: 'p', Data: bytes('') }));
    const tooMany = new PutRecordsCommand({ StreamName: 'clicks', Records: small });
    await expect(send(tooMany)).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('iterators', () => {
  test('begin at a sequence number or after it, at a time, or at what comes next', async () => {
    await create();
    await put('one');
    kinesis.clock.advance(10_000);
    const { SequenceNumber: StartingSequenceNumber } = await put('two');
    const atTwo = new Date(kinesis.clock.now());
    kinesis.clock.advance(10_000);
    await put('three');
    const latest = await iterator({ ShardIteratorType: 'LATEST' });
    expect(await read({ ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber })).toEqual([
      'two',
      'three',
    ]);
    expect(await read({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber })).toEqual([
      'three',
    ]);
    expect(await read({ ShardIteratorType: 'AT_TIMESTAMP', Timestamp: atTwo })).toEqual(['two', 'three']);
    const later = new Date(atTwo.getTime() + 1000);
    expect(await read({ ShardIteratorType: 'AT_TIMESTAMP', Timestamp: later })).toEqual(['three']);
    await put('four');
    const { Records } = await send(new GetRecordsCommand({ ShardIterator: latest }));
    expect(Records!.map(textOf)).toEqual(['four']);
  });

  test('last five minutes', async () => {
    await create();
    const ShardIterator = await iterator();
    kinesis.clock.advanceSeconds(299);
    await send(new GetRecordsCommand({ ShardIterator }));
    kinesis.clock.advanceSeconds(1);
    await expect(send(new GetRecordsCommand({ ShardIterator }))).rejects.toMatchObject({
      name: 'ExpiredIteratorException',
    });
  });

  test.each([
    [{ ShardId: 'shardId-000000000009' }, 'ResourceNotFoundException'],
    [
      { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date('2026-01-01T00:00:01Z') },
      'InvalidArgumentException',
    ],
    [{ ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: '12' }, 'InvalidArgumentException'],
    [{ ShardIteratorType: 'NOWHERE' as 'LATEST' }, 'ValidationException'],
  ] as const)('are refused with %j', async (more, name) => {
    await create();
    await expect(iterator(more)).rejects.toMatchObject({ name });
  });

  test('of another make are refused', async () => {
    await create();
    await expect(send(new GetRecordsCommand({ ShardIterator: 'AAAA' }))).rejects.toMatchObject({
      name: 'InvalidArgumentException',
    });
  });
});

describe('streams', () => {
  test('are made, described, listed and deleted', async () => {
    await create(2);
    await send(
      new CreateStreamCommand({ StreamName: 'views', StreamModeDetails: { StreamMode: 'ON_DEMAND' } }),
    );
    await expect(create()).rejects.toMatchObject({ name: 'ResourceInUseException' });
    const { StreamDescription } = await send(new DescribeStreamCommand({ StreamName: 'clicks' }));
    expect(StreamDescription).toMatchObject({
      StreamName: 'clicks',
      StreamARN: ARN,
      StreamStatus: 'ACTIVE',
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
      RetentionPeriodHours: 24,
      EncryptionType: 'NONE',
      HasMoreShards: false,
      Shards: [
        {
          ShardId: 'shardId-000000000000',
          HashKeyRange: { StartingHashKey: '0', EndingHashKey: String(2n ** 127n - 1n) },
        },
        {
          ShardId: 'shardId-000000000001',
          HashKeyRange: { StartingHashKey: String(2n ** 127n), EndingHashKey: String(2n ** 128n - 1n) },
        },
      ],
    });
    const summary = await send(new DescribeStreamSummaryCommand({ StreamName: 'views' }));
    expect(summary.StreamDescriptionSummary).toMatchObject({
      OpenShardCount: 4,
      StreamModeDetails: { StreamMode: 'ON_DEMAND' },
    });
    const first = await send(new ListStreamsCommand({ Limit: 1 }));
    expect(first).toMatchObject({ StreamNames: ['clicks'], HasMoreStreams: true });
    const second = await send(new ListStreamsCommand({ NextToken: first.NextToken }));
    expect(second).toMatchObject({ StreamNames: ['views'], HasMoreStreams: false });
    await put('one', 'a');
    await send(new DeleteStreamCommand({ StreamName: 'clicks' }));
    await expect(put('two')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await create(2);
    expect(await read()).toEqual([]);
  });

  test('have tags, a retention and encryption', async () => {
    await create();
    const StreamName = 'clicks';
    await send(new AddTagsToStreamCommand({ StreamName, Tags: { team: 'web', stage: 'dev' } }));
    await send(new RemoveTagsFromStreamCommand({ StreamName, TagKeys: ['stage'] }));
    expect(await send(new ListTagsForStreamCommand({ StreamName }))).toMatchObject({
      Tags: [{ Key: 'team', Value: 'web' }],
    });
    await send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 48 }));
    const less = new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 47 });
    await expect(send(less)).rejects.toMatchObject({ name: 'InvalidArgumentException' });
    await put('one');
    kinesis.clock.advanceSeconds(47 * HOUR_SECONDS);
    expect(await read()).toEqual(['one']);
    await send(new DecreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 24 }));
    expect(await read()).toEqual([]);
    await send(
      new StartStreamEncryptionCommand({ StreamName, EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' }),
    );
    expect(await put('two')).toMatchObject({ EncryptionType: 'KMS' });
  });

  test('have consumers', async () => {
    await create();
    const { Consumer } = await send(
      new RegisterStreamConsumerCommand({ StreamARN: ARN, ConsumerName: 'app' }),
    );
    const ConsumerARN = `${ARN}/consumer/app:1767225600`;
    expect(Consumer).toMatchObject({ ConsumerName: 'app', ConsumerARN, ConsumerStatus: 'ACTIVE' });
    const again = new RegisterStreamConsumerCommand({ StreamARN: ARN, ConsumerName: 'app' });
    await expect(send(again)).rejects.toMatchObject({ name: 'ResourceInUseException' });
    expect(await send(new DescribeStreamConsumerCommand({ ConsumerARN }))).toMatchObject({
      ConsumerDescription: { ConsumerName: 'app', StreamARN: ARN },
    });
    await expect(send(new DeleteStreamCommand({ StreamName: 'clicks' }))).rejects.toMatchObject({
      name: 'ResourceInUseException',
    });
    await send(new DeregisterStreamConsumerCommand({ ConsumerARN }));
    expect(await send(new ListStreamConsumersCommand({ StreamARN: ARN }))).toMatchObject({ Consumers: [] });
  });
});

test('a function may do what its role allows on the stream, which an iterator names too', async () => {
  await create();
  const ShardIterator = await iterator();
  const { guard } = kinesis.runtime;
  guard.calls.length = 0;
  await put('one');
  await send(new GetRecordsCommand({ ShardIterator }));
  await send(new ListStreamsCommand({}));
  expect(guard.calls.map(({ action, resource }) => [action, resource])).toEqual([
    ['kinesis:PutRecord', ARN],
    ['kinesis:GetRecords', ARN],
    ['kinesis:ListStreams', '*'],
  ]);
});
