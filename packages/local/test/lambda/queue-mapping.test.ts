import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SQSEvent } from 'aws-lambda';
import type { QueueMappingConfig } from '../../src/contracts';
import { Broker } from '../../src/engine';
import { LambdaService } from '../../src/lambda';
import { Lines } from '../support/lines';
import { ManualClock } from '../support/manual-clock';
import { config, settings, temporaryFolder, until, zip } from './support';

/** Writes each event to a file of its own, then does what the file `mode` says. */
const RECORDER = `
  const fs = require('fs');
  const { randomUUID } = require('crypto');
  const { FOLDER } = process.env;
  exports.handler = async (event, context) => {
    const draft = FOLDER + '/' + randomUUID();
    fs.writeFileSync(draft, JSON.stringify({ pid: process.pid, trace: process.env._X_AMZN_TRACE_ID, event }));
    fs.renameSync(draft, FOLDER + '/' + String(process.hrtime.bigint()).padStart(20, '0') + '.json');
    const mode = fs.existsSync(FOLDER + '/mode') ? fs.readFileSync(FOLDER + '/mode', 'utf8') : '';
    while (mode === 'hold' && fs.existsSync(FOLDER + '/mode')) await new Promise((resolve) => setTimeout(resolve, 2));
    if (mode === 'throw') throw new Error('database is away');
    if (mode === 'malformed') return { batchItemFailures: 'all' };
    const failed = event.Records.filter(({ body }) => mode.startsWith('fail') && body.startsWith('bad'));
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };`;

let folder: string;
let clock: ManualClock;
let reporter: Lines;
let broker: Broker;
let lambda: LambdaService;
let queueArn: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  clock = new ManualClock();
  reporter = new Lines();
  broker = await Broker.open({ folder: join(folder, 'store'), clock });
});

afterEach(async () => {
  await setMode('');
  await lambda.stop(0);
  await broker.close();
  await rm(folder, { recursive: true });
});

async function start(mapping: Partial<QueueMappingConfig> = {}, concurrency?: number): Promise<void> {
  ({ arn: queueArn } = await broker.ensureQueue('work', { VisibilityTimeout: '60' }));
  const zipFile = await zip(folder, { 'index.js': RECORDER });
  const recorder = config('recorder', zipFile, {
    timeoutSeconds: 900,
    environment: { FOLDER: folder },
    reservedConcurrency: concurrency,
  });
  await broker.ensureInternalQueue(`${recorder.arn}:async-invocations`);
  lambda = await LambdaService.load({
    ...settings(folder),
    reporter,
    configs: [recorder],
    queues: broker,
    clock,
    asyncConfigs: [],
    mappings: [
      {
        queueArn,
        functionName: 'recorder',
        batchSize: 10,
        batchWindowSeconds: 0,
        reportBatchItemFailures: true,
        enabled: true,
        ...mapping,
      },
    ],
  });
  lambda.start();
}

async function setMode(mode: string): Promise<void> {
  if (mode === '') await rm(join(folder, 'mode'), { force: true });
  else await writeFile(join(folder, 'mode'), mode);
}

interface Recorded {
  pid: number;
  trace: string;
  event: SQSEvent;
}

async function invocations(): Promise<Recorded[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.map((text) => JSON.parse(text) as Recorded);
}

const bodies = async () => (await invocations()).map(({ event }) => event.Records.map(({ body }) => body));
const invoked = (count: number) => until(async () => (await invocations()).length >= count);
const send = (...texts: string[]) => Promise.all(texts.map((body) => broker.send(queueArn, { body })));

/** What is still in the queue, once everything that was hidden is visible again. */
async function left(): Promise<string[]> {
  clock.advance(61_000);
  const messages = await broker.receive(queueArn, { maxMessages: 100, waitSeconds: 0 });
  return messages.map(({ body }) => body).sort();
}

test("a function gets AWS's record as soon as a message is there, and the message is gone", async () => {
  await start();
  const attributes = {
    kind: { dataType: 'String', value: 'greeting' },
    picture: { dataType: 'Binary', value: 'AQID' },
  };
  const sentAt = clock.now();
  const { messageId } = await broker.send(queueArn, {
    body: 'hello',
    attributes,
    traceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793',
  });
  await invoked(1);
  const [{ event, trace } = { event: undefined, trace: undefined }] = await invocations();
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
        eventSourceARN: queueArn,
        awsRegion: 'us-east-1',
      },
    ],
  });
  await reporter.see(/^recorder 1 from work$/);
  expect(await left()).toEqual([]);
});

test('what waits comes in batches of the batch size', async () => {
  await start({ enabled: false });
  const texts = Array.from({ length: 25 }, (_, index) => `m${String(index).padStart(2, '0')}`);
  await send(...texts);
  await lambda.stop(0);
  await start({}, 1);
  await invoked(3);
  expect((await bodies()).map(({ length }) => length)).toEqual([10, 10, 5]);
  expect((await bodies()).flat().sort()).toEqual(texts);
});

test('a batch is collected until its window closes', async () => {
  await start({ batchWindowSeconds: 5 });
  await send('first');
  await until(() => clock.pending.includes(5_000));
  clock.advance(2_000);
  await send('second');
  await until(() => clock.pending.includes(3_000));
  clock.advance(2_999);
  expect(await invocations()).toEqual([]);
  clock.advance(1);
  await invoked(1);
  expect(await bodies()).toEqual([['first', 'second']]);
});

test('a full batch does not wait for its window', async () => {
  await start({ batchWindowSeconds: 300, batchSize: 2 });
  await send('first', 'second');
  await invoked(1);
  expect((await bodies())[0]).toHaveLength(2);
});

test('only the failed messages of a batch stay, hidden until their visibility timeout ends', async () => {
  await setMode('fail');
  await start();
  await send('good1', 'bad', 'good2');
  await reporter.see(/failed/);
  expect(reporter.lines).toContainEqual(expect.stringMatching(/^recorder ! [123] from work, 1 failed$/));
  expect(await broker.receive(queueArn, { maxMessages: 10, waitSeconds: 0 })).toEqual([]);
  await setMode('');
  clock.advance(60_000);
  await until(async () => (await bodies()).flat().filter((body) => body === 'bad').length === 2);
  expect((await invocations()).at(-1)?.event.Records[0]?.attributes.ApproximateReceiveCount).toBe('2');
  await until(() => reporter.lines.filter((line) => /from work$/.test(line)).length > 0);
  await lambda.stop(0);
  expect(await left()).toEqual([]);
});

test.each(['throw', 'malformed'])('a function that answers with "%s" fails the whole batch', async (mode) => {
  await setMode(mode);
  await start();
  await send('a', 'b');
  await reporter.see(/2 from work, 2 failed: (Error: database is away|batchItemFailures is no list)$/);
  await lambda.stop(0);
  expect(await left()).toEqual(['a', 'b']);
});

test('without ReportBatchItemFailures an answer is success, whatever it says', async () => {
  await setMode('fail');
  await start({ reportBatchItemFailures: false });
  await send('bad');
  await reporter.see(/^recorder 1 from work$/);
  await lambda.stop(0);
  expect(await left()).toEqual([]);
});

test('a function that keeps failing is called less and less often, and at once when it is well again', async () => {
  await setMode('throw');
  await start({ batchSize: 1 }, 1);
  await send('1', '2', '3', '4');
  const pauses: number[] = [];
  for (let failures = 1; failures <= 3; failures += 1) {
    await until(
      () =>
        reporter.lines.filter((line) => line.endsWith('failed: Error: database is away')).length === failures,
    );
    const pause = 250 * 2 ** (failures - 1);
    await until(() => clock.pending.includes(pause));
    pauses.push(pause);
    expect(await invocations()).toHaveLength(failures);
    if (failures < 3) clock.advance(pause);
  }
  expect(pauses).toEqual([250, 500, 1000]);
  await setMode('');
  clock.advance(1_000);
  await invoked(4);
  await reporter.see(/^recorder 1 from work$/);
  await send('5');
  await invoked(5);
});

test('a message that is reported as bad holds up none that comes behind it', async () => {
  await setMode('fail');
  await start({ batchSize: 1 }, 1);
  for (const [index, body] of ['bad 1', 'bad 2', 'good'].entries()) {
    await send(body);
    // No clock is moved on: a pause would never end.
    await invoked(index + 1);
  }
  expect(await bodies()).toEqual([['bad 1'], ['bad 2'], ['good']]);
});

test('no more invocations run at once than the maximum concurrency', async () => {
  await setMode('hold');
  await start({ batchSize: 1, maximumConcurrency: 2 }, 4);
  await send('a', 'b', 'c', 'd', 'e', 'f');
  await invoked(1);
  clock.advance(25);
  await invoked(2);
  clock.advance(1_000);
  expect(await invocations()).toHaveLength(2);
  expect(lambda.functions.pids('recorder')).toHaveLength(2);
  await setMode('');
  await invoked(6);
  expect(new Set((await invocations()).map(({ pid }) => pid)).size).toBe(2);
});

test('a stop waits for the batch that is under way, and leaves nothing of it behind', async () => {
  await setMode('hold');
  await start();
  await send('a');
  await invoked(1);
  const stopped = lambda.stop(60_000);
  await send('b');
  await setMode('');
  await stopped;
  expect(await bodies()).toEqual([['a']]);
  expect(await left()).toEqual(['b']);
});

test('a disabled mapping takes nothing', async () => {
  await start({ enabled: false });
  await send('a');
  await lambda.stop(0);
  expect(await left()).toEqual(['a']);
});

test('messages that are too large for one event come in several', async () => {
  await start({ enabled: false });
  const text = '"'.repeat(250_000);
  await send(...Array.from({ length: 14 }, () => text));
  await lambda.stop(0);
  await start({ batchSize: 100, batchWindowSeconds: 7 }, 1);
  await until(() => clock.pending.includes(7_000));
  clock.advance(7_000);
  await until(async () => (await bodies()).flat().length === 14);
  expect((await bodies()).map(({ length }) => length)).toEqual([12, 2]);
});
