import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AsyncInvokeConfig } from '../../src/contracts';
import { asyncInvocationQueueArn } from '../../src/contracts';
import { Broker } from '../../src/engine';
import { LambdaService } from '../../src/lambda';
import { Lines } from '../support/lines';
import { ManualClock } from '../support/manual-clock';
import { arnOf, config, settings, temporaryFolder, until, zip } from './support';

/** Fails while the file `fail` exists. */
const SOURCE = `
  const { existsSync } = require('fs');
  exports.handler = async (event, context) => {
    if (existsSync(process.env.FOLDER + '/fail')) throw new Error('not now');
    return { echo: event, requestId: context.awsRequestId };
  };`;

let folder: string;
let clock: ManualClock;
let reporter: Lines;
let broker: Broker;
let lambda: LambdaService;
let deadLetters: string;
let outcomes: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  clock = new ManualClock();
  reporter = new Lines();
  broker = await Broker.open({ folder: join(folder, 'store'), clock });
  ({ arn: deadLetters } = await broker.ensureQueue('dead-letters'));
  ({ arn: outcomes } = await broker.ensureQueue('outcomes'));
});

afterEach(async () => {
  await lambda.stop(0);
  await broker.close();
  await rm(folder, { recursive: true });
});

async function start(own: Partial<AsyncInvokeConfig> = {}): Promise<void> {
  const zipFile = await zip(folder, { 'index.js': SOURCE });
  const work = config('work', zipFile, { timeoutSeconds: 900, environment: { FOLDER: folder } });
  await broker.ensureInternalQueue(asyncInvocationQueueArn(work.arn));
  lambda = await LambdaService.load({
    ...settings(folder),
    reporter,
    clock,
    queues: broker,
    configs: [work],
    mappings: [],
    asyncConfigs: [{ functionName: 'work', maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600, ...own }],
  });
  lambda.start();
}

/** What SNS and the Lambda API do; the message's id is the request's. */
const enqueue = async (event: string) =>
  (await broker.send(asyncInvocationQueueArn(arnOf('work')), { body: event })).messageId;
const fail = () => writeFile(join(folder, 'fail'), '');
const failures = (count: number) =>
  until(() => reporter.lines.filter((line) => line.includes('! asynchronous')).length === count);

async function take(queueArn: string) {
  const [message] = await broker.receive(queueArn, { maxMessages: 1, waitSeconds: 20 });
  return { body: JSON.parse(message?.body ?? 'null') as unknown, attributes: message?.attributes };
}

test("an event is invoked under its request id, and the success destination gets AWS's record", async () => {
  await start({ onSuccessDestinationArn: outcomes });
  const requestId = await enqueue('{"n":1}');
  expect((await take(outcomes)).body).toEqual({
    version: '1.0',
    timestamp: '2026-01-01T00:00:00.000Z',
    requestContext: {
      requestId,
      functionArn: `${arnOf('work')}:$LATEST`,
      condition: 'Success',
      approximateInvokeCount: 1,
    },
    requestPayload: { n: 1 },
    responseContext: { statusCode: 200, executedVersion: '$LATEST' },
    responsePayload: { echo: { n: 1 }, requestId },
  });
});

test('an event that fails is tried again after one and after two minutes, then it is a dead letter', async () => {
  await fail();
  await start({ deadLetterTargetArn: deadLetters, onFailureDestinationArn: outcomes });
  const requestId = await enqueue('{"n":2}');
  await failures(1);
  clock.advance(60_000);
  await failures(2);
  clock.advance(120_000);
  await failures(3);
  const short = requestId.slice(0, 8);
  expect(reporter.lines).toEqual([
    expect.stringMatching(/ERROR\tInvoke Error/),
    `work ! asynchronous invocation ${short}: Error: not now; again in 60 s`,
    expect.stringMatching(/ERROR\tInvoke Error/),
    `work ! asynchronous invocation ${short}: Error: not now; again in 120 s`,
    expect.stringMatching(/ERROR\tInvoke Error/),
    `work ! asynchronous invocation ${short}: Error: not now; given up after 3 attempts, sent to outcomes and dead-letters`,
  ]);
  expect(await take(deadLetters)).toEqual({
    body: { n: 2 },
    attributes: {
      RequestID: { dataType: 'String', value: requestId },
      ErrorCode: { dataType: 'Number', value: '200' },
      ErrorMessage: { dataType: 'String', value: 'not now' },
    },
  });
  expect((await take(outcomes)).body).toMatchObject({
    requestContext: { requestId, condition: 'RetriesExhausted', approximateInvokeCount: 3 },
    requestPayload: { n: 2 },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorType: 'Error', errorMessage: 'not now' },
  });
});

test('a retry that succeeds ends it', async () => {
  await fail();
  await start({ onSuccessDestinationArn: outcomes, deadLetterTargetArn: deadLetters });
  await enqueue('3');
  await failures(1);
  await rm(join(folder, 'fail'));
  clock.advance(60_000);
  expect((await take(outcomes)).body).toMatchObject({
    requestContext: { condition: 'Success', approximateInvokeCount: 2 },
  });
  expect(await broker.receive(deadLetters, { maxMessages: 1, waitSeconds: 0 })).toEqual([]);
});

test('retries may be none, and without targets an event is discarded with a line that says so', async () => {
  await fail();
  await start({ maximumRetryAttempts: 0 });
  const requestId = await enqueue('4');
  expect(await reporter.see(/given up/)).toBe(
    `work ! asynchronous invocation ${requestId.slice(0, 8)}: Error: not now; given up after 1 attempts, discarded`,
  );
});

test('an event that has reached its maximum age is not tried again', async () => {
  await fail();
  await start({ maximumEventAgeSeconds: 90, onFailureDestinationArn: outcomes });
  await enqueue('5');
  await failures(1);
  clock.advance(60_000);
  await failures(2);
  expect(reporter.lines.at(-1)).toMatch(/again in 30 s$/);
  clock.advance(30_000);
  const record = (await take(outcomes)).body as Record<string, unknown>;
  expect(record).toMatchObject({
    requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 2 },
    requestPayload: 5,
  });
  expect(record).not.toHaveProperty('responsePayload');
});

test('a target that takes nothing is named, and the event is not kept for ever', async () => {
  await fail();
  await start({
    maximumRetryAttempts: 0,
    onFailureDestinationArn: 'arn:aws:sns:us-east-1:000000000000:alerts',
  });
  await enqueue('6');
  await reporter.see(
    /its record is lost, arn:aws:sns:us-east-1:000000000000:alerts did not take it: only queues are served here$/,
  );
  await lambda.stop(0);
  clock.advance(86_400_000);
  const queue = asyncInvocationQueueArn(arnOf('work'));
  expect(await broker.receive(queue, { maxMessages: 1, waitSeconds: 0 })).toEqual([]);
});
