import type { DynamoDBStreamEvent } from 'aws-lambda';
import { ORDERS } from '../dynamodb/support';
import { DEAD, MAPPING, StreamRig } from './stream-rig';
import { until } from './support';

let rig: StreamRig;

beforeEach(async () => {
  rig = await StreamRig.create();
});

afterEach(() => rig.dispose());

describe('batches', () => {
  test('have what is there, in order, as AWS tells it', async () => {
    await rig.put('one', 'two');
    await rig.start();
    await rig.invoked(1);
    const [event] = await rig.events();
    const sequenceNumber = `4959${'1'.padStart(52, '0')}`;
    expect(event!.Records).toHaveLength(2);
    expect(event!.Records[0]).toEqual({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: 'p',
        sequenceNumber,
        data: 'b25l',
        approximateArrivalTimestamp: rig.clock.now() / 1000,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `shardId-000000000000:${sequenceNumber}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: 'arn:aws:iam::000000000000:role/recorder',
      awsRegion: 'us-east-1',
      eventSourceARN: MAPPING.streamArn,
    });
    await rig.put('three');
    await rig.invoked(2);
    expect(await rig.batches()).toEqual([['one', 'two'], ['three']]);
  });

  test('are as large as the mapping says, and one at a time', async () => {
    await rig.setMode('hold');
    await rig.put('1', '2', '3');
    await rig.start({ batchSize: 2 });
    await rig.invoked(1);
    await rig.put('4');
    expect(await rig.batches()).toEqual([['1', '2']]);
    await rig.setMode('');
    await rig.invoked(2);
    expect(await rig.batches()).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
  });

  test('wait for the window to close, to the second, or until they are full', async () => {
    await rig.start({ batchSize: 3, batchWindowSeconds: 50 });
    await rig.put('1');
    await until(() => rig.clock.pending.includes(50_000));
    rig.clock.advance(49_000);
    await rig.put('2');
    await until(() => rig.clock.pending.includes(1000));
    expect(await rig.batches()).toEqual([]);
    rig.clock.advance(1000);
    await rig.invoked(1);
    await rig.put('3', '4', '5');
    await rig.invoked(2);
    expect(await rig.batches()).toEqual([
      ['1', '2'],
      ['3', '4', '5'],
    ]);
  });

  test('have what the filters want: data as JSON, or the key', async () => {
    const filterPatterns = ['{"data":{"kind":["sale"]}}', '{"partitionKey":["vip"]}'];
    await rig.start({ filterPatterns });
    await rig.put('{"kind":"view"}', '{"kind":"sale","n":1}', 'kind sale', '{"kind":"sale","n":2}');
    await rig.putAs('vip', 'plain');
    await until(async () => (await rig.batches()).flat().length === 3);
    expect((await rig.batches()).flat()).toEqual(['{"kind":"sale","n":1}', '{"kind":"sale","n":2}', 'plain']);
  });

  test('of several partition keys run beside each other, each key in order', async () => {
    await rig.setMode('hold');
    await rig.start({ batchSize: 1, parallelizationFactor: 2 });
    // The first words of their MD5s are odd and even.
    for (const text of ['1', '2', '3']) {
      await rig.putAs('a', `a${text}`);
      await rig.putAs('b', `b${text}`);
    }
    // Another instance is started when an invocation has waited for a while.
    await rig.untilLater(async () => (await rig.events()).length === 2);
    expect((await rig.batches()).flat().sort()).toEqual(['a1', 'b1']);
    await rig.setMode('');
    await rig.invoked(6);
    const texts = (await rig.batches()).flat();
    const of = (key: string) => texts.filter((text) => text.startsWith(key));
    expect([of('a'), of('b')]).toEqual([
      ['a1', 'a2', 'a3'],
      ['b1', 'b2', 'b3'],
    ]);
  });
});

describe('the first start is', () => {
  test('at the beginning of the stream', async () => {
    await rig.put('old');
    await rig.start({ startingPosition: { kind: 'TRIM_HORIZON' } });
    await rig.invoked(1);
    expect(await rig.batches()).toEqual([['old']]);
  });

  test('after what is there; what comes while nothing runs is not left out', async () => {
    await rig.put('old');
    await rig.start({ startingPosition: { kind: 'LATEST' } });
    await rig.lambda.stop(0);
    await rig.put('new');
    await rig.start({ startingPosition: { kind: 'LATEST' } });
    await rig.invoked(1);
    expect(await rig.batches()).toEqual([['new']]);
  });

  test('at a time', async () => {
    await rig.put('old');
    rig.clock.advanceSeconds(10);
    await rig.put('new');
    await rig.start({ startingPosition: { kind: 'AT_TIMESTAMP', at: rig.clock.now() } });
    await rig.invoked(1);
    expect(await rig.batches()).toEqual([['new']]);
  });
});

test('the next start goes on where the last ended, also with other lanes', async () => {
  await rig.start({ batchSize: 1 });
  await rig.put('1', '2');
  await rig.invoked(2);
  await rig.lambda.stop(0);
  await rig.put('3');
  await rig.start({ parallelizationFactor: 3 });
  await rig.invoked(3);
  expect(await rig.batches()).toEqual([['1'], ['2'], ['3']]);
});

test('a batch that was under way comes again', async () => {
  await rig.setMode('hold');
  await rig.put('1');
  await rig.start();
  await rig.invoked(1);
  const grace = until(() => rig.clock.pending.includes(0)).then(() => rig.clock.advance(0));
  await Promise.all([rig.lambda.stop(0), grace]);
  await rig.setMode('');
  await rig.start();
  await rig.invoked(2);
  expect(await rig.batches()).toEqual([['1'], ['1']]);
});

test('children of a shard begin when it is through', async () => {
  await rig.setMode('hold');
  await rig.start({ batchSize: 1 });
  await rig.put('1', '2');
  await rig.invoked(1);
  const kinesis = await rig.kinesis.get();
  const { rescaled } = await import('../../src/kinesis/shards');
  const stream = kinesis.get('clicks');
  await kinesis.save(stream, rescaled(stream, 2, kinesis.now));
  await rig.putAs('a', '3');
  await rig.setMode('');
  await rig.invoked(3);
  expect((await rig.batches()).flat()).toEqual(['1', '2', '3']);
});

describe('a batch that fails', () => {
  test('comes again after a while that doubles, and holds up what comes behind', async () => {
    await rig.setMode('throw');
    await rig.put('1');
    await rig.start();
    await until(() => rig.clock.pending.includes(250));
    await rig.put('2');
    rig.clock.advance(250);
    await until(() => rig.clock.pending.includes(500));
    expect(await rig.batches()).toEqual([['1'], ['1']]);
    await rig.setMode('');
    rig.clock.advance(500);
    await rig.invoked(4);
    expect(await rig.batches()).toEqual([['1'], ['1'], ['1'], ['2']]);
  });

  test('goes on at the lowest record that failed', async () => {
    await rig.setMode('report bad');
    await rig.put('1', 'bad 2', '3', 'bad 4');
    await rig.start({ reportBatchItemFailures: true });
    await until(() => rig.clock.pending.includes(250));
    await rig.setMode('');
    rig.clock.advance(250);
    await rig.invoked(2);
    expect(await rig.batches()).toEqual([
      ['1', 'bad 2', '3', 'bad 4'],
      ['bad 2', '3', 'bad 4'],
    ]);
  });

  test('fails as a whole where the answer cannot be trusted', async () => {
    await rig.setMode('malformed');
    await rig.put('1', '2');
    await rig.start({ reportBatchItemFailures: true });
    await until(() => rig.clock.pending.includes(250));
    expect(rig.reporter.lines.join()).toContain(
      '2 of 2 failed: batchItemFailures names "1", which is not in the batch',
    );
  });

  test('is halved until the bad record is alone, which has its retries and is told', async () => {
    await rig.setMode('throw if bad');
    await rig.put('1', '2', 'bad', '4');
    await rig.start({ bisectOnError: true, maximumRetryAttempts: 1, onFailureDestinationArn: DEAD });
    await rig.untilLater(async () => (await rig.batches()).length === 6);
    expect(await rig.batches()).toEqual([
      ['1', '2', 'bad', '4'],
      ['1', '2'],
      ['bad', '4'],
      ['bad'],
      ['bad'],
      ['4'],
    ]);
    const number = `4959${'3'.padStart(52, '0')}`;
    const [record] = await rig.told();
    expect(record).toEqual({
      requestContext: {
        requestId: expect.any(String) as string,
        functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:recorder',
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 4,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: expect.any(String) as string,
      KinesisBatchInfo: {
        shardId: 'shardId-000000000000',
        startSequenceNumber: number,
        endSequenceNumber: number,
        approximateArrivalOfFirstRecord: '2026-01-01T00:00:00.000Z',
        approximateArrivalOfLastRecord: '2026-01-01T00:00:00.000Z',
        batchSize: 1,
        streamArn: MAPPING.streamArn,
      },
    });
  });

  test('is given up as a whole without bisection, and is not seen again after a restart', async () => {
    await rig.setMode('throw');
    await rig.put('1', '2');
    await rig.start({ maximumRetryAttempts: 0 });
    await rig.reporter.see(/2 records given up after 1 attempts, discarded/);
    await rig.lambda.stop(0);
    await rig.setMode('');
    await rig.put('3');
    await rig.start({ maximumRetryAttempts: 0 });
    await rig.invoked(2);
    expect(await rig.batches()).toEqual([['1', '2'], ['3']]);
  });

  test('is given up when its records are too old, to the second', async () => {
    await rig.setMode('throw');
    await rig.put('old');
    await rig.start({ maximumRecordAgeSeconds: 60, onFailureDestinationArn: DEAD });
    for (let elapsed = 0; elapsed < 59_000;) {
      await until(() => rig.clock.pending.some((each) => each <= 10_000));
      const step = Math.min(rig.clock.pending[0]!, 59_000 - elapsed);
      rig.clock.advance(step);
      elapsed += step;
    }
    await until(() => rig.clock.pending.includes(1000));
    expect(await rig.told()).toEqual([]);
    rig.clock.advance(1000);
    await rig.reporter.see(/1 record too old, told dead/);
    expect(await rig.told()).toMatchObject([
      { requestContext: { condition: 'RecordAgeExceeded' }, timestamp: '2026-01-01T00:01:00.000Z' },
    ]);
  });

  test('whose record the destination refuses is discarded, which a line says', async () => {
    await rig.setMode('throw');
    await rig.put('1');
    const mayCall = (_name: string, action: string) => action !== 'sqs:SendMessage';
    await rig.start({ maximumRetryAttempts: 0, onFailureDestinationArn: DEAD }, { mayCall });
    await rig.reporter.see(/discarded, and .*:dead did not take it: its role does not allow sqs:SendMessage/);
    expect(await rig.told()).toEqual([]);
  });
});

test('a record that is too old before it is handed out is not handed out', async () => {
  await rig.put('old');
  rig.clock.advanceSeconds(60);
  await rig.put('new');
  await rig.start({ maximumRecordAgeSeconds: 60, onFailureDestinationArn: DEAD });
  await rig.invoked(1);
  expect(await rig.batches()).toEqual([['new']]);
  expect(await rig.told()).toMatchObject([
    { requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: 0 } },
  ]);
});

test('a stream that is not there is told', async () => {
  await rig.start({ streamArn: `${MAPPING.streamArn}2`, enabled: false });
  rig.lambda.control.updateMapping(rig.lambda.control.mappings()[0]!.uuid, { enabled: true });
  await rig.reporter.see(/recorder ! clicks2: there is no such stream, so it gets no records/);
});

describe('of a table', () => {
  const settings = { streamArn: '' };

  beforeEach(async () => {
    const tables = await rig.dynamodb.get();
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' };
    const { TableDescription } = await tables.execute('CreateTable', { ...ORDERS, StreamSpecification });
    settings.streamArn = (TableDescription as { LatestStreamArn: string }).LatestStreamArn;
  });

  const put = async (id: string, state: string) =>
    (await rig.dynamodb.get()).execute('PutItem', {
      TableName: 'orders',
      Item: { id: { S: id }, state: { S: state }, at: { N: '1' } },
    });

  test('changes come in order, as AWS tells them', async () => {
    await rig.start(settings);
    await put('a', 'open');
    await rig.invoked(1);
    const [event] = await rig.events<DynamoDBStreamEvent>();
    const item = { id: { S: 'a' }, state: { S: 'open' }, at: { N: '1' } };
    expect(event!.Records).toEqual([
      {
        eventID: expect.stringMatching(/^[\da-f]{32}$/) as string,
        eventName: 'INSERT',
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: 'us-east-1',
        dynamodb: {
          ApproximateCreationDateTime: rig.clock.now() / 1000,
          Keys: { id: { S: 'a' } },
          NewImage: item,
          SequenceNumber: '100000000000000000001',
          SizeBytes: expect.any(Number) as number,
          StreamViewType: 'NEW_AND_OLD_IMAGES',
        },
        eventSourceARN: settings.streamArn,
      },
    ]);
  });

  test('filters look at images', async () => {
    const filterPatterns = ['{"eventName":["MODIFY"],"dynamodb":{"NewImage":{"state":{"S":["done"]}}}}'];
    await rig.start({ ...settings, filterPatterns });
    await put('a', 'open');
    await put('b', 'done');
    await put('a', 'done');
    await rig.invoked(1);
    expect(await rig.batches()).toEqual([['a']]);
  });

  test('what time to live deletes says so', async () => {
    const tables = await rig.dynamodb.get();
    const TimeToLiveSpecification = { AttributeName: 'at', Enabled: true };
    await tables.execute('UpdateTimeToLive', { TableName: 'orders', TimeToLiveSpecification });
    await rig.start({ ...settings, filterPatterns: ['{"eventName":["REMOVE"]}'] });
    const at = String(rig.clock.now() / 1000 + 10);
    await tables.execute('PutItem', { TableName: 'orders', Item: { id: { S: 'a' }, at: { N: at } } });
    await rig.untilLater(async () => (await rig.events()).length > 0);
    const [event] = await rig.events<DynamoDBStreamEvent>();
    expect(event!.Records[0]).toMatchObject({
      userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
    });
  });

  test('failures are told with where they are in the stream', async () => {
    await rig.setMode('throw');
    await put('a', 'open');
    await rig.start({ ...settings, maximumRetryAttempts: 0, onFailureDestinationArn: DEAD });
    await rig.reporter.see(/told dead/);
    expect(await rig.told()).toMatchObject([
      {
        DDBStreamBatchInfo: {
          batchSize: 1,
          startSequenceNumber: '100000000000000000001',
          streamArn: settings.streamArn,
        },
      },
    ]);
  });
});
