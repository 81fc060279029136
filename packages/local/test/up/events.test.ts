import {
  EventBridgeClient,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Message } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { JsonObject } from '../../src/synth';
import { clientConfig } from '../wire/support';
import { merge, role, TestProject } from './support';
import type { Bodies, RuntimeProcess } from './support';

const ACCOUNT = '000000000000';
const RECORDER = `exports.handler = async (event) => { console.log('got ' + JSON.stringify(event)); };`;
/** Fails where it is told to. */
const WORKER = `exports.handler = async ({ detail }) => { if (detail.fail) throw new Error('no'); return { done: detail.id }; };`;
/** Puts an event on a bus that its role allows, and on one that it does not. */
const PUBLISHER = `
  const { createHash, createHmac } = require('node:crypto');
  exports.handler = async () => {
    const answers = [];
    for (const [bus, source] of [['orders', 'shop'], ['orders', 'bank'], ['default', 'shop']]) {
      const body = JSON.stringify({ Entries: [{ EventBusName: bus, Source: source, DetailType: 'From a function', Detail: '{}' }] });
      const response = await fetch(process.env.AWS_ENDPOINT_URL, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'AWSEvents.PutEvents',
          authorization: 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20260101/us-east-1/events/aws4_request',
        },
      });
      answers.push(response.status);
    }
    console.log('answers ' + answers.join(' '));
  };`;

const project = new TestProject();
let runtime: RuntimeProcess;
let client: EventBridgeClient;
let sqs: SQSClient;
let endpoint: string;

const serviceRole = (name: string, service: string, ...statements: JsonObject[]): Bodies => {
  const trust = { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' };
  const inline_policy = [{ name: 'p', policy: JSON.stringify({ Statement: statements }) }];
  const body = { name, assume_role_policy: JSON.stringify({ Statement: [trust] }), inline_policy };
  return { aws_iam_role: { [name]: body } };
};
const allow = (Action: string, Resource: string, more: JsonObject = {}) => {
  return { Effect: 'Allow', Action, Resource, ...more };
};
const rule = (name: string, pattern: JsonObject, more: JsonObject = {}): Bodies => ({
  aws_cloudwatch_event_rule: { [name]: { name, event_pattern: JSON.stringify(pattern), ...more } },
});
const target = (name: string, from: string, arn: string, more: JsonObject = {}): Bodies => ({
  aws_cloudwatch_event_target: {
    [name]: { rule: `\${aws_cloudwatch_event_rule.${from}.name}`, target_id: name, arn, ...more },
  },
});
/** A queue into which EventBridge may put what its rules send. */
const queue = (name: string, more: JsonObject = {}): Bodies => ({
  aws_sqs_queue: { [name]: { name: more['fifo_queue'] === true ? `${name}.fifo` : name, ...more } },
  aws_sqs_queue_policy: {
    [name]: {
      queue_url: `\${aws_sqs_queue.${name}.url}`,
      policy: JSON.stringify({
        Statement: [
          allow('sqs:SendMessage', `\${aws_sqs_queue.${name}.arn}`, {
            Principal: { Service: 'events.amazonaws.com' },
            Condition: { ArnLike: { 'aws:SourceArn': `arn:aws:events:*:${ACCOUNT}:rule/*` } },
          }),
        ],
      }),
    },
  },
});
const permission = (name: string, fn: string, from: string): Bodies => ({
  aws_lambda_permission: {
    [name]: {
      function_name: fn,
      action: 'lambda:InvokeFunction',
      principal: 'events.amazonaws.com',
      source_arn: `\${aws_cloudwatch_event_rule.${from}.arn}`,
    },
  },
});

const ORDERS = '${aws_cloudwatch_event_bus.orders.arn}';
const onOrders = { event_bus_name: '${aws_cloudwatch_event_bus.orders.name}' };

function stack(): Bodies {
  return merge(
    role('open', allow('*', '*')),
    role(
      'publisher',
      allow('events:PutEvents', ORDERS, { Condition: { StringEquals: { 'events:source': 'shop' } } }),
    ),
    serviceRole(
      'forward',
      'events.amazonaws.com',
      allow('events:PutEvents', ORDERS),
      allow('kinesis:PutRecord', '${aws_kinesis_stream.clicks.arn}'),
    ),
    serviceRole('scheduler', 'scheduler.amazonaws.com', allow('events:PutEvents', ORDERS)),
    queue('orders'),
    queue('dead'),
    queue('records'),
    queue('line', { fifo_queue: true, content_based_deduplication: true }),
    { aws_sqs_queue: { closed: { name: 'closed' } } },
    {
      aws_cloudwatch_event_bus: { orders: { name: 'orders' } },
      aws_lambda_function: {
        recorder: project.writeFunction('recorder', RECORDER),
        worker: project.writeFunction('worker', WORKER),
        publisher: {
          ...project.writeFunction('publisher', PUBLISHER),
          role: '${aws_iam_role.publisher.arn}',
        },
      },
      aws_lambda_function_event_invoke_config: {
        worker: {
          function_name: 'worker',
          maximum_retry_attempts: 0,
          destination_config: { on_success: { destination: ORDERS }, on_failure: { destination: ORDERS } },
        },
      },
      aws_kinesis_stream: { clicks: { name: 'clicks', shard_count: 1 } },
      aws_sns_topic: { news: { name: 'news' } },
      aws_sns_topic_policy: {
        news: {
          arn: '${aws_sns_topic.news.arn}',
          policy: JSON.stringify({
            Statement: [
              allow('sns:Publish', '${aws_sns_topic.news.arn}', {
                Principal: { Service: 'events.amazonaws.com' },
              }),
            ],
          }),
        },
      },
      aws_sns_topic_subscription: {
        news: {
          topic_arn: '${aws_sns_topic.news.arn}',
          protocol: 'lambda',
          endpoint: '${aws_lambda_function.recorder.arn}',
        },
      },
    },
    // What is put on the default bus goes to a function, a queue and the other bus.
    rule('placed', {
      source: ['shop'],
      'detail-type': ['Order Placed'],
      detail: { total: [{ numeric: ['>=', 10] }] },
    }),
    target('placed_work', 'placed', '${aws_lambda_function.worker.arn}'),
    target('placed_line', 'placed', '${aws_sqs_queue.line.arn}', { sqs_target: { message_group_id: 'g' } }),
    target('placed_closed', 'placed', '${aws_sqs_queue.closed.arn}', {
      dead_letter_config: { arn: '${aws_sqs_queue.dead.arn}' },
    }),
    target('placed_bus', 'placed', ORDERS, { role_arn: '${aws_iam_role.forward.arn}' }),
    target('placed_clicks', 'placed', '${aws_kinesis_stream.clicks.arn}', {
      role_arn: '${aws_iam_role.forward.arn}',
      kinesis_target: { partition_key_path: '$.detail.id' },
    }),
    permission('placed', 'worker', 'placed'),
    rule('orders', { source: ['shop', 'clock'] }, onOrders),
    target('orders', 'orders', '${aws_sqs_queue.orders.arn}', {
      ...onOrders,
      input_transformer: {
        input_paths: { what: '$.detail-type', id: '$.detail.id' },
        input_template: '{"what": <what>, "id": <id>, "rule": "<aws.events.rule-name>"}',
      },
    }),
    target('orders_news', 'orders', '${aws_sns_topic.news.arn}', { ...onOrders, input_path: '$.source' }),
    rule(
      'records',
      { source: ['lambda'], detail: { requestContext: { condition: [{ exists: true }] } } },
      onOrders,
    ),
    target('records', 'records', '${aws_sqs_queue.records.arn}', onOrders),
    rule('off', { source: ['shop'] }, { state: 'DISABLED' }),
    target('off', 'off', '${aws_sqs_queue.orders.arn}'),
    permission('news', 'recorder', 'placed'),
    {
      aws_lambda_permission: {
        news_sns: {
          function_name: 'recorder',
          action: 'lambda:InvokeFunction',
          principal: 'sns.amazonaws.com',
          source_arn: '${aws_sns_topic.news.arn}',
        },
      },
    },
  );
}

async function start(): Promise<void> {
  runtime = project.run();
  await runtime.prints(/runs here/);
  [, endpoint = ''] = await runtime.prints(/AWS_ENDPOINT_URL=(\S+)/);
  client = new EventBridgeClient(clientConfig(endpoint));
  sqs = new SQSClient(clientConfig(endpoint));
}

beforeAll(async () => {
  project.writeStack(stack());
  await start();
});

afterAll(async () => {
  client.destroy();
  sqs.destroy();
  await project.remove();
});

const put = (...Entries: PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries }));
const order = (detail: object): PutEventsRequestEntry => {
  return { Source: 'shop', DetailType: 'Order Placed', Detail: JSON.stringify(detail) };
};

async function take(name: string): Promise<Message> {
  const QueueUrl = `${endpoint}/${ACCOUNT}/${name}`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10, MessageAttributeNames: ['All'] }),
    );
    const [message] = Messages ?? [];
    if (message === undefined) continue;
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
    return message;
  }
  throw new Error(`nothing arrived in ${name}:\n${runtime.output}`);
}

const json = ({ Body }: Message) => JSON.parse(Body!) as Record<string, unknown>;

test('an event goes to a function, queues, a topic and another bus, and the function’s record on to a queue', async () => {
  const { FailedEntryCount, Entries } = await put(order({ id: 7, total: 9 }), order({ id: 8, total: 10 }));
  expect(FailedEntryCount).toBe(0);
  const id = Entries![1]!.EventId;
  expect(json(await take('line.fifo'))).toMatchObject({ id, source: 'shop', detail: { id: 8 } });
  expect(json(await take('orders'))).toEqual({ what: 'Order Placed', id: 8, rule: 'orders' });
  const functionArn = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:worker`;
  expect(json(await take('records'))).toMatchObject({
    source: 'lambda',
    'detail-type': 'Lambda Function Invocation Result - Success',
    resources: [`${functionArn}:$LATEST`, `arn:aws:events:us-east-1:${ACCOUNT}:event-bus/orders`],
    detail: {
      requestContext: { functionArn: `${functionArn}:$LATEST`, condition: 'Success' },
      requestPayload: { id, detail: { id: 8 } },
      responsePayload: { done: 8 },
    },
  });
  await runtime.prints(/recorder .*"Message":"\\"shop\\""/);

  const kinesis = new KinesisClient({ ...clientConfig(endpoint), requestHandler: new NodeHttpHandler() });
  const shard = { StreamName: 'clicks', ShardId: 'shardId-000000000000' };
  const iterator = new GetShardIteratorCommand({ ...shard, ShardIteratorType: 'TRIM_HORIZON' });
  const { ShardIterator } = await kinesis.send(iterator);
  const { Records } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
  expect(Records).toMatchObject([{ PartitionKey: '8' }]);
  expect(JSON.parse(Buffer.from(Records![0]!.Data!).toString())).toMatchObject({ id });
  kinesis.destroy();

  const letter = await take('dead');
  expect(json(letter)).toMatchObject({ id, detail: { id: 8 } });
  const value = (name: string) => letter.MessageAttributes?.[name]?.StringValue;
  expect(value('RULE_ARN')).toBe(`arn:aws:events:us-east-1:${ACCOUNT}:rule/placed`);
  expect(value('TARGET_ARN')).toBe(`arn:aws:sqs:us-east-1:${ACCOUNT}:closed`);
  expect(value('ERROR_CODE')).toBe('NO_PERMISSIONS');
  expect(value('ERROR_MESSAGE')).toContain('is not authorized to perform: sqs:SendMessage');
  expect(value('RETRY_ATTEMPTS')).toBe('0');
  expect(runtime.output).toMatch(/^ {2}event buses +default \(2 rules\), orders \(2 rules\)$/m);
});

test('a function’s failure is an event too', async () => {
  await put(order({ id: 9, total: 99, fail: true }));
  expect(json(await take('records'))).toMatchObject({
    'detail-type': 'Lambda Function Invocation Result - Failure',
    detail: {
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 1 },
      responsePayload: { errorMessage: 'no' },
    },
  });
  expect(json(await take('orders'))).toMatchObject({ id: 9 });
});

test('a schedule puts its input on a bus', async () => {
  const schedules = new SchedulerClient(clientConfig(endpoint));
  await schedules.send(
    new CreateScheduleCommand({
      Name: 'tick',
      ScheduleExpression: 'rate(1 hour)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: `arn:aws:events:us-east-1:${ACCOUNT}:event-bus/orders`,
        RoleArn: `arn:aws:iam::${ACCOUNT}:role/scheduler`,
        Input: '{"id":"<aws.scheduler.attempt-number>"}',
        EventBridgeParameters: { Source: 'clock', DetailType: 'Tick' },
      },
    }),
  );
  schedules.destroy();
  expect(json(await take('orders'))).toEqual({ what: 'Tick', id: '1', rule: 'orders' });
});

test('a function puts events where its role allows it, by bus and by source', async () => {
  const Target = { Id: 'publisher', Arn: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:publisher` };
  // The permission is missing: it is told, and not tried again.
  await client.send(new PutTargetsCommand({ Rule: 'off', Targets: [Target] }));
  expect((await client.send(new ListTargetsByRuleCommand({ Rule: 'off' }))).Targets).toHaveLength(2);
  const invoked = await fetch(`${endpoint}/2015-03-31/functions/publisher/invocations`, { method: 'POST' });
  expect(invoked.status).toBe(200);
  await runtime.prints(/answers 200 400 400/);
  expect(json(await take('orders'))).toMatchObject({ what: 'From a function' });
});

test('what was accepted survives a kill', async () => {
  const ids = new Set(Array.from({ length: 10 }, (_, i) => `k${i}`));
  await put(...[...ids].map((id) => ({ ...order({ id }), EventBusName: 'orders' })));
  await runtime.kill();
  await start();
  while (ids.size > 0) ids.delete(String(json(await take('orders'))['id']));
});
