import { until } from './support';
import { MappingRig } from './mapping-rig';

let rig: MappingRig;

beforeEach(async () => {
  rig = await MappingRig.create();
});

afterEach(() => rig.dispose());

test("a function gets AWS's record as soon as a message is there, and the message is gone", async () => {
  await rig.start();
  const attributes = {
    kind: { dataType: 'String', value: 'greeting' },
    picture: { dataType: 'Binary', value: 'AQID' },
  };
  const sentAt = rig.clock.now();
  const { messageId } = await rig.broker.send(rig.queueArn, {
    body: 'hello',
    attributes,
    traceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793',
  });
  await rig.invoked(1);
  const [{ event, trace } = { event: undefined, trace: undefined }] = await rig.invocations();
  expect(trace).toMatch(/^Root=1-5759e988-bd862e3fe1be46a994272793;Parent=[\da-f]{16};Sampled=1$/);
  expect(event).toEqual({
    Records: [
      {
        messageId,
        receiptHandle: expect.any(String) as string,
        body: 'hello',
        attributes: {
          ApproximateReceiveCount: '1',
          AWSTraceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793',
          SentTimestamp: String(sentAt),
          SenderId: expect.any(String) as string,
          ApproximateFirstReceiveTimestamp: String(sentAt),
        },
        messageAttributes: {
          kind: { stringValue: 'greeting', stringListValues: [], binaryListValues: [], dataType: 'String' },
          picture: { binaryValue: 'AQID', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
        },
        md5OfMessageAttributes: expect.stringMatching(/^[\da-f]{32}$/) as string,
        md5OfBody: '5d41402abc4b2a76b9719d911017c592',
        eventSource: 'aws:sqs',
        eventSourceARN: rig.queueArn,
        awsRegion: 'us-east-1',
      },
    ],
  });
  await rig.reporter.see(/^recorder 1 from work$/);
  expect(await rig.left()).toEqual([]);
});

test('what waits comes in batches of the batch size', async () => {
  await rig.start({ enabled: false });
  const texts = Array.from({ length: 25 }, (_, index) => `m${String(index).padStart(2, '0')}`);
  await rig.send(...texts);
  await rig.lambda.stop(0);
  await rig.start({}, 1);
  await rig.invoked(3);
  expect((await rig.bodies()).map(({ length }) => length)).toEqual([10, 10, 5]);
  expect((await rig.bodies()).flat().sort()).toEqual(texts);
});

test('a batch is collected until its window closes', async () => {
  await rig.start({ batchWindowSeconds: 5 });
  await rig.send('first');
  await until(() => rig.clock.pending.includes(5_000));
  rig.clock.advance(2_000);
  await rig.send('second');
  await until(() => rig.clock.pending.includes(3_000));
  rig.clock.advance(2_999);
  expect(await rig.invocations()).toEqual([]);
  rig.clock.advance(1);
  await rig.invoked(1);
  expect(await rig.bodies()).toEqual([['first', 'second']]);
});

test('a full batch does not wait for its window', async () => {
  await rig.start({ batchWindowSeconds: 300, batchSize: 2 });
  await rig.send('first', 'second');
  await rig.invoked(1);
  expect((await rig.bodies())[0]).toHaveLength(2);
});

test('only the failed messages of a batch stay, hidden until their visibility timeout ends', async () => {
  await rig.setMode('fail');
  await rig.start();
  await rig.send('good1', 'bad', 'good2');
  await rig.reporter.see(/failed/);
  expect(rig.reporter.lines).toContainEqual(expect.stringMatching(/^recorder ! [123] from work, 1 failed$/));
  expect(await rig.broker.receive(rig.queueArn, { maxMessages: 10, waitSeconds: 0 })).toEqual([]);
  await rig.setMode('');
  rig.clock.advance(60_000);
  await until(async () => (await rig.bodies()).flat().filter((body) => body === 'bad').length === 2);
  expect((await rig.invocations()).at(-1)?.event.Records[0]?.attributes.ApproximateReceiveCount).toBe('2');
  await until(() => rig.reporter.lines.filter((line) => /from work$/.test(line)).length > 0);
  await rig.lambda.stop(0);
  expect(await rig.left()).toEqual([]);
});

test.each(['throw', 'malformed'])('a function that answers with "%s" fails the whole batch', async (mode) => {
  await rig.setMode(mode);
  await rig.start();
  await rig.send('a', 'b');
  await rig.reporter.see(/2 from work, 2 failed: (Error: database is away|batchItemFailures is no list)$/);
  await rig.lambda.stop(0);
  expect(await rig.left()).toEqual(['a', 'b']);
});

test('without ReportBatchItemFailures an answer is success, whatever it says', async () => {
  await rig.setMode('fail');
  await rig.start({ reportBatchItemFailures: false });
  await rig.send('bad');
  await rig.reporter.see(/^recorder 1 from work$/);
  await rig.lambda.stop(0);
  expect(await rig.left()).toEqual([]);
});

test('a function that keeps failing is called less and less often, and at once when it is well again', async () => {
  await rig.setMode('throw');
  await rig.start({ batchSize: 1 }, 1);
  await rig.send('1', '2', '3', '4');
  const pauses: number[] = [];
  for (let failures = 1; failures <= 3; failures += 1) {
    await until(
      () =>
        rig.reporter.lines.filter((line) => line.endsWith('failed: Error: database is away')).length ===
        failures,
    );
    const pause = 250 * 2 ** (failures - 1);
    await until(() => rig.clock.pending.includes(pause));
    pauses.push(pause);
    expect(await rig.invocations()).toHaveLength(failures);
    if (failures < 3) rig.clock.advance(pause);
  }
  expect(pauses).toEqual([250, 500, 1000]);
  await rig.setMode('');
  rig.clock.advance(1_000);
  await rig.invoked(4);
  await rig.reporter.see(/^recorder 1 from work$/);
  await rig.send('5');
  await rig.invoked(5);
});

test('a message that is reported as bad holds up none that comes behind it', async () => {
  await rig.setMode('fail');
  await rig.start({ batchSize: 1 }, 1);
  for (const [index, body] of ['bad 1', 'bad 2', 'good'].entries()) {
    await rig.send(body);
    // No clock is moved on: a pause would never end.
    await rig.invoked(index + 1);
  }
  expect(await rig.bodies()).toEqual([['bad 1'], ['bad 2'], ['good']]);
});

test('no more invocations run at once than the maximum concurrency', async () => {
  await rig.setMode('hold');
  await rig.start({ batchSize: 1, maximumConcurrency: 2 }, 4);
  await rig.send('a', 'b', 'c', 'd', 'e', 'f');
  await rig.invoked(1);
  rig.clock.advance(25);
  await rig.invoked(2);
  rig.clock.advance(1_000);
  expect(await rig.invocations()).toHaveLength(2);
  expect(rig.lambda.functions.pids('recorder')).toHaveLength(2);
  await rig.setMode('');
  await rig.invoked(6);
  expect(new Set((await rig.invocations()).map(({ pid }) => pid)).size).toBe(2);
});

test('a stop waits for the batch that is under way, and leaves nothing of it behind', async () => {
  await rig.setMode('hold');
  await rig.start();
  await rig.send('a');
  await rig.invoked(1);
  const stopped = rig.lambda.stop(60_000);
  await rig.send('b');
  await rig.setMode('');
  await stopped;
  expect(await rig.bodies()).toEqual([['a']]);
  expect(await rig.left()).toEqual(['b']);
});

test('a disabled mapping takes nothing', async () => {
  await rig.start({ enabled: false });
  await rig.send('a');
  await rig.lambda.stop(0);
  expect(await rig.left()).toEqual(['a']);
});

test('messages that are too large for one event come in several', async () => {
  await rig.start({ enabled: false });
  const text = '"'.repeat(250_000);
  await rig.send(...Array.from({ length: 14 }, () => text));
  await rig.lambda.stop(0);
  await rig.start({ batchSize: 100, batchWindowSeconds: 7 }, 1);
  await until(() => rig.clock.pending.includes(7_000));
  rig.clock.advance(7_000);
  await until(async () => (await rig.bodies()).flat().length === 14);
  expect((await rig.bodies()).map(({ length }) => length)).toEqual([12, 2]);
});

test('a batch whose event is full does not wait for its window', async () => {
  await rig.start({ enabled: false });
  await rig.send(...Array.from({ length: 26 }, () => 'x'.repeat(250_000)));
  await rig.lambda.stop(0);
  await rig.start({ batchSize: 100, batchWindowSeconds: 300 }, 1);
  // No clock is moved on: the window would never close.
  await until(async () => (await rig.bodies()).flat().length === 26);
  expect((await rig.bodies()).map(({ length }) => length)).toEqual([25, 1]);
});
