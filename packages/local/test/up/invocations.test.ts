import { InvokeCommand, LambdaClient, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { JsonObject } from '../../src/synth';
import { clientConfig } from '../wire/support';
import { ClockedStack } from './clocked-stack';
import { merge, role, TestProject } from './support';
import type { Bodies } from './support';

/** Fails as long as the event says so; tells each attempt in its log. */
const WORK = `exports.handler = async ({ fail, n }, context) => {
  console.log('attempt at', n, context.invokedFunctionArn);
  if (fail) throw new Error('no ' + n);
  return { n };
};`;
const TELL = `exports.handler = async (event) => console.log('told', JSON.stringify(event));`;

const project = new TestProject();
const stack = new ClockedStack(project);
let lambda: LambdaClient;
let sqs: SQSClient;
let logs: CloudWatchLogsClient;

/** A function `name` with what becomes of its asynchronous invocations. */
function fn(name: string, invoke: JsonObject, more: JsonObject = {}): Bodies {
  return {
    aws_lambda_function: { [name]: { ...project.writeFunction(name, WORK), ...more } },
    aws_lambda_function_event_invoke_config: { [name]: { function_name: name, ...invoke } },
  };
}

const to = (destination: string) => [{ destination }];
const QUEUE = '${aws_sqs_queue.outcomes.arn}';
const LETTERS = '${aws_sqs_queue.letters.arn}';

beforeAll(async () => {
  project.writeStack(
    merge(
      role('open', { Effect: 'Allow', Action: '*', Resource: '*' }),
      {
        aws_sqs_queue: {
          outcomes: { name: 'outcomes' },
          letters: { name: 'letters' },
          mail: { name: 'mail' },
        },
        aws_sns_topic: { news: { name: 'news' } },
        aws_sns_topic_subscription: {
          mail: {
            topic_arn: '${aws_sns_topic.news.arn}',
            protocol: 'sqs',
            endpoint: '${aws_sqs_queue.mail.arn}',
            raw_message_delivery: true,
          },
        },
        aws_sqs_queue_policy: {
          mail: {
            queue_url: '${aws_sqs_queue.mail.url}',
            policy: JSON.stringify({
              Statement: [
                {
                  Effect: 'Allow',
                  Principal: { Service: 'sns.amazonaws.com' },
                  Action: 'sqs:SendMessage',
                  Resource: '*',
                },
              ],
            }),
          },
        },
        aws_lambda_function: { tell: project.writeFunction('tell', TELL) },
        aws_lambda_alias: { live: { name: 'live', function_name: 'usual', function_version: '1' } },
      },
      fn('usual', { destination_config: [{ on_failure: to(QUEUE), on_success: to(QUEUE) }] }),
      fn('once', { maximum_retry_attempts: 0, destination_config: [{ on_failure: to(QUEUE) }] }),
      fn('twice', { maximum_retry_attempts: 1 }, { dead_letter_config: [{ target_arn: LETTERS }] }),
      fn('old', { maximum_event_age_in_seconds: 60, destination_config: [{ on_failure: to(QUEUE) }] }),
      fn('topic', {
        maximum_retry_attempts: 0,
        destination_config: [{ on_failure: to('${aws_sns_topic.news.arn}') }],
      }),
      fn('chain', { destination_config: [{ on_success: to('${aws_lambda_function.tell.arn}') }] }),
    ),
  );
  await stack.start();
  connect();
});

function connect(): void {
  const config = clientConfig(stack.endpoint);
  lambda = new LambdaClient(config);
  sqs = new SQSClient(config);
  logs = new CloudWatchLogsClient(config);
}

function disconnect(): void {
  for (const client of [lambda, sqs, logs]) client.destroy();
}

afterAll(async () => {
  disconnect();
  await stack.stop();
  await project.remove();
});

async function invokeLater(FunctionName: string, event: object): Promise<string> {
  const command = new InvokeCommand({
    FunctionName,
    InvocationType: 'Event',
    Payload: JSON.stringify(event),
  });
  const { StatusCode, $metadata } = await lambda.send(command);
  expect(StatusCode).toBe(202);
  return $metadata.requestId!;
}

/** Waits until so much of the output matches. */
async function printed(pattern: RegExp, times = 1): Promise<void> {
  const all = new RegExp(pattern, 'g');
  while ((stack.output.match(all)?.length ?? 0) < times)
    await new Promise((resolve) => setTimeout(resolve, 10));
}

/** When a function was attempted at an event, in milliseconds since then. */
async function attempts(functionName: string, n: number, since: number): Promise<number[]> {
  const logGroupName = `/aws/lambda/${functionName}`;
  const filterPattern = `"attempt at ${n} "`;
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern }));
  return events.map(({ timestamp }) => timestamp! - since);
}

/** Moves the time until just before a moment, lets happen what happens too early, and moves it there. */
async function advanceTo(milliseconds: number): Promise<void> {
  stack.clock.advance(milliseconds - 1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  stack.clock.advance(1);
}

/** The next message of a queue. */
async function take(QueueName: string) {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  const command = new ReceiveMessageCommand({
    QueueUrl,
    WaitTimeSeconds: 20,
    MessageAttributeNames: ['All'],
  });
  const [message] = (await sqs.send(command)).Messages ?? [];
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
  return { body: JSON.parse(message?.Body ?? 'null') as object, attributes: message?.MessageAttributes };
}

test('an event that succeeds is told to its destination, with the answer', async () => {
  const requestId = await invokeLater('usual', { n: 1 });
  expect((await take('outcomes')).body).toMatchObject({
    requestContext: { requestId, condition: 'Success', approximateInvokeCount: 1 },
    requestPayload: { n: 1 },
    responsePayload: { n: 1 },
  });
});

test('an alias that is named is what the function is called by, and its record tells', async () => {
  await invokeLater('usual:live', { n: 2 });
  expect((await take('outcomes')).body).toMatchObject({
    requestContext: { functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:usual:live' },
    responseContext: { executedVersion: '1' },
  });
  await printed(/attempt at 2 arn:aws:lambda:us-east-1:000000000000:function:usual:live\n/);
});

test('an event that fails comes back after 60 and after 120 seconds, to the second, and is told then', async () => {
  const since = stack.clock.now();
  const requestId = await invokeLater('usual', { n: 3, fail: true });
  await printed(/no 3; again in 60 s/);
  await advanceTo(60_000);
  await printed(/no 3; again in 120 s/);
  await advanceTo(120_000);
  expect((await take('outcomes')).body).toMatchObject({
    requestContext: { requestId, condition: 'RetriesExhausted', approximateInvokeCount: 3 },
    requestPayload: { n: 3, fail: true },
    responseContext: { functionError: 'Unhandled' },
    responsePayload: { errorType: 'Error', errorMessage: 'no 3' },
  });
  expect(await attempts('usual', 3, since)).toEqual([0, 60_000, 180_000]);
});

test('an event without retries is told after its only attempt', async () => {
  const since = stack.clock.now();
  await invokeLater('once', { n: 4, fail: true });
  expect((await take('outcomes')).body).toMatchObject({
    requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 1 },
  });
  expect(await attempts('once', 4, since)).toEqual([0]);
});

test('an event with one retry is a dead letter after the second attempt', async () => {
  const since = stack.clock.now();
  const requestId = await invokeLater('twice', { n: 5, fail: true });
  await printed(/no 5; again in 60 s/);
  await advanceTo(60_000);
  const { body, attributes } = await take('letters');
  expect(body).toEqual({ n: 5, fail: true });
  expect(attributes).toMatchObject({
    RequestID: { StringValue: requestId },
    ErrorCode: { StringValue: '200' },
    ErrorMessage: { StringValue: 'no 5' },
  });
  expect(await attempts('twice', 5, since)).toEqual([0, 60_000]);
});

test('an event that grows too old is told at its age to the second, not tried again', async () => {
  const since = stack.clock.now();
  await invokeLater('old', { n: 6, fail: true });
  await printed(/no 6; again in 60 s/);
  await advanceTo(60_000);
  const { body } = await take('outcomes');
  expect(body).toMatchObject({
    timestamp: new Date(since + 60_000).toISOString(),
    requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 1 },
  });
  expect(await attempts('old', 6, since)).toEqual([0]);
});

test('a failure is published to a topic', async () => {
  await invokeLater('topic', { n: 7, fail: true });
  expect((await take('mail')).body).toMatchObject({
    requestContext: { condition: 'RetriesExhausted' },
    responsePayload: { errorMessage: 'no 7' },
  });
});

test('a success is handed on to another function', async () => {
  await invokeLater('chain', { n: 8 });
  await printed(/told .*"requestPayload":\{"n":8\}.*"responsePayload":\{"n":8\}/);
});

test('an event of a function without concurrency is told at once', async () => {
  const none = { FunctionName: 'once', ReservedConcurrentExecutions: 0 };
  await lambda.send(new PutFunctionConcurrencyCommand(none));
  await expect(lambda.send(new InvokeCommand({ FunctionName: 'once' }))).rejects.toMatchObject({
    name: 'TooManyRequestsException',
    Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    $metadata: { httpStatusCode: 429 },
  });
  await invokeLater('once', { n: 9 });
  expect((await take('outcomes')).body).toMatchObject({
    requestContext: { condition: 'ZeroReservedConcurrency', approximateInvokeCount: 0 },
  });
});

test('an event outlives a restart, and has no more attempts than before', async () => {
  const since = stack.clock.now();
  await invokeLater('usual', { n: 10, fail: true });
  await printed(/no 10; again in 60 s/);
  stack.clock.advance(60_000);
  await printed(/no 10; again in 120 s/);
  disconnect();
  await stack.stop();
  await stack.start();
  connect();
  expect((await take('outcomes')).body).toMatchObject({
    requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
    requestPayload: { n: 10, fail: true },
  });
  expect(await attempts('usual', 10, since)).toHaveLength(3);
});
