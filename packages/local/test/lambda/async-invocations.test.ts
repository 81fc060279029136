import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AsyncInvokeConfig, FunctionConfig } from '../../src/contracts';
import { asyncInvocationQueueArn } from '../../src/contracts';
import { Broker } from '../../src/engine';
import { LambdaService } from '../../src/lambda';
import { Lines } from '../support/lines';
import { ManualClock } from '../support/manual-clock';
import { arnOf, config, settings, temporaryFolder, until, zip } from './support';

/** Fails while the file `fail` exists, and takes as long as the file `hold` does. */
const SOURCE = `
  const { existsSync } = require('fs');
  exports.handler = async (event, context) => {
    while (existsSync(process.env.FOLDER + '/hold')) await new Promise((resolve) => setTimeout(resolve, 2));
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
let allowed: (action: string, resourceArn: string) => boolean;

beforeEach(async () => {
  folder = await temporaryFolder();
  clock = new ManualClock();
  reporter = new Lines();
  broker = await Broker.open({ folder: join(folder, 'store'), clock });
  ({ arn: deadLetters } = await broker.ensureQueue('dead-letters'));
  ({ arn: outcomes } = await broker.ensureQueue('outcomes'));
  allowed = () => true;
});

afterEach(async () => {
  await rm(join(folder, 'hold'), { force: true });
  await lambda.stop(0);
  await broker.close();
  await rm(folder, { recursive: true });
});

async function start(
  own: Partial<AsyncInvokeConfig> = {},
  more: Partial<FunctionConfig> = {},
): Promise<void> {
  const zipFile = await zip(folder, { 'index.js': SOURCE });
  const work = config('work', zipFile, { timeoutSeconds: 900, environment: { FOLDER: folder }, ...more });
  const other = config('other', zipFile, { timeoutSeconds: 900, environment: { FOLDER: '/nowhere' } });
  for (const { arn } of [work, other]) await broker.ensureInternalQueue(asyncInvocationQueueArn(arn));
  lambda = await LambdaService.load({
    ...settings(folder),
    reporter,
    clock,
    queues: broker,
    configs: [work, other],
    mappings: [],
    publish: (topicArn, message) => broker.publish(topicArn, [message]),
    mayCall: (functionName, action, resourceArn) => functionName === 'work' && allowed(action, resourceArn),
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
    `work ! asynchronous invocation ${requestId.slice(0, 8)}: Error: not now; given up after 1 attempt, discarded`,
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
    responsePayload: { errorMessage: 'not now' },
  });
});

test('an event that waits for reserved concurrency is throttled, ever longer, and uses up no retry', async () => {
  await writeFile(join(folder, 'hold'), '');
  await start({ maximumRetryAttempts: 0, onSuccessDestinationArn: outcomes }, { reservedConcurrency: 1 });
  const first = lambda.invoke('work', '"first"');
  await until(() => !lambda.functions.isVacant('work'));
  const id = (await enqueue('"second"')).slice(0, 8);
  for (const [n, seconds] of [1, 2, 4].entries()) {
    // Patience first, then the pause.
    await until(() => clock.pending.includes(1_000));
    clock.advance(1_000);
    await until(() => reporter.lines.filter((line) => line.includes('Rate Exceeded')).length === n + 1);
    expect(reporter.lines.at(-1)).toBe(
      `work asynchronous invocation ${id}: Rate Exceeded. (reserved concurrency 1); again in ${seconds} s`,
    );
    clock.advance(seconds * 1_000);
  }
  await rm(join(folder, 'hold'));
  await first;
  expect((await take(outcomes)).body).toMatchObject({
    requestContext: { condition: 'Success', approximateInvokeCount: 1 },
    requestPayload: 'second',
  });
});

test('an event that is throttled until its maximum age is given up', async () => {
  await writeFile(join(folder, 'hold'), '');
  await start({ maximumEventAgeSeconds: 60, deadLetterTargetArn: deadLetters }, { reservedConcurrency: 1 });
  void lambda.invoke('work', '"first"');
  await until(() => !lambda.functions.isVacant('work'));
  await enqueue('"second"');
  await until(() => clock.pending.includes(1_000));
  clock.advance(1_000);
  await reporter.see(/Rate Exceeded.*again in 1 s/);
  clock.advance(59_000);
  await reporter.see(/too old; given up after 0 attempts, sent to dead-letters$/);
  expect(await take(deadLetters)).toMatchObject({
    body: 'second',
    attributes: {
      ErrorCode: { dataType: 'Number', value: '429' },
      ErrorMessage: { dataType: 'String', value: 'Rate Exceeded. (reserved concurrency 1)' },
    },
  });
});

test('with reserved concurrency 0 an event goes to its failure targets at once', async () => {
  await start({ onFailureDestinationArn: outcomes }, { reservedConcurrency: 0 });
  await enqueue('7');
  const { body } = await take(outcomes);
  expect(body).toMatchObject({
    requestContext: { condition: 'ZeroReservedConcurrency', approximateInvokeCount: 0 },
    requestPayload: 7,
  });
  expect(body).not.toHaveProperty('responseContext');
});

test("a topic gets the record as its message, and as dead letters the event with the error's attributes", async () => {
  await fail();
  const { arn: topic } = await broker.ensureTopic('alerts');
  const policy = {
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' }],
  };
  await broker.ensureQueue('outcomes', { Policy: JSON.stringify({ Version: '2012-10-17', ...policy }) });
  const subscription = { topicArn: topic, protocol: 'sqs' as const, endpoint: outcomes };
  await broker.ensureSubscription({ ...subscription, attributes: { RawMessageDelivery: 'true' } });
  await start({ maximumRetryAttempts: 0, onFailureDestinationArn: topic, deadLetterTargetArn: topic });
  const requestId = await enqueue('8');
  expect((await take(outcomes)).body).toMatchObject({
    requestContext: { requestId, condition: 'RetriesExhausted', approximateInvokeCount: 1 },
    requestPayload: 8,
  });
  expect(await take(outcomes)).toEqual({
    body: 8,
    attributes: {
      RequestID: { dataType: 'String', value: requestId },
      ErrorCode: { dataType: 'Number', value: '200' },
      ErrorMessage: { dataType: 'String', value: 'not now' },
    },
  });
});

test('a function gets the record as the event of an asynchronous invocation, in the same trace', async () => {
  const send = broker.send.bind(broker);
  const sent = new Promise<[string, { body: string; traceHeader?: string }]>((resolve) => {
    broker.send = (arn, message) => {
      resolve([arn, message]);
      return send(arn, message);
    };
  });
  await start({ onSuccessDestinationArn: `${arnOf('other')}:$LATEST` });
  const traceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
  await send(asyncInvocationQueueArn(arnOf('work')), { body: '9', traceHeader });
  const [arn, message] = await sent;
  expect(arn).toBe(asyncInvocationQueueArn(arnOf('other')));
  expect(message.traceHeader).toBe(traceHeader);
  expect(JSON.parse(message.body)).toMatchObject({ responsePayload: { echo: 9 } });
  await reporter.see(/^other asynchronous invocation \w+ done$/);
});

test.each([
  ['sqs:SendMessage', 'arn:aws:sqs:us-east-1:000000000000:outcomes'],
  ['sns:Publish', 'arn:aws:sns:us-east-1:000000000000:alerts'],
  ['lambda:InvokeFunction', arnOf('other')],
])('without %s in the role the record is lost, and the line says so', async (action, target) => {
  await fail();
  allowed = (asked, resourceArn) => !(asked === action && resourceArn === target);
  await broker.ensureTopic('alerts');
  await start({ maximumRetryAttempts: 0, onFailureDestinationArn: target });
  const id = (await enqueue('6')).slice(0, 8);
  await reporter.see(/given up/);
  expect(reporter.lines.slice(-2)).toEqual([
    `work ! asynchronous invocation ${id}: its record is lost, ${target} did not take it: its role does not allow ${action} on it`,
    `work ! asynchronous invocation ${id}: Error: not now; given up after 1 attempt, discarded`,
  ]);
  await lambda.stop(0);
  clock.advance(86_400_000);
  const queue = asyncInvocationQueueArn(arnOf('work'));
  expect(await broker.receive(queue, { maxMessages: 1, waitSeconds: 0 })).toEqual([]);
});

test('a target that does not exist, or cannot take events, loses the record', async () => {
  await fail();
  const missing = 'arn:aws:sqs:us-east-1:000000000000:missing';
  const bus = 'arn:aws:events:us-east-1:000000000000:event-bus/default';
  await start({ maximumRetryAttempts: 0, onFailureDestinationArn: missing, deadLetterTargetArn: bus });
  await enqueue('6');
  await reporter.see(/given up/);
  expect(reporter.lines.slice(-3)).toEqual([
    expect.stringMatching(/missing did not take it: The specified queue does not exist\.$/),
    expect.stringMatching(/default did not take it: event buses are not hosted here$/),
    expect.stringMatching(/discarded$/),
  ]);
});

test('a record that cannot be stored now is not lost: its event stays', async () => {
  await start({ onSuccessDestinationArn: outcomes });
  const send = broker.send.bind(broker);
  let refusals = 0;
  broker.send = (arn, message) => {
    if (arn !== outcomes || refusals > 0) return send(arn, message);
    refusals += 1;
    return Promise.reject(new Error('disk full'));
  };
  const requestId = await enqueue('10');
  await reporter.see(/! asynchronous invocations: disk full$/);
  clock.advance(2 * 900_000 + 120_000);
  await until(() => clock.pending.includes(250));
  clock.advance(250);
  expect((await take(outcomes)).body).toMatchObject({ requestContext: { requestId, condition: 'Success' } });
});

test('what is killed between the record and the deletion sends the record again', async () => {
  await start({ onSuccessDestinationArn: outcomes });
  broker.deleteMessages = () => Promise.reject(new Error('killed'));
  const requestId = await enqueue('12');
  await reporter.see(/! asynchronous invocations: killed$/);
  await lambda.stop(0);
  await broker.close();
  broker = await Broker.open({ folder: join(folder, 'store'), clock });
  const [again] = await broker.receive(outcomes, { maxMessages: 1, waitSeconds: 0 });
  expect(JSON.parse(again!.body)).toMatchObject({ requestContext: { requestId } });
  await broker.deleteMessages(outcomes, [again!.receiptHandle]);
  await start({ onSuccessDestinationArn: outcomes });
  expect((await take(outcomes)).body).toMatchObject({ requestContext: { requestId, condition: 'Success' } });
});

test('after a restart an event has at least one more try, and its receives stand for its errors', async () => {
  await fail();
  await start({ maximumRetryAttempts: 1, onFailureDestinationArn: outcomes });
  await enqueue('11');
  await failures(1);
  await lambda.stop(0);
  await broker.close();
  broker = await Broker.open({ folder: join(folder, 'store'), clock });
  await start({ maximumRetryAttempts: 1, onFailureDestinationArn: outcomes });
  expect((await take(outcomes)).body).toMatchObject({
    requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 2 },
  });
});
